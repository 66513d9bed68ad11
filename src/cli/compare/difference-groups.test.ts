// Groups of differences: counts, samples, and that nothing grows with what is counted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DifferenceGroups, type Sample } from './difference-groups.ts';
import { differenceBit } from './outcome.ts';

function add(groups: DifferenceGroups, ingress: string, url = '/'): { described: number } {
  const count = { described: 0 };
  const key = { oldIngress: ingress, newIngress: ingress, differences: differenceBit('route'), quirks: [] };
  const describe = (): Omit<Sample, 'url'> => {
    count.described += 1;
    return { line: 1, method: 'GET', old: 'old', new: 'new' };
  };
  groups.add(key, { url: () => url, describe });
  return count;
}

describe('groups of differences', () => {
  it('are counted, the largest first, with different samples', () => {
    const groups = new DifferenceGroups(2);
    add(groups, 'a/one');
    for (const url of ['/x', '/x', '/y', '/z']) add(groups, 'a/two', url);
    assert.deepEqual(
      groups
        .sorted()
        .map(({ oldIngress, count, samples }) => [oldIngress, count, samples.map(({ url }) => url)]),
      [
        ['a/two', 4, ['/x', '/y']],
        ['a/one', 1, ['/']],
      ],
    );
    assert.equal(groups.count, 5);
  });

  it('ask only for samples that are kept', () => {
    const groups = new DifferenceGroups(1);
    assert.equal(add(groups, 'a/one', '/x').described, 1);
    assert.equal(add(groups, 'a/one', '/x').described, 0);
    assert.equal(add(groups, 'a/one', '/y').described, 0);
  });

  it('are bounded: small ones are counted together, and the sum stays', () => {
    const groups = new DifferenceGroups(1, 8);
    for (let index = 0; index < 100; index += 1) {
      add(groups, 'a/large');
      add(groups, `a/small-${index}`);
    }
    const sorted = groups.sorted();
    assert.ok(sorted.length <= 8);
    assert.deepEqual([sorted[0]?.oldIngress, sorted[0]?.count], ['a/large', 100]);
    assert.equal(
      sorted.reduce((sum, { count }) => sum + count, groups.others),
      200,
    );
  });

  it('keep short texts of long requests', () => {
    const groups = new DifferenceGroups(1);
    add(groups, 'a/one', `/${'x'.repeat(60_000)}`);
    assert.ok((groups.sorted()[0]?.samples[0]?.url.length ?? 0) < 500);
  });
});
