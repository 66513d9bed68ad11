// The dynamic table of an encoder: entries from the oldest to the newest, and lists of those whose names have the same hash, newest first, so
// that looking for a field compares a few numbers. The oldest entry of all is always the last of its list.
import { entryOverheadBytes } from './decoder-table.ts';
import { type Latin1, equalsLatin1 } from './latin1.ts';

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly nameHash: number;
  readonly valueHash: number;
  /** How many entries there have been before. */
  readonly number: number;
  /** In the same list. */
  older: Entry | null;
  newer: Entry | null;
  /** Of all entries. */
  next: Entry | null;
}

const listCount = 32;
/** How many entries of a list are looked at: an upstream with ever new names or values costs no more than that. */
const maxSteps = 12;

export class EncoderTable {
  /** By hash of the name: the newest entry. Null until there was one: many connections never have any. */
  #lists: (Entry | null)[] | null = null;
  #oldest: Entry | null = null;
  #newest: Entry | null = null;
  #inserted = 0;
  #bytes = 0;
  #maxBytes: number;

  /** What `find` saw: the age of the newest entry with the name; 0: there is none. */
  nameAge = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
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

  /** The age of the field with the value `value[start, end)`, 1 for the newest entry; 0: it is not there, but `nameAge` may be. */
  find(name: string, nameHash: number, valueHash: number, value: Latin1, start: number, end: number): number {
    this.nameAge = 0;
    if (this.#lists === null) return 0;
    let entry = this.#lists[nameHash & (listCount - 1)] as Entry | null;
    for (let steps = 0; entry !== null && steps < maxSteps; steps += 1) {
      if (entry.nameHash === nameHash && entry.name === name) {
        const age = this.#inserted - entry.number;
        if (entry.valueHash === valueHash && equalsLatin1(entry.value, value, start, end)) return age;
        if (this.nameAge === 0) this.nameAge = age;
      }
      entry = entry.older;
    }
    return 0;
  }

  /** An entry that fits. */
  insert(name: string, nameHash: number, value: string, valueHash: number): void {
    const bytes = name.length + value.length + entryOverheadBytes;
    this.#evictTo(this.#maxBytes - bytes);
    this.#lists ??= makeLists();
    const list = nameHash & (listCount - 1);
    const older = this.#lists[list] as Entry | null;
    const number = this.#inserted;
    const entry: Entry = { name, value, nameHash, valueHash, number, older, newer: null, next: null };
    if (older !== null) older.newer = entry;
    this.#lists[list] = entry;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.next = entry;
    this.#newest = entry;
    this.#inserted += 1;
    this.#bytes += bytes;
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#oldest !== null) {
      const entry: Entry = this.#oldest;
      this.#bytes -= entry.name.length + entry.value.length + entryOverheadBytes;
      this.#oldest = entry.next;
      if (this.#oldest === null) this.#newest = null;
      if (entry.newer !== null) entry.newer.older = null;
      else if (this.#lists !== null) this.#lists[entry.nameHash & (listCount - 1)] = null;
    }
  }
}

function makeLists(): (Entry | null)[] {
  const lists: (Entry | null)[] = [];
  for (let i = 0; i < listCount; i += 1) lists.push(null);
  return lists;
}
