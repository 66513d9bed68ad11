// For tests that play clients and endpoints in any order: what one side does to its socket, and what must be left when all is over.
import assert from 'node:assert/strict';
import type { ProxyCore } from '../../src/proxy/core.ts';
import type { RawClient } from '../behaviour/harness.ts';

export type SideAct = 'end' | 'reset' | 'pause' | 'resume' | 'send';

/** More than this is not sent to a side that does not read. */
const maxQueuedBytes = 1_000_000;

export function actOn(side: RawClient, act: SideAct, makeText: () => string): void {
  const { socket } = side;
  if (act === 'end') socket.end();
  else if (act === 'reset') socket.resetAndDestroy();
  else if (act === 'pause') socket.pause();
  else if (act === 'resume') socket.resume();
  else if (socket.writable && socket.writableLength < maxQueuedBytes) side.send(makeText());
}

export function assertNothingLeft({ counters, pool, deadlines }: ProxyCore): void {
  assert.equal(counters.active, 0, 'client connections');
  assert.equal(counters.tunnels, 0, 'tunnels');
  const { upstreamConnections, upstreamIdle } = pool.counters;
  assert.deepEqual({ upstreamConnections, upstreamIdle }, { upstreamConnections: 0, upstreamIdle: 0 });
  assert.equal(deadlines.size, 0, 'timed entries');
  assert.equal(counters.bugs, 0, 'exceptions');
}
