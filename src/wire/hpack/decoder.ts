// Reads header blocks (RFC 7541 3 and 6). Whatever a peer sends, a block costs time in proportion to its bytes, and memory in proportion to
// the limits: fields of the tables are strings that are there already, and literals that nobody may keep are never made into strings.
import { DecoderTable, entryOverheadBytes } from './decoder-table.ts';
import { decodeHuffman, maxDecodedBytes } from './huffman-decode.ts';
import { staticEntryCount, staticFields } from './static-table.ts';

export interface HpackLimits {
  readonly maxFields: number;
  /** RFC 9113 6.5.2: names and values, and 32 bytes each. */
  readonly maxListBytes: number;
}

/** `too-many`: beyond a limit, only the fields before that were appended. `error`: the connection ends with COMPRESSION_ERROR. */
export type HpackResult = 'ok' | 'too-many' | 'error';

/** What is wrong with a block. */
export type HpackDefect =
  | 'block-cut-off'
  | 'huffman-code'
  | 'index-unknown'
  | 'integer-too-long'
  | 'size-update-above-setting'
  | 'size-update-behind-field'
  | 'size-update-missing';

/** Behind the prefix of an integer: 28 bits are more than any block has bytes. */
const maxContinuationBytes = 4;

/** The decoded bytes of one string at a time. Decoding never waits, so that one serves all connections. */
const sharedScratch = Buffer.allocUnsafeSlow(16_384);

export class HpackDecoder {
  readonly #table: DecoderTable;
  /** What our settings allow, as far as the peer has acknowledged them. */
  #settingBytes: number;
  /** The next block must begin with an update to at most this; -1: it need not. */
  #owedUpdateBytes = -1;
  #defect: HpackDefect | null = null;
  /** Where reading goes on. */
  #at = 0;
  /** The field that was read last. */
  #name = '';
  #value = '';
  /** Its size; name and value are empty where it is too large for anybody to keep. */
  #fieldBytes = 0;
  /** Decoded length of the string that was read last, also where it was not made. */
  #textBytes = 0;

  /** `maxTableBytes`: SETTINGS_HEADER_TABLE_SIZE as both sides hold it when the connection begins; HTTP/2 says 4096. */
  constructor(maxTableBytes: number) {
    this.#table = new DecoderTable(maxTableBytes);
    this.#settingBytes = maxTableBytes;
  }

  /** Why `decode` said `error`. */
  get defect(): HpackDefect | null {
    return this.#defect;
  }

  /** What the dynamic table holds, by RFC 7541 4.1. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /** When the peer has acknowledged another SETTINGS_HEADER_TABLE_SIZE of ours. */
  setMaxTableBytes(maxTableBytes: number): void {
    this.#settingBytes = maxTableBytes;
    const boundBytes = this.#owedUpdateBytes < 0 ? this.#table.maxBytes : this.#owedUpdateBytes;
    if (maxTableBytes < boundBytes) this.#owedUpdateBytes = maxTableBytes;
  }

