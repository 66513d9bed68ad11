// The choice of a side: weights come out as they are written, over several workers too; and who goes before them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../model/index.ts';
import { seededRandom } from './balancing/simulated-endpoints.fixture.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { Exchange } from './exchange.ts';
import { LiveCanary } from './live-canary.ts';

const plain: Canary = {
  id: 'ingress/shop/canary/rule/0/path/0',
  upstream: 'shop/next:80',
  header: { kind: 'switch', name: 'x-canary' },
  cookie: '',
  weight: 0,
  total: 100,
  policies: {},
};

interface SideParts {
  readonly endpoints?: number;
  readonly isBound?: boolean;
  readonly random?: () => number;
}

/** As much of a route as the choice looks at. */
function sideOf({ endpoints = 1, isBound = false, random = () => 0.5 }: SideParts = {}): CompiledRoute {
  const upstream = { eligible: Array.from({ length: endpoints }), random };
  return { upstream, choice: { isBound: () => isBound } } as unknown as CompiledRoute;
}

function requestWith(fields = ''): Exchange {
  return { head: { fields } } as unknown as Exchange;
}

/** Requests of 10,000 that one worker sends to the canary. */
function count(part: Partial<Canary>, seed: number): number {
  const main = sideOf();
  const canary = sideOf({ random: seededRandom(seed) });
  const live = new LiveCanary({ ...plain, ...part }, canary);
  let taken = 0;
  for (let i = 0; i < 10_000; i += 1) if (live.choose(requestWith(), main) === canary) taken += 1;
  return taken;
}

describe('the weight', () => {
  it('is the share of each worker and of all of them, by chi-square', () => {
    for (const [weight, total] of [
      [1, 100],
      [10, 100],
      [50, 100],
      [100, 200],
      [333, 1_000],
      [999, 1_000],
    ] as const) {
      let sum = 0;
      for (const seed of [1, 2, 3, 4]) {
        const taken = count({ weight, total }, seed);
        sum += taken;
        assert.ok(
          chiSquare(taken, 10_000, weight / total) < 10.83,
          `${taken} of 10000, wanted ${weight} of ${total}`,
        );
      }
      assert.ok(
        chiSquare(sum, 40_000, weight / total) < 10.83,
        `${sum} of 40000, wanted ${weight} of ${total}`,
      );
    }
  });

  it('is never drawn at 0, and always at the total and above', () => {
    assert.equal(count({ weight: 0 }, 5), 0);
    assert.equal(count({ weight: 100 }, 5), 10_000);
    assert.equal(count({ weight: 1_000, total: 1_000 }, 5), 10_000);
    assert.equal(count({ weight: 5_000, total: 1_000 }, 5), 10_000);
  });
});

/** Of one degree of freedom; 10.83 is exceeded by chance once in a thousand times. */
function chiSquare(taken: number, count: number, share: number): number {
  const [wanted, other] = [count * share, count * (1 - share)];
  return (taken - wanted) ** 2 / wanted + (count - taken - other) ** 2 / other;
}

describe('before the weight', () => {
  it('nobody goes to a canary without endpoints, and all stay where the main side has none', () => {
    const main = sideOf();
    const always = requestWith('X-Canary: always\r\n');
    const everything = { ...plain, weight: 100 };
    assert.equal(new LiveCanary(everything, sideOf({ endpoints: 0 })).choose(always, main), main);
    const empty = sideOf({ endpoints: 0 });
    assert.equal(new LiveCanary(everything, sideOf()).choose(always, empty), empty);
  });

  it('a session of the main side, then one of the canary, then what the request says', () => {
    const [always, never] = [requestWith('X-Canary: always\r\n'), requestWith('X-Canary: never\r\n')];
    const bound = sideOf({ isBound: true });
    const [main, canary] = [sideOf(), sideOf()];
    assert.equal(
      new LiveCanary({ ...plain, weight: 100 }, sideOf({ isBound: true })).choose(always, bound),
      bound,
    );
    assert.equal(new LiveCanary(plain, bound).choose(never, main), bound);
    assert.equal(new LiveCanary(plain, canary).choose(always, main), canary);
    assert.equal(new LiveCanary({ ...plain, weight: 100 }, canary).choose(never, main), main);
  });
});
