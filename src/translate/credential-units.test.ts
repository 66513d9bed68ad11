// Secrets with passwords: in the table while an Ingress asks by them, changed by themselves, and what owners are told of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { Ingress, KubeObject, Secret } from '../kube/index.ts';
import type { Credentials } from '../model/index.ts';
import { refOf } from '../sources/index.ts';
import { fullPatch, printTable } from '../table/index.ts';
import {
  sampleApp,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

function secretOf(data: Readonly<Record<string, string>>): Secret {
  // Not an object literal: keys of any name.
  const encoded = Object.fromEntries(Object.entries(data).map(([name, text]) => [name, btoa(text)]));
  const metadata = { namespace: 'shop', name: 'users' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: encoded };
}

function ingressOf(annotations: Readonly<Record<string, string>> = {}, name = 'web'): Ingress {
  const all = { 'auth-type': 'basic', 'auth-secret': 'users', ...annotations };
  const full = Object.entries(all).map(([key, text]) => [`nginx.ingress.kubernetes.io/${key}`, text]);
  return sampleIngress(
    { rules: [sampleRule(`${name}.test`, ['/', '/x'])] },
    { name, annotations: Object.fromEntries(full) },
  );
}

class World {
  readonly translator = new Translator(sampleOptions({ features }));

  set(...objects: KubeObject[]): ReturnType<Translator['apply']> {
    return this.translator.apply(setAll(objects), sampleNowMs);
  }

  remove(object: KubeObject): ReturnType<Translator['apply']> {
    return this.translator.apply([{ kind: 'removed', ref: refOf(object) }], sampleNowMs);
  }

  get units(): Credentials[] {
    return [...this.translator.table.credentials.values()];
  }

  get users(): readonly string[] {
    return this.units.flatMap(({ users }) => users.map(({ name }) => name));
  }

  get problems(): string[] {
    return this.translator
      .problemsOf({ kind: 'Ingress', namespace: 'shop', name: 'web' })
      .map(({ code, severity, field, message }) => {
        assert.equal(field, 'metadata.annotations[nginx.ingress.kubernetes.io/auth-secret]');
        return `${severity} ${code} ${message}`;
      });
  }
}

const denied = 'requests of the paths that ask for a password answer 503';

describe('a Secret with passwords', () => {
  it('is in the table while an Ingress asks by it, once for each way of reading it', () => {
    const world = new World();
    const secret = secretOf({ auth: 'anna:{PLAIN}x\nbert:{PLAIN}y\n' });
    world.set(...sampleApp, secret, ingressOf());
    assert.deepEqual(
      world.units.map(({ id }) => id),
      ['basic-file shop/users'],
    );
    const { patch } = world.set(ingressOf({ 'auth-secret-type': 'auth-map' }, 'other'));
    assert.deepEqual(
      patch?.credentials?.set.map(({ id }) => id),
      ['basic-map shop/users'],
    );
    assert.deepEqual(world.remove(ingressOf()).patch?.credentials?.removed, ['basic-file shop/users']);
    assert.deepEqual(world.problems, []);
    assert.deepEqual(fullPatch(world.translator.table).credentials?.set, world.units);
  });

  it('changes by itself, and no version but the present one counts', () => {
    const world = new World();
    world.set(...sampleApp, secretOf({ auth: 'anna:{PLAIN}x' }), ingressOf());
    const { patch } = world.set(secretOf({ auth: 'bert:{PLAIN}y' }));
    assert.deepEqual([patch?.hosts.set, patch?.upstreams.set], [[], []]);
    assert.deepEqual([patch?.credentials?.set, world.users], [world.units, ['bert']]);
    world.set(secretOf({ other: 'x' }));
    assert.deepEqual(world.units, []);
    assert.deepEqual(world.problems, [
      `error CredentialsInvalid Secret "shop/users" is not usable: it has no key "auth"; ${denied}`,
    ]);
    world.set(secretOf({ auth: 'bert:{PLAIN}y' }));
    assert.deepEqual([world.users, world.problems], [['bert'], []]);
    world.remove(secretOf({}));
    assert.deepEqual(world.units, []);
    assert.deepEqual(world.problems, [`error SecretNotFound Secret "shop/users" does not exist; ${denied}`]);
  });

  it('is refused when it is too large or no base64', () => {
    const world = new World();
    world.set(...sampleApp, secretOf({ auth: `anna:{PLAIN}x\n${'#'.repeat(262_144)}` }), ingressOf());
    assert.match(
      world.problems.join(),
      /not usable: it has 262158 bytes or more, at most 262144 are taken; /,
    );
    const many = Array.from({ length: 10_001 }, (_, index) => `u${index}:{PLAIN}x`).join('\n');
    world.set(secretOf({ auth: many }));
    assert.match(world.problems.join(), /not usable: it has 10001 users, at most 10000 are taken; /);
    world.set({ ...secretOf({}), data: { auth: '####' } });
    assert.match(world.problems.join(), /not usable: "auth" is not base64; /);
    assert.deepEqual(world.units, []);
  });
});

describe('users', () => {
  it('are lines of a file, the first of a name counts, and those that cannot sign in are told', () => {
    const world = new World();
    const lines = [
      '# people',
      'anna:{PLAIN}first:a comment\r',
      '',
      'anna:{PLAIN}second',
      'bert:',
      'bert:{PLAIN}x',
      'secret-without-colon',
      '__proto__:{PLAIN}p',
      'carl:abQ9KYabcdefg',
    ];
    world.set(...sampleApp, secretOf({ auth: lines.join('\n') }), ingressOf());
    assert.deepEqual(world.units[0]?.users, [
      { name: 'anna', scheme: 'plain', hash: '{PLAIN}first' },
      { name: '__proto__', scheme: 'plain', hash: '{PLAIN}p' },
    ]);
    assert.deepEqual(world.problems, [
      'warning CredentialsInvalid Secret "shop/users": line 4 is for a user who is named before; line 5 has no hash; line 6 is for a user who is named before; and 2 more like this',
    ]);
    const shown = `${printTable(world.translator.table)}${JSON.stringify(world.problems)}`;
    assert.match(shown, /^credentials basic-file shop\/users {2}for 2 users$/m);
    assert.doesNotMatch(shown, /first|second|PLAIN|secret-without|abQ9/);
  });

  it('may be none: then nobody is let in, and the owner is told', () => {
    const world = new World();
    world.set(...sampleApp, secretOf({ auth: 'foo:' }), ingressOf());
    assert.deepEqual([world.units.length, world.users], [1, []]);
    assert.deepEqual(world.problems, [
      'warning CredentialsInvalid Secret "shop/users": it has no user who could sign in; line 1 has no hash',
    ]);
  });

  it('are keys of a map, and a value is one hash', () => {
    const world = new World();
    const data = {
      anna: '{PLAIN}x\n',
      bert: '{PLAIN}x\nroot:{PLAIN}y',
      constructor: '{PLAIN}c',
      carl: 'open',
    };
    world.set(...sampleApp, secretOf(data), ingressOf({ 'auth-secret-type': 'auth-map' }));
    assert.deepEqual(world.users, ['anna', 'bert', 'constructor']);
    assert.deepEqual(world.problems, [
      'warning CredentialsInvalid Secret "shop/users": key "carl" holds no hash that is understood',
    ]);
    world.set(secretOf({}));
    assert.deepEqual(world.units, []);
    assert.match(world.problems.join(), /it has no keys/);
  });

  it('of digest authentication have a realm and a hash in hex', () => {
    const world = new World();
    const [md5, sha] = ['0123456789ABCDEF'.repeat(2), 'a'.repeat(64)];
    const lines = [`anna:The office: west:${md5}`, `anna:The office: west:${sha}`, `bert:${md5}x`, 'carl:x'];
    const ingress = ingressOf({ 'auth-type': 'digest' });
    world.set(...sampleApp, secretOf({ auth: lines.join('\n') }), ingress);
    const realm = 'The office: west';
    assert.deepEqual(world.units[0]?.users, [
      { name: 'anna', realm, algorithm: 'MD5', hash: md5.toLowerCase() },
      { name: 'anna', realm, algorithm: 'SHA-256', hash: sha },
    ]);
    const why = 'is not USER:REALM:HASH with an MD5 or SHA-256 hash in hex';
    assert.deepEqual(world.problems, [
      `warning CredentialsInvalid Secret "shop/users": line 3 ${why}; line 4 ${why}`,
    ]);
  });
});
