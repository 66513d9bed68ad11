// Leaky buckets and requests under way, by a clock that the test turns.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { ClientLimits } from './client-limits.ts';
import { RouteLimit } from './route-limit.ts';

const none: LimitSettings = { perSecond: 0, perMinute: 0, atOnce: 0, burstMultiplier: 5, exempt: [] };

function limitOf(part: Partial<LimitSettings>): RouteLimit {
  return ownLimit(new ClientLimits(), 'shop/web', { ...none, ...part });
}

/** One that asks nobody. */
function ownLimit(counts: ClientLimits, owner: string, settings: LimitSettings): RouteLimit {
  return new RouteLimit({ counts, asker: null }, owner, settings);
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
    const [first, second] = [ownLimit(limits, 'shop/web', settings), ownLimit(limits, 'shop/web', settings)];
    assert.equal(countAdmitted(first, 1, 0) + countAdmitted(second, 5, 0), 2);
    assert.equal(countAdmitted(second, 5, 0, '192.0.2.2'), 2);
    assert.equal(countAdmitted(ownLimit(limits, 'shop/other', settings), 5, 0), 2);
  });

  it('remember across a new table', () => {
    const limits = new ClientLimits();
    const settings = { ...none, perMinute: 1 };
    assert.equal(countAdmitted(ownLimit(limits, 'shop/web', settings), 20, 0), 6);
    assert.equal(countAdmitted(ownLimit(limits, 'shop/web', { ...settings }), 20, 1), 0);
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

  it('hold a bounded number over all Ingresses, and forget who asked longest ago', () => {
    const limits = new ClientLimits(100);
    const settings = { ...none, perMinute: 1, burstMultiplier: 1 };
    const limit = ownLimit(limits, 'shop/web', settings);
    assert.equal(countAdmitted(limit, 9, 0, '192.0.2.1'), 2);
    assert.equal(countAdmitted(limit, 9, 0, '192.0.2.2'), 2);
    for (let i = 0; i < 1_000; i += 1) {
      ownLimit(limits, `shop/web-${i % 50}`, settings).take(`198.51.100.${i % 250}`, 0);
      // Who keeps asking is not forgotten; what is refused is no visit.
      if (i % 10 === 0) ownLimit(limits, 'shop/kept', { ...none, perSecond: 1_000 }).take('192.0.2.3', 0);
      assert.ok(limits.visitCount <= 100);
    }
    assert.ok(limits.visitCount > 90);
    assert.equal(countAdmitted(limit, 9, 0, '192.0.2.1'), 2);
    const kept = { ...none, perSecond: 1_000, burstMultiplier: 1 };
    assert.equal(countAdmitted(ownLimit(limits, 'shop/kept', kept), 2_000, 0, '192.0.2.3'), 1_001 - 100);
  });

  it('hold nothing of who is as one that never asked', () => {
    const limits = new ClientLimits();
    const limit = ownLimit(limits, 'shop/web', { ...none, perSecond: 1, perMinute: 60 });
    for (let i = 0; i < 1_000; i += 1) limit.take(`10.0.${i >> 8}.${i & 255}`, 0);
    assert.equal(limits.visitCount, 1_000);
    // One client that goes on asking is enough to drop all others.
    for (let i = 0; i < 1_000; i += 1) limit.take('192.0.2.1', 60_000 + i * 1_000);
    assert.equal(limits.visitCount, 1);
  });

  it('drop a client no sooner than it makes no difference', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.nat(2)), { maxLength: 100 }),
        (perSecond, perMinute, visits) => {
          const settings = { ...none, perSecond, perMinute, burstMultiplier: 1 };
          const together = ownLimit(new ClientLimits(), 'shop/web', settings);
          // Alone with its counts, a client is looked at with none of its neighbours' requests.
          const alone = [0, 1, 2].map(() => ownLimit(new ClientLimits(), 'shop/web', settings));
          let nowMs = 0;
          for (const [gapMs, client] of visits) {
            nowMs += gapMs;
            const address = `192.0.2.${client}`;
            const verdict = together.take(address, nowMs);
            assert.equal(verdict, alone[client]?.take(address, nowMs));
          }
        },
      ),
    );
  });

  it('count the addresses of an IPv6 network of 64 bits as one client', () => {
    const limit = limitOf({ perMinute: 1, burstMultiplier: 1, atOnce: 2 });
    assert.equal(countAdmitted(limit, 1, 0, '2001:db8:0:1::1'), 1);
    assert.equal(countAdmitted(limit, 1, 0, '2001:db8::1:ffff:0:0:1'), 1);
    assert.equal(limit.take('2001:db8:0:1::2', 0), 'limit-requests');
    assert.equal(limit.take('2001:db8:0:1::2', 600_000), 'limit-connections');
    limit.release('2001:db8:0:1::7');
    assert.notEqual(typeof limit.take('2001:db8:0:1::2', 600_000), 'string');
    assert.equal(countAdmitted(limit, 9, 0, '2001:db8:0:2::1'), 2);
    const exempt = limitOf({ perMinute: 1, exempt: ['2001:db8:0:1::5'] });
    assert.equal(countAdmitted(exempt, 50, 0, '2001:db8:0:1::5'), 50);
    assert.equal(countAdmitted(exempt, 50, 0, '2001:db8:0:1::6'), 6);
  });

  it('tell of no wait that is longer than they refuse, not by a rounding error either', () => {
    for (let perMinute = 1; perMinute <= 60; perMinute += 1) {
      const counts = new ClientLimits();
      const rates = { perSecond: 0, perMinute, atOnce: 0, burstMultiplier: 1 };
      for (let nowMs = 3_123; nowMs < 200_000; nowMs += 997) {
        if (counts.take('a', rates, nowMs) !== 'limit-requests') continue;
        const lastMs = Math.ceil(nowMs + counts.waitMs('a', rates, nowMs)) - 1;
        assert.equal(counts.take('a', rates, lastMs), 'limit-requests', `${perMinute} a minute, ${nowMs} ms`);
        nowMs = lastMs;
      }
    }
  });
});

function release(held: ReturnType<RouteLimit['take']> | undefined): void {
  if (typeof held !== 'object' || held === null) throw new Error('nothing is held');
  held.release('192.0.2.1');
}
