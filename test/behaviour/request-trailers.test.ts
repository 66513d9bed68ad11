// Trailer fields of requests: from both kinds of clients, to upstreams of HTTP/2 and HTTP/1.1; what may not be a trailer goes nowhere.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { okResponse, RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { encodeFields, FrameClient, flags, frameTypes, postFields } from './http2/frame-client.ts';
import { startHttp2Upstream } from './http2-upstream.ts';

/** What an upstream of HTTP/2 got of one request. */
interface Received {
  readonly body: string;
  readonly announced: string | undefined;
  readonly trailers: Readonly<Record<string, unknown>> | null;
}

async function startHttp2(t: TestContext): Promise<{ proxy: TestProxy; next: () => Promise<Received> }> {
  const got: Received[] = [];
  let wake = (): void => {};
  const { port } = await startHttp2Upstream(t, (stream, fields) => {
    let body = '';
    let trailers: Received['trailers'] = null;
    stream.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    stream.on('trailers', (lines: IncomingHttpHeaders) => {
      trailers = Object.fromEntries(Object.entries(lines));
    });
    stream.on('end', () => {
      got.push({ body, announced: fields['trailer'], trailers });
      stream.respond({ ':status': 200 });
      stream.end('ok');
      wake();
    });
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'backend-protocol': 'h2c' } }] },
    upstreams: { web: [port] },
  });
  const next = async (): Promise<Received> => {
    for (;;) {
      const first = got.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { proxy, next };
}

const post = 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n';
const sum = { 'x-sum': '1' };

test('chunked to HTTP/2: trailers arrive behind the body, announced or not', async (t) => {
  const { proxy, next } = await startHttp2(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(`${post}\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`);
  assert.deepEqual(await next(), { body: 'abc', announced: undefined, trailers: sum });
  client.send(`${post}Trailer: X-Sum, Host\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nHost: b.test\r\n\r\n`);
  assert.deepEqual(await next(), { body: 'abc', announced: 'x-sum', trailers: sum });
  client.send(`${post}\r\n0\r\nX-Sum: 1\r\n\r\n`);
  assert.deepEqual(await next(), { body: '', announced: undefined, trailers: sum });
  client.send(`${post}\r\n3\r\nabc\r\n0\r\n\r\n`);
  assert.deepEqual(await next(), { body: 'abc', announced: undefined, trailers: null });
  await client.responses(4);
});

test('in pieces, each in a read of its own', async (t) => {
  const { proxy, next } = await startHttp2(t);
  const client = await RawClient.open(t, proxy.port);
  for (const byte of `${post}\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`) client.send(byte);
  assert.deepEqual(await next(), { body: 'abc', announced: undefined, trailers: sum });
});

test('HTTP/2 to HTTP/2: with a length only if announced, else always', async (t) => {
  const { proxy, next } = await startHttp2(t);
  const client = await FrameClient.open(t, proxy.port);
  const trail = (stream: number, fields = encodeFields([['x-sum', '1']])): void =>
    client.frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream, fields);
  client.headers(1, postFields(), false);
  client.data(1, 'abc');
  trail(1);
  assert.deepEqual(await next(), { body: 'abc', announced: undefined, trailers: sum });
  client.headers(3, postFields('/', ['content-length', '3'], ['trailer', 'x-sum']), false);
  client.data(3, 'abc');
  trail(3);
  assert.deepEqual(await next(), { body: 'abc', announced: 'x-sum', trailers: sum });
  client.headers(5, postFields('/', ['content-length', '3']), false);
  client.data(5, 'abc');
  trail(5);
  assert.deepEqual(await next(), { body: 'abc', announced: undefined, trailers: null });
  client.headers(7, postFields('/', ['content-length', '3'], ['trailer', 'x-sum']), false);
  client.data(7, 'abc', true);
  assert.deepEqual(await next(), { body: 'abc', announced: 'x-sum', trailers: null });
  for (const stream of [1, 3, 5, 7]) await client.untilEnd(stream);
});

test('announced, and fewer bytes than the length: the upstream never sees a complete message', async (t) => {
  const { proxy } = await startHttp2(t);
  const client = await FrameClient.open(t, proxy.port);
  client.headers(1, postFields('/', ['content-length', '3'], ['trailer', 'x-sum']), false);
  client.data(1, 'ab');
  client.frame(frameTypes.headers, flags.endHeaders | flags.endStream, 1, encodeFields([['x-sum', '1']]));
  await client.untilReset(1);
  assert.notEqual((await proxy.log())[0]?.['status'], 200);
});

/** The requests that an upstream of HTTP/1.1 gets, head and body as bytes; it answers a request that ends so. */
async function startHttp1(t: TestContext, ending: string): Promise<{ proxy: TestProxy; seen: RawClient[] }> {
  const seen: RawClient[] = [];
  const port = await startUpstream(t, (connection) => {
    seen.push(connection);
    void connection
      .until((text) => text.endsWith(ending))
      .then(() => connection.send(okResponse('ok')))
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  return { proxy, seen };
}

test('to HTTP/1.1: only announced ones, announced again', async (t) => {
  const { proxy, seen } = await startHttp1(t, '0\r\nX-Sum: 1\r\n\r\n');
  const client = await RawClient.open(t, proxy.port);
  client.send(
    `${post}Trailer: X-Sum\r\nTrailer: Cookie\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nCookie: a\r\nX-Other: 2\r\n\r\n`,
  );
  await client.responses(1);
  const text = seen[0]?.received ?? '';
  assert.match(
    text,
    /\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n$/,
  );
});

test('to HTTP/1.1: what was not announced, or is named by Connection, stays here', async (t) => {
  for (const fields of ['', 'Trailer: Host\r\n', 'Trailer: X-Sum\r\nConnection: trailer\r\n']) {
    const { proxy, seen } = await startHttp1(t, '\r\n0\r\n\r\n');
    const client = await RawClient.open(t, proxy.port);
    client.send(`${post}${fields}\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`);
    await client.responses(1);
    assert.ok(!/x-sum|trailer:/i.test(seen[0]?.received ?? ''), fields);
  }
});

test('HTTP/2 to HTTP/1.1: announced ones go behind the last chunk', async (t) => {
  const { proxy, seen } = await startHttp1(t, '0\r\nx-sum: 1\r\n\r\n');
  const client = await FrameClient.open(t, proxy.port);
  client.headers(1, postFields('/', ['trailer', 'x-sum']), false);
  client.data(1, 'abc');
  client.frame(
    frameTypes.headers,
    flags.endHeaders | flags.endStream,
    1,
    encodeFields([
      ['x-sum', '1'],
      ['x-other', '2'],
    ]),
  );
  assert.equal(await client.untilStatus(1), 200);
  assert.match(seen[0]?.received ?? '', /\r\nTrailer: x-sum\r\n/);
});
