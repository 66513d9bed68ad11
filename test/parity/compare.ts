// What differs between a recorded answer and ours, leaf by leaf, and which of it is wanted (differences.yaml).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parityRoot } from './corpus.ts';

/** In place of a value: there is none. */
export const absent = '<absent>';

export interface Difference {
  /** JSON pointer into the answers of the case, e.g. `/0/body/message`. */
  readonly at: string;
  readonly real: unknown;
  readonly ours: unknown;
}

/** A difference that is known and wanted. */
export interface WantedDifference {
  readonly reason: string;
  readonly at: string;
  /** What we answer there, at or below the pointer. */
  readonly ours: unknown;
}

export function findDifferences(real: unknown, ours: unknown, at = ''): Difference[] {
  if (Array.isArray(real) && Array.isArray(ours)) {
    const length = Math.max(real.length, ours.length);
    return Array.from({ length }, (_, index) =>
      findDifferences(memberOf(real, index), memberOf(ours, index), `${at}/${index}`),
    ).flat();
  }
  if (isObject(real) && isObject(ours)) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(ours)])].sort();
    return keys.flatMap((key) =>
      findDifferences(
        memberOf(real, key),
        memberOf(ours, key),
        `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      ),
    );
  }
  return Object.is(real, ours) ? [] : [{ at, real, ours }];
}

/** As differences.yaml lists them. */
interface ListedReason {
  readonly reason: string;
  readonly differences: readonly {
    readonly at: string;
    readonly ours: unknown;
    readonly cases: readonly string[];
  }[];
}

/** By case. @throws {AssertionError} differences.yaml says too little. */
export function readWantedDifferences(): ReadonlyMap<string, readonly WantedDifference[]> {
  const listed = parse(readFileSync(join(parityRoot, 'differences.yaml'), 'utf8')) as readonly ListedReason[];
  const byCase = new Map<string, WantedDifference[]>();
  for (const { reason, differences } of listed) {
    for (const { at, ours, cases } of differences) {
      const entry = { reason, at, ours };
      assert.ok(reason !== '' && at.startsWith('/') && ours !== undefined, JSON.stringify(entry));
      assert.ok(cases.length > 0, `no case is named: ${JSON.stringify(entry)}`);
      for (const name of cases) byCase.set(name, [...(byCase.get(name) ?? []), entry]);
    }
  }
  return byCase;
}

/** Lines about what differs and is not wanted, and what is wanted and does not differ. */
export function judgeDifferences(
  real: unknown,
  ours: unknown,
  wanted: readonly WantedDifference[],
): readonly string[] {
  const found = findDifferences(real, ours);
  const isCovered = ({ at }: Difference): boolean =>
    wanted.some((entry) => at === entry.at || at.startsWith(`${entry.at}/`));
  const unwanted = found
    .filter((difference) => !isCovered(difference))
    .map((difference) => {
      const { at, real: said, ours: answered } = difference;
      return `${at}: ${JSON.stringify(answered)}, wanted ${JSON.stringify(said)}`;
    });
  return [...unwanted, ...wanted.flatMap((entry) => judgeWanted(entry, found, ours))];
}

function judgeWanted(entry: WantedDifference, found: readonly Difference[], ours: unknown): string[] {
  const differs = found.some(({ at }) => at === entry.at || at.startsWith(`${entry.at}/`));
  if (!differs) return [`${entry.at}: listed in differences.yaml ("${entry.reason}"), but does not differ`];
  const answered = valueAtPointer(ours, entry.at);
  if (findDifferences(entry.ours, answered).length === 0) return [];
  return [
    `${entry.at}: ${JSON.stringify(answered)}, wanted ${JSON.stringify(entry.ours)} as differences.yaml says`,
  ];
}

function valueAtPointer(value: unknown, pointer: string): unknown {
  const segments = pointer.slice(1).split('/');
  return segments.reduce<unknown>(
    (found, segment) => memberOf(found, segment.replaceAll('~1', '/').replaceAll('~0', '~')),
    value,
  );
}

function memberOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return absent;
  return (value as Readonly<Record<string | number, unknown>>)[key];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
