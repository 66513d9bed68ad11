// Stateful fuzzing of a whole worker: random interleavings of what clients, upstreams, the table and the clock do. Whatever the order, the
// end leaves nothing: no connection, no timed entry, no pooled connection, no exception.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TestContext } from 'node:test';
import { defaultUpstreamSettings, type UpstreamSettings } from '../../src/model/index.ts';
import { RawClient, startProxy, startUpstream, type TestProxy } from '../behaviour/harness.ts';
import { turns } from '../behaviour/probe.ts';
import { makePatch, makeUpstream } from '../behaviour/table.ts';
import { actOn, assertNothingLeft, type SideAct } from './sides.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const runs = Number(process.env['FUZZ_RUNS'] ?? 150);

/** What a client may say, whole or in part; pieces of different requests follow each other as chance has it. */
const clientPieces = [
  'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'GET /gone HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'GET /none HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n',
  'POST /gone HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'GET / HT',
  'TP/1.1\r\nHost: a.test\r\n',
  '\r\n',
  'hello',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'x\n\n',
  'y'.repeat(70_000),
] as const;

/** What an upstream may say, asked or not. */
const upstreamPieces = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'HTTP/1.1 2',
  'hello',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'x\n\n',
  'z'.repeat(200_000),
] as const;

const { outliers, adaptiveLimit } = defaultUpstreamSettings;

/** What the Service says of its endpoints. */
const boundsOf = {
  none: defaultUpstreamSettings,
  fixed: { ...defaultUpstreamSettings, maxActive: 1, maxWaiting: 2 },
  adaptive: {
    ...defaultUpstreamSettings,
    maxWaiting: 2,
    outliers: { ...outliers, isOn: true, minEndpoints: 2, minRequests: 1, deviations: 0.5 },
    adaptiveLimit: { ...adaptiveLimit, isOn: true, min: 1 },
  },
} as const satisfies Record<string, UpstreamSettings>;

type Step =
  | { readonly do: 'connect' }
  | {
      readonly do: 'client' | 'upstream';
      readonly which: number;
      readonly act: SideAct;
      readonly piece: number;
    }
  | { readonly do: 'endpoints'; readonly count: number; readonly bounds: keyof typeof boundsOf }
  | { readonly do: 'route'; readonly toGone: boolean }
  | { readonly do: 'remove' }
  | { readonly do: 'sweep'; readonly ms: number }
  | { readonly do: 'drain' };

const act = fc.oneof(
  { weight: 8, arbitrary: fc.constant('send' as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('end' as const, 'reset' as const, 'pause' as const, 'resume' as const),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'connect' } as const) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom('client' as const, 'upstream' as const),
      which: fc.nat(3),
      act,
      piece: fc.nat(999),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('endpoints' as const),
      count: fc.nat(2),
      bounds: fc.constantFrom('none' as const, 'fixed' as const, 'adaptive' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('route' as const), toGone: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'remove' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      ms: fc.constantFrom(300, 1_500, 6_000, 31_000, 61_000, 4_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'drain' } as const) },
);

class World {
  readonly #t: TestContext;
  readonly #clients: RawClient[] = [];
  readonly #upstreams: RawClient[] = [];
  #ports: number[] = [];
  #version = 1;
  #drained: Promise<void> | null = null;
  /** The clock of the deadlines: it never goes back. */
  #nowMs = performance.now();
  proxy!: TestProxy;

  constructor(t: TestContext) {
    this.#t = t;
  }

