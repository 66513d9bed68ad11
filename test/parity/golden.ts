// The recorded answers on disk: test/parity/golden/SUITE.golden, JSON by case, with short values on one line.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parityRoot } from './corpus.ts';

export type Recording = Readonly<Record<string, unknown>>;

const lineWidth = 120;

/** By the names of the cases; empty: nothing was recorded. */
export function readRecording(suite: string): Recording {
  const path = pathOf(suite);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Recording) : {};
}

export function writeRecording(suite: string, recording: Recording): void {
  mkdirSync(join(parityRoot, 'golden'), { recursive: true });
  writeFileSync(pathOf(suite), `${renderJson(recording, '', 0)}\n`);
}

function pathOf(suite: string): string {
  return join(parityRoot, 'golden', `${suite}.golden`);
}

function renderJson(value: unknown, indent: string, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const line = renderLine(value);
  if (indent.length + before + line.length <= lineWidth) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${inner}${renderJson(item, inner, 0)}`).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, member]) => {
    const name = JSON.stringify(key);
    return `${inner}${name}: ${renderJson(member, inner, name.length + 2)}`;
  });
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function renderLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(renderLine).join(', ')}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${renderLine(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
