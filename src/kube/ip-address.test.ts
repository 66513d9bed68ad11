// IP addresses as the API server reads them: tolerant of leading zeros.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIp } from '../std/ip-address.ts';
import { isLoopbackAddress, parseIpSloppy } from './ip-address.ts';

const accepted: readonly (readonly [text: string, bytes: readonly number[]])[] = [
  ['1.2.3.4', [1, 2, 3, 4]],
  ['001.02.3.0255', [1, 2, 3, 255]],
  ['::', Array<number>(16).fill(0)],
  ['::1', [...Array<number>(15).fill(0), 1]],
  ['1::', [0, 1, ...Array<number>(14).fill(0)]],
  ['fd00::abcd:1', [0xfd, 0, ...Array<number>(10).fill(0), 0xab, 0xcd, 0, 1]],
  ['::ffff:1.2.3.4', [1, 2, 3, 4]],
  ['1:2:3:4:5:6:1.2.3.4', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]],
];

for (const [text, bytes] of accepted) {
  test(`address ${text}`, () => {
    assert.deepEqual(parseIpSloppy(text), bytes);
  });
}

const refused = ['', 'a', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1..2.3', '1.2.3.-4', ' 1.2.3.4', '1.2.3.4:80'];
const refusedV6 = [
  ':',
  ':::',
  '1:2',
  '::1::',
  '1::2::3',
  '12345::',
  'g::',
  'fe80::1%eth0',
  '[::1]',
  '1:2:3:4:5:6:7::8',
  '1.2.3.4::',
  ':1::2',
];

for (const text of [...refused, ...refusedV6]) {
  test(`no address "${text}"`, () => {
    assert.equal(parseIpSloppy(text), null);
  });
}

test('leading zeros change nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(3), (text, count) => {
      const padded = text.replace(/(^|[.:])(?=[0-9a-f])/gi, `$1${'0'.repeat(count)}`);
      const bytes = parseIp(text);
      assert.notEqual(bytes, null);
      assert.deepEqual(parseIpSloppy(padded), bytes, padded);
    }),
    { numRuns: 500 },
  );
});

test('loopback', () => {
  assert.deepEqual(
    ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '128.0.0.1', '::2', 'localhost'].map(
      isLoopbackAddress,
    ),
    [true, true, true, true, false, false, false],
  );
});
