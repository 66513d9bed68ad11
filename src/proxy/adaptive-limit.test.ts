// The adaptive limit against a simulated endpoint, with a clock that the test moves: a queue with so many servers, each busy with a request
// for so long, and clients that always have more requests than are let in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { EndpointMeter } from './endpoint-meter.ts';

const settings = { isOn: true, min: 4, max: 1_000, tolerancePercent: 50 };

class SimulatedServer {
  nowMs = 0;
  /** Requests that are worked on at once, how long for each, and how many clients there are. */
  servers = 40;
  serviceMs = 20;
  clients = 1_000;
  readonly meter = new EndpointMeter();
  served = 0;
  latencyMs = 0;
  #queue: { startedMs: number; leftMs: number }[] = [];

  constructor(part: Partial<typeof settings> = {}) {
    this.meter.limit = new AdaptiveLimit({ ...settings, ...part }, () => 0.5);
  }

  get limit(): number {
    return this.meter.limit?.value ?? 0;
  }

  /** Milliseconds, one after the other. */
  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 1) {
      while (!this.meter.isFull && this.meter.waiting < this.clients) {
        this.meter.begin();
        this.#queue.push({ startedMs: this.nowMs, leftMs: this.serviceMs });
      }
      for (const request of this.#queue.slice(0, this.servers)) request.leftMs -= 1;
      const done = this.#queue.filter(({ leftMs }) => leftMs <= 0);
      this.#queue = this.#queue.filter(({ leftMs }) => leftMs > 0);
      for (const { startedMs } of done) {
        this.served += 1;
        this.latencyMs = this.nowMs + 1 - startedMs;
        this.meter.answer(200, this.latencyMs, this.nowMs + 1);
      }
    }
  }

  /** Requests in a second. */
  rate(): number {
    const before = this.served;
    this.run(1_000);
    return this.served - before;
  }
}

describe('adaptive limit', () => {
  it('begins low, and grows to what the endpoint can do at once and little more', () => {
    const server = new SimulatedServer();
    assert.equal(server.limit, 4);
    server.run(20_000);
    assert.ok(server.limit >= 40 && server.limit <= 100, `${server.limit}`);
    // All servers are busy: 40 requests in 20 ms.
    assert.ok(server.rate() >= 1_900);
    assert.ok(server.latencyMs <= 50, `${server.latencyMs}`);
  });

  it('falls when answers take longer under load, and recovers when they do not', () => {
    const server = new SimulatedServer();
    server.run(20_000);
    const before = server.limit;
    server.servers = 8;
    server.run(5_000);
    assert.ok(server.limit < before / 2, `${server.limit} of ${before}`);
    assert.ok(server.limit >= 8);
    server.servers = 40;
    server.run(10_000);
    assert.ok(server.limit >= 40, `${server.limit}`);
  });

  it('takes an endpoint that is slower for good as it is, after it was measured anew', () => {
    const server = new SimulatedServer();
    server.run(20_000);
    server.serviceMs = 200;
    server.run(4_000);
    assert.ok(server.limit <= 8, `${server.limit}`);
    server.run(120_000);
    assert.ok(server.limit >= 40, `${server.limit}`);
    const before = server.served;
    server.run(20_000);
    // 40 requests in 200 ms would be 4,000.
    assert.ok(server.served - before >= 3_000, `${server.served - before}`);
  });

  it('does not creep: with clients without end the limit stays where it is', () => {
    const server = new SimulatedServer();
    server.run(30_000);
    const early = server.limit;
    server.run(600_000);
    assert.ok(server.limit <= early * 1.5, `${early}, then ${server.limit}`);
    assert.ok(server.rate() >= 1_800);
  });

  it('does not grow while nobody needs it', () => {
    const server = new SimulatedServer();
    server.clients = 6;
    server.run(60_000);
    assert.ok(server.limit <= 25, `${server.limit}`);
  });

  it('keeps to its bounds', () => {
    const narrow = new SimulatedServer({ min: 10, max: 12 });
    narrow.run(20_000);
    assert.equal(narrow.limit, 12);
    narrow.servers = 1;
    for (let second = 0; second < 20; second += 1) {
      narrow.run(1_000);
      assert.ok(narrow.limit >= 10 && narrow.limit <= 12, `${narrow.limit}`);
    }
    // Bounds that contradict each other: the lower one holds.
    const odd = new SimulatedServer({ min: 10, max: 2 });
    odd.run(5_000);
    assert.equal(odd.limit, 10);
  });

  it('never lets nothing through, whatever answers, errors and clients that leave there are', () => {
    const event = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant('answer'), ms: fc.integer({ min: 0, max: 1_000 }) }),
      },
      fc.record({ kind: fc.constantFrom('error', 'time-out', 'leave'), ms: fc.nat(60_000) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 400 }), fc.integer({ min: 1, max: 5 }), (events, min) => {
        const meter = new EndpointMeter();
        meter.limit = new AdaptiveLimit({ ...settings, min }, Math.random);
        let nowMs = 0;
        for (const { kind, ms } of events) {
          while (!meter.isFull) meter.begin();
          assert.ok(meter.waiting >= min);
          nowMs += ms;
          if (kind === 'answer') meter.answer(200, ms, nowMs);
          else if (kind === 'error') meter.answer(503, ms, nowMs);
          else if (kind === 'time-out') meter.fail(ms, nowMs);
          else meter.abandon();
          assert.ok(meter.limit.value >= min && meter.limit.value <= 1_000);
        }
        while (meter.waiting > 0) meter.abandon();
        assert.equal(meter.isFull, false);
      }),
    );
  });
});
