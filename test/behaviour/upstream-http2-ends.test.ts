// The ends of streams and sessions towards HTTP/2 upstreams: resets, refusals, GOAWAY, cancellation, time-outs, malformed messages, idleness.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { RawClient, passTime, startProxy, type TestProxy } from './harness.ts';
import {
  endStream,
  frameTypes,
  type RawHttp2Peer,
  startHttp2Upstream,
  startRawHttp2,
} from './http2-upstream.ts';
import { turnUntil, turns } from './probe.ts';
import { makePatch } from './table.ts';

const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc';

async function startWith(t: TestContext, ...ports: number[]): Promise<TestProxy> {
  return await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'backend-protocol': 'h2c' } }] },
    upstreams: { web: ports },
  });
}

async function send(t: TestContext, proxy: TestProxy, request: string): Promise<RawClient> {
  const client = await RawClient.open(t, proxy.port);
  client.send(request);
  return client;
}

function answer(peer: RawHttp2Peer, stream: number, text = 'ok'): void {
  peer.sendHead(stream, 0, [[':status', '200']]);
  peer.send(frameTypes.data, endStream, stream, Buffer.from(text));
}

test('a refused stream is sent again, whatever its method: the endpoint has not looked at it', async (t) => {
  const port = await startRawHttp2(t, (peer) => {
    void (async () => {
      const first = await peer.next(frameTypes.headers);
      answer(peer, first.stream);
      const second = await peer.next(frameTypes.headers);
      peer.sendReset(second.stream, constants.NGHTTP2_REFUSED_STREAM);
      const third = await peer.next(frameTypes.headers);
      answer(peer, third.stream, 'again');
    })();
  });
  const proxy = await startWith(t, port);
  const client = await send(t, proxy, get);
  await client.responses(1);
  client.send(post);
  assert.match(await client.responses(2), /again/);
  assert.equal(proxy.worker.core.counters.retries, 1);
});

test('after GOAWAY running streams finish, those above its last one are sent again, and new ones go elsewhere', async (t) => {
  const peers: RawHttp2Peer[] = [];
  const port = await startRawHttp2(t, (peer, index) => {
    peers.push(peer);
    if (index === 0) return;
    void (async () => {
      for (;;) answer(peer, (await peer.next(frameTypes.headers)).stream, 'second session');
    })().catch(() => {});
  });
  const proxy = await startWith(t, port);
  const first = await send(t, proxy, get);
  await turnUntil(() => peers.length === 1, 'a session');
  const [peer] = peers as [RawHttp2Peer];
  const one = await peer.next(frameTypes.headers);
  const second = await send(t, proxy, post);
  await peer.next(frameTypes.headers);
  peer.sendGoaway(one.stream);
  assert.match(await second.responses(1), /second session/);
  const third = await send(t, proxy, get);
  assert.match(await third.responses(1), /second session/);
  answer(peer, one.stream, 'first session');
  assert.match(await first.responses(1), /first session/);
  await once(peer.socket, 'close');
  assert.equal(peers.length, 2);
});

test('resets before the head: 502, another try for idempotent methods only', async (t) => {
  for (const [request, tries] of [
    [get, 2],
    [post, 1],
  ] as const) {
    let asked = 0;
    const reset = async (): Promise<number> => {
      const { port } = await startHttp2Upstream(t, (stream) => {
        asked += 1;
        stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      });
      return port;
    };
    const proxy = await startWith(t, await reset(), await reset());
    const client = await send(t, proxy, request);
    assert.match(await client.responses(1), /^HTTP\/1\.1 502 /);
    assert.equal(asked, tries);
  }
});

test('a body that breaks off reaches the client as broken, whatever the code of the reset', async (t) => {
  for (const code of [
    constants.NGHTTP2_INTERNAL_ERROR,
    constants.NGHTTP2_CANCEL,
    constants.NGHTTP2_NO_ERROR,
  ]) {
    const port = await startRawHttp2(t, (peer) => {
      void (async () => {
        const { stream } = await peer.next(frameTypes.headers);
        peer.sendHead(stream, 0, [[':status', '200']]);
        peer.send(frameTypes.data, 0, stream, Buffer.from('half'));
        peer.sendReset(stream, code);
      })();
    });
    const proxy = await startWith(t, port);
    const client = await send(t, proxy, get);
    const text = await client.untilClosed();
    assert.match(text, /half/, `code ${code}`);
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, `code ${code}`);
  }
});

