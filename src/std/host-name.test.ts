import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversHost, wildcardOf } from './host-name.ts';

test('wildcardOf takes the first label', () => {
  const cases: [host: string, wildcard: string | null][] = [
    ['foo.bar.com', '*.bar.com'],
    ['a.b', '*.b'],
    ['*.bar.com', null],
    ['bar', null],
    ['.bar', null],
    ['bar.', null],
    ['', null],
  ];
  for (const [host, wildcard] of cases) assert.equal(wildcardOf(host), wildcard, host);
});

test('coversHost compares the name, or its first label with a wildcard', () => {
  const names = ['bar.com', '*.bar.com'];
  for (const host of ['bar.com', 'foo.bar.com', '*.bar.com'])
    assert.equal(coversHost(names, host), true, host);
  for (const host of ['a.foo.bar.com', 'com', '', 'foobar.com'])
    assert.equal(coversHost(names, host), false, host);
});
