// What the controller needs of a translator: the part of translate/'s Translator that it calls, so that tests can stand in for it.
import type { ObjectKey, ObjectRef, Problem, RouteTable, TablePatch } from '../model/index.ts';
import type { ObjectChange } from '../sources/index.ts';

/** The part of translate's Translator that is used here. */
export interface TableTranslator {
  readonly table: RouteTable;
  apply: (
    changes: readonly ObjectChange[],
    nowMs: number,
  ) => { readonly patch: TablePatch | null; readonly problemsChanged: readonly ObjectRef[] };
  problemsOf: (ref: ObjectRef) => readonly Problem[];
  allProblems: () => readonly Problem[];
  /** Whether an Ingress is ours, and why; undefined for one that is not known. */
  ingressStatus: (key: ObjectKey) => { readonly owned: boolean; readonly reason: string } | undefined;
}
