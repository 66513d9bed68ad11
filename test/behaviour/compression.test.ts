// Compression of responses: what is coded, what is left alone, that streams stay streams, and that nobody waits for a slow client for ever.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectHttp2 } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { brotliDecompressSync, createGunzip, gunzipSync } from 'node:zlib';
import { defaultTrafficSettings, type CompressionSettings } from '../../src/model/index.ts';
import { RawClient, startAnswering, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { makePatch } from './table.ts';

const types = ['application/json', 'text/plain'];
const gzip = { level: 1, minBytes: 256, types, disabledFor: [] };
const brotli = { level: 4, minBytes: 20, types };
const text = 'all work and no play '.repeat(500);

function follow(proxy: TestProxy, compression: CompressionSettings): void {
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), traffic: { ...defaultTrafficSettings, compression } });
}

async function startCoding(
  t: TestContext,
  port: number,
  compression: Partial<CompressionSettings> = { gzip },
): Promise<TestProxy> {
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  follow(proxy, { gzip: null, brotli: null, ...compression });
  return proxy;
}

interface Answer {
  readonly head: string;
  readonly body: Buffer;
}

async function ask(
  t: TestContext,
  proxy: TestProxy,
  fields = 'Accept-Encoding: gzip\r\n',
  line = 'GET / HTTP/1.1',
): Promise<Answer> {
  const client = await RawClient.open(t, proxy.port);
  client.send(`${line}\r\nHost: a.test\r\nConnection: close\r\n${fields}\r\n`);
  const received = await client.untilClosed();
  const end = received.indexOf('\r\n\r\n');
  const head = received.slice(0, end);
  const body = received.slice(end + 4);
  return {
    head,
    body: /transfer-encoding: chunked/i.test(head) ? unchunk(body) : Buffer.from(body, 'latin1'),
  };
}

