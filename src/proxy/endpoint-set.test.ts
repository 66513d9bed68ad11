// What may be chosen, over any sequence of table changes, failures, answers and time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Endpoint, Upstream } from '../model/index.ts';
import { createLogger } from '../observe/logger.ts';
import { Deadlines } from './deadlines.ts';
import { EndpointSet } from './endpoint-set.ts';

const upstream: Upstream = {
  id: 'shop/web:80',
  namespace: 'shop',
  service: 'web',
  port: '80',
  target: { kind: 'endpoints', endpoints: [] },
};

function makeSet() {
  const deadlines = new Deadlines();
  const counters = { ejections: 0, ejected: 0 };
  const settings = {
    maxFailures: 2,
    ejectMs: 1_000,
    maxEjectMs: 4_000,
    maxEjectedPercent: 50,
    panicPercent: 25,
  };
  const logger = { ...createLogger({ level: 'error', format: 'json' }), warn: () => {}, info: () => {} };
  const set = new EndpointSet(upstream, {
    settings,
    retries: { budgetPercent: 20, minConcurrent: 3 },
    probes: null,
    deadlines,
    logger,
    counters,
    random: () => 0.5,
  });
  return { set, deadlines, counters };
}

const endpoint = fc.record({
  port: fc.integer({ min: 1, max: 8 }),
  ready: fc.boolean(),
  near: fc.boolean(),
  weight: fc.integer({ min: 1, max: 3 }),
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    endpoints: fc.uniqueArray(endpoint, { selector: ({ port }) => port }),
  }),
  fc.record({ kind: fc.constant('fail' as const), at: fc.nat(7), times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('answer' as const), at: fc.nat(7) }),
  fc.record({ kind: fc.constant('sweep' as const), ms: fc.integer({ min: 1, max: 10_000 }) }),
);

describe('EndpointSet', () => {
  it('offers something whenever there is something, only what is there, and leaves out no more than it may', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { set, deadlines, counters } = makeSet();
        let present: readonly Endpoint[] = [];
        let nowMs = performance.now();
        for (const each of steps) {
          const target =
            set.eligible[
              each.kind === 'fail' || each.kind === 'answer' ? each.at % Math.max(set.eligible.length, 1) : 0
            ];
          if (each.kind === 'set') {
            present = each.endpoints.map((one) => ({ address: '10.0.0.1', ...one }));
            set.setEndpoints(present);
          } else if (each.kind === 'sweep') {
            nowMs += each.ms;
            deadlines.sweep(nowMs);
          } else if (target !== undefined && each.kind === 'fail') {
            for (let i = 0; i < each.times; i += 1) set.reportFailure(target, 'connect-refused');
          } else if (target !== undefined) {
            set.reportSuccess(target, nowMs);
          }
          const ready = present.filter((one) => one.ready);
          const candidates = ready.length > 0 ? ready : present;
          const ports = set.eligible.map(({ port }) => port);
          assert.equal(ports.length > 0, candidates.length > 0);
          assert.ok(ports.every((port) => candidates.some((one) => one.port === port)));
          assert.ok(set.eligible.every((one) => one.isEligible && !one.isRemoved));
          assert.ok(counters.ejected >= 0 && counters.ejected <= 8);
          const chosen = set.select(null, nowMs);
          assert.equal(chosen === null, candidates.length === 0);
        }
        set.close();
        assert.equal(counters.ejected, 0);
        assert.equal(deadlines.size, 0);
        assert.equal(set.select(null), null);
      }),
    );
  });

  it('prefers ready ones to those that terminate', () => {
    const { set } = makeSet();
    const at = (port: number, ready: boolean): Endpoint => ({ address: '10.0.0.1', port, ready });
    set.setEndpoints([at(1, false), at(2, true)]);
    assert.deepEqual(
      set.eligible.map(({ port }) => port),
      [2],
    );
    set.setEndpoints([at(1, false), at(2, false)]);
    assert.deepEqual(
      set.eligible.map(({ port }) => port),
      [1, 2],
    );
  });

  it('bounds repeated requests by a share of those under way, and always allows some', () => {
    const { set } = makeSet();
    set.setEndpoints([{ address: '10.0.0.1', port: 1, ready: true }]);
    const [only] = set.eligible;
    assert.ok(only);
    const allowed = (): number => {
      let count = 0;
      while (set.beginRetry()) count += 1;
      for (let i = 0; i < count; i += 1) set.endRetry();
      return count;
    };
    assert.equal(allowed(), 3);
    for (let i = 0; i < 99; i += 1) set.begin(only);
    assert.equal(allowed(), 20);
    for (let i = 0; i < 99; i += 1) set.end(only);
    assert.equal(allowed(), 3);
  });
});
