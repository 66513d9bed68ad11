// Formats of texts: each text is judged as kube-apiserver 1.36.3 judges it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCheckOf } from './formats.ts';
import { readSchema } from './json-schema.ts';

const verdicts: Readonly<
  Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>
> = {
  'date-time': {
    good: ['2020-01-01T00:00:00Z', '2020-01-01t00:00:00z', '2020-01-01T00:00:00.123+01:00'],
    bad: ['2020-01-01', '2020-13-01T00:00:00Z', '2020-01-01T25:00:00Z', '2020-02-30T00:00:00Z', 'x'],
  },
  date: { good: ['2020-01-01'], bad: ['2020-02-30', '2020-1-1'] },
  ipv4: { good: ['1.2.3.4', '01.2.3.4', '::ffff:1.2.3.4'], bad: ['1.2.3', '::1'] },
  ipv6: { good: ['::1', '::ffff:1.2.3.4'], bad: ['1.2.3.4', 'fe80::1%eth0'] },
  cidr: { good: ['10.0.0.0/8', '::/0'], bad: ['10.0.0.1/33', '::/129', '10.0.0.0'] },
  uri: {
    good: ['http://a.b/c', '/a', 'http://[::1]:80/', 'urn:x', '*', 'mailto:a@b', '//a'],
    bad: ['a', 'http://a b', 'http://a:b/', '', '?x', '/%zz'],
  },
  email: {
    good: ['a@b.c', 'a@b', 'A B <a@b.c>', '"x y"@b.c'],
    bad: ['a', 'a@b@c', 'a..b@c.d', '.a@b.c', ''],
  },
  hostname: {
    good: ['a.com', 'a', 'a.b.cc', 'A.COM', 'münchen.de', 'a-'],
    bad: ['-a', 'a_b', 'a.1', '', 'a'.repeat(64)],
  },
  mac: {
    good: ['00:11:22:33:44:55', '00-11-22-33-44-55', '0011.2233.4455', '001122334455'],
    bad: ['00:11', '00:11:22:33:44:55:66'],
  },
  uuid: { good: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'], bad: ['x'] },
  uuid4: {
    good: ['123e4567-e89b-42d3-a456-426614174000'],
    bad: ['123e4567-e89b-12d3-a456-426614174000'],
  },
  byte: { good: ['YQ=='], bad: ['YQ', '', 'a-_=', 'YQ==\n'] },
  duration: { good: ['1h', '1.5h', '-1s', '3 days', '0', '1 ns', '.5s'], bad: ['x', '1', '5 foo'] },
  isbn: { good: ['0321751043', '978-0321751041'], bad: ['x', '0321751044'] },
  creditcard: { good: ['4111111111111111', '4111-1111-1111-1111'], bad: ['5', '4111111111111112'] },
  hexcolor: { good: ['#fff', 'fff'], bad: ['#ffff'] },
  rgbcolor: { good: ['rgb(1,2,3)'], bad: ['rgb(256,2,3)'] },
  'k8s-short-name': { good: ['abc'], bad: ['Abc', 'a.b'] },
  'k8s-long-name': { good: ['a.b'], bad: ['A', 'a..b'] },
};

for (const [format, { good, bad }] of Object.entries(verdicts)) {
  test(`format ${format}`, () => {
    const check = formatCheckOf(readSchema({ type: 'string', format }));
    assert.ok(typeof check === 'function');
    for (const text of good) assert.ok(check(text), text);
    for (const text of bad) assert.ok(!check(text), text);
  });
}

test('unknown formats, and formats of other types, are not checked', () => {
  assert.equal(formatCheckOf(readSchema({ type: 'string', format: 'weird' })), null);
  assert.equal(formatCheckOf(readSchema({ type: 'object', format: 'date' })), null);
});

test('hostile texts take no time', () => {
  const startMs = performance.now();
  const texts = ['1'.repeat(1_000_000), 'a'.repeat(1_000_000), '1 '.repeat(500_000), '.'.repeat(1_000_000)];
  for (const format of Object.keys(verdicts)) {
    const check = formatCheckOf(readSchema({ type: 'string', format }));
    for (const text of texts) if (typeof check === 'function') check(text);
  }
  assert.ok(performance.now() - startMs < 60_000);
});
