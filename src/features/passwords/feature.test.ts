// auth-*: values, what asks for passwords and what does not, whose Secret may be named, and that the password goes no further.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { passwords } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>) {
  const { context, issues } = sampleContext({ namespace: 'shop' });
  const policy = passwords.compile(parseValues(passwords, texts), context);
  const told = issues.map(({ code, severity, key }) => `${severity} ${code} ${key.split('/')[1]}`);
  return { policy, told, settings: policy === null ? null : passwords.settings?.(policy)?.passwords };
}

describe('auth-*', () => {
  it('ask for nothing without auth-type', () => {
    assert.deepEqual(compile({}), { policy: null, told: [], settings: null });
    for (const texts of [{ 'auth-secret': 'users' }, { 'auth-secret': 'users', 'auth-type': ' ' }]) {
      assert.deepEqual(compile(texts), {
        policy: null,
        told: ['warning AnnotationInvalid auth-secret'],
        settings: null,
      });
    }
    assert.deepEqual(compile({ 'auth-type': '', 'auth-secret': '' }).told, []);
  });

  it('ask by the users of a Secret', () => {
    const basic = compile({ 'auth-type': ' basic ', 'auth-secret': 'users' });
    assert.deepEqual(basic.settings, { kind: 'basic', realm: '', credentials: 'basic-file shop/users' });
    const digest = compile({
      'auth-type': 'digest',
      'auth-secret': 'shop/users',
      'auth-secret-type': 'auth-map',
      'auth-realm': ' The office ',
    });
    assert.deepEqual(digest.settings, {
      kind: 'digest',
      realm: 'The office',
      credentials: 'digest-map shop/users',
    });
    assert.deepEqual(passwords.credentialsOf?.(digest.policy), {
      id: 'digest-map shop/users',
      key: 'auth-secret',
    });
    assert.deepEqual([...basic.told, ...digest.told], []);
  });

  it('let nobody in without a Secret that may be looked at', () => {
    const wanted: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ 'auth-type': 'basic' }, 'auth-type'],
      [{ 'auth-type': 'digest', 'auth-secret': ' ' }, 'auth-type'],
      [{ 'auth-type': 'basic', 'auth-secret': 'other/users' }, 'auth-secret'],
    ];
    for (const [texts, key] of wanted) {
      const { settings, policy, told } = compile(texts);
      assert.equal(settings?.credentials, null);
      assert.deepEqual(told, [`error AnnotationInvalid ${key}`]);
      assert.equal(passwords.credentialsOf?.(policy), null);
      assert.match(passwords.describe(policy), /^refused/);
    }
  });

  it('refuse what is not a whole good value', () => {
    const bad: Readonly<Record<string, readonly string[]>> = {
      'auth-type': ['Basic', 'basic digest', 'bearer', 'false', 'basic\n'],
      'auth-secret': ['a/b/c', '/users', 'shop/', 'Users', 'users\n', '../users', 'a b'],
      'auth-secret-type': ['file', 'AUTH-MAP', 'auth-map\r'],
      'auth-realm': ['a"b', 'a,b', 'a\nb', 'a\r\n', 'a\\', 'ä', '$realm'],
    };
    for (const [name, texts] of Object.entries(bad)) {
      for (const text of texts) {
        assert.ok('wanted' in parseKey(passwords, name, text), `${name} ${JSON.stringify(text)}`);
      }
    }
    assert.deepEqual(
      passwords.keys.filter(({ onInvalid }) => onInvalid === 'default'),
      [],
    );
  });

  it('keep the password from the endpoint', () => {
    const { policy } = compile({ 'auth-type': 'basic', 'auth-secret': 'users' });
    const hooks = passwords.prepare?.(policy, { path: '/', pathKind: 'prefix' });
    const lines = 'A: 1\r\nauthorization: Basic eDp5\r\nB: 2\r\nAUTHORIZATION: x\r\n';
    assert.equal(hooks?.forward?.(sampleRequest(), lines), 'A: 1\r\nB: 2\r\n');
  });

  it('describe themselves without their users', () => {
    const { policy } = compile({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'office' });
    assert.equal(
      passwords.describe(policy),
      'basic authentication by Secret shop/users (its key "auth") for "office"',
    );
  });
});