  async start(): Promise<void> {
    const listen = (): Promise<number> => startUpstream(this.#t, (each) => this.#upstreams.push(each));
    this.#ports = [await listen(), await listen()];
    this.proxy = await startProxy(this.#t, this.#table(this.#ports, false));
  }

  #table(ports: readonly number[], isGone: boolean): Parameters<typeof makePatch>[0] {
    const root = isGone ? { path: '/', status: 404 } : { path: '/', upstream: 'web' };
    return {
      hosts: { 'a.test': [{ path: '/gone', status: 404 }, { path: '/none', upstream: 'none' }, root] },
      upstreams: { web: ports, none: [] },
    };
  }

  #setUpstream(ports: readonly number[], settings: UpstreamSettings): void {
    this.#version += 1;
    const upstream = { ...makeUpstream('web', ports), settings };
    const patch = makePatch({ hosts: {} }, this.#version);
    this.proxy.worker.apply({ ...patch, upstreams: { set: [upstream], removed: [] } });
  }

  async run(each: Step): Promise<void> {
    const { worker } = this.proxy;
    switch (each.do) {
      case 'connect':
        if (this.#drained === null) this.#clients.push(await RawClient.open(this.#t, this.proxy.port));
        break;
      case 'client':
        perform(this.#clients, each, clientPieces);
        break;
      case 'upstream':
        perform(this.#upstreams, each, upstreamPieces);
        break;
      case 'endpoints':
        this.#setUpstream(this.#ports.slice(0, each.count), boundsOf[each.bounds]);
        break;
      case 'route':
        this.#version += 1;
        worker.apply(makePatch(this.#table(this.#ports, each.toGone), this.#version));
        break;
      case 'remove':
        this.#version += 1;
        worker.apply({ ...makePatch({ hosts: {} }, this.#version), hosts: { set: [], removed: ['a.test'] } });
        break;
      case 'sweep':
        this.#nowMs = Math.max(this.#nowMs, performance.now()) + each.ms;
        worker.core.deadlines.sweep(this.#nowMs);
        break;
      case 'drain':
        this.#drained ??= worker.drain(600_000);
    }
    await turns(each.do === 'connect' ? 3 : 2);
  }

  /**
   * Everybody leaves and time passes. A client that was not being read, or whose tunnel has half-closed, is not missed at
   * once, and a pool keeps what is idle; but every state has its deadline, so that a few hours end them all (rule V12).
   */
  async finish(): Promise<void> {
    const { core } = this.proxy.worker;
    for (const client of this.#clients) client.socket.destroy();
    await turns(10);
    for (let hours = 0; hours < 6; hours += 1) {
      this.#nowMs += 4_000_000;
      core.deadlines.sweep(this.#nowMs);
      await turns(3);
    }
    this.#assertNobodyCounts();
    // Comparing success rates is a timed entry as long as it is wanted.
    this.#setUpstream(this.#ports, defaultUpstreamSettings);
    assertNothingLeft(core);
    await this.#drained;
    await this.proxy.worker.close();
    for (const upstream of this.#upstreams) upstream.socket.destroy();
  }

  /** What is under way at endpoints, waits for one, or is measured there. */
  #assertNobodyCounts(): void {
    const set = this.proxy.worker.core.pool.lookupSet('test/web:80');
    if (set === undefined) return;
    assert.deepEqual([set.active, set.queue.size], [0, 0], 'requests at the upstream');
    for (const { active, meter } of set.eligible) assert.deepEqual([active, meter?.waiting ?? 0], [0, 0]);
  }
}

function perform(
  sides: readonly RawClient[],
  { which, act: what, piece }: Extract<Step, { do: 'client' | 'upstream' }>,
  pieces: readonly string[],
): void {
  const open = sides.filter(({ socket }) => !socket.destroyed);
  const side = open[which % Math.max(open.length, 1)];
  if (side === undefined) return;
  actOn(side, what, () => pieces[piece % pieces.length] ?? '');
}

/** Rule V12: whoever is open is either timed itself, or waits for another that is. */
function assertTimed(proxy: TestProxy): void {
  const { core } = proxy.worker;
  assert.ok(core.deadlines.size >= core.counters.active, 'a connection is not timed');
}

test('any order of events leaves nothing behind', { timeout: 110_000 }, async (t) => {
  t.diagnostic(`seed ${seed}, ${runs} runs`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
      const world = new World(t);
      await world.start();
      for (const each of [{ do: 'connect' } as const, ...steps]) {
        await world.run(each);
        assertTimed(world.proxy);
      }
      await world.finish();
    }),
    { seed, numRuns: runs, endOnFailure: true },
  );
});
