// The documented life of a request is the one in the code: the phases of the chart, of the comment that the code begins with, and of
// its sections; and every way to end is in the table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomes } from '../../src/proxy/outcome.ts';
import { root } from '../cli/up-process.ts';

const page = readFileSync(join(root, 'docs/design/request-life.md'), 'utf8');
const exchange = readFileSync(join(root, 'src/proxy/exchange.ts'), 'utf8');
const upstreamSide = readFileSync(join(root, 'src/proxy/upstream-side.ts'), 'utf8');

const order = /^\/\/ +(receive →[^.]+),/m.exec(exchange)?.[1]?.split(' → ') ?? [];

test('the phases of the code are those of the page, in order', () => {
  assert.ok(order.length > 5, 'exchange.ts does not begin with its phases');
  const phases = page.slice(page.indexOf('## Phases'), page.indexOf('## Further attempts'));
  const rows = [...phases.matchAll(/^\| ([a-z]+) \| .* \| `.* \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows, [...order, 'fail', 'record']);
  const chart = /receive ─►[^\n]*/.exec(page)?.[0].split(' ─► ');
  assert.deepEqual(chart, [...order, 'record']);
});

test('every phase of the code has its section', () => {
  const sections = new Set(
    [...`${exchange}${upstreamSide}`.matchAll(/── ([a-z]+) ──/g)].map(([, name]) => name),
  );
  for (const phase of [...order, 'fail']) assert.ok(sections.has(phase), phase);
});

test('every outcome is on the page', () => {
  for (const kind of Object.keys(outcomes)) assert.ok(page.includes(`\`${kind}\``), kind);
});

test('files that the pages name exist', () => {
  const names = [...page.matchAll(/`([a-z-]+\.ts)`/g)].map(([, name]) => name ?? '');
  for (const name of names) assert.ok(readFileSync(join(root, 'src/proxy', name)).length > 0, name);
});
