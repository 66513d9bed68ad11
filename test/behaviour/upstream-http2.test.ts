// HTTP/2 upstreams, asked by HTTP/1.1 clients: translation both ways, streams that share sessions, bodies under back-pressure.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ServerHttp2Stream } from 'node:http2';
import {
  type DeepPartial,
  RawClient,
  startAnswering,
  okResponse,
  startProxy,
  type TestProxy,
} from './harness.ts';
import type { ProxySettings } from '../../src/model/index.ts';
import { type StreamHandler, startHttp2Upstream } from './http2-upstream.ts';
import { turnUntil, turns } from './probe.ts';
import { issueFor, makeAuthority, makeClientTls, tlsPolicy } from './tls-upstream.ts';

const h2c = { 'backend-protocol': 'h2c' };

async function startWith(
  t: TestContext,
  ports: readonly number[],
  change: DeepPartial<ProxySettings> = {},
): Promise<TestProxy> {
  const unlimited = { 'body-size': { maxBodyBytes: 0 } };
  return await startProxy(
    t,
    {
      hosts: { 'a.test': [{ upstream: 'web', policies: { ...h2c, ...unlimited } }] },
      upstreams: { web: ports },
    },
    change,
  );
}

async function startBoth(t: TestContext, onStream: StreamHandler): Promise<TestProxy> {
  const { port } = await startHttp2Upstream(t, onStream);
  return await startWith(t, [port]);
}

async function ask(t: TestContext, proxy: TestProxy, request: string): Promise<string> {
  const client = await RawClient.open(t, proxy.port);
  client.send(request);
  return await client.responses(1);
}

