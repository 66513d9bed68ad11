// Large bodies against slow readers: every byte arrives as it was sent (the read buffer of an upstream connection is reused, and must never be
// overwritten while a slow client still waits for it), and what the proxy holds meanwhile is bounded.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import { okResponse, RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { probeSockets, turns, turnUntil } from './probe.ts';

const megabyte = 1_048_576;
/** Two reads of the largest kind, and framing. */
const heldBound = 2 * 262_144 + 4_096;

/** Bytes that differ at every place: a copy of another part is noticed. */
function makeBody(bytes: number): Buffer {
  const body = Buffer.allocUnsafe(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) body.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return body;
}

function digest(...pieces: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

type Framing = 'length' | 'chunked' | 'close';

/** Writes with respect for back-pressure. */
async function writeAll(socket: Socket, pieces: Iterable<Buffer | string>): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

/** Pieces of changing size, so that chunks and reads never fall together. */
function* cutBody(body: Buffer, framing: Framing): Generator<Buffer | string> {
  let size = 1;
  for (let at = 0; at < body.length; at += size) {
    size = 1 + ((size * 7_919 + 104_729) % 90_000);
    const piece = body.subarray(at, at + size);
    if (framing === 'chunked') yield `${piece.length.toString(16)}\r\n`;
    yield piece;
    if (framing === 'chunked') yield '\r\n';
  }
  if (framing === 'chunked') yield '0\r\n\r\n';
}

async function startBodyUpstream(t: TestContext, body: Buffer, framing: Framing): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      const heads = {
        length: `Content-Length: ${body.length}\r\n`,
        chunked: 'Transfer-Encoding: chunked\r\n',
        close: '',
      };
      socket.write(`HTTP/1.1 200 OK\r\n${heads[framing]}\r\n`);
      writeAll(socket, cutBody(body, framing))
        .then(() => (framing === 'close' ? socket.end() : socket))
        .catch(() => {});
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Reads to the end with pauses of several turns; returns head and raw body. */
async function readSlowly(
  socket: Socket,
  pauseEvery: number,
): Promise<{ head: string; pieces: readonly Buffer[] }> {
  const pieces: Buffer[] = [];
  let count = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    count += 1;
    if (pauseEvery > 0 && count % pauseEvery === 0) await turns(20);
  }
  const all = Buffer.concat(pieces);
  const end = all.indexOf('\r\n\r\n');
  return { head: all.toString('latin1', 0, end), pieces: [all.subarray(end + 4)] };
}

