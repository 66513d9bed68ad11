// How checks of access count together.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeAccessCheck } from './access.ts';
import type { AccessVerdict, LocalResponse } from './contract.ts';
import { sampleRequest } from './sample-context.fixture.ts';

const no403: LocalResponse = { status: 403, reason: 'a' };
const no401: LocalResponse = { status: 401, reason: 'b' };
const no503: LocalResponse = { status: 503, reason: 'c' };

/** The status of the answer, 200 for none, with every mixture of checks that answer at once and late. */
async function statuses(satisfiesAny: boolean, verdicts: readonly AccessVerdict[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (let mask = 0; mask < 2 ** verdicts.length; mask += 1) {
    const prepared = verdicts.map((verdict, i) => ({
      hooks: { access: () => ((mask >> i) & 1 ? Promise.resolve(verdict) : verdict) },
    }));
    const answer = await makeAccessCheck(prepared, { satisfiesAny })?.(sampleRequest());
    found.add(answer?.status ?? 200);
  }
  return found;
}

describe('access', () => {
  it('is not asked where nothing checks it', () => {
    assert.equal(makeAccessCheck([{ hooks: {} }], { satisfiesAny: true }), null);
  });

  const cases: readonly (readonly [string, boolean, readonly AccessVerdict[], number])[] = [
    ['all: the first refusal counts', false, ['granted', no403, no401], 403],
    ['all: who is not refused comes in', false, ['abstains', 'granted'], 200],
    ['any: one that lets in is enough', true, [no403, 'granted'], 200],
    ['any: it counts at once', true, ['granted', no403], 200],
    ['any: 401 goes before 403', true, [no403, no401], 401],
    ['any: in both orders', true, [no401, no403], 401],
    ['any: a check that cannot be made is not outweighed', true, [no403, no503, 'granted'], 503],
    ['any: nobody with an opinion lets in', true, ['abstains', 'abstains'], 200],
    ['any: a refusal beside no opinion refuses', true, [no403, 'abstains'], 403],
  ];
  for (const [name, any, verdicts, wanted] of cases) {
    it(name, async () => assert.deepEqual(await statuses(any, verdicts), new Set([wanted])));
  }
});
