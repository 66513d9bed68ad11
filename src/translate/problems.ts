// Problems, collected by the unit that found them and read by the object they are about. A unit hands in its whole list each
// time it is computed; the book knows for which objects that made a difference.
import { isDeepStrictEqual } from 'node:util';
import { refKey, type ObjectRef, type Problem } from '../model/index.ts';
import { compareText } from '../std/compare-text.ts';

/** Name of the unit that found a problem, e.g. `host foo.bar.com`. */
export type ProblemSource = string;

interface RefEntry {
  readonly ref: ObjectRef;
  readonly bySource: Map<ProblemSource, readonly Problem[]>;
}

const longestQuote = 120;

/** A value for a message: quoted, control characters escaped, cut when long. */
export function quoteValue(value: string): string {
  return JSON.stringify(value.length > longestQuote ? `${value.slice(0, longestQuote)}…` : value);
}

/** Every problem of the present state. */
export class ProblemBook {
  readonly #byRef = new Map<string, RefEntry>();
  readonly #refsOfSource = new Map<ProblemSource, ReadonlySet<string>>();
  /** What the objects touched in this step had before it. */
  readonly #before = new Map<string, { readonly ref: ObjectRef; readonly problems: readonly Problem[] }>();

  /** Replaces all that this unit said before. */
  put(source: ProblemSource, problems: readonly Problem[]): void {
    const told = this.#refsOfSource.get(source);
    if (told === undefined && problems.length === 0) return;
    const grouped = Map.groupBy(problems, (problem) => refKey(problem.object));
    for (const text of told ?? []) if (!grouped.has(text)) this.#drop(text, source);
    for (const [text, list] of grouped) this.#set(text, source, list);
    if (grouped.size === 0) this.#refsOfSource.delete(source);
    else this.#refsOfSource.set(source, new Set(grouped.keys()));
  }

  /** Sorted, each problem once. */
  of(ref: ObjectRef): readonly Problem[] {
    const entry = this.#byRef.get(refKey(ref));
    return entry === undefined ? [] : assemble(entry);
  }

  /** Of all objects, sorted by object, then as `of` does. */
  all(): readonly Problem[] {
    return [...this.#byRef].sort(([a], [b]) => compareText(a, b)).flatMap(([, entry]) => assemble(entry));
  }

  /** The objects whose problems are others than at the last call, sorted. */
  takeChanged(): readonly ObjectRef[] {
    const changed: [string, ObjectRef][] = [];
    for (const [text, { ref, problems }] of this.#before) {
      if (!isDeepStrictEqual(this.of(ref), problems)) changed.push([text, ref]);
    }
    this.#before.clear();
    return changed.sort(([a], [b]) => compareText(a, b)).map(([, ref]) => ref);
  }

  #set(text: string, source: ProblemSource, problems: readonly Problem[]): void {
    let entry = this.#byRef.get(text);
    const ref = problems[0]?.object;
    if (ref === undefined) return;
    if (entry === undefined) {
      entry = { ref, bySource: new Map() };
      this.#byRef.set(text, entry);
    } else if (isDeepStrictEqual(entry.bySource.get(source), problems)) return;
    this.#touch(text, entry);
    entry.bySource.set(source, problems);
  }

  #drop(text: string, source: ProblemSource): void {
    const entry = this.#byRef.get(text);
    if (entry === undefined) return;
    this.#touch(text, entry);
    entry.bySource.delete(source);
    if (entry.bySource.size === 0) this.#byRef.delete(text);
  }

  #touch(text: string, entry: RefEntry): void {
    if (!this.#before.has(text)) this.#before.set(text, { ref: entry.ref, problems: assemble(entry) });
  }
}

function assemble(entry: RefEntry): readonly Problem[] {
  return sortProblems([...entry.bySource.values()].flat());
}

/** Of one object: sorted by field and code, each once. */
export function sortProblems(all: readonly Problem[]): readonly Problem[] {
  if (all.length < 2) return all;
  const unique = new Map(all.map((problem) => [sortKey(problem), problem]));
  return [...unique].sort(([a], [b]) => compareText(a, b)).map(([, problem]) => problem);
}

function sortKey({ field, code, severity, message }: Problem): string {
  return [field, code, severity, message].join('\0');
}
