// The Secret of the challenges: what is written is read again, what is not ours is left out, and only the one Secret counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../kube/index.ts';
import type { Challenge } from '../model/index.ts';
import { parseChallenges, renderChallenges } from './challenge-secret.ts';
import { sampleOptions } from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const token = 'a'.repeat(43);
const keyAuthorization = `${token}.${'b'.repeat(43)}`;
const challenge: Challenge = {
  id: `http-01/${token}`,
  kind: 'http-01',
  host: 'a.test',
  token,
  keyAuthorization,
};

function secretOf(data: Readonly<Record<string, string>>, namespace = 'sallyport'): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: 'challenges' },
    type: 'Opaque',
    data,
  };
}

function entry(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
}

test('what is written is read again', () => {
  const other: Challenge = {
    ...challenge,
    id: 'tls-alpn-01/b.test',
    kind: 'tls-alpn-01',
    host: 'b.test',
    token: 'c'.repeat(43),
    keyAuthorization: `${'c'.repeat(43)}.${'b'.repeat(43)}`,
  };
  assert.deepEqual(parseChallenges(secretOf(renderChallenges([other, challenge]))), [challenge, other]);
});

test('what is no challenge is left out', () => {
  const good = { kind: 'http-01', host: 'a.test', keyAuthorization };
  const bad: readonly (readonly [string, unknown])[] = [
    [token, 'no JSON'],
    [token, null],
    [token, []],
    [token, { ...good, kind: 'dns-01' }],
    [token, { ...good, host: 'A test' }],
    [token, { ...good, host: 7 }],
    [token, { ...good, keyAuthorization: `${token}.short` }],
    [token, { ...good, keyAuthorization: `${keyAuthorization}\r\nX: y` }],
    ['d'.repeat(43), good],
    ['short', { ...good, keyAuthorization: `short.${'b'.repeat(43)}` }],
  ];
  for (const [name, value] of bad) {
    assert.deepEqual(parseChallenges(secretOf({ [name]: entry(value) })), [], JSON.stringify(value));
  }
  assert.equal(parseChallenges(secretOf({ [token]: entry(good) })).length, 1);
});

test('only the Secret that the controller was told of becomes a part of the table, and leaves with it', () => {
  const translator = new Translator(sampleOptions({ challengeSecret: 'sallyport/challenges' }));
  const data = renderChallenges([challenge]);
  translator.apply([{ kind: 'set', object: secretOf(data, 'tenant') }], 0);
  assert.equal(translator.table.challenges.size, 0);
  const { patch } = translator.apply([{ kind: 'set', object: secretOf(data) }], 0);
  assert.deepEqual(patch?.challenges, { set: [challenge], removed: [] });
  const ref = { kind: 'Secret', namespace: 'sallyport', name: 'challenges' };
  assert.deepEqual(translator.apply([{ kind: 'removed', ref }], 0).patch?.challenges, {
    set: [],
    removed: [challenge.id],
  });
  assert.equal(translator.apply([], 0).patch, null);
});
