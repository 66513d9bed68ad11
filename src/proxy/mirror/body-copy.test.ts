// A body is held as what it weighs, in whatever pieces it comes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyCopy, maxBodyBytes } from './body-copy.ts';

function copyIn(
  pieces: readonly Buffer[],
  room = Infinity,
): { held: number; sent: string[]; isDropped: boolean } {
  const seen = { held: 0, sent: [] as string[], isDropped: false };
  const place = {
    hold: (bytes: number) => (seen.held += bytes) <= room,
    drop: () => {
      seen.isDropped = true;
    },
  };
  const copy = new BodyCopy(place, (content) => seen.sent.push(content));
  pieces.forEach((piece, at) => copy.read(piece, at === pieces.length - 1));
  return seen;
}

describe('the body of a copy', () => {
  it('in single bytes is whole, and holds no more than twice of what it has', () => {
    const text = 'ab'.repeat(50_000);
    const { held, sent, isDropped } = copyIn(Array.from(text, (letter) => Buffer.from(letter)));
    assert.deepEqual(sent, [text]);
    assert.equal(isDropped, false);
    assert.ok(held >= text.length && held <= 2 * text.length, `${held} bytes are held`);
  });

  it('is dropped once where there is no room, and where it is too large', () => {
    const large = Array.from({ length: 5 }, () => Buffer.alloc(maxBodyBytes / 4));
    assert.deepEqual(copyIn(large, 500_000).sent, []);
    assert.equal(copyIn(large, 500_000).isDropped, true);
    assert.equal(copyIn(large).isDropped, true);
    assert.equal(copyIn(large.slice(1)).sent[0]?.length, maxBodyBytes);
  });
});
