// Answers in YAML that are long: the same value, in a time that others can wait for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { renderValue } from './render-value.ts';

function yamlOf(value: unknown): string {
  return [...renderValue(value, { encoding: 'yaml', isPretty: false })].join('');
}

const odd = 'a\u2028b\u0085c\ufeffd\u007f "quoted" \\ yes';
const long = {
  metadata: { name: 'long' },
  data: Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`k${index}`, `${odd}${index}`])),
};

test('an object that is long is the same value in YAML', () => {
  const text = yamlOf(long);
  assert.deepEqual(parse(text, { version: '1.1', uniqueKeys: false }), long);
  assert.match(yamlOf({ a: ['b'] }), /^a:\n- b\n$/);
});

test('so is a list with long elements and long members between short ones', () => {
  const items = [...Array.from({ length: 40 }, (_, index) => ({ index, text: odd })), long];
  const list = { apiVersion: 'v1', items, kind: 'List', other: long };
  const text = yamlOf(list);
  assert.match(text, /\n- index: 0\n/);
  assert.deepEqual(parse(text, { version: '1.1', uniqueKeys: false }), list);
});

test('a megabyte of short members takes no second', () => {
  const data = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, '1']));
  const before = process.cpuUsage();
  assert.ok(yamlOf({ data }).length > 600_000);
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1000 < 1000);
});
