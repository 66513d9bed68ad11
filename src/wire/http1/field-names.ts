// The field names that a codec recognises, in an open-addressed table looked up straight from the received bytes: no string is
// made for a name. Names are compared folded (lower case, `_` and `.` as `-`, rule X3), so an alias of a known name is found too.
import { FOLDED_DOT, FOLDED_UNDERSCORE, tokenFold } from './bytes.ts';

/** A name that nobody registered. */
export const FIELD_UNKNOWN = 0;
/** A name whose line is not passed on. */
export const FIELD_DROP = 1;
/** An alias of a framing field: refused. */
export const FIELD_FRAMING_ALIAS = 2;
/** First number that a codec may give to names of its own. */
export const FIELD_FIRST_OWN = 3;

export interface FieldNamesOptions {
  /** Lower-case name and its number. */
  readonly names: ReadonlyMap<string, number>;
  /** Lower-case beginnings of names that are dropped, e.g. `x-forwarded-`; only those starting with `x` or `s`. */
  readonly dropPrefixes: readonly string[];
  /** Numbers whose aliases are refused instead of dropped. */
  readonly framing: readonly number[];
  /** What to do with unregistered names that hold `_`. */
  readonly underscores: 'drop' | 'keep';
}

const slots = 1024;
const flagBits = FOLDED_DOT | FOLDED_UNDERSCORE;

/** Four bytes of a name choose its slot. A client can make names share a slot, which costs one failed comparison each. */
function slotOf(length: number, first: number, middle: number, last: number): number {
  return (length * 67 + first * 5 + middle * 41 + last * 13) & (slots - 1);
}

/** A name as it compares: names that read the same to an upstream that folds `_` and `.` are equal (rule X3). Empty for what is no token. */
export function foldText(name: string): string {
  let folded = '';
  for (let i = 0; i < name.length; i += 1) {
    folded += String.fromCharCode((tokenFold[name.charCodeAt(i)] ?? 0) & 0xff);
  }
  return folded;
}

/** Casts in here: indexes stay inside their arrays by construction (bytes, and `slots` is a power of two). */
export class FieldNames {
  readonly #table = new Uint16Array(slots);
  readonly #names: string[] = [''];
  readonly #ids: number[] = [FIELD_UNKNOWN];
  readonly #aliasIds: number[] = [FIELD_UNKNOWN];
  readonly #prefixes: readonly string[];
  readonly #dropUnderscores: boolean;

  constructor(options: FieldNamesOptions) {
    this.#prefixes = options.dropPrefixes;
    this.#dropUnderscores = options.underscores === 'drop';
    for (const [name, id] of options.names) {
      this.#add(foldText(name), id, options.framing.includes(id) ? FIELD_FRAMING_ALIAS : FIELD_DROP);
    }
  }

  #add(folded: string, id: number, aliasId: number): void {
    if (folded === '') return;
    const last = folded.length - 1;
    let slot = slotOf(
      folded.length,
      folded.charCodeAt(0),
      folded.charCodeAt(folded.length >> 1),
      folded.charCodeAt(last),
    );
    while (this.#table[slot] !== 0) {
      if (this.#names[this.#table[slot] as number] === folded) return;
      slot = (slot + 1) & (slots - 1);
    }
    this.#table[slot] = this.#names.length;
    this.#names.push(folded);
    this.#ids.push(id);
    this.#aliasIds.push(aliasId);
  }

  /**
   * The number of the name in `buffer[start, end)`, all token bytes, not empty. `flags` are the flag bits of `tokenFold`
   * over the name.
   */
  lookup(buffer: Buffer, start: number, end: number, flags: number): number {
    const length = end - start;
    const first = (tokenFold[buffer[start] as number] as number) & 0xff;
    const middle = (tokenFold[buffer[start + (length >> 1)] as number] as number) & 0xff;
    const last = (tokenFold[buffer[end - 1] as number] as number) & 0xff;
    let slot = slotOf(length, first, middle, last);
    for (let entry = this.#table[slot] as number; entry !== 0; entry = this.#table[slot] as number) {
      const name = this.#names[entry] as string;
      if (name.length === length && startsWith(buffer, start, name)) {
        return ((flags & flagBits) === 0 ? this.#ids[entry] : this.#aliasIds[entry]) as number;
      }
      slot = (slot + 1) & (slots - 1);
    }
    // 'x' and 's': the only letters that a dropped prefix begins with.
    if ((first === 0x78 || first === 0x73) && this.#hasDroppedPrefix(buffer, start, length))
      return FIELD_DROP;
    return (flags & FOLDED_UNDERSCORE) !== 0 && this.#dropUnderscores ? FIELD_DROP : FIELD_UNKNOWN;
  }

  #hasDroppedPrefix(buffer: Buffer, start: number, length: number): boolean {
    for (let i = 0; i < this.#prefixes.length; i += 1) {
      const prefix = this.#prefixes[i] as string;
      if (length >= prefix.length && startsWith(buffer, start, prefix)) return true;
    }
    return false;
  }
}

function startsWith(buffer: Buffer, start: number, folded: string): boolean {
  for (let i = 0; i < folded.length; i += 1) {
    if (((tokenFold[buffer[start + i] as number] as number) & 0xff) !== folded.charCodeAt(i)) return false;
  }
  return true;
}