function dechunk(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    assert.ok(size >= 0, `no chunk at ${at} of ${body.length}: ${body.toString('latin1', at, at + 40)}`);
    if (size === 0) return Buffer.concat(pieces);
    pieces.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

async function open(proxy: TestProxy, isTls: boolean): Promise<Socket> {
  const socket = isTls
    ? connectTls({ port: proxy.tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
    : connectTcp({ port: proxy.port, host: '127.0.0.1' });
  await once(socket, isTls ? 'secureConnect' : 'connect');
  return socket;
}

describe('a response arrives byte by byte as it was sent', () => {
  for (const isTls of [false, true]) {
    for (const framing of ['length', 'chunked', 'close'] as const) {
      for (const version of ['1.1', '1.0'] as const) {
        const name = `${framing}, HTTP/${version}${isTls ? ', TLS' : ''}`;
        test(name, { timeout: 30_000 }, async (t) => {
          const body = makeBody(framing === 'length' ? 12 * megabyte : 4 * megabyte);
          const upstream = await startBodyUpstream(t, body, framing);
          const proxy = await startProxy(
            t,
            { hosts: { '': [{ upstream: 'web' }] }, upstreams: { web: [upstream] } },
            { listen: { httpsPort: anyPort } },
          );
          const socket = await open(proxy, isTls);
          socket.write(`GET / HTTP/${version}\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
          const { head, pieces } = await readSlowly(socket, 8);
          const isChunked = /\r\nTransfer-Encoding: chunked/.test(head);
          assert.equal(isChunked, version === '1.1' && framing !== 'length');
          const raw = Buffer.concat(pieces);
          assert.equal(digest(isChunked ? dechunk(raw) : raw), digest(body));
        });
      }
    }
  }
});

describe('what a client that stopped reading still waits for is never overwritten', () => {
  // HTTP/1.0 gets slices of the read buffer, HTTP/1.1 chunks that are put together in the buffer for writes.
  for (const version of ['1.0', '1.1'] as const) {
    test(`by small reads and by other clients, HTTP/${version}`, { timeout: 30_000 }, async (t) => {
      const body = makeBody(40 * megabyte);
      const opened: RawClient[] = [];
      const port = await startUpstream(t, (upstream) => {
        opened.push(upstream);
        if (opened.length === 1) return;
        upstream
          .until((text) => text.includes('\r\n\r\n'))
          .then(
            () => upstream.send(okResponse('n'.repeat(20_000))),
            () => {},
          );
      });
      const proxy = await startProxy(t, {
        hosts: { '': [{ upstream: 'web' }] },
        upstreams: { web: [port] },
      });
      const sockets = probeSockets(t, proxy, [port]);
      const socket = await open(proxy, false);
      t.after(() => socket.destroy());
      socket.write(`GET / HTTP/${version}\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
      await turnUntil(() => opened.length === 1, 'a connection');
      const upstream = opened[0] as RawClient;
      await upstream.until((text) => text.includes('\r\n\r\n'));
      upstream.send('HTTP/1.1 200 OK\r\n\r\n');
      let sent = 0;
      // Nobody reads: the kernel takes pieces until it is full, then the proxy holds one, and more come.
      for (let held = 0; held < 5; held += isHeld(sockets.downstream[0]) ? 1 : 0) {
        upstream.send(body.subarray(sent, sent + 9_000));
        sent += 9_000;
        assert.ok(sent < body.length, 'nothing was ever held');
        await turns(4);
      }
      assert.equal(sockets.upstream[0]?.isPaused(), false);
      const neighbour = await RawClient.open(t, proxy.port);
      neighbour.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
      await neighbour.responses(1);
      upstream.socket.end();
      const raw = Buffer.concat((await readSlowly(socket, 0)).pieces);
      assert.equal(digest(version === '1.0' ? raw : dechunk(raw)), digest(body.subarray(0, sent)));
    });
  }
});

test('ten clients of one upstream, some slow, each get their own bytes', { timeout: 30_000 }, async (t) => {
  const body = makeBody(2 * megabyte);
  const upstream = await startBodyUpstream(t, body, 'length');
  const proxy = await startProxy(t, {
    hosts: { '': [{ upstream: 'web' }] },
    upstreams: { web: [upstream] },
  });
  const wanted = digest(body);
  const digests = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const socket = await open(proxy, false);
      socket.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
      return digest(...(await readSlowly(socket, index % 3)).pieces);
    }),
  );
  assert.deepEqual(
    digests,
    digests.map(() => wanted),
  );
});

test('a request body arrives byte by byte at a slow upstream', { timeout: 30_000 }, async (t) => {
  const body = makeBody(12 * megabyte);
  const seen = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    const read = async (): Promise<void> => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        pieces.push(chunk);
        bytes += chunk.length;
        if (pieces.length % 16 === 0) await turns(10);
        const end = bytes >= body.length ? Buffer.concat(pieces).indexOf('\r\n\r\n') + 4 : 0;
        if (end > 0 && bytes === end + body.length) break;
      }
      const all = Buffer.concat(pieces);
      seen.resolve(all.subarray(all.indexOf('\r\n\r\n') + 4));
    };
    read().catch((error: unknown) => seen.reject(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const proxy = await startProxy(t, {
    hosts: { '': [{ upstream: 'web', policies: { 'body-size': { maxBodyBytes: 0 } } }] },
    upstreams: { web: [(server.address() as AddressInfo).port] },
  });
  const socket = await open(proxy, false);
  socket.on('error', () => {});
  socket.write(`PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${body.length}\r\n\r\n`);
  await writeAll(socket, cutBody(body, 'length'));
  assert.equal(digest(await seen.promise), digest(body));
  socket.destroy();
});

describe('what is held for a side that does not read is bounded', () => {
  for (const framing of ['length', 'chunked', 'close'] as const) {
    test(`answers, ${framing}`, { timeout: 30_000 }, async (t) => {
      const body = Buffer.alloc(40 * megabyte, 'x');
      const port = await startBodyUpstream(t, body, framing);
      const proxy = await startProxy(t, {
        hosts: { '': [{ upstream: 'web' }] },
        upstreams: { web: [port] },
      });
      const sockets = probeSockets(t, proxy, [port]);
      const client = await RawClient.open(t, proxy.port);
      client.socket.pause();
      client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
      await turnUntil(
        () => sockets.upstream[0]?.isPaused() === true && isHeld(sockets.downstream[0]),
        'a pause',
      );
      await turns(50);
      assert.ok((sockets.downstream[0]?.writableLength ?? 0) <= heldBound);
      assert.ok((sockets.upstream[0]?.bytesRead ?? 0) < 20 * megabyte);
      // Paused is not forgotten: the reader's deadline ends both.
      proxy.worker.core.deadlines.sweep(performance.now() + 61_000);
      assert.equal(proxy.worker.core.counters.active, 0);
      assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
      const [line] = await proxy.log();
      assert.equal(line?.['reason'], 'send-stall');
    });
  }

  test('requests', { timeout: 30_000 }, async (t) => {
    const port = await startUpstream(t, (upstream) => upstream.socket.pause());
    const proxy = await startProxy(t, {
      hosts: { '': [{ upstream: 'web', policies: { 'body-size': { maxBodyBytes: 0 } } }] },
      upstreams: { web: [port] },
    });
    const sockets = probeSockets(t, proxy, [port]);
    const client = await RawClient.open(t, proxy.port);
    client.send(`PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${40 * megabyte}\r\n\r\n`);
    client.send(Buffer.alloc(40 * megabyte, 'x'));
    await turnUntil(
      () => sockets.downstream[0]?.isPaused() === true && isHeld(sockets.upstream[0]),
      'a pause',
    );
    await turns(50);
    assert.ok((sockets.upstream[0]?.writableLength ?? 0) <= heldBound);
    proxy.worker.core.deadlines.sweep(performance.now() + 61_000);
    assert.match(await client.until((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 504 /);
    const [line] = await proxy.log();
    assert.equal(line?.['reason'], 'upstream-send-timeout');
  });
});

function isHeld(socket: Socket | undefined): boolean {
  return (socket?.writableLength ?? 0) > 0;
}