async function bodyOf(stream: ServerHttp2Stream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function bodyOfAnswer(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

test('a request arrives with its pseudo-fields, and with its fields in lower case', async (t) => {
  const proxy = await startBoth(t, (stream, _fields, raw) => {
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end(JSON.stringify(raw));
  });
  const answer = await ask(
    t,
    proxy,
    'GET /p?q=1 HTTP/1.1\r\nHost: a.test\r\nX-Own: one\r\nx-own: t\xe9\r\nUser-Agent: x\r\nUser-Agent: y\r\nTE: trailers\r\n' +
      'Connection: x-hop, te\r\nX-Hop: 1\r\nUpgrade: h2c\r\nCookie: a=1\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  const json = /\[.*\]/.exec(answer)?.[0] ?? '';
  const raw = JSON.parse(Buffer.from(json, 'latin1').toString('utf8')) as string[];
  const fields = new Map<string, string[]>();
  for (let index = 0; index < raw.length; index += 2)
    fields.set(raw[index] ?? '', [...(fields.get(raw[index] ?? '') ?? []), raw[index + 1] ?? '']);
  assert.deepEqual(fields.get(':method'), ['GET']);
  assert.deepEqual(fields.get(':path'), ['/p?q=1']);
  assert.deepEqual(fields.get(':scheme'), ['http']);
  assert.deepEqual(fields.get(':authority'), ['a.test']);
  assert.deepEqual(fields.get('x-own'), ['one', 't\xe9']);
  assert.deepEqual(fields.get('user-agent'), ['x']);
  assert.deepEqual(fields.get('x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(fields.get('te'), ['trailers']);
  for (const name of ['host', 'connection', 'upgrade', 'x-hop', 'content-length'])
    assert.ok(!fields.has(name), name);
});

test('responses: with length, without, empty, of HEAD, 204 and 304, with 103 before', async (t) => {
  const proxy = await startBoth(t, (stream, fields) => {
    const path = String(fields[':path']);
    if (path === '/length') stream.respond({ 'content-length': 2 });
    else if (path === '/early') {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond({ ':status': 200 });
    } else if (path === '/empty') return stream.respond({ ':status': 200, 'x-a': 'b' }, { endStream: true });
    else if (path === '/204' || path === '/304')
      return stream.respond({ ':status': Number(path.slice(1)) }, { endStream: true });
    else stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'] });
    stream.end('hi');
    return undefined;
  });
  const get = async (path: string, method = 'GET'): Promise<string> =>
    await ask(t, proxy, `${method} ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  assert.match(await get('/length'), /^HTTP\/1\.1 200 [^]*\r\nContent-Length: 2\r\n\r\nhi$/);
  const open = await get('/open');
  assert.match(open, /^HTTP\/1\.1 201 [^]*Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
  assert.match(open, /set-cookie: a=1\r\nset-cookie: b=2\r\n/);
  assert.match(await get('/early'), /^HTTP\/1\.1 103 [^]*link: <\/a\.css>\r\n\r\nHTTP\/1\.1 200 /);
  assert.match(await get('/empty'), /x-a: b\r\n[^]*Content-Length: 0\r\n\r\n$/);
  assert.match(await get('/204'), /^HTTP\/1\.1 204 /);
  assert.match(await get('/304'), /^HTTP\/1\.1 304 /);
  const client = await RawClient.open(t, proxy.port);
  client.send('HEAD /length HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  assert.match(
    await client.untilClosed(),
    /^HTTP\/1\.1 200 [^]*Content-Length: 2\r\nConnection: close\r\n\r\n$/,
  );
  const statuses = (await proxy.log()).map(({ status }) => status);
  assert.deepEqual(statuses, [200, 201, 200, 200, 204, 304, 200]);
});

test('bodies of requests: counted, chunked, empty', async (t) => {
  const proxy = await startBoth(t, (stream, fields) => {
    void bodyOf(stream).then((text) => {
      stream.respond({ ':status': 200 });
      stream.end(`${fields['content-length'] ?? 'open'} ${text}`);
    });
  });
  const post = async (rest: string): Promise<string> =>
    bodyOfAnswer(await ask(t, proxy, `POST / HTTP/1.1\r\nHost: a.test\r\n${rest}`));
  assert.match(await post('Content-Length: 3\r\n\r\nabc'), /\r\n3 abc\r\n/);
  assert.match(await post('Content-Length: 0\r\n\r\n'), /\r\n0 \r\n/);
  assert.match(
    await post('Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'),
    /\r\nopen abc\r\n/,
  );
  assert.match(await post('Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'), /\r\nopen \r\n/);
  assert.match(await post('Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc'), /\r\n3 abc\r\n/);
});

test('large bodies go both ways at once, whole', async (t) => {
  const proxy = await startBoth(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const size = 8_000_000;
  const body = Buffer.alloc(size, 'abcdefghijk');
  const client = await RawClient.open(t, proxy.port);
  client.send(
    Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${size}\r\n\r\n`), body]),
  );
  const answer = await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
  let rest = bodyOfAnswer(answer);
  const pieces: string[] = [];
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, end), 16);
    if (length === 0) break;
    pieces.push(rest.slice(end + 2, end + 2 + length));
    rest = rest.slice(end + 4 + length);
  }
  assert.ok(pieces.join('') === body.toString('latin1'));
});

test('a client that does not read holds back its stream and no other', async (t) => {
  let written = 0;
  const proxy = await startBoth(t, (stream, fields) => {
    stream.respond({ ':status': 200 });
    if (fields[':path'] === '/small') {
      stream.end('small');
      return;
    }
    const piece = Buffer.alloc(65_536);
    const fill = (): void => {
      if (stream.destroyed || written >= 50_000_000) return;
      written += piece.length;
      stream.write(piece, fill);
    };
    fill();
  });
  const slow = await RawClient.open(t, proxy.port);
  slow.socket.pause();
  slow.send('GET /large HTTP/1.1\r\nHost: a.test\r\n\r\n');
  let before = -1;
  while (before !== written) {
    before = written;
    await turns(200);
  }
  assert.ok(written < 20_000_000, `the upstream could write ${written} bytes`);
  assert.match(await ask(t, proxy, 'GET /small HTTP/1.1\r\nHost: a.test\r\n\r\n'), /small/);
});