function unchunk(coded: string): Buffer {
  let bytes = '';
  let rest = coded;
  for (;;) {
    const end = rest.indexOf('\r\n');
    assert.ok(end > 0, 'the body breaks off');
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (size === 0) return Buffer.from(bytes, 'latin1');
    bytes += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}

function answerOf(fields: string, body = text, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

const plain = 'Content-Type: text/plain\r\n';

test('a response is coded, and its head says so', async (t) => {
  const fields = `Content-Type: Text/Plain; charset=utf-8\r\nETag: "one"\r\nAccept-Ranges: bytes\r\nVary: Origin\r\n`;
  const port = await startAnswering(t, () => answerOf(fields));
  const proxy = await startCoding(t, port);
  const { head, body } = await ask(t, proxy);
  assert.equal(gunzipSync(body).toString(), text);
  assert.match(head, /\r\nContent-Encoding: gzip\r\n/);
  assert.match(head, /\r\nVary: Accept-Encoding\r\n/);
  assert.match(head, /\r\nVary: Origin\r\n/);
  assert.match(head, /\r\nETag: W\/"one"\r\n/i);
  assert.doesNotMatch(head, /content-length|accept-ranges/i);
  const [line] = await proxy.log();
  assert.equal(line?.body_bytes_sent, body.length);
});

test('what the endpoint frames itself is coded, too', async (t) => {
  const chunks = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const answers = [
    `HTTP/1.1 200 OK\r\n${plain}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
    `HTTP/1.1 404 Not Found\r\n${plain}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ];
  const port = await startAnswering(t, () => answers.shift() ?? '');
  const proxy = await startCoding(t, port);
  assert.equal(gunzipSync((await ask(t, proxy)).body).toString(), text);
  assert.equal(gunzipSync((await ask(t, proxy)).body).toString(), '');
  const closing = await startUpstream(t, (client) => {
    client.socket.end(`HTTP/1.1 200 OK\r\n${plain}\r\n${text}`);
  });
  assert.equal(gunzipSync((await ask(t, await startCoding(t, closing))).body).toString(), text);
});

test('Brotli goes first where it is liked as much', async (t) => {
  const port = await startAnswering(t, () => answerOf(plain));
  const proxy = await startCoding(t, port, { gzip, brotli });
  const { head, body } = await ask(t, proxy, 'Accept-Encoding: gzip, deflate, br\r\n');
  assert.match(head, /\r\nContent-Encoding: br\r\n/);
  assert.equal(brotliDecompressSync(body).toString(), text);
  assert.match((await ask(t, proxy, 'Accept-Encoding: gzip, br;q=0.9\r\n')).head, /Content-Encoding: gzip/);
  assert.match((await ask(t, proxy, 'Accept-Encoding: br;q=0\r\nAccept-Encoding: gzip\r\n')).head, /gzip/);
});

test('what must be left alone is', async (t) => {
  const cases: readonly [string, string, RegExp | null][] = [
    ['coded already', answerOf(`${plain}Content-Encoding: br\r\n`), null],
    ['a part', answerOf(`${plain}Content-Range: bytes 0-9/10\r\n`, text, '206 Partial Content'), null],
    ['short', answerOf(plain, 'x'.repeat(255)), null],
    ['another type', answerOf('Content-Type: image/png\r\n'), null],
    ['no type', answerOf(''), null],
    ['another status', answerOf(plain, text, '500 Internal Server Error'), null],
    ['no-transform', answerOf(`${plain}Cache-Control: public, no-transform\r\n`), null],
    ['a digest', answerOf(`${plain}Content-Digest: sha-256=:abc:\r\n`), null],
    ['gRPC', answerOf('Content-Type: application/grpc\r\n'), null],
  ];
  for (const [name, answer] of cases) {
    const port = await startAnswering(t, () => answer);
    const proxy = await startCoding(t, port, { gzip: { ...gzip, types: name === 'gRPC' ? ['*'] : types } });
    const { head, body } = await ask(t, proxy);
    assert.equal(body.toString('latin1'), answer.slice(answer.indexOf('\r\n\r\n') + 4), name);
    assert.doesNotMatch(head, /Content-Encoding: gzip|Vary/, name);
    assert.match(head, /\r\nContent-Length: \d+/, name);
  }
});

test('clients that do not take it get the response as it is, and caches are told', async (t) => {
  const port = await startAnswering(t, (request) =>
    request.startsWith('HEAD')
      ? `HTTP/1.1 200 OK\r\n${plain}ETag: "one"\r\nContent-Length: ${text.length}\r\n\r\n`
      : answerOf(`${plain}ETag: "one"\r\n`),
  );
  const disabledFor = [{ kind: 'regex', pattern: 'msie', ignoresCase: true }] as const;
  const proxy = await startCoding(t, port, { gzip: { ...gzip, disabledFor } });
  const requests: readonly [string, string][] = [
    ['GET / HTTP/1.1', ''],
    ['GET / HTTP/1.1', 'Accept-Encoding: gzip;q=0, br\r\n'],
    ['GET / HTTP/1.0', 'Accept-Encoding: gzip\r\n'],
    ['GET / HTTP/1.1', 'Accept-Encoding: gzip\r\nUser-Agent: Old MSIE 6.0\r\n'],
  ];
  for (const [line, fields] of requests) {
    const { head, body } = await ask(t, proxy, fields, line);
    assert.equal(body.toString(), text, fields);
    assert.match(head, /\r\nVary: Accept-Encoding/, fields);
    assert.match(head, /\r\nETag: "one"/, fields);
  }
  const { head } = await ask(t, proxy, 'Accept-Encoding: gzip\r\n', 'HEAD / HTTP/1.1');
  assert.doesNotMatch(head, /Content-Encoding/);
});

test('the client is asked, not what the settings tell the endpoint', async (t) => {
  let seen = '';
  const port = await startAnswering(t, (request) => {
    seen = request;
    return answerOf(plain);
  });
  const proxy = await startCoding(t, port);
  const traffic = {
    ...defaultTrafficSettings,
    compression: { gzip, brotli: null },
    requestFields: [{ name: 'Accept-Encoding', value: [] }],
  };
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 3), traffic });
  assert.equal(gunzipSync((await ask(t, proxy)).body).toString(), text);
  assert.doesNotMatch(seen, /accept-encoding/i);
});

