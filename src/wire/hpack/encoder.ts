// Writes header blocks (RFC 7541 6) into a buffer of the caller: fields of the tables as indexes, others as literals. It looks nothing up for
// values that change with every response, and puts only what comes again into the dynamic table (see indexing.ts).
import { entryOverheadBytes } from './decoder-table.ts';
import { EncoderTable } from './encoder-table.ts';
import { type Indexing, type KnownName, knownNames, unknownHash, unknownName } from './indexing.ts';
import { type Latin1, copyLatin1, equalsLatin1, sampleHash } from './latin1.ts';
import { staticEntryCount } from './static-table.ts';
import { maxIntegerBytes, representation, writeInteger, writeName, writeText } from './representation.ts';

/** The size that every connection of HTTP/2 begins with (RFC 9113 6.5.2). */
const protocolTableBytes = 4_096;
/** An entry beyond this would push most others out. */
const maxEntryShare = 0.5;
const sightingCount = 64;
/** Below this a cookie is a secret that could be guessed; nghttp2 draws the line at the same place. */
const minSafeCookieBytes = 20;

/** Room that `begin` may need. */
export const maxSizeUpdatesBytes: number = 2 * maxIntegerBytes;

/** Room that a field may need. */
export function maxFieldBytes(nameBytes: number, valueBytes: number): number {
  return nameBytes + valueBytes + 3 * maxIntegerBytes;
}

export class HpackEncoder {
  readonly #table: EncoderTable;
  readonly #mostTableBytes: number;
  /** The smallest size since the last block; -1: the peer knows the size. */
  #leastOwedBytes = -1;
  /** By hash of the name: that hash, and the one of the value that came last and is not in the table. */
  #sightings: number[] | null = null;

  /** `mostTableBytes`: what the table may cost us, however much the peer offers. */
  constructor(mostTableBytes: number) {
    this.#table = new EncoderTable(mostTableBytes);
    this.#mostTableBytes = mostTableBytes;
    if (mostTableBytes < protocolTableBytes) this.#leastOwedBytes = mostTableBytes;
    else this.#table.setMaxBytes(protocolTableBytes);
  }

  /** What the dynamic table holds, by RFC 7541 4.1. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block tells it what we make of that. */
  setMaxTableBytes(peerBytes: number): void {
    const bytes = Math.min(peerBytes, this.#mostTableBytes);
    if (bytes === this.#table.maxBytes) return;
    this.#table.setMaxBytes(bytes);
    this.#leastOwedBytes = this.#leastOwedBytes < 0 ? bytes : Math.min(this.#leastOwedBytes, bytes);
  }

  /**
   * Before the first field of each block. Like every method that writes, it returns where the next one goes on in `target`; -1: there is
   * not enough room from `at` on, and nothing has changed. What was written must be sent, because the table goes with it.
   */
  begin(target: Buffer, at: number): number {
    if (this.#leastOwedBytes < 0) return at;
    if (at + maxSizeUpdatesBytes > target.length) return -1;
    const [leastBytes, bytes] = [this.#leastOwedBytes, this.#table.maxBytes];
    this.#leastOwedBytes = -1;
    const next = leastBytes < bytes ? writeInteger(target, at, representation.sizeUpdate, leastBytes) : at;
    return writeInteger(target, next, representation.sizeUpdate, bytes);
  }

  /** A field whose value is `value[start, end)`; latin1, the name in lower case. */
  encodeString(
    target: Buffer,
    at: number,
    name: string,
    value: string,
    start = 0,
    end = value.length,
  ): number {
    return this.#encode(target, at, name, value, start, end);
  }

  /** The same, with the value in `bytes[start, end)`. */
  encodeBytes(target: Buffer, at: number, name: string, bytes: Buffer, start: number, end: number): number {
    return this.#encode(target, at, name, bytes, start, end);
  }

  #encode(target: Buffer, at: number, name: string, value: Latin1, start: number, end: number): number {
    if (at + maxFieldBytes(name.length, end - start) > target.length) return -1;
    const known = knownNames.get(name) ?? unknownName;
    const { staticIndex, staticValues } = known;
    for (let i = 0; i < staticValues.length; i += 1) {
      if (equalsLatin1(staticValues[i] as string, value, start, end)) {
        return writeInteger(target, at, representation.indexed, staticIndex + i);
      }
    }
    const indexing = indexingOf(known, end - start);
    if (indexing === 'never' || indexing === 'secret') {
      const kind = indexing === 'secret' ? representation.secret : representation.plain;
      return writeText(target, writeName(target, at, kind, staticIndex, name), value, start, end);
    }
    const nameHash = known === unknownName ? unknownHash(name) : known.hash;
    const valueHash = sampleHash(value, start, end);
    const age = this.#table.find(name, nameHash, valueHash, value, start, end);
    if (age > 0) return writeInteger(target, at, representation.indexed, staticEntryCount + age);
    const isWorth = indexing === 'at-once' || this.#isRepeated(nameHash, valueHash, staticIndex);
    const entryBytes = name.length + end - start + entryOverheadBytes;
    const isInserted = isWorth && entryBytes <= this.#table.maxBytes * maxEntryShare;
    const { nameAge } = this.#table;
    const nameIndex = staticIndex > 0 || nameAge === 0 ? staticIndex : staticEntryCount + nameAge;
    const kind = isInserted ? representation.inserted : representation.plain;
    const valueAt = writeName(target, at, kind, nameIndex, name);
    const next = writeText(target, valueAt, value, start, end);
    if (isInserted) {
      // Strings of the caller may be slices that hold a whole head in memory.
      const ownName = known === unknownName ? copyLatin1(name, 0, name.length) : known.name;
      this.#table.insert(ownName, nameHash, copyLatin1(value, start, end), valueHash);
    }
    return next;
  }

  /** Whether a field of which nothing is known is worth an entry: it comes again, or its name does and has no index yet. */
  #isRepeated(nameHash: number, valueHash: number, staticIndex: number): boolean {
    this.#sightings ??= Array<number>(2 * sightingCount).fill(0);
    const place = 2 * (nameHash & (sightingCount - 1));
    const isNameRepeated = this.#sightings[place] === nameHash;
    const isValueRepeated = isNameRepeated && this.#sightings[place + 1] === valueHash;
    this.#sightings[place] = nameHash;
    this.#sightings[place + 1] = valueHash;
    return isValueRepeated || (isNameRepeated && staticIndex === 0 && this.#table.nameAge === 0);
  }
}

function indexingOf(known: KnownName, valueBytes: number): Indexing {
  if (known.indexing !== 'secret-when-short') return known.indexing;
  return valueBytes < minSafeCookieBytes ? 'secret' : 'repeated';
}
