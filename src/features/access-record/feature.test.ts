// enable-access-log and enable-rewrite-log: only "false" of the first does anything.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRouteSettings } from '../contract.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { accessRecord } from './feature.ts';

function policyOf(texts: Readonly<Record<string, string>>): unknown {
  return accessRecord.compile(parseValues(accessRecord, texts), sampleContext().context);
}

describe('access-record', () => {
  it('leaves requests out where the log is off', () => {
    for (const text of ['false', '0', 'F']) {
      const policy = policyOf({ 'enable-access-log': text });
      assert.notEqual(policy, null, text);
      assert.deepEqual(accessRecord.settings?.(policy), { isLogged: false });
    }
  });

  it('says nothing otherwise: requests are logged', () => {
    assert.equal(defaultRouteSettings.isLogged, true);
    for (const texts of [{}, { 'enable-access-log': 'true' }, { 'enable-access-log': 'off' }])
      assert.equal(policyOf(texts), null);
  });

  it('takes the log of rewrites, which changes nothing', () => {
    assert.equal(policyOf({ 'enable-rewrite-log': 'true' }), null);
    assert.notEqual(policyOf({ 'enable-rewrite-log': 'true', 'enable-access-log': 'false' }), null);
  });

  it('refuses what is no switch, so that nobody hides by a typing mistake', () => {
    for (const name of ['enable-access-log', 'enable-rewrite-log'])
      for (const text of ['', 'off', 'False ', 'false\n', 'fALSE', 'false,false'])
        assert.ok('wanted' in parseKey(accessRecord, name, text), `${name}: ${JSON.stringify(text)}`);
  });
});
