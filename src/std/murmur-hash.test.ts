// The hash is fixed: workers, replicas and later versions must agree on who serves a key.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashText } from './murmur-hash.ts';

describe('hashText', () => {
  it('is the same for ever', () => {
    const texts = ['', 'a', 'ab', '10.0.0.1:8080', '/item/1?x=2'];
    assert.deepEqual(
      texts.map((text) => hashText(text)),
      [0, 721651713, 3780547604, 1150270408, 12163115],
    );
  });

  it('tells every part of a text', () => {
    const hashes = new Set(['ab', 'ba', 'a', 'aa', 'aaa', 'a\u0000', 'b'].map((text) => hashText(text)));
    assert.equal(hashes.size, 7);
    assert.notEqual(hashText('a', 1), hashText('a', 2));
  });

  it('spreads similar texts over all bits', () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (let i = 0; i < 16_000; i += 1) {
      const bucket = hashText(`10.0.0.${i}`) >>> 28;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) assert.ok(count > 850 && count < 1_150, `${count}`);
  });
});
