// What tests of `sallyport compare` share: running it, and reading what it tells.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { runCompare } from '../../src/cli/compare.ts';
import { type Captured, runCaptured } from './run-captured.ts';

export interface Group {
  readonly oldIngress: string | null;
  readonly newIngress: string | null;
  readonly differences: readonly string[];
  readonly quirks: readonly string[];
  readonly count: number;
  readonly samples: readonly { readonly line: number; readonly url: string; readonly old: string }[];
}

/** The members of the JSON form that the tests look at. */
export interface Told {
  readonly lines: number;
  readonly leftOut: { readonly notUnderstood: number; readonly tooLong: number; readonly firstLine: number };
  readonly compared: number;
  readonly unplaced: number;
  readonly otherRule: number;
  readonly notAsLogged: number;
  readonly firstNotAsLogged: number;
  readonly differ: number;
  readonly notes: readonly string[];
  readonly groups: readonly Group[];
  readonly others: number;
}

export const golden: string = resolve(import.meta.dirname, '../golden/quirks');

export function run(words: readonly string[], stdin = ''): Promise<Captured> {
  return runCaptured(runCompare, words, stdin);
}

export async function told(words: readonly string[], requests: string): Promise<Told> {
  const { code, out, err } = await run(['-o', 'json', '-r', '-', ...words], requests);
  assert.deepEqual([code, err], [0, '']);
  return JSON.parse(out) as Told;
}

export function folder(test: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-compare-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

export const summaryOf = ({ oldIngress, newIngress, differences, quirks, count }: Group): string =>
  `${count} ${differences.join('+')} ${oldIngress} ${newIngress} ${quirks.join('+')}`.trim();
