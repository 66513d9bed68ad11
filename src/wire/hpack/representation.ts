// How fields stand in a block (RFC 7541 5 and 6): writes integers, names and values. Callers have made sure that there is room.
import { type Latin1, writeLatin1 } from './latin1.ts';

/** Of an integer of 32 bits, behind any prefix. */
export const maxIntegerBytes = 6;

/** The high bits of the first byte, and the mask of the integer in its low bits. */
interface Representation {
  readonly first: number;
  readonly mask: number;
}

export const representation = {
  indexed: { first: 0x80, mask: 0x7f },
  inserted: { first: 0x40, mask: 0x3f },
  plain: { first: 0x00, mask: 0x0f },
  /** Never to be indexed, not by anybody behind us either. */
  secret: { first: 0x10, mask: 0x0f },
  sizeUpdate: { first: 0x20, mask: 0x1f },
  text: { first: 0x00, mask: 0x7f },
} as const satisfies Record<string, Representation>;

/** Returns where the next byte goes, as all here do. */
export function writeInteger(target: Buffer, at: number, kind: Representation, value: number): number {
  if (value < kind.mask) {
    target[at] = kind.first | value;
    return at + 1;
  }
  target[at] = kind.first | kind.mask;
  let next = at + 1;
  let rest = value - kind.mask;
  while (rest >= 0x80) {
    target[next] = 0x80 | (rest & 0x7f);
    next += 1;
    rest >>>= 7;
  }
  target[next] = rest;
  return next + 1;
}

/** `nameIndex`: 0 where no table has the name. */
export function writeName(
  target: Buffer,
  at: number,
  kind: Representation,
  nameIndex: number,
  name: string,
): number {
  const next = writeInteger(target, at, kind, nameIndex);
  return nameIndex > 0 ? next : writeText(target, next, name, 0, name.length);
}

export function writeText(target: Buffer, at: number, text: Latin1, start: number, end: number): number {
  const next = writeInteger(target, at, representation.text, end - start);
  writeLatin1(target, next, text, start, end);
  return next + end - start;
}