  /**
   * Appends the names and values of a whole block, `bytes[start, end)`, by turns to `fields`: latin1, a character for each byte.
   * After an error every block is one, because the tables of the two sides differ.
   */
  decode(bytes: Buffer, start: number, end: number, fields: string[], limits: HpackLimits): HpackResult {
    if (this.#defect !== null) return 'error';
    this.#at = start;
    if (!this.#readSizeUpdates(bytes, end)) return 'error';
    let fieldCount = 0;
    let listBytes = 0;
    let isOver = false;
    while (this.#at < end) {
      const first = bytes[this.#at] as number;
      const isRead =
        first >= 0x80
          ? this.#readIndexed(bytes, end)
          : this.#readLiteral(bytes, end, first, isOver ? 0 : limits.maxListBytes);
      if (!isRead) return 'error';
      fieldCount += 1;
      listBytes += this.#fieldBytes;
      isOver ||= fieldCount > limits.maxFields || listBytes > limits.maxListBytes;
      if (!isOver) fields.push(this.#name, this.#value);
    }
    this.#name = '';
    this.#value = '';
    return isOver ? 'too-many' : 'ok';
  }

  /** Updates stand before the first field (RFC 7541 4.2). */
  #readSizeUpdates(bytes: Buffer, end: number): boolean {
    while (this.#at < end) {
      if (((bytes[this.#at] as number) & 0xe0) !== 0x20) {
        return this.#owedUpdateBytes < 0 || this.#fail('size-update-missing');
      }
      const sizeBytes = this.#readInteger(bytes, end, 0x1f);
      if (sizeBytes < 0) return false;
      if (sizeBytes > this.#settingBytes) return this.#fail('size-update-above-setting');
      if (this.#owedUpdateBytes >= 0) {
        // The setting was lowered and raised since the last block: the lower one comes first.
        if (sizeBytes > this.#owedUpdateBytes) return this.#fail('size-update-missing');
        this.#owedUpdateBytes = -1;
      }
      this.#table.setMaxBytes(sizeBytes);
    }
    return true;
  }

  #readIndexed(bytes: Buffer, end: number): boolean {
    const index = this.#readInteger(bytes, end, 0x7f);
    if (index < 0) return false;
    if (index === 0 || !this.#takeName(index)) return this.#fail('index-unknown');
    const age = index - staticEntryCount;
    this.#value = age > 0 ? this.#table.value(age) : (staticFields[2 * index + 1] as string);
    this.#fieldBytes = this.#name.length + this.#value.length + entryOverheadBytes;
    return true;
  }

  /** False: no entry has this index. */
  #takeName(index: number): boolean {
    const age = index - staticEntryCount;
    if (age > this.#table.count) return false;
    this.#name = age > 0 ? this.#table.name(age) : (staticFields[2 * index] as string);
    return true;
  }

  /** `maxListBytes`: no field that is larger will be appended. */
  #readLiteral(bytes: Buffer, end: number, first: number, maxListBytes: number): boolean {
    const isIndexed = first >= 0x40;
    if (!isIndexed && first >= 0x20) return this.#fail('size-update-behind-field');
    const index = this.#readInteger(bytes, end, isIndexed ? 0x3f : 0x0f);
    if (index < 0) return false;
    const maxTextBytes = isIndexed ? Math.max(maxListBytes, this.#table.maxBytes) : maxListBytes;
    if (index === 0) {
      const name = this.#readText(bytes, end, maxTextBytes);
      if (name === null) return false;
      this.#name = name;
      this.#fieldBytes = this.#textBytes;
    } else {
      if (!this.#takeName(index)) return this.#fail('index-unknown');
      this.#fieldBytes = this.#name.length;
    }
    const value = this.#readText(bytes, end, maxTextBytes - this.#fieldBytes);
    if (value === null) return false;
    this.#value = value;
    this.#fieldBytes += this.#textBytes + entryOverheadBytes;
    if (isIndexed) this.#table.insert(this.#name, value, this.#fieldBytes);
    return true;
  }

  /** RFC 7541 5.2. Longer than `maxTextBytes`: empty, with its length in `#textBytes`. Null: there was a defect. */
  #readText(bytes: Buffer, end: number, maxTextBytes: number): string | null {
    if (this.#at >= end) return this.#cutOff();
    const isHuffman = (bytes[this.#at] as number) >= 0x80;
    const length = this.#readInteger(bytes, end, 0x7f);
    if (length < 0) return null;
    const from = this.#at;
    const to = from + length;
    if (to > end) return this.#cutOff();
    this.#at = to;
    if (isHuffman) return this.#decodeText(bytes, from, to, maxTextBytes);
    this.#textBytes = length;
    return length > maxTextBytes ? '' : bytes.toString('latin1', from, to);
  }

  #decodeText(bytes: Buffer, from: number, to: number, maxTextBytes: number): string | null {
    const scratchBytes = maxDecodedBytes(to - from);
    const scratch =
      scratchBytes <= sharedScratch.length ? sharedScratch : Buffer.allocUnsafeSlow(scratchBytes);
    this.#textBytes = decodeHuffman(bytes, from, to, scratch);
    if (this.#textBytes < 0) {
      this.#defect = 'huffman-code';
      return null;
    }
    return this.#textBytes > maxTextBytes ? '' : scratch.toString('latin1', 0, this.#textBytes);
  }

  /** RFC 7541 5.1, with the prefix under `mask` in the byte at `#at`. -1: there was a defect. */
  #readInteger(bytes: Buffer, end: number, mask: number): number {
    const prefix = (bytes[this.#at] as number) & mask;
    this.#at += 1;
    if (prefix < mask) return prefix;
    let value = mask;
    for (let i = 0; i < maxContinuationBytes; i += 1) {
      if (this.#at >= end) {
        this.#cutOff();
        return -1;
      }
      const byte = bytes[this.#at] as number;
      this.#at += 1;
      value += (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    this.#fail('integer-too-long');
    return -1;
  }

  #fail(defect: HpackDefect): false {
    this.#defect = defect;
    return false;
  }

  #cutOff(): null {
    this.#defect = 'block-cut-off';
    return null;
  }
}
