import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiCall, ApiClient, ApiReply } from '../../sources/kube/api-client.ts';
import { LeaderElector } from './leader-elector.ts';
import { microTime, type Lease } from './lease-record.ts';

/** One Lease with optimistic concurrency, and a monotonic clock that all replicas share. */
class FakeServer {
  nowMs = 1_000;
  lease: Lease | null = null;
  readonly holders: string[] = [];
  #revision = 1;

  call(call: ApiCall): ApiReply {
    const reply = (status: number, value: unknown): ApiReply => ({ status, value, retryAfterMs: null });
    if (call.method === 'GET') return this.lease === null ? reply(404, {}) : reply(200, this.lease);
    const body = call.body as Lease;
    if (call.method === 'POST' && this.lease !== null) return reply(409, {});
    const sent = body.metadata.resourceVersion;
    if (call.method === 'PUT' && sent !== this.lease?.metadata.resourceVersion) return reply(409, {});
    this.#revision += 1;
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(this.#revision) } };
    this.holders.push(body.spec.holderIdentity ?? '');
    return reply(call.method === 'POST' ? 201 : 200, this.lease);
  }
}

/** A replica whose rounds and whose access to the server are driven by the test. */
class Replica {
  readonly elector: LeaderElector;
  readonly told: string[] = [];
  isCutOff = false;
  /** Delays of the next answer, as time that passes on everybody's clock. */
  slowMs = 0;
  #next: (() => void) | null = null;

  constructor(server: FakeServer, identity: string) {
    const client: ApiClient = {
      call: async (call) => {
        if (this.isCutOff) throw new Error('connection refused');
        const reply = server.call(call);
        server.nowMs += this.slowMs;
        return reply;
      },
      watch: async () => assert.fail('no watch is wanted'),
    };
    const silent = (): void => {};
    this.elector = new LeaderElector({
      client,
      namespace: 'ingress',
      name: 'leader',
      identity,
      leaseMs: 15_000,
      renewDeadlineMs: 10_000,
      retryMs: 2_000,
      log: { info: silent, warn: silent, error: silent },
      nowMs: () => 1_700_000_000_000 + server.nowMs,
      monotonicMs: () => server.nowMs,
      random: () => 0,
      schedule: (run) => {
        this.#next = run;
        return () => (this.#next = null);
      },
      onStartedLeading: () => this.told.push('started'),
      onStoppedLeading: () => this.told.push('stopped'),
    });
  }

  /** One round to its end. */
  async round(): Promise<void> {
    const next = this.#next ?? (() => this.elector.start());
    this.#next = null;
    next();
    while (this.#next === null) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

test('LeaderElector: the first replica makes the Lease, the second waits', async () => {
  const server = new FakeServer();
  const [a, b] = [new Replica(server, 'a'), new Replica(server, 'b')];
  await a.round();
  await b.round();
  assert.deepEqual([a.elector.isLeading(), b.elector.isLeading()], [true, false]);
  assert.deepEqual(server.lease?.spec, {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: microTime(1_700_000_001_000),
    renewTime: microTime(1_700_000_001_000),
    leaseTransitions: 0,
  });
  assert.equal(b.elector.leader, 'a');
  server.nowMs += 2_000;
  await a.round();
  assert.equal(server.lease?.spec.acquireTime, microTime(1_700_000_001_000), 'a renewal keeps it');
  assert.equal(server.lease?.spec.renewTime, microTime(1_700_000_003_000));
  assert.deepEqual(a.told, ['started']);
});

test('LeaderElector: another takes over a whole lease after the last renewal it saw, and counts the transition', async () => {
  const server = new FakeServer();
  const [a, b] = [new Replica(server, 'a'), new Replica(server, 'b')];
  await a.round();
  await b.round();
  server.nowMs += 14_999;
  await b.round();
  assert.equal(b.elector.isLeading(), false);
  server.nowMs += 1;
  await b.round();
  assert.equal(b.elector.isLeading(), true);
  assert.equal(server.lease?.spec.leaseTransitions, 1);
  assert.equal(a.elector.isLeading(), false, 'its own deadline has passed');
  assert.deepEqual(a.told, ['started', 'stopped']);
});

test('LeaderElector: a leader that cannot renew stops at its deadline, before anybody can take over', async () => {
  const server = new FakeServer();
  const a = new Replica(server, 'a');
  await a.round();
  a.isCutOff = true;
  server.nowMs += 9_999;
  await a.round();
  assert.equal(a.elector.isLeading(), true);
  server.nowMs += 1;
  assert.equal(a.elector.isLeading(), false);
  a.isCutOff = false;
  await a.round();
  assert.deepEqual(a.told, ['started', 'stopped', 'started']);
});

test('LeaderElector: an answer that took longer than the deadline gives no leadership', async () => {
  const server = new FakeServer();
  const a = new Replica(server, 'a');
  a.slowMs = 6_000;
  await a.round();
  assert.equal(a.elector.isLeading(), false);
  assert.deepEqual(a.told, []);
});

test('LeaderElector: a leader that stops gives the Lease up, and the next one need not wait', async () => {
  const server = new FakeServer();
  const [a, b] = [new Replica(server, 'a'), new Replica(server, 'b')];
  await a.round();
  await b.round();
  await a.elector.stop();
  assert.equal(server.lease?.spec.holderIdentity, '');
  assert.equal(server.lease?.spec.leaseDurationSeconds, 1);
  await b.round();
  assert.equal(b.elector.isLeading(), true);
  await a.elector.stop();
  assert.equal(server.lease?.spec.holderIdentity, 'b', 'what is not held is not given up');
});

test('LeaderElector: never two leaders, whatever is cut off, slow or asleep', async () => {
  const step = fc.record({
    who: fc.constantFrom(0, 1, 2),
    passedMs: fc.nat({ max: 12_000 }),
    cutOff: fc.boolean(),
    slowMs: fc.constantFrom(0, 0, 0, 500, 4_000, 9_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const server = new FakeServer();
      const replicas = ['a', 'b', 'c'].map((identity) => new Replica(server, identity));
      for (const { who, passedMs, cutOff, slowMs } of steps) {
        server.nowMs += passedMs;
        const replica = replicas[who];
        assert.ok(replica !== undefined);
        replica.isCutOff = cutOff;
        replica.slowMs = slowMs;
        await replica.round();
        const leaders = replicas.filter(({ elector }) => elector.isLeading());
        assert.ok(leaders.length <= 1, `${leaders.length} leaders at ${server.nowMs}`);
      }
    }),
    { numRuns: 200 },
  );
});
