// A fast 32-bit hash of text (MurmurHash3 over UTF-16 units): the same value in every process and on every machine. It is no
// protection against somebody who looks for collisions; use it where a collision costs nothing but evenness.

const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;

function mixBlock(hash: number, block: number): number {
  let k = Math.imul(block, c1);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, c2);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Spreads every bit of a number over all 32. */
export function mixNumber(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 0 to 2^32 - 1. */
export function hashText(text: string, seed = 0): number {
  let hash = seed | 0;
  const even = text.length & ~1;
  for (let i = 0; i < even; i += 2)
    hash = mixBlock(hash, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (even < text.length) hash = mixBlock(hash, text.charCodeAt(even));
  return mixNumber(hash ^ text.length);
}
