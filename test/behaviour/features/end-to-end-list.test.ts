// The list of what the end-to-end suite of ingress-nginx shows (end-to-end.yaml): every case that it names is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..', '..', '..');

type Entry = Readonly<Record<string, unknown>>;

function readList(): readonly Entry[] {
  const list: unknown = parse(readFileSync(join(import.meta.dirname, 'end-to-end.yaml'), 'utf8'));
  assert.ok(Array.isArray(list));
  for (const entry of list) assert.ok(typeof entry === 'object' && entry !== null);
  return list as readonly Entry[];
}

/** Whether a test file has a case of that name, however its quotes are written. */
function hasCase(file: string, name: string): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  const calls = readFileSync(path, 'utf8').matchAll(
    /^\s*(?:test|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/gm,
  );
  return [...calls].some(([, single, double]) => (single ?? double ?? '').replaceAll('\\', '') === name);
}

function faultOf(entry: Entry): string {
  const { golden, file, name, open, text } = entry;
  const answers = [golden, file, open, text].filter((each) => each !== undefined).length;
  if (typeof entry['suite'] !== 'string' || typeof entry['line'] !== 'string' || answers !== 1)
    return 'wanted are suite, line, and one of golden, file, open and text';
  if (open !== undefined) return typeof open === 'string' && open !== '' ? '' : 'wanted is a reason';
  if (text !== undefined) return text === true ? '' : 'wanted is true';
  if (typeof golden === 'string')
    return existsSync(join(root, 'test/golden', golden, 'requests.yaml'))
      ? ''
      : `${golden} is no golden case`;
  if (typeof file !== 'string' || typeof name !== 'string') return 'wanted are a file and a name';
  return hasCase(file, name) ? '' : `${file} has no case "${name}"`;
}

test('every line of the end-to-end suite has a case, or says why not', () => {
  const list = readList();
  assert.ok(list.length > 100, `only ${list.length} lines`);
  const faults = list
    .map((entry) => [`${String(entry['suite'])}: ${String(entry['line'])}`, faultOf(entry)] as const)
    .filter(([, fault]) => fault !== '');
  assert.deepEqual(faults, []);
  const lines = list.map((entry) => `${String(entry['suite'])}: ${String(entry['line'])}`);
  assert.equal(new Set(lines).size, lines.length, 'no line twice');
});
