// Addresses to bytes: fixed spellings, and any address in each of its spellings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseIp } from './ip-address.ts';

const zeros = (count: number): number[] => Array<number>(count).fill(0);

describe('parseIp', () => {
  const good: readonly (readonly [text: string, bytes: readonly number[]])[] = [
    ['1.2.3.4', [1, 2, 3, 4]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['::', zeros(16)],
    ['::1', [...zeros(15), 1]],
    ['1::', [0, 1, ...zeros(14)]],
    ['fd00::abcd:1', [0xfd, 0, ...zeros(10), 0xab, 0xcd, 0, 1]],
    ['::FFFF:1.2.3.4', [1, 2, 3, 4]],
    ['::ffff:0a00:0001', [10, 0, 0, 1]],
    ['1:2:3:4:5:6:1.2.3.4', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]],
    ['::1.2.3.4', [...zeros(12), 1, 2, 3, 4]],
  ];
  for (const [text, bytes] of good) it(`reads "${text}"`, () => assert.deepEqual(parseIp(text), bytes));

  const bad = [
    ...[
      '',
      'a',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.04',
      ' 1.2.3.4',
      '1.2.3.4:80',
      '0x1.2.3.4',
    ],
    ...[
      ':',
      ':::',
      '1:2',
      '::1::',
      '1::2::3',
      '12345::',
      '00001::',
      'g::',
      'fe80::1%eth0',
      '::1%',
      '[::1]',
      '1.2.3.4::',
    ],
    ...['1:2:3:4:5:6:7::8:9', ':1::2', '::ffff:1.2.3', '::1.2.3.4:5'],
  ];
  for (const text of bad) it(`refuses "${text}"`, () => assert.equal(parseIp(text), null));

  it('reads every spelling of an address as the same bytes', () => {
    const group = fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.nat(0xffff) },
    );
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.nat(7), fc.boolean(), (address, at, isPadded) => {
        const bytes = address.flatMap((each) => [each >> 8, each & 0xff]);
        const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && address[5] === 0xffff;
        const wanted = isMapped ? bytes.slice(12) : bytes;
        const hex = address.map((each) => each.toString(16).padStart(isPadded ? 4 : 1, '0'));
        assert.deepEqual(parseIp(hex.join(':')), wanted);
        assert.deepEqual(parseIp(hex.join(':').toUpperCase()), wanted);
        assert.deepEqual(parseIp(`${hex.slice(0, 6).join(':')}:${bytes.slice(12).join('.')}`), wanted);
        let end = at;
        while (end < 8 && address[end] === 0) end += 1;
        if (end > at)
          assert.deepEqual(parseIp(`${hex.slice(0, at).join(':')}::${hex.slice(end).join(':')}`), wanted);
      }),
      { numRuns: 300 },
    );
  });
});
