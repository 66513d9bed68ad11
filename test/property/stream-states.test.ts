// Stateful fuzzing of streams: random interleavings of what clients, endpoints, the table and the clock do to TCP services and passed-through
// TLS. Whatever the order, bytes of one connection never show on another, and the end leaves nothing.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { StreamId } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { renderProxyV1 } from '../../src/wire/proxy-protocol/index.ts';
import { captureHello } from '../behaviour/client-hello.ts';
import { RawClient, startProxy, startUpstream, type TestProxy } from '../behaviour/harness.ts';
import { turns } from '../behaviour/probe.ts';
import { makePatch, makeUpstream, type TableSpec } from '../behaviour/table.ts';
import { actOn, type SideAct } from './sides.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const runs = Number(process.env['FUZZ_RUNS'] ?? 80);

const kinds = ['tcp', 'tcp-header', 'tls'] as const;

type Step =
  | { readonly do: 'connect'; readonly kind: (typeof kinds)[number]; readonly isWhole: boolean }
  | {
      readonly do: 'client' | 'endpoint';
      readonly which: number;
      readonly act: SideAct;
      readonly bytes: number;
    }
  | { readonly do: 'endpoints'; readonly count: number }
  | { readonly do: 'streams'; readonly isThere: boolean }
  | { readonly do: 'sweep'; readonly ms: number };

const act = fc.oneof(
  { weight: 8, arbitrary: fc.constant('send' as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('end' as const, 'reset' as const, 'pause' as const, 'resume' as const),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      kind: fc.constantFrom(...kinds),
      isWhole: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom('client' as const, 'endpoint' as const),
      which: fc.nat(5),
      act,
      bytes: fc.constantFrom(1, 100, 9_000, 70_000, 300_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('endpoints' as const), count: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('streams' as const), isThere: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      ms: fc.constantFrom(300, 6_000, 11_000, 601_000, 4_000_000),
    }),
  },
);

const streams: NonNullable<TableSpec['streams']> = {
  'tcp/1': { upstream: 'web' },
  'tcp/2': { upstream: 'web', wantsProxyHeader: true },
};

class World {
  readonly #t: TestContext;
  readonly #hello: Buffer;
  readonly #clients: RawClient[] = [];
  readonly #endpoints: RawClient[] = [];
  /** What each client sends, over and over: the place of the client as a letter. */
  readonly #letters = new Map<RawClient, string>();
  #ports: number[] = [];
  #version = 1;
  #nowMs = performance.now();
  proxy!: TestProxy;

  constructor(t: TestContext, hello: Buffer) {
    this.#t = t;
    this.#hello = hello;
  }

