// What is particular to each balancer: the smooth order of the weighted round, load, latency, stability of keys, bounded load.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashText } from '../../std/murmur-hash.ts';
import { HashBalancer } from './hash-balancer.ts';
import { HashRing } from './hash-ring.ts';
import { LeastRequest } from './least-request.ts';
import { PeakEwma } from './peak-ewma.ts';
import { RoundRobin } from './round-robin.ts';
import { SimulatedCandidates, type SimulatedEndpoint, seededRandom } from './simulated-endpoints.fixture.ts';

describe('round robin', () => {
  it('goes round from where it was told to start', () => {
    const candidates = new SimulatedCandidates([1, 1, 1]);
    const balancer = new RoundRobin(candidates, 0);
    const labels = Array.from({ length: 4 }, () => balancer.select(0, null, 0)?.label);
    assert.deepEqual(labels, ['10.0.0.2:80', '10.0.0.3:80', '10.0.0.1:80', '10.0.0.2:80']);
  });

  it('mixes weights smoothly: 5, 1, 1 is a a b a c a a', () => {
    const candidates = new SimulatedCandidates([5, 1, 1]);
    const balancer = new RoundRobin(candidates, 0);
    const order = Array.from({ length: 14 }, () => balancer.select(0, null, 0)?.label.slice(7, 8)).join('');
    assert.equal(order, '1121311'.repeat(2));
  });

  it('keeps the place of those that stay when another leaves', () => {
    const candidates = new SimulatedCandidates([5, 1, 1]);
    const balancer = new RoundRobin(candidates, 0);
    assert.equal(balancer.select(0, null, 0)?.label, '10.0.0.1:80');
    candidates.set(candidates.eligible.slice(0, 2));
    const order = Array.from({ length: 6 }, () => balancer.select(0, null, 0)?.label.slice(7, 8)).join('');
    assert.equal(order.replaceAll('1', '').length, 1, order);
  });
});

describe('least request', () => {
  it('avoids the endpoint that is busy', () => {
    const candidates = new SimulatedCandidates([1, 1, 1, 1]);
    const balancer = new LeastRequest(candidates, seededRandom(1));
    const [busy] = candidates.eligible;
    assert.ok(busy);
    busy.active = 50;
    for (let i = 0; i < 200; i += 1) assert.notEqual(balancer.select(0, null, 0), busy);
  });

  it('measures load by weight', () => {
    const candidates = new SimulatedCandidates([1, 10]);
    const [light, heavy] = candidates.eligible;
    assert.ok(light && heavy);
    light.active = 2;
    heavy.active = 10;
    const balancer = new LeastRequest(candidates, seededRandom(2));
    for (let i = 0; i < 50; i += 1) assert.equal(balancer.select(0, null, 0), heavy);
  });
});

describe('peak EWMA', () => {
  const latencyOf = (slow: SimulatedEndpoint) => (endpoint: SimulatedEndpoint) =>
    endpoint === slow ? 200 : 5;

  it('sends less to the slow endpoint, and something still', () => {
    const candidates = new SimulatedCandidates([1, 1, 1]);
    const balancer = new PeakEwma(candidates, seededRandom(1));
    const slow = candidates.eligible[2];
    assert.ok(slow);
    for (let i = 0; i < 6_000; i += 1) {
      const endpoint = balancer.select(0, null, candidates.nowMs);
      assert.ok(endpoint);
      candidates.start(endpoint, latencyOf(slow)(endpoint));
      candidates.advance(balancer, 20, latencyOf(slow));
    }
    assert.ok(slow.served > 0 && slow.served < 600, `${slow.served} of 6000`);
  });

  it('takes an endpoint back when its bad answer has faded', () => {
    const candidates = new SimulatedCandidates([1, 1]);
    const balancer = new PeakEwma(candidates, seededRandom(2));
    const [good, bad] = candidates.eligible;
    assert.ok(good && bad);
    balancer.observe(good, 5, candidates.nowMs);
    balancer.observe(bad, 1_000, candidates.nowMs);
    assert.equal(balancer.select(0, null, candidates.nowMs), good);
    candidates.nowMs += 60_000;
    balancer.observe(good, 5, candidates.nowMs);
    assert.equal(balancer.select(0, null, candidates.nowMs), bad);
  });

  it('jumps up at once and comes down slowly', () => {
    const candidates = new SimulatedCandidates([1, 1]);
    const balancer = new PeakEwma(candidates, seededRandom(3));
    const [first, second] = candidates.eligible;
    assert.ok(first && second);
    balancer.observe(second, 50, candidates.nowMs);
    for (let i = 0; i < 20; i += 1) balancer.observe(first, 5, candidates.nowMs);
    balancer.observe(first, 500, candidates.nowMs);
    balancer.observe(first, 5, candidates.nowMs + 10);
    assert.equal(balancer.select(0, null, candidates.nowMs + 10), second);
  });
});

