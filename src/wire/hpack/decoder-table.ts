// The dynamic table of a decoder (RFC 7541 2.3.2): a ring of names and values. It grows with what the peer really puts in, and never beyond
// what its size in bytes allows.

/** What an entry counts beside its name and value (RFC 7541 4.1). */
export const entryOverheadBytes = 32;
const firstSlots = 16;

export class DecoderTable {
  /** Names at `2 * slot`, values behind them; empty where there is no entry, so that nothing old stays in memory. */
  #ring: string[] = [];
  /** Slots are a power of two, so that one AND wraps them. */
  #mask = -1;
  /** The slot of the next entry. */
  #head = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** `age`: 1 for the newest, at most `count`. */
  name(age: number): string {
    return this.#ring[2 * ((this.#head - age) & this.#mask)] as string;
  }

  value(age: number): string {
    return this.#ring[2 * ((this.#head - age) & this.#mask) + 1] as string;
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  /** `bytes`: of the entry, overhead included. One that does not fit at all empties the table (RFC 7541 4.4). */
  insert(name: string, value: string, bytes: number): void {
    this.#evictTo(this.#maxBytes - bytes);
    if (bytes > this.#maxBytes) return;
    if (this.#count > this.#mask) this.#grow();
    const place = 2 * this.#head;
    this.#ring[place] = name;
    this.#ring[place + 1] = value;
    this.#head = (this.#head + 1) & this.#mask;
    this.#count += 1;
    this.#bytes += bytes;
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#count > 0) {
      const place = 2 * ((this.#head - this.#count) & this.#mask);
      const [name, value] = [this.#ring[place] as string, this.#ring[place + 1] as string];
      this.#bytes -= name.length + value.length + entryOverheadBytes;
      this.#ring[place] = '';
      this.#ring[place + 1] = '';
      this.#count -= 1;
    }
  }

  #grow(): void {
    const slots = Math.max(firstSlots, 2 * (this.#mask + 1));
    const ring: string[] = [];
    for (let age = this.#count; age > 0; age -= 1) ring.push(this.name(age), this.value(age));
    while (ring.length < 2 * slots) ring.push('');
    this.#ring = ring;
    this.#mask = slots - 1;
    this.#head = this.#count;
  }
}