  async start(): Promise<void> {
    const listen = (): Promise<number> => startUpstream(this.#t, (each) => this.#endpoints.push(each));
    this.#ports = [await listen(), await listen()];
    this.proxy = await startProxy(
      this.#t,
      {
        hosts: { 'p.test': [{ upstream: 'web' }] },
        upstreams: { web: this.#ports },
        passthrough: { 'p.test': { upstream: 'web' } },
        streams,
      },
      { listen: { httpsPort: anyPort }, streams: { passesTls: true } },
    );
    this.proxy.worker.core.deadlines.stop();
  }

  async run(each: Step): Promise<void> {
    const { worker } = this.proxy;
    switch (each.do) {
      case 'connect':
        await this.#connect(each.kind, each.isWhole);
        break;
      case 'client':
      case 'endpoint':
        this.#perform(each);
        break;
      case 'endpoints':
        this.#version += 1;
        worker.apply({
          ...makePatch({ hosts: {} }, this.#version),
          upstreams: { set: [makeUpstream('web', this.#ports.slice(0, each.count))], removed: [] },
        });
        break;
      case 'streams': {
        this.#version += 1;
        const ids = Object.keys(streams) as StreamId[];
        const patch = makePatch({ hosts: {}, ...(each.isThere ? { streams } : {}) }, this.#version);
        worker.apply(each.isThere ? patch : { ...patch, streams: { set: [], removed: ids } });
        await worker.streamListeners.settled();
        break;
      }
      case 'sweep':
        this.#nowMs = Math.max(this.#nowMs, performance.now()) + each.ms;
        worker.core.deadlines.sweep(this.#nowMs);
    }
    await turns(2);
    const { core } = worker;
    assert.ok(core.deadlines.size >= worker.streams.size, 'a connection is not timed');
    this.#assertUnmixed();
  }

  /** `isWhole`: all that the proxy reads itself is sent. */
  async #connect(kind: (typeof kinds)[number], isWhole: boolean): Promise<void> {
    const { tlsPort, worker } = this.proxy;
    const port = kind === 'tls' ? tlsPort : worker.streamListeners.portOf(kind === 'tcp' ? 'tcp/1' : 'tcp/2');
    if (port === 0) return;
    // It may be reset before it knows that it was accepted: there may be no endpoint.
    const client = await RawClient.open(this.#t, port).catch(() => null);
    if (client === null) return;
    this.#letters.set(client, String.fromCharCode(0x61 + (this.#clients.length % 26)));
    this.#clients.push(client);
    const end = { address: '192.0.2.1', port: 1 };
    const preface = { tcp: '', 'tcp-header': renderProxyV1(end, end), tls: this.#hello.toString('latin1') }[
      kind
    ];
    client.send(isWhole ? preface : preface.slice(0, 20));
  }

  #perform({ do: side, which, act: what, bytes }: Extract<Step, { act: string }>): void {
    const sides = side === 'client' ? this.#clients : this.#endpoints;
    const open = sides.filter(({ socket }) => !socket.destroyed);
    const one = open[which % Math.max(open.length, 1)];
    if (one === undefined) return;
    actOn(one, what, () => (this.#letters.get(one) ?? 'Z').repeat(bytes));
  }

  /** Behind a hello, what an endpoint gets is of one client; what a client gets is of endpoints. */
  #assertUnmixed(): void {
    const hello = this.#hello.toString('latin1');
    for (const { received } of this.#endpoints) {
      const body = received.startsWith(hello) ? received.slice(hello.length) : received;
      assert.match(body.slice(0, 1) + body.slice(-1), /^(?:([a-z])\1)?$/, 'bytes of two clients');
      assert.ok(body === '' || body === (body[0] ?? '').repeat(body.length), 'bytes of two clients');
    }
    for (const { received } of this.#clients) assert.ok(received === 'Z'.repeat(received.length));
  }

  async finish(): Promise<void> {
    const { core, streams: open, streamListeners } = this.proxy.worker;
    for (const one of [...this.#clients, ...this.#endpoints]) one.socket.destroy();
    await turns(10);
    for (let hours = 0; hours < 3; hours += 1) {
      this.#nowMs += 4_000_000;
      core.deadlines.sweep(this.#nowMs);
      await turns(3);
    }
    streamListeners.close();
    assert.equal(open.size, 0, 'streams');
    for (const { active } of open.counters.values()) assert.equal(active, 0, 'streams counted');
    assert.equal(core.pool.lookupSet('test/web:80')?.active, 0, 'load of the endpoints');
    assert.equal(core.deadlines.size, 0, 'timed entries');
    assert.equal(core.counters.bugs, 0, 'exceptions');
    await this.proxy.worker.close();
  }
}

test('any order of events leaves no stream behind, and mixes none', { timeout: 110_000 }, async (t) => {
  t.diagnostic(`seed ${seed}, ${runs} runs`);
  const hello = await captureHello({ servername: 'p.test' });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
      const world = new World(t, hello);
      await world.start();
      for (const each of [{ do: 'connect', kind: 'tcp', isWhole: true } as const, ...steps])
        await world.run(each);
      await world.finish();
    }),
    { seed, numRuns: runs, endOnFailure: true },
  );
});