test('requests share a session, and get another one when the streams of it are used up', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const upstream = await startHttp2Upstream(t, (stream) => void held.push(stream));
  const proxy = await startWith(t, [upstream.port]);
  const clients = await Promise.all(
    Array.from({ length: 120 }, async () => await RawClient.open(t, proxy.port)),
  );
  for (const client of clients) client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await turnUntil(() => held.length === 120, 'all streams');
  assert.equal(upstream.sessions.length, 2);
  for (const stream of held) {
    stream.respond({ ':status': 200, 'content-length': 2 });
    stream.end('ok');
  }
  await Promise.all(clients.map(async (client) => await client.responses(1)));
  assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 2);
});

test('the limit of streams that the peer announces is kept, and who finds none waits', async (t) => {
  const held: ServerHttp2Stream[] = [];
  let most = 0;
  const upstream = await startHttp2Upstream(
    t,
    (stream) => {
      held.push(stream);
      most = Math.max(most, held.length);
    },
    { settings: { maxConcurrentStreams: 2 } },
  );
  const proxy = await startWith(t, [upstream.port]);
  const clients = await Promise.all(
    Array.from({ length: 30 }, async () => await RawClient.open(t, proxy.port)),
  );
  for (const client of clients) client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  let answered = 0;
  while (answered < 30) {
    await turnUntil(() => held.length > 0, 'a stream');
    const stream = held.shift();
    stream?.respond({ ':status': 200, 'content-length': 2 });
    stream?.end('ok');
    answered += 1;
  }
  for (const client of clients) assert.match(await client.responses(1), /^HTTP\/1\.1 200 /);
  assert.ok(most <= 16, `${most} streams at once`);
  assert.ok(upstream.sessions.length <= 8, `${upstream.sessions.length} sessions`);
});

test('over TLS by ALPN, with verification', async (t) => {
  const authority = makeAuthority();
  const protocols: string[] = [];
  const upstream = await startHttp2Upstream(
    t,
    (stream) => {
      protocols.push(`${String(stream.session?.alpnProtocol)} ${String(stream.session?.encrypted)}`);
      stream.respond({ ':status': 200, 'content-length': 2 });
      stream.end('ok');
    },
    issueFor(authority, 'web.test.svc'),
  );
  const tls = (name: string) => tlsPolicy({ material: 'test/trust', verifies: true, name });
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/bad', upstream: 'web', policies: { 'backend-protocol': 'h2', ...tls('evil.test') } },
        { upstream: 'web', policies: { 'backend-protocol': 'h2', ...tls('') } },
      ],
    },
    upstreams: { web: [upstream.port] },
    clientTls: [makeClientTls('test/trust', { caPem: authority.certificatePem })],
  });
  assert.match(await ask(t, proxy, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'), /^HTTP\/1\.1 200 /);
  assert.match(await ask(t, proxy, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'), /^HTTP\/1\.1 200 /);
  assert.match(await ask(t, proxy, 'GET /bad HTTP/1.1\r\nHost: a.test\r\n\r\n'), /^HTTP\/1\.1 502 /);
  assert.deepEqual([protocols, upstream.sessions.length], [['h2 true', 'h2 true'], 1]);
  assert.equal(proxy.worker.core.recorder.reasons.get('upstream-tls-name'), 1);
});

test('an upstream that speaks HTTP/1.1 only: 502, and the next endpoint gets the request', async (t) => {
  const old = await startAnswering(t, () => okResponse('old'));
  const { port } = await startHttp2Upstream(t, (stream) => {
    stream.respond({ ':status': 200, 'content-length': 3 });
    stream.end('new');
  });
  const one = await startWith(t, [old]);
  assert.match(
    await ask(t, one, 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n'),
    /^HTTP\/1\.1 502 /,
  );
  const both = await startWith(t, [old, port]);
  for (let count = 0; count < 4; count += 1)
    assert.match(await ask(t, both, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'), /new$/);
});
