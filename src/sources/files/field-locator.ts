// FieldLocator: the line of an object's field, found by parsing its file again when somebody asks. So 10,000 files cost no
// syntax trees in memory; the last file asked about is kept parsed, since questions about one file come together.
import type { FileLocation } from '../object-change.ts';
import { findFieldOffset } from './find-field.ts';
import type { Inventory } from './inventory.ts';
import { type ParsedManifest, parseManifest } from './parse-manifest.ts';
import { type ManifestText, readRegularFile } from './read-text.ts';

export class FieldLocator {
  readonly #inventory: Inventory;
  /** Texts that cannot be read again (standard input, pipes), by path. */
  readonly #keptTexts: ReadonlyMap<string, ManifestText>;
  #last: { readonly textHash: string; readonly parsed: ParsedManifest } | null = null;

  constructor(inventory: Inventory, keptTexts: ReadonlyMap<string, ManifestText>) {
    this.#inventory = inventory;
    this.#keptTexts = keptTexts;
  }

  /** By the object's `inventoryKey`. Null: no file has the object. The object's own line when the field is not written or the file has changed since. */
  locate(key: string, field: string): FileLocation | null {
    const served = this.#inventory.lookup(key);
    if (served === null) return null;
    const { file, line, position, textHash } = served;
    if (field === '') return { file, line };
    const parsed = this.#parse(file, textHash);
    const node = parsed?.nodeAt(position) ?? null;
    if (parsed === null || node === null) return { file, line };
    return { file, line: parsed.lineAt(findFieldOffset(node, field)) };
  }

  #parse(file: string, textHash: string): ParsedManifest | null {
    if (this.#last?.textHash === textHash) return this.#last.parsed;
    const text = this.#keptTexts.get(file) ?? readAgain(file);
    if (text === null || text.textHash !== textHash) return null;
    const parsed = parseManifest(text.text);
    this.#last = { textHash, parsed };
    return parsed;
  }
}

function readAgain(file: string): ManifestText | null {
  try {
    return readRegularFile(file);
  } catch {
    // The source itself reports files that cannot be read.
    return null;
  }
}
