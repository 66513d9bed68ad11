// Bounds on copies under way: of one Ingress, and of all, whoever they are of; and all of it comes back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthCore } from '../external-auth/auth-core.ts';
import { MirrorDesk, type MirrorPlace } from './mirror-desk.ts';

const mebibyte = 1_048_576;

/** Nothing is sent in these tests. */
function makeDesk(): MirrorDesk {
  return new MirrorDesk({} as AuthCore);
}

function places(desk: MirrorDesk, count: number, ownerOf: (at: number) => string): (MirrorPlace | null)[] {
  return Array.from({ length: count }, (_, at) => desk.take(ownerOf(at)));
}

function countPlaces(list: readonly (MirrorPlace | null)[]): number {
  return list.filter((place) => place !== null).length;
}

describe('places for copies', () => {
  it('are 100 for one Ingress, and no less for another', () => {
    const desk = makeDesk();
    const taken = places(desk, 120, () => 'shop/web');
    assert.equal(countPlaces(taken), 100);
    assert.equal(desk.counters.dropped, 20);
    assert.notEqual(desk.take('shop/other'), null);
    taken[0]?.drop();
    assert.notEqual(desk.take('shop/web'), null);
    assert.equal(desk.take('shop/web'), null);
  });

  it('are 1000 for all', () => {
    const desk = makeDesk();
    const taken = places(desk, 2_000, (at) => `shop/${at % 50}`);
    assert.equal(countPlaces(taken), 1_000);
    for (const place of taken) place?.drop();
    assert.equal(countPlaces(places(desk, 1_000, (at) => `other/${at}`)), 1_000);
  });

  it('hold 8 MiB for one Ingress and 64 MiB for all, and give them back', () => {
    const desk = makeDesk();
    const held = (owner: string): number => {
      let count = 0;
      while (count < 20 && desk.take(owner)?.hold(mebibyte) === true) count += 1;
      return count;
    };
    const first = desk.take('shop/0');
    assert.equal(first?.hold(2 * mebibyte), true);
    assert.equal(held('shop/0'), 6);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((at) => held(`shop/${at}`)),
      [8, 8, 8, 8, 8, 8, 8, 0],
    );
    first?.drop();
    assert.equal(held('shop/9'), 2);
    assert.equal(held('shop/0'), 0);
  });
});
