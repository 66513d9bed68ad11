// References to Secrets of other namespaces: refused, unless the operator's ConfigMap lets three annotations have them; live, both ways.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { ConfigMap, KubeObject, Secret } from '../kube/index.ts';
import {
  sampleApp,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const host = 'foo.example.com';
const configMapKey = 'system/settings';
const certificate = readFileSync(new URL('../../test/fixtures/certs/foo.crt', import.meta.url), 'utf8');

function secret(name: string, data: Readonly<Record<string, string>>): Secret {
  const entries = Object.entries(data).map(([key, text]) => [key, btoa(text)]);
  const metadata = { namespace: 'other', name };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: Object.fromEntries(entries) };
}

const secrets = [
  secret('ca', { 'ca.crt': certificate }),
  secret('users', { auth: `joe:{SHA}${'a'.repeat(27)}=\n` }),
];

function settings(data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'system', name: 'settings' }, data };
}

function web(annotations: Readonly<Record<string, string>>): KubeObject {
  const texts = Object.entries(annotations).map(([name, text]) => [
    `nginx.ingress.kubernetes.io/${name}`,
    text,
  ]);
  return sampleIngress({ rules: [sampleRule(host, ['/'])] }, { annotations: Object.fromEntries(texts) });
}

class Scene {
  readonly #translator = new Translator(sampleOptions({ features, configMap: configMapKey }));

  constructor(annotations: Readonly<Record<string, string>>) {
    this.apply(web(annotations), ...secrets, ...sampleApp);
  }

  apply(...objects: readonly KubeObject[]): void {
    this.#translator.apply(setAll(objects), sampleNowMs);
  }

  allow(text: string): void {
    this.apply(settings({ 'allow-cross-namespace-resources': text }));
  }

  get unit() {
    return this.#translator.table.hosts.get(host);
  }

  get table() {
    return this.#translator.table;
  }

  /** What is told of the Ingress as an error. */
  get errors(): string {
    const problems = this.#translator.allProblems().filter(({ severity }) => severity === 'error');
    return problems.map(({ message }) => message).join('\n');
  }
}

describe('allow-cross-namespace-resources', () => {
  it('lets proxy-ssl-secret name a Secret of another namespace, while it says so', () => {
    const scene = new Scene({ 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'other/ca' });
    const has = (): boolean => scene.table.clientTls.has('other/ca');
    for (const [text, isAllowed] of [
      ['false', false],
      ['true', true],
      ['yes', false],
      ['true', true],
      ['false', false],
    ] as const) {
      scene.allow(text);
      assert.equal(has(), isAllowed, text);
      assert.equal(/of another namespace/.test(scene.errors), !isAllowed, text);
    }
  });

  it('lets auth-tls-secret do so', () => {
    const scene = new Scene({ 'auth-tls-secret': 'other/ca' });
    assert.equal(scene.unit?.clientAuth?.authority, null);
    assert.match(scene.errors, /in another namespace/);
    scene.allow('true');
    assert.equal(scene.unit?.clientAuth?.authority, 'other/ca');
    assert.ok(scene.table.authorities.has('other/ca'));
    assert.equal(scene.errors, '');
    scene.allow('false');
    assert.equal(scene.unit?.clientAuth?.authority, null);
    assert.ok(!scene.table.authorities.has('other/ca'));
  });

  it('lets auth-secret do so', () => {
    const scene = new Scene({ 'auth-type': 'basic', 'auth-secret': 'other/users' });
    assert.match(scene.errors, /of another namespace/);
    scene.allow('true');
    assert.equal(scene.errors, '');
    scene.allow('false');
    assert.match(scene.errors, /of another namespace/);
  });

  it('lets nothing else do so: certificates of hosts stay in the namespace', () => {
    const scene = new Scene({});
    scene.allow('true');
    const tls = sampleIngress({
      rules: [sampleRule(host, ['/'])],
      tls: [{ hosts: [host], secretName: 'other/ca' }],
    });
    scene.apply(tls);
    assert.equal(scene.unit?.tls?.certificate ?? null, null);
  });
});
