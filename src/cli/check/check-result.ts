// CheckResult: what `check` found, as its outputs render it; and the choice of what is told.
import type { Report } from '../../controller/index.ts';
import { matchesLabels, type KubeObject, type LabelSelector } from '../../kube/index.ts';
import { refKey } from '../../model/index.ts';
import { refOf } from '../../sources/index.ts';
import type { AnnotationUse } from './annotation-uses.ts';

export interface CheckResult {
  readonly objectCount: number;
  readonly ignoredKinds: ReadonlyMap<string, number>;
  readonly reports: readonly Report[];
  /** Null: they were not asked for. */
  readonly annotations: readonly AnnotationUse[] | null;
}

export const severities = ['error', 'warning', 'info'] as const;

export function countOf(reports: readonly Report[], severity: Report['severity']): number {
  return reports.filter((report) => report.severity === severity).length;
}

/** How many there are of each code, the most frequent first. */
export function countCodes(reports: readonly Report[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { code } of reports) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

/** Exit code 1 is for findings of the severity and those above it. */
export function isFailure(
  reports: readonly Report[],
  failOn: 'error' | 'warning' | 'info' | 'never',
): boolean {
  if (failOn === 'never') return false;
  const counting = severities.slice(0, severities.indexOf(failOn) + 1);
  return reports.some(({ severity }) => counting.includes(severity));
}

export interface Choice {
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Null: all. */
  readonly selector: LabelSelector | null;
}

/** Whether an object is told of. What is wrong with a file as a whole is always told. */
export function makeChooser(
  { namespaces, selector }: Choice,
  objects: readonly KubeObject[],
): (object: Report['object']) => boolean {
  if (namespaces.length === 0 && selector === null) return () => true;
  const chosen = new Set(
    objects
      .filter(({ metadata }) => namespaces.length === 0 || namespaces.includes(metadata.namespace ?? ''))
      .filter(({ metadata }) => selector === null || matchesLabels(selector, metadata.labels ?? {}))
      .map((object) => refKey(refOf(object))),
  );
  const known = new Set(objects.map((object) => refKey(refOf(object))));
  return (object) => {
    if (object === null || chosen.has(refKey(object))) return true;
    // An object that could not be taken has no labels; its namespace is known.
    const isInside = namespaces.length === 0 || namespaces.includes(object.namespace ?? '');
    return !known.has(refKey(object)) && isInside;
  };
}
