// gRPC-Web and the deadlines of gRPC, byte by byte: what browsers' clients send over HTTP/1.1, and what a real gRPC server makes of it.
import assert from 'node:assert/strict';
import { connect as connectHttp2, constants } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { startEcho } from './grpc-peers.ts';
import { passTime, RawClient, startProxy, type TestProxy } from './harness.ts';
import { startHttp2Upstream } from './http2-upstream.ts';
import { turnUntil, turns } from './probe.ts';

const h2c = { 'backend-protocol': 'h2c' };

function messageOf(text: string): Buffer {
  const frame = Buffer.alloc(5 + text.length);
  frame.writeUInt32BE(text.length, 1);
  frame.write(text, 5);
  return frame;
}

async function startWorld(t: TestContext): Promise<TestProxy> {
  const { port } = await startEcho(t);
  return await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/gone', upstream: 'gone', policies: h2c },
        { upstream: 'echo', policies: h2c },
      ],
    },
    upstreams: { echo: [port], gone: [] },
  });
}

interface WebAnswer {
  readonly status: string;
  readonly head: string;
  readonly body: Buffer;
}

async function post(
  t: TestContext,
  proxy: TestProxy,
  path: string,
  type: string,
  body: Buffer,
): Promise<WebAnswer> {
  const client = await RawClient.open(t, proxy.port);
  const head = `POST ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Type: ${type}\r\nX-Grpc-Web: 1\r\n`;
  client.send(Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]));
  const text = await client.untilClosed();
  const at = text.indexOf('\r\n\r\n') + 4;
  const received = Buffer.from(text.slice(at), 'latin1');
  const isChunked = /transfer-encoding: chunked/i.test(text.slice(0, at));
  return {
    status: text.slice(9, 12),
    head: text.slice(0, at),
    body: isChunked ? unchunk(received) : received,
  };
}

function unchunk(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!(length > 0)) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 4 + length;
  }
}

/** Frames: flag and payload. */
function framesOf(body: Buffer): [flag: number, payload: string][] {
  const frames: [number, string][] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1);
    frames.push([body.readUInt8(at), body.toString('latin1', at + 5, at + 5 + length)]);
    at += 5 + length;
  }
  return frames;
}

/** Parts of Base64 that are each padded. */
function decodeParts(body: Buffer): Buffer {
  const groups = body.toString('latin1').match(/.{4}/g) ?? [];
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')));
}

test('binary: the message, then the trailers as a frame of the body', async (t) => {
  const proxy = await startWorld(t);
  const { status, head, body } = await post(
    t,
    proxy,
    '/test.Echo/Unary',
    'application/grpc-web+proto',
    messageOf('hi'),
  );
  assert.equal(status, '200');
  assert.match(head, /\r\nContent-Type: application\/grpc-web\+proto\r\n/);
  const [message, trailers, ...rest] = framesOf(body);
  assert.deepEqual([message, rest], [[0, 'hi'], []]);
  assert.equal(trailers?.[0], 0x80);
  assert.match(trailers?.[1] ?? '', /^grpc-status: 0\r\n/m);
  assert.match(trailers?.[1] ?? '', /^x-trailer: last\r\n/m);
});

test('text: Base64 both ways', async (t) => {
  const proxy = await startWorld(t);
  const request = Buffer.from(messageOf('hello').toString('base64'));
  const { head, body } = await post(t, proxy, '/test.Echo/Unary', 'application/grpc-web-text', request);
  assert.match(head, /\r\nContent-Type: application\/grpc-web-text\r\n/);
  const [message, trailers] = framesOf(decodeParts(body));
  assert.deepEqual(message, [0, 'hello']);
  assert.match(trailers?.[1] ?? '', /^grpc-status: 0\r\n/m);
});

test('a stream of the server, message by message', async (t) => {
  const proxy = await startWorld(t);
  const { body } = await post(t, proxy, '/test.Echo/Download', 'application/grpc-web', messageOf('n'));
  const frames = framesOf(body);
  assert.deepEqual(
    frames.slice(0, 5).map(([, text]) => text),
    ['n0', 'n1', 'n2', 'n3', 'n4'],
  );
  assert.equal(frames[5]?.[0], 0x80);
});

test('errors of the server and of the proxy arrive as statuses', async (t) => {
  const proxy = await startWorld(t);
  const failed = await post(t, proxy, '/test.Echo/Fail', 'application/grpc-web', messageOf('why'));
  const said = `${failed.head}${framesOf(failed.body)
    .map(([, text]) => text)
    .join('')}`;
  assert.match(said, /grpc-status: 9\r\n/);
  const gone = await post(t, proxy, '/gone', 'application/grpc-web', messageOf('x'));
  assert.equal(gone.status, '200');
  assert.match(
    gone.head,
    /\r\nContent-Type: application\/grpc-web\r\ngrpc-status: 14\r\ngrpc-message: no-endpoint\r\n/,
  );
});

test('an answer that is not of gRPC goes on as it is', async (t) => {
  const { port } = await startHttp2Upstream(t, (stream) => {
    stream.respond({ ':status': 404, 'content-type': 'text/plain', 'content-length': 4 });
    stream.end('none');
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: h2c }] },
    upstreams: { web: [port] },
  });
  const { status, head, body } = await post(t, proxy, '/', 'application/grpc-web-text', Buffer.from('AAAA'));
  assert.deepEqual([status, String(body)], ['404', 'none']);
  assert.match(head, /content-type: text\/plain\r\n/);
});

test('the time that the client allows ends the call on both sides', async (t) => {
  const codes: (number | undefined)[] = [];
  const asked = Promise.withResolvers<void>();
  const { port } = await startHttp2Upstream(t, (stream) => {
    stream.once('close', () => codes.push(stream.rstCode));
    stream.resume();
    stream.once('end', () => asked.resolve());
  });
  const patient = { ...h2c, timeouts: { readTimeoutMs: 3_600_000 } };
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: patient }] },
    upstreams: { web: [port] },
  });
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  // The worker closes with the test, maybe before it has read the answer to its PING.
  session.on('error', () => {});
  t.after(() => session.destroy());
  const call = session.request(
    {
      ':method': 'POST',
      ':path': '/a.B/C',
      ':authority': 'a.test',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '1000S',
    },
    { endStream: false },
  );
  const answered = new Promise<{ fields: object; flags: number }>((resolve) => {
    call.on('response', (fields, flags) => resolve({ fields: { ...fields }, flags }));
  });
  call.on('error', () => {});
  call.end(messageOf('x'));
  await asked.promise;
  passTime(proxy, 500_000);
  await turns(20);
  assert.deepEqual(codes, []);
  passTime(proxy, 1_100_000);
  const { fields, flags } = await answered;
  const {
    ':status': status,
    'grpc-status': code,
    'grpc-message': message,
  } = fields as Record<string, unknown>;
  assert.deepEqual([status, code, message], [200, '4', 'grpc-deadline']);
  assert.ok((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, 'trailers alone');
  await turnUntil(() => codes.length === 1, 'the end of the stream');
  assert.deepEqual(codes, [constants.NGHTTP2_CANCEL]);
});