test('a connection that ends breaks its streams', async (t) => {
  const port = await startRawHttp2(t, (peer) => {
    void (async () => {
      const { stream } = await peer.next(frameTypes.headers);
      peer.sendHead(stream, 0, [[':status', '200']]);
      peer.send(frameTypes.data, 0, stream, Buffer.from('half'));
      await peer.next(frameTypes.headers);
      peer.socket.destroy();
    })();
  });
  const proxy = await startWith(t, port);
  const begun = await send(t, proxy, get);
  await begun.until((text) => text.includes('half'));
  const waiting = await send(t, proxy, post);
  assert.match(await waiting.responses(1), /^HTTP\/1\.1 502 /);
  assert.doesNotMatch(await begun.untilClosed(), /\r\n0\r\n\r\n$/);
  await turnUntil(() => proxy.worker.core.pool.counters.upstreamConnections === 0, 'no connection');
});

test('messages that RFC 9113 calls malformed: 502, or broken off', async (t) => {
  const long = 'x'.repeat(20);
  const heads: readonly (readonly (readonly [string, string])[])[] = [
    [['x-a', 'b']],
    [
      [':status', '200'],
      ['connection', 'close'],
    ],
    [
      [':status', '200'],
      ['transfer-encoding', 'chunked'],
    ],
    [[':status', '101']],
    [
      [':status', '200'],
      [':status', '200'],
    ],
    [[':status', 'abc']],
    [
      [':status', '200'],
      ['content-length', '1'],
      ['content-length', '2'],
    ],
    [
      [':status', '200'],
      ['X-Upper', 'x'],
    ],
    [
      [':status', '200'],
      ['content-length', '3'],
    ],
  ];
  for (const head of heads) {
    const port = await startRawHttp2(t, (peer) => {
      void (async () => {
        const { stream } = await peer.next(frameTypes.headers);
        peer.sendHead(stream, 0, head);
        peer.send(frameTypes.data, endStream, stream, Buffer.from(long));
      })();
    });
    const proxy = await startWith(t, port);
    const client = await send(t, proxy, post.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    const text = await client.untilClosed();
    // An over-long body is found out after its head: then it breaks off.
    assert.ok(text.startsWith('HTTP/1.1 502 ') || !text.endsWith(long), JSON.stringify([head, text]));
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, JSON.stringify(head));
  }
});

test('trailers with fields that no trailer may carry are cut down; malformed ones break the response', async (t) => {
  const port = await startRawHttp2(t, (peer) => {
    void (async () => {
      for (const name of ['set-cookie', ':status']) {
        const { stream } = await peer.next(frameTypes.headers);
        peer.sendHead(stream, 0, [[':status', '200']]);
        peer.send(frameTypes.data, 0, stream, Buffer.from('body'));
        peer.sendHead(stream, endStream, [[name, '200']]);
      }
    })().catch(() => {});
  });
  const proxy = await startWith(t, port);
  assert.match(await (await send(t, proxy, get)).responses(1), /4\r\nbody\r\n0\r\n\r\n$/);
  assert.doesNotMatch(await (await send(t, proxy, get)).untilClosed(), /\r\n0\r\n\r\n$/);
});

test('a client that goes away cancels its stream and nothing else', async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const upstream = await startHttp2Upstream(t, (stream) => void streams.push(stream));
  const proxy = await startWith(t, upstream.port);
  const leaving = await send(t, proxy, get);
  const staying = await send(t, proxy, get);
  await turnUntil(() => streams.length === 2, 'two streams');
  const [first, second] = streams as [ServerHttp2Stream, ServerHttp2Stream];
  const closed = once(first, 'close');
  leaving.socket.destroy();
  await closed;
  assert.equal(first.rstCode, constants.NGHTTP2_CANCEL);
  second.respond({ ':status': 200, 'content-length': 2 });
  second.end('ok');
  assert.match(await staying.responses(1), /ok$/);
  assert.equal(upstream.sessions.length, 1);
});

test('an answer that does not come: 504', async (t) => {
  const asked = Promise.withResolvers<ServerHttp2Stream>();
  const silent = await startHttp2Upstream(t, asked.resolve);
  const proxy = await startWith(t, silent.port);
  const client = await send(t, proxy, get);
  const stream = await asked.promise;
  passTime(proxy, 61_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 504 /);
  if (!stream.closed) await once(stream, 'close');
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
});

