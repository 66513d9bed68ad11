import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNearestWord } from './nearest-word.ts';

const atMost = (edits: number) => () => edits;

test('the nearest word by insertions, removals and replacements', () => {
  const known = ['worker', 'workers', 'bind', 'namespace'];
  const cases: [word: string, nearest: string | null][] = [
    ['worker', 'worker'],
    ['wrkers', 'workers'],
    ['workerz', 'worker'],
    ['bnid', 'bind'],
    ['nmspace', 'namespace'],
    ['b', null],
    ['', null],
  ];
  for (const [word, nearest] of cases) assert.equal(findNearestWord(word, known, atMost(2)), nearest, word);
});

test('the first of equals, and the limit of each candidate', () => {
  assert.equal(findNearestWord('ax', ['ab', 'ac'], atMost(1)), 'ab');
  assert.equal(
    findNearestWord('ax', ['ab', 'axyz'], (candidate) => candidate.length - 2),
    'axyz',
  );
  assert.equal(findNearestWord('ax', [], atMost(9)), null);
});
