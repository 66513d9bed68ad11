// Leaky buckets and requests under way, by a clock that the test turns.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { ClientLimits, type LimitVerdict, type RouteLimit } from './client-limits.ts';

const none: LimitSettings = { perSecond: 0, perMinute: 0, atOnce: 0, burstMultiplier: 5, exempt: [] };

function limitOf(part: Partial<LimitSettings>): RouteLimit {
  return new ClientLimits().limitOf('shop/web', { ...none, ...part });
}

function countAdmitted(limit: RouteLimit, count: number, nowMs: number, address = '192.0.2.1'): number {
  let admitted = 0;
  for (let i = 0; i < count; i += 1) if (typeof limit.take(address, nowMs) !== 'string') admitted += 1;
  return admitted;
}

describe('client limits', () => {
  it('admit one and the burst at once, then the rate', () => {
    const limit = limitOf({ perSecond: 1 });
    assert.equal(countAdmitted(limit, 20, 0), 6);
    assert.equal(countAdmitted(limit, 20, 999), 0);
    assert.equal(countAdmitted(limit, 20, 1_000), 1);
    assert.equal(countAdmitted(limit, 20, 4_000), 3);
    assert.equal(countAdmitted(limit, 20, 3_600_000), 6);
  });

  it('count by the minute with the same burst', () => {
    const limit = limitOf({ perMinute: 2, burstMultiplier: 1 });
    assert.equal(countAdmitted(limit, 20, 0), 3);
    assert.equal(countAdmitted(limit, 20, 29_999), 0);
    assert.equal(countAdmitted(limit, 20, 30_000), 1);
  });

  it('never admit more than rate and burst, whenever requests come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        (perSecond, burstMultiplier, gaps) => {
          const limit = limitOf({ perSecond, burstMultiplier });
          let nowMs = 0;
          let admitted = 0;
          for (const gap of gaps) {
            nowMs += gap;
            admitted += countAdmitted(limit, 1, nowMs);
            assert.ok(admitted <= 1 + perSecond * burstMultiplier + (nowMs * perSecond) / 1_000 + 1e-6);
          }
        },
      ),
    );
  });

  it('take nothing for what is refused by the other rate', () => {
    const limit = limitOf({ perSecond: 100, perMinute: 1, burstMultiplier: 1 });
    assert.equal(countAdmitted(limit, 500, 0), 2);
    assert.equal(countAdmitted(limitOf({ perSecond: 100, burstMultiplier: 1 }), 500, 0), 101);
    assert.equal(countAdmitted(limit, 1, 60_000), 1);
  });

  it('count addresses apart, Ingresses apart, and all routes of one Ingress together', () => {
    const limits = new ClientLimits();
    const settings = { ...none, perMinute: 1, burstMultiplier: 1 };
    const [first, second] = [limits.limitOf('shop/web', settings), limits.limitOf('shop/web', settings)];
    assert.equal(countAdmitted(first, 1, 0) + countAdmitted(second, 5, 0), 2);
    assert.equal(countAdmitted(second, 5, 0, '192.0.2.2'), 2);
    assert.equal(countAdmitted(limits.limitOf('shop/other', settings), 5, 0), 2);
  });

  it('remember across a new table', () => {
    const limits = new ClientLimits();
    const settings = { ...none, perMinute: 1 };
    assert.equal(countAdmitted(limits.limitOf('shop/web', settings), 20, 0), 6);
    assert.equal(countAdmitted(limits.limitOf('shop/web', { ...settings }), 20, 1), 0);
  });

  it('hold requests under way until they are given back', () => {
    const limit = limitOf({ atOnce: 2 });
    const held = [limit.take('192.0.2.1', 0), limit.take('192.0.2.1', 0)];
    assert.equal(limit.take('192.0.2.1', 0), 'limit-connections');
    assert.notEqual(limit.take('192.0.2.2', 0), 'limit-connections');
    release(held[0]);
    assert.notEqual(limit.take('192.0.2.1', 0), 'limit-connections');
    assert.equal(limit.take('192.0.2.1', 0), 'limit-connections');
  });

  it('leave the exempt alone', () => {
    const limit = limitOf({ perMinute: 1, atOnce: 1, exempt: ['192.0.2.0/24'] });
    assert.equal(countAdmitted(limit, 50, 0), 50);
    assert.equal(countAdmitted(limit, 50, 0, '198.51.100.1'), 1);
  });

  it('forget the address that asked longest ago, and hold a bounded number', () => {
    const limit = limitOf({ perMinute: 1, burstMultiplier: 1 });
    assert.equal(countAdmitted(limit, 9, 0, 'first'), 2);
    for (let i = 0; i < 20_000; i += 1) limit.take(`address-${i}`, 0);
    assert.equal(countAdmitted(limit, 9, 0, 'address-19999'), 1);
    assert.equal(countAdmitted(limit, 9, 0, 'first'), 2);
  });
});

function release(held: LimitVerdict | undefined): void {
  if (typeof held !== 'object' || held === null) throw new Error('nothing is held');
  held.release('192.0.2.1');
}
