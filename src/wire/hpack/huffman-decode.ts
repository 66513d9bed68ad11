// Reads strings in the Huffman code (RFC 7541 5.2) by table: one look at the next twelve bits gives one or two bytes, because most bytes of
// fields have codes of five to seven bits. Longer codes are found by comparing with the first code of each length.
import {
  endOfString,
  firstCodes,
  firstPlaces,
  maxCodeBits,
  minCodeBits,
  codeBits,
  codes,
  symbolsByCode,
} from './huffman-code.ts';

const windowBits = 12;
const windowMask = (1 << windowBits) - 1;

/**
 * By the next twelve bits: the first byte, the second byte (<< 8), the bits that they take (<< 16) and how many bytes they are (<< 24).
 * 0: the code is longer.
 */
const window = new Int32Array(1 << windowBits);
/** The first code that does not fit into the window. */
const minLongBits = windowBits + 1;

function fillWindow(): void {
  const single = new Int16Array(1 << windowBits).fill(-1);
  for (let symbol = 0; symbol < endOfString; symbol += 1) {
    const rest = windowBits - (codeBits[symbol] as number);
    if (rest < 0) continue;
    const first = (codes[symbol] as number) << rest;
    single.fill(symbol, first, first + (1 << rest));
  }
  for (let bits = 0; bits <= windowMask; bits += 1) {
    const first = single[bits] as number;
    if (first < 0) continue;
    const firstBits = codeBits[first] as number;
    const second = single[(bits << firstBits) & windowMask] as number;
    const bothBits = firstBits + (second < 0 ? windowBits : (codeBits[second] as number));
    window[bits] =
      bothBits <= windowBits
        ? first | (second << 8) | (bothBits << 16) | (2 << 24)
        : first | (firstBits << 16) | (1 << 24);
  }
}

fillWindow();

/** How many bytes `target` must have room for; the decoder may write one more than it reports. */
export function maxDecodedBytes(encodedBytes: number): number {
  return Math.floor((encodedBytes * 8) / minCodeBits) + 2;
}

/**
 * Decodes `bytes[start, end)` to the beginning of `target`, which has room for `maxDecodedBytes`. Returns the number of bytes;
 * -1: the padding is longer than seven bits or not all ones, or the end of the string is spelled out.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let at = start;
  let written = 0;
  // The low `bits` bits of `held` are read and not decoded; what is above them is used up.
  let held = 0;
  let bits = 0;
  for (;;) {
    if (bits < windowBits) {
      if (at + 1 < end) {
        held = (held << 16) | ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
        at += 2;
        bits += 16;
      } else if (at < end) {
        held = (held << 8) | (bytes[at] as number);
        at += 1;
        bits += 8;
        if (bits < windowBits) return decodeEnd(held, bits, target, written);
      } else return decodeEnd(held, bits, target, written);
    }
    const entry = window[(held >>> (bits - windowBits)) & windowMask] as number;
    if (entry !== 0) {
      target[written] = entry;
      target[written + 1] = entry >>> 8;
      written += entry >>> 24;
      bits -= (entry >>> 16) & 0xff;
      continue;
    }
    // A long code, or twelve bits that begin none: read again from where it begins, with as many bits as it may have.
    const place = at * 8 - bits;
    const symbol = longSymbol(bytes, place, end);
    if (symbol < 0) return -1;
    target[written] = symbol;
    written += 1;
    const next = place + (codeBits[symbol] as number);
    at = (next + 7) >>> 3;
    bits = at * 8 - next;
    held = bits === 0 ? 0 : (bytes[at - 1] as number);
  }
}

/** The last bits, fewer than the window has: whole codes, then padding. */
function decodeEnd(held: number, bits: number, target: Uint8Array, written: number): number {
  let count = written;
  let left = bits;
  while (left >= minCodeBits) {
    const ones = (1 << (windowBits - left)) - 1;
    const entry = window[((held << (windowBits - left)) | ones) & windowMask] as number;
    if (entry === 0) break;
    const length = codeBits[entry & 0xff] as number;
    if (length > left) break;
    target[count] = entry;
    count += 1;
    left -= length;
  }
  const mask = (1 << left) - 1;
  return left < 8 && (held & mask) === mask ? count : -1;
}

/** The symbol whose code begins at the bit `place` of `bytes` and is longer than the window; -1: none that ends before `end`. */
function longSymbol(bytes: Uint8Array, place: number, end: number): number {
  const from = place >>> 3;
  const shift = place & 7;
  // Up to 37 bits, too many for 32-bit operations: the fifth byte is put in once the first is shifted out.
  let next = 0;
  for (let i = 0; i < 4; i += 1) next = (next << 8) | (from + i < end ? (bytes[from + i] as number) : 0);
  const fifth = from + 4 < end ? (bytes[from + 4] as number) : 0;
  next = (next << shift) | (fifth >>> (8 - shift));
  const available = end * 8 - place;
  for (let length = minLongBits; length <= maxCodeBits && length <= available; length += 1) {
    const offset = (next >>> (32 - length)) - (firstCodes[length] as number);
    const symbolPlace = (firstPlaces[length] as number) + offset;
    if (symbolPlace < (firstPlaces[length + 1] as number)) {
      const symbol = symbolsByCode[symbolPlace] as number;
      return symbol === endOfString ? -1 : symbol;
    }
  }
  return -1;
}