test('a body that is not taken: 504', async (t) => {
  // No window: nothing of the body goes out.
  const asked = Promise.withResolvers<unknown>();
  const port = await startRawHttp2(t, (peer) => asked.resolve(peer.next(frameTypes.headers)), [
    [constants.NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0],
  ]);
  const policies = { 'backend-protocol': 'h2c', 'body-size': { maxBodyBytes: 0 } };
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies }] },
    upstreams: { web: [port] },
  });
  const client = await send(t, proxy, 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 40000000\r\n\r\n');
  await asked.promise;
  const piece = Buffer.alloc(65_536, 'x');
  // Until the kernel takes no more, because the proxy does not read on.
  for (let quietTurns = 0; quietTurns < 100; quietTurns += 1) {
    if (client.socket.writableLength === 0) quietTurns = 0;
    if (client.socket.writableLength < piece.length) client.socket.write(piece);
    await turns(1);
  }
  passTime(proxy, 61_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 504 /);
  assert.equal((await proxy.log())[0]?.['reason'], 'upstream-send-timeout');
});

test('a session whose peer is silent takes no further request, and ends unless a PING is answered', async (t) => {
  const peers: RawHttp2Peer[] = [];
  const port = await startRawHttp2(t, (peer) => void peers.push(peer));
  const proxy = await startWith(t, port);
  const first = await send(t, proxy, post);
  await turnUntil(() => peers.length === 1, 'a session');
  const [silent] = peers as [RawHttp2Peer];
  await silent.next(frameTypes.headers);
  passTime(proxy, 61_000);
  assert.match(await first.responses(1), /^HTTP\/1\.1 504 /);
  const ping = await silent.next(frameTypes.ping);
  // Another session serves meanwhile.
  const second = await send(t, proxy, post);
  await turnUntil(() => peers.length === 2, 'another session');
  const [, other] = peers as [RawHttp2Peer, RawHttp2Peer];
  answer(other, (await other.next(frameTypes.headers)).stream, 'other');
  assert.match(await second.responses(1), /other/);
  // Answered: it serves on, and being the older one it is asked first.
  silent.send(frameTypes.ping, 1, 0, ping.payload);
  // What comes behind it is answered after it was read.
  silent.send(frameTypes.ping, 0, 0, Buffer.alloc(8));
  await silent.next(frameTypes.ping);
  const third = await send(t, proxy, post);
  answer(silent, (await silent.next(frameTypes.headers)).stream, 'back');
  assert.match(await third.responses(1), /back/);
  // Not answered: it ends.
  const fourth = await send(t, proxy, post);
  await silent.next(frameTypes.headers);
  // Deadlines count from the clock that was seen last, which may be a minute ahead.
  passTime(proxy, 130_000);
  assert.match(await fourth.responses(1), /^HTTP\/1\.1 504 /);
  await silent.next(frameTypes.ping);
  passTime(proxy, 140_000);
  await once(silent.socket, 'close');
});

test("an idle session ends by itself, a removed endpoint's at once, and a drain leaves none", async (t) => {
  const upstream = await startHttp2Upstream(t, (stream) => {
    stream.respond({ ':status': 200, 'content-length': 2 });
    stream.end('ok');
  });
  const proxy = await startWith(t, upstream.port);
  const { pool } = proxy.worker.core;
  const isEmpty = async (): Promise<void> =>
    await turnUntil(() => pool.counters.upstreamConnections === 0, 'no connection');
  const ask = async (): Promise<void> => {
    const client = await send(t, proxy, get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    assert.match(await client.untilClosed(), /ok$/);
    client.socket.destroy();
    assert.equal(pool.counters.upstreamConnections, 1);
  };
  await ask();
  await turnUntil(() => proxy.worker.core.deadlines.size === 1, 'nothing but the session');
  passTime(proxy, 61_000);
  await isEmpty();
  await ask();
  const spec = { hosts: {}, upstreams: { web: [] } };
  proxy.worker.apply({ ...makePatch(spec, 2), hosts: { set: [], removed: [] } });
  await isEmpty();
  proxy.worker.apply({
    ...makePatch({ hosts: {}, upstreams: { web: [upstream.port] } }, 3),
    hosts: { set: [], removed: [] },
  });
  await ask();
  await proxy.worker.drain(1_000);
  await isEmpty();
  assert.equal(upstream.sessions.length, 3);
});
