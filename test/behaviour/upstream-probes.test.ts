// PINGs to upstreams of HTTP/2, whose sessions many clients share: no client can have them sent.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { passTime, RawClient, startProxy, type TestProxy } from './harness.ts';
import { type Frame, frameTypes, type RawHttp2Peer, startRawHttp2 } from './http2-upstream.ts';
import { turnUntil } from './probe.ts';

interface World {
  readonly proxy: TestProxy;
  readonly peer: RawHttp2Peer;
  /** Sends a request that the upstream gets and does not answer. */
  readonly ask: (fields: string) => Promise<RawClient>;
}

async function startSilent(t: TestContext, readTimeoutMs: number): Promise<World> {
  const peers: RawHttp2Peer[] = [];
  const port = await startRawHttp2(t, (peer) => void peers.push(peer));
  const policies = { 'backend-protocol': 'h2c', timeouts: { readTimeoutMs } };
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies }] },
    upstreams: { web: [port] },
  });
  const ask = async (fields: string): Promise<RawClient> => {
    const client = await RawClient.open(t, proxy.port);
    client.send(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n${fields}\r\nx`);
    await turnUntil(() => peers.length > 0, 'a session');
    await peers[0]?.next(frameTypes.headers);
    return client;
  };
  const client = await ask('');
  const [peer] = peers as [RawHttp2Peer];
  client.socket.destroy();
  await peer.next(frameTypes.reset);
  peer.frames.splice(0);
  return { proxy, peer, ask };
}

const grpcFields = (timeout: string): string =>
  `Content-Type: application/grpc\r\ngrpc-timeout: ${timeout}\r\n`;
const isPing = ({ type, flags }: Frame): boolean => type === frameTypes.ping && flags === 0;

/** The PINGs that came before the reset that is awaited. */
async function pingsUntilReset({ frames }: RawHttp2Peer): Promise<Frame[]> {
  await turnUntil(() => frames.some(({ type }) => type === frameTypes.reset), 'the end of the call');
  return frames.splice(0).filter(isPing);
}

test('a call that ends by the time-out of its own client asks nothing of the session', async (t) => {
  const { proxy, peer, ask } = await startSilent(t, 3_600_000);
  for (let i = 1; i <= 5; i += 1) {
    const client = await ask(grpcFields('1S'));
    passTime(proxy, i * 2_000);
    await client.responses(1);
    assert.deepEqual(await pingsUntilReset(peer), []);
  }
  // Nor does one come behind the last reset, and the session takes requests all the time.
  await ask('');
  assert.ok(!peer.frames.some(isPing));
});

test('of calls that the upstream lets wait, one a minute asks', async (t) => {
  const { proxy, peer, ask } = await startSilent(t, 1_000);
  const pings: number[] = [];
  for (const laterMs of [2_500, 5_000, 7_500, 10_000, 75_000, 77_500]) {
    const client = await ask(grpcFields('1H'));
    passTime(proxy, laterMs);
    await client.responses(1);
    for (const { payload } of await pingsUntilReset(peer)) {
      pings.push(laterMs);
      peer.send(frameTypes.ping, 1, 0, payload);
    }
    // What comes behind the answer is answered after it was read.
    peer.send(frameTypes.ping, 0, 0, Buffer.alloc(8));
    await peer.next(frameTypes.ping);
  }
  assert.deepEqual(pings, [2_500, 75_000]);
});
