// What every balancer keeps, whatever its idea of a good choice: one suite that runs for each, with a simulated clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mixNumber } from '../../std/murmur-hash.ts';
import type { Balancer, Random } from './balancer.ts';
import { HashBalancer } from './hash-balancer.ts';
import { HashRing } from './hash-ring.ts';
import { LeastRequest } from './least-request.ts';
import { PeakEwma } from './peak-ewma.ts';
import { RoundRobin } from './round-robin.ts';
import { SimulatedCandidates, SimulatedEndpoint, seededRandom } from './simulated-endpoints.fixture.ts';

type Make = (candidates: SimulatedCandidates, random: Random) => Balancer<SimulatedEndpoint>;

function hashing(subsetSize: number, maxLoadPercent: number): Make {
  return (candidates, random) =>
    new HashBalancer(candidates, new HashRing(candidates), random, { subsetSize, maxLoadPercent });
}

/** `tolerance`: how far from its fair part an endpoint may be, as a share of it, when every request is over before the next one. */
const balancers: readonly { readonly name: string; readonly make: Make; readonly tolerance: number }[] = [
  {
    name: 'round robin',
    make: (candidates, random) => new RoundRobin(candidates, random()),
    tolerance: 0.01,
  },
  {
    name: 'least request',
    make: (candidates, random) => new LeastRequest(candidates, random),
    tolerance: 0.1,
  },
  { name: 'peak EWMA', make: (candidates, random) => new PeakEwma(candidates, random), tolerance: 0.35 },
  { name: 'hash', make: hashing(1, 0), tolerance: 0.35 },
  { name: 'hash with a bound', make: hashing(1, 125), tolerance: 0.35 },
  { name: 'hash with subsets', make: hashing(3, 0), tolerance: 0.35 },
];

const latencyMs = 5;

/** Requests one after the other, each with a key of its own. */
function serve(candidates: SimulatedCandidates, balancer: Balancer<SimulatedEndpoint>, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const endpoint = balancer.select(mixNumber(i + 1), null, candidates.nowMs);
    assert.ok(endpoint !== null);
    candidates.start(endpoint, latencyMs);
    candidates.advance(balancer, latencyMs, () => latencyMs);
  }
}

for (const { name, make, tolerance } of balancers) {
  describe(`every balancer: ${name}`, () => {
    it('spreads over equal endpoints', () => {
      const candidates = new SimulatedCandidates([1, 1, 1, 1, 1]);
      serve(candidates, make(candidates, seededRandom(1)), 5_000);
      for (const { label, served } of candidates.eligible)
        assert.ok(Math.abs(served - 1_000) <= 1_000 * tolerance, `${label} served ${served}`);
    });

    it('follows weights', () => {
      const candidates = new SimulatedCandidates([1, 2, 5]);
      serve(candidates, make(candidates, seededRandom(2)), 8_000);
      const [light, middle, heavy] = candidates.eligible.map(({ served }) => served);
      assert.ok(light !== undefined && middle !== undefined && heavy !== undefined);
      assert.ok(light > 0 && light < middle && middle < heavy, `${light}, ${middle}, ${heavy}`);
    });

    it('gives null when there is none, or all were tried', () => {
      const candidates = new SimulatedCandidates([1, 2]);
      const balancer = make(candidates, seededRandom(3));
      assert.equal(balancer.select(7, candidates.eligible, candidates.nowMs), null);
      candidates.set([]);
      assert.equal(balancer.select(7, null, candidates.nowMs), null);
    });

    it('never gives an endpoint that is gone or was tried, and gives one as long as there is one', () => {
      const change = fc.record({
        present: fc.uniqueArray(fc.integer({ min: 0, max: 7 })),
        tried: fc.uniqueArray(fc.integer({ min: 0, max: 7 })),
        key: fc.nat(),
        stepMs: fc.integer({ min: 0, max: 20_000 }),
      });
      fc.assert(
        fc.property(fc.array(change, { maxLength: 20 }), fc.boolean(), (changes, isEven) => {
          const candidates = new SimulatedCandidates([]);
          const all = Array.from(
            { length: 8 },
            (_, at) => new SimulatedEndpoint(`e${at}`, isEven ? 1 : at + 1),
          );
          const balancer = make(candidates, seededRandom(4));
          for (const { present, tried, key, stepMs } of changes) {
            candidates.set(all.filter((_, at) => present.includes(at)));
            candidates.advance(balancer, stepMs, () => latencyMs);
            const avoided = all.filter((_, at) => tried.includes(at));
            const left = candidates.eligible.filter((endpoint) => !avoided.includes(endpoint));
            const chosen = balancer.select(key, avoided, candidates.nowMs);
            assert.equal(chosen === null, left.length === 0);
            if (chosen === null) continue;
            assert.ok(left.includes(chosen));
            candidates.start(chosen, latencyMs);
          }
        }),
      );
    });

    it('gives a newcomer its part and no more', () => {
      const candidates = new SimulatedCandidates([1, 1, 1]);
      const balancer = make(candidates, seededRandom(5));
      serve(candidates, balancer, 300);
      const newcomer = new SimulatedEndpoint('10.0.0.9:80');
      candidates.set([...candidates.eligible, newcomer]);
      serve(candidates, balancer, 2_000);
      assert.ok(newcomer.served > 250 && newcomer.served < 800, `${newcomer.served}`);
    });
  });
}
