// Stateful fuzzing of a worker that speaks HTTP/2: random interleavings of frames, upstream bytes, ends and the clock. Whatever the order, the
// end leaves nothing: no connection, no timed entry, no pooled connection, no exception.
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { type RawClient, startProxy, startUpstream, type TestProxy } from '../behaviour/harness.ts';
import {
  type Fields,
  FrameClient,
  frameTypes,
  getFields,
  postFields,
} from '../behaviour/http2/frame-client.ts';
import { turns } from '../behaviour/probe.ts';
import { assertNothingLeft } from './sides.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const runs = Number(process.env['FUZZ_RUNS'] ?? 100);

/** Heads of requests, and whether they end their stream. */
const heads: readonly (readonly [fields: Fields, endsStream: boolean])[] = [
  [getFields(), true],
  [getFields('/', ['te', 'trailers']), true],
  [getFields('/local'), true],
  [postFields(), false],
  [postFields('/local'), false],
  [postFields('/', ['content-length', '5']), false],
  [postFields('/', ['expect', '100-continue']), false],
  [getFields('/', ['content-length', 'x']), true],
  [[[':method', 'HEAD'], ...getFields().slice(1)], true],
  [[[':method', 'CONNECT'], [':protocol', 'websocket'], ...getFields('/').slice(1)], false],
  [[['x', 'y'], ...getFields()], true],
];

const upstreamPieces = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'hello',
  '5\r\nhello\r\n',
  '0\r\nGrpc-Status: 0\r\n\r\n',
  'x\n\n',
  'z'.repeat(200_000),
] as const;

const acts = [
  'open',
  'data',
  'end',
  'trailers',
  'reset',
  'window',
  'ping',
  'settings',
  'upload',
  'pause',
  'resume',
  'garbage',
  'leave',
  'cut',
] as const;

type Step =
  | { readonly do: 'connect'; readonly window: number }
  | {
      readonly do: 'client';
      readonly which: number;
      readonly act: (typeof acts)[number];
      readonly piece: number;
    }
  | {
      readonly do: 'upstream';
      readonly which: number;
      readonly act: 'end' | 'reset' | 'send';
      readonly piece: number;
    }
  | { readonly do: 'sweep'; readonly ms: number }
  | { readonly do: 'drain' };

const which = fc.nat(3);
const piece = fc.nat(999);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('connect' as const), window: fc.constantFrom(0, 65_535) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('client' as const),
      which,
      act: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('open' as const, 'data' as const) },
        { weight: 4, arbitrary: fc.constantFrom(...acts) },
      ),
      piece,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('upstream' as const),
      which,
      act: fc.constantFrom(
        'send' as const,
        'send' as const,
        'send' as const,
        'end' as const,
        'reset' as const,
      ),
      piece,
    }),
  },
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
  readonly #clients: FrameClient[] = [];
  readonly #streams = new Map<FrameClient, number>();
  readonly #upstreams: RawClient[] = [];
  #drained: Promise<void> | null = null;
  /** The clock of the deadlines: it never goes back. */
  #nowMs = performance.now();
  proxy!: TestProxy;

  constructor(t: TestContext) {
    this.#t = t;
  }

  async start(): Promise<void> {
    const port = await startUpstream(this.#t, (each) => this.#upstreams.push(each));
    const routes = [{ path: '/local', status: 404 }, { upstream: 'web' }];
    this.proxy = await startProxy(this.#t, { hosts: { 'a.test': routes }, upstreams: { web: [port] } });
  }

  async run(each: Step): Promise<void> {
    const { worker, port } = this.proxy;
    switch (each.do) {
      case 'connect':
        if (this.#drained === null) {
          this.#clients.push(await FrameClient.open(this.#t, port, [[4, each.window]]));
        }
        break;
      case 'client': {
        const open = this.#clients.filter(({ socket }) => !socket.destroyed && socket.writable);
        const client = open[each.which % Math.max(open.length, 1)];
        if (client !== undefined) this.#perform(client, each.act, each.piece);
        break;
      }
      case 'upstream':
        performUpstream(this.#upstreams, each);
        break;
      case 'sweep':
        this.#sweep(each.ms);
        break;
      case 'drain':
        this.#drained ??= worker.drain(600_000);
    }
    await turns(2);
  }

  #perform(client: FrameClient, act: (typeof acts)[number], chance: number): void {
    const last = this.#streams.get(client) ?? -1;
    // One of the last three streams, open or not.
    const stream = Math.max(1, last - 2 * (chance % 3));
    switch (act) {
      case 'open': {
        const [fields, endsStream] = heads[chance % heads.length] ?? [getFields(), true];
        this.#streams.set(client, last + 2);
        client.headers(last + 2, fields, endsStream);
        break;
      }
      case 'data':
        client.data(stream, 'hello', chance % 5 === 0);
        break;
      case 'end':
        client.data(stream, '', true);
        break;
      case 'trailers':
        client.headers(stream, [['x-sum', '1']], true);
        break;
      case 'reset':
        client.reset(stream);
        break;
      case 'window':
        client.openWindow(chance % 2 === 0 ? 0 : stream, 1 + (chance % 60_000));
        break;
      case 'ping':
        client.ping();
        break;
      case 'settings':
        client.settings([[chance % 2 === 0 ? 4 : 1, [0, 1, 65_535, 1_000_000][chance % 4] ?? 0]]);
        break;
      case 'upload':
        client.data(stream, Buffer.alloc(16_384), chance % 7 === 0);
        break;
      case 'pause':
        client.socket.pause();
        break;
      case 'resume':
        client.socket.resume();
        break;
      case 'garbage':
        client.frame(chance % 12, chance % 256, stream, Buffer.alloc(chance % 40, chance));
        break;
      case 'leave':
        client.frame(frameTypes.goaway, 0, 0, Buffer.alloc(8));
        break;
      case 'cut':
        if (chance % 2 === 0) client.socket.end();
        else client.socket.resetAndDestroy();
    }
  }

  #sweep(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, performance.now()) + ms;
    this.proxy.worker.core.deadlines.sweep(this.#nowMs);
  }

  /** Everybody leaves and time passes: every state has its deadline, so that a few hours end them all (rule V12). */
  async finish(): Promise<void> {
    const { core } = this.proxy.worker;
    for (const client of this.#clients) client.socket.destroy();
    await turns(10);
    for (let hours = 0; hours < 6; hours += 1) {
      this.#sweep(4_000_000);
      await turns(5);
    }
    assertNothingLeft(core);
    await this.#drained;
    await this.proxy.worker.close();
    for (const upstream of this.#upstreams) upstream.socket.destroy();
  }
}

function performUpstream(
  sides: readonly RawClient[],
  { which: index, act, piece: chance }: Extract<Step, { do: 'upstream' }>,
): void {
  const open = sides.filter(({ socket }) => !socket.destroyed);
  const side = open[index % Math.max(open.length, 1)];
  if (side === undefined) return;
  if (act === 'end') side.socket.end();
  else if (act === 'reset') side.socket.resetAndDestroy();
  else if (side.socket.writable && side.socket.writableLength < 1_000_000) {
    side.send(upstreamPieces[chance % upstreamPieces.length] ?? '');
  }
}

test('any order of frames leaves nothing behind', { timeout: 110_000 }, async (t) => {
  t.diagnostic(`seed ${seed}, ${runs} runs`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
      const world = new World(t);
      await world.start();
      for (const each of [{ do: 'connect', window: 65_535 } as const, ...steps]) await world.run(each);
      await world.finish();
    }),
    { seed, numRuns: runs, endOnFailure: true },
  );
});
