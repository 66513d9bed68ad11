// The dynamic table of an encoder: the ring of a decoder, and a hash over the names in it, so that looking for a field compares a few
// numbers. Entries of one bucket are a list, newest first; the oldest entry of all is therefore always the last of its list.
import { entryOverheadBytes } from './decoder-table.ts';
import { type Latin1, equalsLatin1 } from './latin1.ts';

const bucketCount = 64;
/** How many entries of a bucket are looked at: an upstream with ever new names or values costs no more than that. */
const maxSteps = 12;
const none = -1;

export class EncoderTable {
  readonly #slots: number;
  /** By slot. Empty until the first entry: many connections never have one. */
  #names: string[] = [];
  #values: string[] = [];
  #nameHashes = noNumbers;
  #valueHashes = noNumbers;
  #older = noNumbers;
  #newer = noNumbers;
  /** By hash of the name: the slot of the newest entry. */
  #buckets = noNumbers;
  #head = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  /** Of the newest entry that had the name that was looked for; 0: none. */
  nameAge = 0;

  /** `mostBytes`: the size never rises above it. */
  constructor(mostBytes: number) {
    // A power of two, so that an AND wraps slots.
    this.#slots = 2 ** Math.ceil(Math.log2(Math.max(1, mostBytes / entryOverheadBytes)));
    this.#maxBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  /** The age of the field, 1 for the newest entry; 0: it is not there, but `nameAge` may be. */
  find(name: string, nameHash: number, valueHash: number, value: Latin1, start: number, end: number): number {
    this.nameAge = 0;
    if (this.#count === 0) return 0;
    let slot = this.#buckets[nameHash & (bucketCount - 1)] as number;
    for (let steps = 0; slot !== none && steps < maxSteps; steps += 1) {
      if (this.#nameHashes[slot] === nameHash && this.#names[slot] === name) {
        if (
          this.#valueHashes[slot] === valueHash &&
          equalsLatin1(this.#values[slot] as string, value, start, end)
        ) {
          return this.#ageOf(slot);
        }
        if (this.nameAge === 0) this.nameAge = this.#ageOf(slot);
      }
      slot = this.#older[slot] as number;
    }
    return 0;
  }

  /** The name of an entry: the string that is here already. */
  nameOf(age: number): string {
    return this.#names[(this.#head - age) & (this.#slots - 1)] as string;
  }

  /** An entry that fits. */
  insert(name: string, nameHash: number, value: string, valueHash: number): void {
    const bytes = name.length + value.length + entryOverheadBytes;
    this.#evictTo(this.#maxBytes - bytes);
    if (this.#buckets.length === 0) this.#allocate();
    const slot = this.#head;
    const bucket = nameHash & (bucketCount - 1);
    const older = this.#buckets[bucket] as number;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#nameHashes[slot] = nameHash;
    this.#valueHashes[slot] = valueHash;
    this.#older[slot] = older;
    this.#newer[slot] = none;
    if (older !== none) this.#newer[older] = slot;
    this.#buckets[bucket] = slot;
    this.#head = (slot + 1) & (this.#slots - 1);
    this.#count += 1;
    this.#bytes += bytes;
  }

  #ageOf(slot: number): number {
    return ((this.#head - 1 - slot) & (this.#slots - 1)) + 1;
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#count > 0) {
      const slot = (this.#head - this.#count) & (this.#slots - 1);
      const [name, value] = [this.#names[slot] as string, this.#values[slot] as string];
      this.#bytes -= name.length + value.length + entryOverheadBytes;
      this.#count -= 1;
      this.#names[slot] = '';
      this.#values[slot] = '';
      const newer = this.#newer[slot] as number;
      if (newer === none) this.#buckets[(this.#nameHashes[slot] as number) & (bucketCount - 1)] = none;
      else this.#older[newer] = none;
    }
  }

  #allocate(): void {
    this.#names = Array.from({ length: this.#slots }, () => '');
    this.#values = Array.from({ length: this.#slots }, () => '');
    this.#nameHashes = new Int32Array(this.#slots);
    this.#valueHashes = new Int32Array(this.#slots);
    this.#older = new Int32Array(this.#slots);
    this.#newer = new Int32Array(this.#slots);
    this.#buckets = new Int32Array(bucketCount).fill(none);
  }
}

const noNumbers = new Int32Array(0);
