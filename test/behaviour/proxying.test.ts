// The data plane end to end on raw sockets: requests in, requests out, responses back, byte for byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okResponse, RawClient, startAnswering, startProxy, startUpstream } from './harness.ts';

const get = (path: string, host = 'a.test', fields = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`;

test('a request reaches the backend of its route, rendered anew, and the answer comes back', async (t) => {
  let seen = '';
  const port = await startAnswering(t, (request) => {
    seen = request;
    return okResponse('hello');
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(
    get('/x/y?q=1', 'a.test', 'User-Agent: t\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: keep-alive\r\n'),
  );
  const answer = await client.responses(1);
  assert.match(
    answer,
    /^HTTP\/1\.1 200 OK\r\nDate: [^\r]+ GMT\r\nServer: sallyport\r\nContent-Length: 5\r\n\r\nhello$/,
  );
  const id = /X-Request-ID: ([0-9a-f]{32})\r\n/.exec(seen)?.[1];
  assert.equal(
    seen,
    `GET /x/y?q=1 HTTP/1.1\r\nHost: a.test\r\nX-Request-ID: ${id}\r\nX-Forwarded-Host: a.test\r\nX-Real-IP: 127.0.0.1\r\n` +
      `X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Port: ${proxy.port}\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Scheme: http\r\n` +
      'X-Scheme: http\r\nX-Original-Forwarded-For: 6.6.6.6\r\nUser-Agent: t\r\n\r\n',
  );
  const [line] = await proxy.log();
  assert.equal(line?.['status'], 200);
});

test('pipelined requests are answered in order on one connection', async (t) => {
  const port = await startAnswering(t, (request) => okResponse(request.split(' ')[1] ?? ''));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  const paths = Array.from({ length: 20 }, (_, index) => `/p${index}`);
  client.send(paths.map((path) => get(path)).join(''));
  const answer = await client.responses(20);
  assert.deepEqual(answer.match(/\/p\d+/g), paths);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 1);
});

test('a chunked request body is decoded and framed anew, a chunked response too', async (t) => {
  let seen = '';
  const port = await startUpstream(t, (client) => {
    client
      .until((text) => text.endsWith('0\r\n\r\n'))
      .then((text) => {
        seen = text;
        client.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
        client.send('4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n');
      })
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n');
  client.send('6\r\n world\r\n0\r\n\r\n');
  const answer = await client.responses(1);
  assert.match(seen, /\r\n\r\n(?:5\r\nhello\r\n6\r\n world\r\n|b\r\nhello world\r\n)0\r\n\r\n$/);
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  assert.match(body, /^(?:3\r\nabc\r\n4\r\ndefg\r\n|7\r\nabcdefg\r\n)0\r\n\r\n$/);
});

test('no route, no host, no ready endpoint, refused connection: 404, 400, 503, 502', async (t) => {
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/none', upstream: 'none' },
        { path: '/refused', upstream: 'refused' },
      ],
    },
    upstreams: { none: [], refused: [1] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get('/') + get('/', 'b.test') + get('/none') + get('/refused') + 'GET / HTTP/1.1\r\n\r\n');
  const answer = await client.untilClosed();
  assert.deepEqual(
    answer.match(/HTTP\/1\.1 \d+/g),
    ['404', '404', '503', '502', '400'].map((code) => `HTTP/1.1 ${code}`),
  );
});

test('a large body streams both ways and arrives whole', async (t) => {
  const size = 8 * 1024 * 1024;
  const port = await startUpstream(t, (client) => {
    const finish = (text: string): boolean => {
      const end = text.indexOf('\r\n\r\n');
      return end >= 0 && text.length - end - 4 >= size;
    };
    client
      .until(finish)
      .then((text) => client.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${text.slice(-size)}`))
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'body-size': { maxBodyBytes: 0 } } }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  const body = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz').toString('latin1');
  client.send(`PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${size}\r\n\r\n${body}`);
  const answer = await client.until((text) => text.length > size);
  assert.ok(answer.endsWith(body));
});
