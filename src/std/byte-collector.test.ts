import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteCollector } from './byte-collector.ts';

describe('ByteCollector', () => {
  it('gives back what came, in order, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 }), (pieces) => {
        const collector = new ByteCollector();
        for (const piece of pieces) collector.add(piece);
        const expected = Buffer.concat(pieces);
        assert.equal(collector.length, expected.length);
        assert.ok(collector.bytes().equals(expected));
      }),
    );
  });

  it('keeps no trace of how many pieces there were', () => {
    const collector = new ByteCollector();
    const piece = Buffer.from('x');
    for (let count = 0; count < 1_000_000; count += 1) collector.add(piece);
    assert.equal(collector.length, 1_000_000);
    assert.ok(collector.capacity <= 2_000_000);
  });

  it('copies: a piece may be used again by who gave it', () => {
    const collector = new ByteCollector();
    const piece = Buffer.from('ab');
    collector.add(piece);
    piece.fill('z');
    assert.equal(collector.bytes().toString(), 'ab');
  });
});
