// Accept-Encoding: weights, wildcards, and what cannot be read.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codingQuality } from './accept-encoding.ts';

describe('the quality of a coding', () => {
  const cases: readonly [string[], string, number][] = [
    [[], 'gzip', 0],
    [['gzip'], 'gzip', 1_000],
    [['GZip'], 'gzip', 1_000],
    [['x-gzip'], 'gzip', 1_000],
    [['deflate, gzip;q=0.5'], 'gzip', 500],
    [['deflate', 'gzip ; q=0.05'], 'gzip', 50],
    [['gzip;Q=1.000'], 'gzip', 1_000],
    [['gzip;q=0'], 'gzip', 0],
    [['gzip;q=0.000, *'], 'gzip', 0],
    [['*;q=0.3'], 'br', 300],
    [['*, br;q=0'], 'br', 0],
    [['identity'], 'gzip', 0],
    [['gzip;q=2'], 'gzip', 0],
    [['gzip;q='], 'gzip', 0],
    [['gzip;q=0.5;level=1'], 'gzip', 0],
    [['gzipped, brotli'], 'gzip', 0],
    [['gzipped, brotli'], 'br', 0],
    [[',,;q=1,'], 'gzip', 0],
  ];
  for (const [values, coding, quality] of cases)
    it(`of ${coding} is ${quality} by ${JSON.stringify(values)}`, () => {
      assert.equal(codingQuality(values, coding), quality);
    });
});
