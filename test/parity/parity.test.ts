// Parity of requests whatever the kind, and the corpus itself.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWantedDifferences } from './compare.ts';
import { listSuites, readSuite } from './corpus.ts';
import { describeSuites, suiteParts } from './describe-suites.ts';
import { readRecording } from './golden.ts';

describeSuites('requests');

describe('corpus', () => {
  const names = listSuites().flatMap((suite) => readSuite(suite).map(({ name }) => name));

  it('is tested whole', () => {
    assert.deepEqual(Object.values(suiteParts).flat().toSorted(), listSuites());
  });

  it('has a recording for every case, and no other', () => {
    assert.equal(new Set(names).size, names.length, 'a name is given twice');
    const recorded = listSuites().flatMap((suite) => Object.keys(readRecording(suite)));
    assert.deepEqual(recorded.toSorted(), names.toSorted());
  });

  it('has no differences of cases that are gone', () => {
    const known = new Set(names);
    assert.deepEqual(
      [...readWantedDifferences().keys()].filter((name) => !known.has(name)),
      [],
    );
  });
});
