// Sets of byte values: the classes of the pattern language. ASCII only: bytes from 0x80 on are letters to nobody.
import type { ByteSet } from './syntax.ts';

const upperA = 65;
const lowerA = 97;
const letters = 26;

export function byteSet(...ranges: readonly (readonly [number, number])[]): ByteSet {
  const set = new Uint8Array(256);
  for (const [from, to] of ranges) set.fill(1, from, to + 1);
  return set;
}

export function negateSet(set: ByteSet): ByteSet {
  return set.map((held) => 1 - held);
}

export function addSet(target: ByteSet, added: ByteSet): void {
  for (let code = 0; code < 256; code += 1) if (added[code] === 1) target[code] = 1;
}

/** Adds the other case of every ASCII letter held. */
export function foldCase(set: ByteSet): void {
  for (let index = 0; index < letters; index += 1) {
    const held = set[upperA + index] === 1 || set[lowerA + index] === 1 ? 1 : 0;
    set[upperA + index] = held;
    set[lowerA + index] = held;
  }
}

/** The other case of an ASCII letter, or -1 for anything else. */
export function otherCase(code: number): number {
  if (code >= upperA && code < upperA + letters) return code + 32;
  if (code >= lowerA && code < lowerA + letters) return code - 32;
  return -1;
}

const digit = byteSet([0x30, 0x39]);
const word = byteSet([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const space = byteSet([0x09, 0x0d], [0x20, 0x20]);

/** Word bytes as `\w` and `\b` see them: letters, digits and `_`. */
export const wordBytes: ByteSet = word;

/** `.`: everything but a line feed, as in PCRE. */
export const anyBytes: ByteSet = negateSet(byteSet([0x0a, 0x0a]));

/** `\d \w \s \D \W \S`. */
export const escapeSets: ReadonlyMap<string, ByteSet> = new Map([
  ['d', digit],
  ['w', word],
  ['s', space],
  ['D', negateSet(digit)],
  ['W', negateSet(word)],
  ['S', negateSet(space)],
]);

/** `[:alpha:]` and its kin, by name, in the C locale. */
export const posixSets: ReadonlyMap<string, ByteSet> = new Map([
  ['alpha', byteSet([0x41, 0x5a], [0x61, 0x7a])],
  ['digit', digit],
  ['alnum', byteSet([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a])],
  ['upper', byteSet([0x41, 0x5a])],
  ['lower', byteSet([0x61, 0x7a])],
  ['word', word],
  ['space', space],
  ['blank', byteSet([0x09, 0x09], [0x20, 0x20])],
  ['punct', byteSet([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e])],
  ['xdigit', byteSet([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])],
  ['cntrl', byteSet([0x00, 0x1f], [0x7f, 0x7f])],
  ['graph', byteSet([0x21, 0x7e])],
  ['print', byteSet([0x20, 0x7e])],
  ['ascii', byteSet([0x00, 0x7f])],
]);
