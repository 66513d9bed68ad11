// QuirkBlame: on which quirks a request depends that goes another way without them all. Each quirk is taken out alone, then put in alone;
// the tables for it are made when the first request asks.
import { quirkDeclarations, type QuirkName } from '../../features/index.ts';
import type { RouteTable } from '../../model/index.ts';
import type { Fingerprints } from './fingerprint.ts';
import { type ComparedRequest, RequestComparer } from './request-comparer.ts';
import { TableSide } from './table-side.ts';

export interface BlameTables {
  /** With all quirks but this one. */
  readonly without: (quirk: QuirkName) => RouteTable;
  /** With this one alone. */
  readonly only: (quirk: QuirkName) => RouteTable;
}

interface Suspect {
  readonly quirk: QuirkName;
  readonly comparer: RequestComparer;
}

export class QuirkBlame {
  readonly #tables: BlameTables;
  readonly #fingerprints: Fingerprints;
  readonly #old: TableSide;
  readonly #new: TableSide;
  #takenOut: readonly Suspect[] | null = null;
  #putIn: readonly Suspect[] | null = null;

  /** `old`: with all quirks; `next`: without any. */
  constructor(old: TableSide, next: TableSide, fingerprints: Fingerprints, tables: BlameTables) {
    this.#old = old;
    this.#new = next;
    this.#fingerprints = fingerprints;
    this.#tables = tables;
  }

  /** In the order of the reference page. Empty: only several together make the difference. */
  blame(request: ComparedRequest): readonly QuirkName[] {
    this.#takenOut ??= this.#suspects(this.#old, this.#tables.without);
    const needed = guilty(this.#takenOut, request);
    if (needed.length > 0) return needed;
    this.#putIn ??= this.#suspects(this.#new, this.#tables.only);
    return guilty(this.#putIn, request);
  }

  #suspects(base: TableSide, tableWith: (quirk: QuirkName) => RouteTable): readonly Suspect[] {
    return quirkDeclarations.map(({ name }) => {
      const side = new TableSide(tableWith(name), this.#fingerprints);
      return { quirk: name, comparer: new RequestComparer(base, side) };
    });
  }
}

function guilty(suspects: readonly Suspect[], request: ComparedRequest): readonly QuirkName[] {
  return suspects.filter(({ comparer }) => comparer.compare(request) !== 0).map(({ quirk }) => quirk);
}
