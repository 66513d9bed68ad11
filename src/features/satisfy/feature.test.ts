// satisfy: "any" loosens, so nothing else may count as it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeAccessCheck } from '../access.ts';
import { type AccessVerdict, defaultRouteSettings, type LocalResponse } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { satisfy } from './feature.ts';

const refusal: LocalResponse = { status: 403, reason: 'test' };

/** Whether a client comes in whom the first check refuses and the second lets in. */
async function admitsByOne(texts: Readonly<Record<string, string>>): Promise<boolean> {
  const policy = satisfy.compile(parseValues(satisfy, texts), sampleContext().context);
  const settings = { ...defaultRouteSettings, ...(policy !== null && satisfy.settings?.(policy)) };
  const verdicts: readonly AccessVerdict[] = [refusal, 'granted'];
  const check = makeAccessCheck(
    verdicts.map((verdict) => ({ hooks: { access: () => verdict } })),
    settings,
  );
  return ((await check?.(sampleRequest())) ?? null) === null;
}

describe('satisfy', () => {
  it('any: one check is enough', async () => {
    assert.equal(await admitsByOne({ satisfy: 'any' }), true);
  });

  it('all, and nothing: every check must agree', async () => {
    assert.equal(await admitsByOne({ satisfy: 'all' }), false);
    assert.equal(await admitsByOne({}), false);
  });

  it('a value that is none is the stricter one', async () => {
    for (const text of ['', 'Any', 'ANY', ' any', 'any ', 'any,all', 'none', 'any\n', 'any\0', 'true']) {
      assert.ok('wanted' in parseKey(satisfy, 'satisfy', text), JSON.stringify(text));
      assert.equal(await admitsByOne({ satisfy: text }), false, JSON.stringify(text));
    }
  });

  it('lets nobody in where a check cannot be made', async () => {
    const unable: LocalResponse = { status: 503, reason: 'test' };
    const check = makeAccessCheck(
      [
        { hooks: { access: (): AccessVerdict => unable } },
        { hooks: { access: (): AccessVerdict => 'granted' } },
      ],
      { satisfiesAny: true },
    );
    assert.equal((await check?.(sampleRequest()))?.status, 503);
  });
});
