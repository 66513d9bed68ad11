// load-balance: from the spellings of ingress-nginx to the algorithms of the data plane.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { loadBalance } from './feature.ts';

function spreadOf(text: string): unknown {
  const policy = loadBalance.compile(
    parseValues(loadBalance, { 'load-balance': text }),
    sampleContext().context,
  );
  return policy === null ? null : loadBalance.settings?.(policy);
}

describe('load-balance', () => {
  it('sets the algorithm, and nothing where it is the ordinary one', () => {
    assert.equal(spreadOf('round_robin'), null);
    assert.deepEqual(spreadOf('ewma'), { spread: 'ewma' });
    assert.deepEqual(spreadOf('least_request'), { spread: 'least-request' });
  });

  it('refuses other spellings and what is not an algorithm of its own', () => {
    for (const text of ['EWMA', 'round-robin', 'chash', 'sticky_balanced', '', 'ewma ', 'ewma\n'])
      assert.ok('wanted' in parseKey(loadBalance, 'load-balance', text), text);
  });
});
