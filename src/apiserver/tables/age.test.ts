// Ages: the steps between units, and where zero parts are left out.
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderAge, renderSince } from './age.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

const cases: readonly (readonly [durationMs: number, text: string])[] = [
  [-2 * second, '<invalid>'],
  [-1999, '0s'],
  [-1, '0s'],
  [0, '0s'],
  [999, '0s'],
  [59 * second, '59s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + second, '2m1s'],
  [10 * minute - 1, '9m59s'],
  [10 * minute + 59 * second, '10m'],
  [3 * hour - 1, '179m'],
  [3 * hour, '3h'],
  [3 * hour + minute, '3h1m'],
  [8 * hour - 1, '7h59m'],
  [8 * hour, '8h'],
  [48 * hour - 1, '47h'],
  [2 * day, '2d'],
  [2 * day + hour, '2d1h'],
  [8 * day - 1, '7d23h'],
  [8 * day, '8d'],
  [2 * year - 1, '729d'],
  [2 * year, '2y'],
  [2 * year + day, '2y1d'],
  [8 * year - 1, '7y364d'],
  [8 * year, '8y'],
];

for (const [durationMs, text] of cases) {
  test(`${durationMs} ms are ${text}`, () => equal(renderAge(durationMs), text));
}

test('an unreadable moment has no age', () => {
  equal(renderSince('', 0), '<unknown>');
  equal(renderSince('soon', 0), '<unknown>');
  equal(renderSince('1970-01-01T00:00:00Z', 5 * second), '5s');
});

test('an age never takes more than six characters, nor shows a unit twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 * year }), (durationMs) => {
      const text = renderAge(durationMs);
      equal(/^\d{1,3}[smhdy](?:\d{1,3}[smhd])?$/.test(text), true, text);
      equal(text.length <= 6, true, text);
    }),
  );
});
