// Secrets for TLS to upstreams on their way into the table: in while an Ingress names them, remembered when they break, told of.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { KubeObject, Secret } from '../kube/index.ts';
import { objectKey, type ClientTls } from '../model/index.ts';
import { refOf } from '../sources/index.ts';
import { printTable } from '../table/index.ts';
import {
  sampleApp,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const folder = new URL('../../test/fixtures/certs/', import.meta.url);
const [crt, key, renewed] = ['foo.crt', 'foo.key', 'foo-renewed.crt'].map((name) =>
  readFileSync(new URL(name, folder), 'utf8'),
);

function secretOf(data: Readonly<Record<string, string | undefined>>): Secret {
  const entries = Object.entries(data).map(([name, text = '']) => [name, btoa(text)]);
  const metadata = { namespace: 'shop', name: 'client' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: Object.fromEntries(entries) };
}

const ingress = sampleIngress(
  { rules: [sampleRule('a.test', ['/', '/x'])] },
  { annotations: { 'nginx.ingress.kubernetes.io/proxy-ssl-secret': 'shop/client' } },
);

class World {
  readonly translator = new Translator(sampleOptions({ features }));

  set(...objects: KubeObject[]): ReturnType<Translator['apply']> {
    return this.translator.apply(setAll(objects), sampleNowMs);
  }

  remove(object: KubeObject): ReturnType<Translator['apply']> {
    return this.translator.apply([{ kind: 'removed', ref: refOf(object) }], sampleNowMs);
  }

  get unit(): ClientTls | undefined {
    return this.translator.table.clientTls.get(objectKey('shop', 'client'));
  }

  get problems(): string[] {
    return this.translator
      .problemsOf({ kind: 'Ingress', namespace: 'shop', name: 'web' })
      .map(({ code, message }) => `${code} ${message.slice(message.lastIndexOf(';') + 2)}`);
  }
}

describe('a Secret for TLS to upstreams', () => {
  it('is in the table as long as an Ingress names it, and leaves with it', () => {
    const world = new World();
    world.set(...sampleApp, secretOf({ 'ca.crt': crt }));
    assert.equal(world.translator.table.clientTls.size, 0);
    const { patch } = world.set(ingress);
    assert.deepEqual(patch?.clientTls?.set, [world.unit]);
    assert.deepEqual([world.unit?.fingerprint, world.unit?.caFingerprints.length], ['', 1]);
    assert.deepEqual(world.problems, []);
    assert.deepEqual(world.remove(ingress).patch?.clientTls, { set: [], removed: ['shop/client'] });
  });

  it('may hold authorities, a certificate, or both', () => {
    const world = new World();
    world.set(...sampleApp, ingress, secretOf({ 'tls.crt': crt, 'tls.key': key }));
    assert.deepEqual([world.unit?.caPem, world.unit?.fingerprint.length], ['', 64]);
    world.set(secretOf({ 'ca.crt': `${renewed}${crt}`, 'tls.crt': crt, 'tls.key': key }));
    assert.equal(world.unit?.caFingerprints.length, 2);
    const printed = printTable(world.translator.table);
    assert.match(
      printed,
      /client tls shop\/client {2}trusts sha256 [0-9a-f]{16}, [0-9a-f]{16}, shows sha256 [0-9a-f]{16}\n/,
    );
    assert.doesNotMatch(printed, /PRIVATE|BEGIN/);
  });

  it('has problems when it is missing or broken, and its last good version stays', () => {
    const world = new World();
    const remedy = 'requests that need it for their upstream answer 503';
    world.set(...sampleApp, ingress);
    assert.deepEqual(world.problems, [`SecretNotFound ${remedy}`]);
    for (const data of [{}, { 'tls.crt': crt }, { 'ca.crt': 'x' }, { 'ca.crt': crt, 'tls.key': key }]) {
      world.set(secretOf(data));
      assert.deepEqual(world.problems, [`CertificateInvalid ${remedy}`], JSON.stringify(Object.keys(data)));
      assert.equal(world.unit, undefined);
    }
    world.set(secretOf({ 'ca.crt': crt }));
    const { unit } = world;
    assert.deepEqual([world.problems, unit === undefined], [[], false]);
    world.set(secretOf({ 'ca.crt': 'x' }));
    assert.equal(world.unit, unit);
    assert.deepEqual(world.problems, ['CertificateInvalid its last good version is used for the upstream']);
    world.remove(secretOf({}));
    assert.equal(world.unit, unit);
  });
});
