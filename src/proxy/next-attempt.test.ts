// Which failures may be tried again: by what was sent, by the method, by the route's policy.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRetryPolicy } from '../model/index.ts';
import { mayPassOn, mayTryAgain, type AttemptState } from './next-attempt.ts';
import { outcomes, type ProxyErrorKind } from './outcome.ts';

const state: AttemptState = { method: 'GET', attemptCount: 1, maxTries: 3, elapsedMs: 0, isReplayable: true };
const kinds = Object.keys(outcomes) as ProxyErrorKind[];

function retried(policy: object, part: Partial<AttemptState> = {}): ProxyErrorKind[] {
  const full = { ...defaultRetryPolicy, ...policy };
  return kinds.filter((kind) => mayTryAgain(outcomes[kind], full, { ...state, ...part }));
}

const unsent = kinds.filter((kind) => outcomes[kind].retry === 'unsent');
const unsentErrors = unsent.filter((kind) => outcomes[kind].condition === 'error');

describe('further attempts', () => {
  it('by default: what was not sent for any method, what broke off for idempotent ones', () => {
    assert.deepEqual(retried({}), [...unsent, 'upstream-reset']);
    assert.deepEqual(retried({}, { method: 'POST' }), unsent);
  });

  it('follow what the route lists', () => {
    assert.deepEqual(retried({ error: false }), ['connect-timeout']);
    assert.deepEqual(retried({ error: false, timeout: false }), []);
    assert.deepEqual(retried({ timeout: false }), [...unsentErrors, 'upstream-reset']);
    assert.deepEqual(retried({ error: false, timeout: false, responseTimeout: true }), [
      'upstream-send-timeout',
      'upstream-read-timeout',
    ]);
    assert.deepEqual(retried({ error: false, timeout: false, invalidHeader: true }), [
      'upstream-response-malformed',
      'upstream-head-too-large',
    ]);
    assert.deepEqual(retried({ nonIdempotent: true }, { method: 'POST' }), [...unsent, 'upstream-reset']);
  });

  it('end with the tries, the time, and a body that cannot be sent again', () => {
    assert.deepEqual(retried({}, { attemptCount: 3 }), []);
    assert.deepEqual(retried({ maxTries: 5 }, { attemptCount: 3 }), retried({}));
    assert.deepEqual(retried({ maxTries: 1 }), []);
    assert.deepEqual(retried({ maxMs: 1_000 }, { elapsedMs: 1_000 }), []);
    assert.deepEqual(retried({}, { isReplayable: false }), []);
  });

  it('pass listed statuses on, for methods that may be repeated', () => {
    const policy = { ...defaultRetryPolicy, statuses: [503] };
    assert.equal(mayPassOn(503, policy, state), true);
    assert.equal(mayPassOn(500, policy, state), false);
    assert.equal(mayPassOn(503, defaultRetryPolicy, state), false);
    assert.equal(mayPassOn(503, policy, { ...state, method: 'POST' }), false);
    assert.equal(mayPassOn(503, { ...policy, nonIdempotent: true }, { ...state, method: 'POST' }), true);
    assert.equal(mayPassOn(503, policy, { ...state, attemptCount: 3 }), false);
  });
});
