// Whatever the server goes through and however its answers fail, are late, doubled or cut: what a reflector tells ends up as
// what the server has, and nothing that lives is ever told to be gone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiUnavailableError, type ApiWatchFrame } from './api-client.ts';
import { type Fault, refusal, success } from './fake-api-server.fixture.ts';
import { ReflectorBench, things } from './reflector-bench.fixture.ts';

type Step =
  | { readonly kind: 'put' | 'delete'; readonly name: string }
  | { readonly kind: 'pump' | 'advance'; readonly amount: number }
  | { readonly kind: 'compact' | 'bookmark' | 'endWell' | 'breakOff' | 'heal' }
  | { readonly kind: 'repeat'; readonly back: number }
  | { readonly kind: 'fail'; readonly on: 'lists' | 'watches' | 'all'; readonly with: string };

const faults: Readonly<Record<string, () => ReturnType<Fault>>> = {
  away: () => new ApiUnavailableError('away'),
  error: () => refusal(500, 'InternalError'),
  busy: () => refusal(429, 'TooManyRequests', 3_000),
  expired: () => refusal(410, 'Expired'),
  forbidden: () => refusal(403, 'Forbidden'),
  garbage: () => success('<html>'),
};

const name = fc.constantFrom('a', 'b', 'c', 'n/d', 'n/e');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('put', 'delete'), name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pump'), amount: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance'),
      amount: fc.constantFrom(0, 500, 3_000, 40_000, 700_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('compact', 'bookmark', 'endWell', 'breakOff', 'heal'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat'), back: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail'),
      on: fc.constantFrom('lists', 'watches', 'all'),
      with: fc.constantFrom(...Object.keys(faults)),
    }),
  },
);

class History {
  readonly bench: ReflectorBench;
  readonly #sent: ApiWatchFrame[] = [];

  constructor(seed: number) {
    let state = seed;
    const random = (): number => (state = (state * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
    this.bench = new ReflectorBench(null, {}, random);
    const { server, known } = this.bench;
    server.isPrompt = false;
    this.bench.onRemoved = (key) => {
      const uid = known.get(key)?.metadata.uid;
      assert.notEqual(uid, undefined, `"${key}" was removed twice`);
      assert.notEqual(server.get(things, key)?.metadata.uid, uid, `"${key}" lives and was removed`);
    };
    const watch = server.watch.bind(server);
    server.watch = (call, onFrame, onOpen) =>
      watch(
        call,
        (frame) => {
          this.#sent.push(frame);
          onFrame(frame);
        },
        onOpen,
      );
  }

  async take(next: Step): Promise<void> {
    const { server, timing } = this.bench;
    switch (next.kind) {
      case 'put':
        server.put(things, next.name);
        break;
      case 'delete':
        server.delete(things, next.name);
        break;
      case 'pump':
        server.pump(next.amount);
        break;
      case 'advance':
        await timing.advance(next.amount);
        break;
      case 'compact':
        server.compact();
        break;
      case 'bookmark':
        // A bookmark promises that all before it was sent.
        server.pump();
        server.bookmark();
        break;
      case 'repeat': {
        const frame = this.#sent.at(-1 - next.back);
        if (frame !== undefined && frame.type !== 'BOOKMARK') server.send(frame);
        break;
      }
      case 'fail':
        server.faults.push((_call, isWatch) =>
          next.on === 'all' || isWatch === (next.on === 'watches') ? (faults[next.with]?.() ?? null) : null,
        );
        break;
      case 'heal':
        server.faults.length = 0;
        break;
      case 'endWell':
      case 'breakOff':
        server.endWatches(endings[next.kind]());
        break;
    }
  }

  /** All faults end and time passes. */
  async settle(): Promise<void> {
    const { server, timing } = this.bench;
    server.faults.length = 0;
    server.isPrompt = true;
    server.pump();
    await timing.advance(700_000);
  }

  difference(): string[] {
    const { server, known } = this.bench;
    const render = (entries: Iterable<readonly [string, { readonly metadata: object }]>): string[] =>
      [...entries].map(([key, { metadata }]) => `${key} ${JSON.stringify(metadata)}`).sort();
    const actual = render(known);
    const wanted = render(server.all(things));
    return [
      ...actual.filter((line) => !wanted.includes(line)),
      ...wanted.filter((line) => !actual.includes(line)),
    ];
  }
}

const endings: Readonly<Record<'endWell' | 'breakOff', () => Error | undefined>> = {
  endWell: () => undefined,
  breakOff: () => new ApiUnavailableError('broken off'),
};

describe('Reflector, whatever happens', () => {
  it('ends up with what the server has, and never drops what lives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 1e6 }),
        async (steps, seed) => {
          const history = new History(seed);
          try {
            history.bench.server.put(things, 'a');
            await history.bench.start();
            for (const next of steps) {
              await history.take(next);
              await history.bench.timing.settle();
            }
            await history.settle();
            assert.deepEqual(history.difference(), []);
          } finally {
            await history.bench.reflector.stop();
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
