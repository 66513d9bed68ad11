import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from './exchange.ts';
import { maxKeptIdLength, RecentRequests } from './recent-requests.ts';

/** An exchange of what the ring reads of one. */
function exchange(
  requestId: string,
  more: Partial<Record<'status' | 'requestBytes', number>> = {},
): Exchange {
  const known = {
    requestId,
    requestBytes: 100,
    status: 200,
    reason: '',
    upstreamStatus: 200,
    startedMs: 40,
    route: { route: { id: 'ingress/a/b/rule/0/path/0' } },
    attempts: { count: 1, addresses: '10.0.0.1:80', connectMs: 2, headerMs: 3 },
    ...more,
  };
  // The ring reads these members and no others.
  return known as unknown as Exchange;
}

test('a request is found by its id until as many others came as there are places', () => {
  const ring = new RecentRequests(3);
  assert.equal(ring.find('a'), null);
  for (const id of ['a', 'b', 'c']) ring.keep(exchange(id), 50);
  const facts = ring.find('a');
  assert.deepEqual(facts, {
    requestId: 'a',
    routeId: 'ingress/a/b/rule/0/path/0',
    status: 200,
    reason: '',
    attempts: 1,
    addresses: '10.0.0.1:80',
    upstreamStatus: 200,
    endedMs: performance.timeOrigin + 50,
    durationMs: 10,
    connectMs: 2,
    headerMs: 3,
  });
  ring.keep(exchange('d'), 60);
  assert.equal(ring.find('a'), null);
  for (const id of ['b', 'c', 'd']) assert.equal(ring.find(id)?.requestId, id);
});

test('of several requests with one id the last counts', () => {
  const ring = new RecentRequests(3);
  ring.keep(exchange('a', { status: 200 }), 1);
  ring.keep(exchange('a', { status: 502 }), 2);
  ring.keep(exchange('b'), 3);
  assert.equal(ring.find('a')?.status, 502);
});

test('requests without an id are not found by none, and what would hold much memory is not kept', () => {
  const ring = new RecentRequests(4);
  ring.keep(exchange(''), 1);
  assert.equal(ring.find(''), null);
  ring.keep(exchange('large', { requestBytes: 1_000_000 }), 2);
  assert.equal(ring.find('large')?.requestId, 'large');
  const long = 'x'.repeat(maxKeptIdLength + 1);
  ring.keep(exchange(long, { requestBytes: 1_000_000 }), 3);
  assert.equal(ring.find(long), null);
  ring.keep(exchange(long, { requestBytes: 10 }), 3);
  assert.equal(ring.find(long), null);
  ring.keep(exchange('\u00e9\u00ff', { requestBytes: 1_000_000 }), 4);
  assert.equal(ring.find('\u00e9\u00ff')?.requestId, '\u00e9\u00ff');
});