test('each piece of a stream arrives before the next one is sent, on a connection that is kept', async (t) => {
  const upstreams: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    upstreams.push(client);
    void client
      .until((request) => request.includes('\r\n\r\n'))
      .then(() => {
        client.send(`HTTP/1.1 200 OK\r\n${plain}Transfer-Encoding: chunked\r\n\r\n`);
      });
  });
  const proxy = await startCoding(t, port);
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip\r\n\r\n');
  await client.until((received) => received.includes('\r\n\r\n'));
  const decoder = createGunzip();
  let decoded = '';
  decoder.on('data', (bytes: Buffer) => (decoded += bytes.toString()));
  let fed = client.received.indexOf('\r\n\r\n') + 4;
  for (const piece of ['one\n', 'two\n', 'three\n']) {
    upstreams[0]?.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    while (!decoded.endsWith(piece)) {
      await client.until((received) => /^[0-9a-f]+\r\n[^]*\r\n$/.test(received.slice(fed)));
      const [size = '0'] = client.received.slice(fed).split('\r\n', 1);
      const start = fed + size.length + 2;
      fed = start + Number.parseInt(size, 16) + 2;
      decoder.write(Buffer.from(client.received.slice(start, fed - 2), 'latin1'));
      await new Promise<void>((resolve) => decoder.flush(() => resolve()));
    }
  }
  upstreams[0]?.send('0\r\n\r\n');
  await client.until((received) => received.endsWith('0\r\n\r\n'));
  client.send('GET /again HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await upstreams[0]?.until((received) => received.includes('/again'));
  assert.equal(upstreams.length, 1);
  assert.equal(decoded, 'one\ntwo\nthree\n');
});

test('an endpoint that breaks off breaks the coded response off', async (t) => {
  const port = await startUpstream(t, (client) => {
    void client
      .until((request) => request.includes('\r\n\r\n'))
      .then(() => {
        client.socket.end(`HTTP/1.1 200 OK\r\n${plain}Content-Length: 5000\r\n\r\n${'x'.repeat(4_000)}`);
      });
  });
  const proxy = await startCoding(t, port);
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip\r\n\r\n');
  assert.doesNotMatch(await client.untilClosed(), /\r\n0\r\n\r\n$/);
  assert.equal((await proxy.log())[0]?.reason, 'upstream-truncated');
});

test('a client that reads late gets all of it', async (t) => {
  // Bytes that cannot be compressed, more than sockets take.
  let state = 1;
  const block = Buffer.alloc(8_388_608);
  for (let at = 0; at < block.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    block[at] = state >>> 24;
  }
  const port = await startUpstream(t, (client) => {
    void client
      .until((request) => request.includes('\r\n\r\n'))
      .then(() => {
        client.send(`HTTP/1.1 200 OK\r\n${plain}Content-Length: ${block.length}\r\n\r\n`);
        client.socket.write(block);
      });
  });
  const proxy = await startCoding(t, port);
  const socket = connect(proxy.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n');
  const pieces: Buffer[] = [];
  for await (const piece of socket) {
    pieces.push(piece as Buffer);
    if (pieces.length < 50) for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }
  const received = Buffer.concat(pieces).toString('latin1');
  const body = unchunk(received.slice(received.indexOf('\r\n\r\n') + 4));
  assert.ok(gunzipSync(body).equals(block));
  assert.equal((await proxy.log())[0]?.reason, '');
});

test('clients of HTTP/2 get it the same way', async (t) => {
  const port = await startAnswering(t, () => answerOf(plain));
  const proxy = await startCoding(t, port);
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/', ':authority': 'a.test', 'accept-encoding': 'gzip' });
  const [head] = (await once(stream, 'response')) as [Record<string, string>];
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  assert.equal(head['content-encoding'], 'gzip');
  assert.equal(head['content-length'], undefined);
  assert.equal(gunzipSync(Buffer.concat(pieces)).toString(), text);
});