describe('hash', () => {
  const keys = Array.from({ length: 4_000 }, (_, at) => hashText(`/item/${at}`));

  function ownersOf(candidates: SimulatedCandidates): (SimulatedEndpoint | null)[] {
    const balancer = new HashBalancer(candidates, new HashRing(candidates), () => 0, {
      subsetSize: 1,
      maxLoadPercent: 0,
    });
    return keys.map((key) => balancer.select(key, null));
  }

  it('is the same for every worker, whatever the order of the endpoints', () => {
    const candidates = new SimulatedCandidates([1, 1, 1, 1]);
    const before = ownersOf(candidates);
    candidates.set(candidates.eligible.toReversed());
    assert.deepEqual(ownersOf(candidates), before);
  });

  it('moves only the keys of an endpoint that leaves, and only to the newcomer when one comes', () => {
    const candidates = new SimulatedCandidates([1, 1, 1, 1, 1]);
    const all = candidates.eligible;
    const before = ownersOf(candidates);
    candidates.set(all.slice(1));
    const after = ownersOf(candidates);
    for (const [at, owner] of before.entries()) if (owner !== all[0]) assert.equal(after[at], owner);
    candidates.set(all);
    assert.deepEqual(ownersOf(candidates), before);
  });

  it('goes to the next of the ring when the first was tried, always the same', () => {
    const candidates = new SimulatedCandidates([1, 1, 1]);
    const balancer = new HashBalancer(candidates, new HashRing(candidates), () => 0, {
      subsetSize: 1,
      maxLoadPercent: 0,
    });
    const first = balancer.select(5, null);
    assert.ok(first);
    const second = balancer.select(5, [first]);
    assert.notEqual(second, first);
    candidates.set(candidates.eligible.filter((endpoint) => endpoint !== first));
    assert.equal(balancer.select(5, null), second);
  });

  it('keeps one popular key within the bound', () => {
    const candidates = new SimulatedCandidates([1, 1, 1, 1]);
    const balancer = new HashBalancer(candidates, new HashRing(candidates), () => 0, {
      subsetSize: 1,
      maxLoadPercent: 125,
    });
    for (let i = 0; i < 400; i += 1) {
      const endpoint = balancer.select(99, null);
      assert.ok(endpoint);
      candidates.start(endpoint, 1_000);
    }
    for (const { active } of candidates.eligible) assert.ok(active <= 125, `${active}`);
  });

  it('gives a key exactly as many endpoints as its subset has', () => {
    const candidates = new SimulatedCandidates([1, 1, 1, 1, 1, 1]);
    const balancer = new HashBalancer(candidates, new HashRing(candidates), seededRandom(1), {
      subsetSize: 3,
      maxLoadPercent: 0,
    });
    const seen = new Set(Array.from({ length: 300 }, () => balancer.select(1_234, null)));
    assert.equal(seen.size, 3);
  });

  it('has a place for every one of many endpoints', () => {
    const candidates = new SimulatedCandidates(Array.from({ length: 1_000 }, () => 1));
    const owners = new Set(ownersOf(candidates));
    assert.ok(owners.size > 900, `${owners.size}`);
  });
});
