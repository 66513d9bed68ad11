// Choosing a free value of a range. Where the search begins follows from a text, so that one object gets one value again and again,
// and different objects spread over the range. The low end is for values that are asked for by name, and used last.
import type { TakenNumbers } from './used-values.ts';

export interface ValueRange {
  readonly first: number;
  readonly last: number;
  /** How many values at the low end are used only when all others are. */
  readonly reserved: number;
}

/** A value of the range that is not used, or null. */
export function chooseFree(range: ValueRange, used: TakenNumbers, seed: string): number | null {
  const open = range.first + Math.min(range.reserved, range.last - range.first);
  return searchFrom(open, range.last, used, seed) ?? searchFrom(range.first, open - 1, used, seed);
}

function searchFrom(first: number, last: number, used: TakenNumbers, seed: string): number | null {
  const size = last - first + 1;
  if (size <= 0) return null;
  const start = hashText(seed) % size;
  // Among size values at most used.size are taken.
  const tries = Math.min(size, used.size + 1);
  for (let step = 0; step < tries; step += 1) {
    const value = first + ((start + step) % size);
    if (!used.has(value)) return value;
  }
  return null;
}

/** FNV-1a with a last mix, 32 bits: spreads, and protects nothing. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
