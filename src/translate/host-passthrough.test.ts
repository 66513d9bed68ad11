// Passthrough beside what keeps clients out: nothing is passed through, and nothing is served as if nobody had asked.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { ConfigMap, KubeObject } from '../kube/index.ts';
import {
  sampleApp,
  sampleIngress,
  type SampleMeta,
  sampleRule,
  translateSample,
} from './sample-objects.fixture.ts';

const nginx = 'nginx.ingress.kubernetes.io';
const host = 'h.test';

/** Annotations of ingress-nginx without their prefix, others whole. */
function ingress(
  annotations: Readonly<Record<string, string>>,
  meta: SampleMeta = {},
  path = '/',
): KubeObject {
  const full = Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [name.includes('/') ? name : `${nginx}/${name}`, text]),
  );
  return sampleIngress({ rules: [sampleRule(host, [path])] }, { day: 1, ...meta, annotations: full });
}

const asking = { 'ssl-passthrough': 'true' };

function translateAll(...objects: readonly KubeObject[]) {
  const part = { features, passesTls: true, configMap: 'shop/settings' } as const;
  const { table, problems } = translateSample([...objects, ...sampleApp], part);
  const unit = table.hosts.get(host);
  return {
    passthrough: unit?.passthrough?.upstream ?? null,
    backends: unit?.routes.map(({ match, backend }) => `${match.path} ${backend.kind}`),
    errors: problems
      .filter(({ severity, object }) => severity === 'error' && object.kind === 'Ingress')
      .map(({ object, field, message }) => `${object.name} ${field}: ${message}`),
  };
}

function settings(data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'settings' }, data };
}

const field = `metadata.annotations[${nginx}/ssl-passthrough]`;

describe('passthrough', () => {
  it('is had where nothing keeps clients out', () => {
    const { passthrough, backends, errors } = translateAll(ingress({ ...asking, 'limit-rps': '5' }));
    assert.equal(passthrough, 'shop/app:80');
    assert.deepEqual(backends, ['/ upstream']);
    assert.deepEqual(errors, []);
  });

  for (const [title, annotations, why] of [
    [
      'allowed addresses',
      { 'allowlist-source-range': '10.0.0.0/8' },
      /allowlist-source-range" of Ingress "shop\/web" keeps/,
    ],
    ['their older name', { 'whitelist-source-range': '10.0.0.0/8' }, /whitelist-source-range" of/],
    ['a server that is asked', { 'auth-url': 'https://auth.test' }, /auth-url" of/],
    ['denied addresses', { 'denylist-source-range': '10.0.0.0/8' }, /denylist-source-range" of/],
    ['denied paths', { 'sallyport.dev/deny-paths': '/admin' }, /deny-paths" of/],
    ['denied agents', { 'sallyport.dev/deny-user-agents': 'bot' }, /deny-user-agents" of/],
    ['allowed methods', { 'sallyport.dev/allow-methods': 'GET' }, /allow-methods" of/],
    ['client certificates', { 'auth-tls-secret': 'shop/none' }, /ingress\/shop\/web asks the clients/],
    ['client certificates that cannot be read', { 'auth-tls-secret': 'none' }, /asks the clients/],
    [
      'a key that is not supported',
      { 'enable-modsecurity': 'true' },
      /annotations of Ingress "shop\/web" make/,
    ],
    [
      'a list that cannot be read',
      { 'allowlist-source-range': 'x' },
      /annotations of Ingress "shop\/web" make/,
    ],
    ['a version that is not taken', { 'limit-rps': 'x' }, /annotations of Ingress "shop\/web" make/],
  ] as const) {
    it(`is not had beside ${title}: TLS ends here and answers 503`, () => {
      const { passthrough, backends, errors } = translateAll(ingress({ ...asking, ...annotations }));
      assert.equal(passthrough, null);
      assert.deepEqual(backends, ['/ status']);
      const [told, ...others] = errors.filter((text) => text.startsWith(`web ${field}`));
      assert.match(told ?? '', why);
      assert.match(told ?? '', /TLS ends here, and the paths of namespace "shop" on it answer 503$/);
      assert.deepEqual(others, []);
    });
  }

  it('is not had beside lists that are set for all', () => {
    for (const data of [
      { 'whitelist-source-range': '10.0.0.0/8' },
      { 'denylist-source-range': '10.0.0.0/8' },
      { 'whitelist-source-range': 'x' },
    ]) {
      const { passthrough, backends, errors } = translateAll(settings(data), ingress(asking));
      assert.equal(passthrough, null);
      assert.deepEqual(backends, ['/ status']);
      assert.match(
        errors.join('\n'),
        /setting "\w+list-source-range" of Ingress "shop\/web" keeps clients out/,
      );
    }
  });

  it('is had beside a server for all only where that is not asked', () => {
    const data = { 'global-auth-url': 'https://auth.test' };
    const { passthrough, errors } = translateAll(settings(data), ingress(asking));
    assert.equal(passthrough, null);
    assert.match(errors.join('\n'), /setting "global-auth-url" of Ingress "shop\/web" keeps clients out/);
    const off = ingress({ ...asking, 'enable-global-auth': 'false' });
    assert.equal(translateAll(settings(data), off).passthrough, 'shop/app:80');
  });

  it('is not had beside another Ingress of the namespace that keeps clients out, and both are told', () => {
    const admin = ingress({ 'allowlist-source-range': '10.0.0.0/8' }, { name: 'admin', day: 2 }, '/admin');
    const { passthrough, backends, errors } = translateAll(ingress(asking), admin);
    assert.equal(passthrough, null);
    assert.deepEqual(backends, ['/admin status', '/ status']);
    assert.match(
      errors.join('\n'),
      /^admin : Ingress "shop\/web" asks for "ssl-passthrough"[^]*\nweb metadata/,
    );
  });

  it('is nothing that another namespace can take away', () => {
    const theirs = { name: 'theirs', namespace: 'other', day: 2 };
    const other = ingress({ 'allowlist-source-range': '10.0.0.0/8', 'auth-url': 'x' }, theirs, '/x');
    assert.equal(translateAll(ingress(asking), other).passthrough, 'shop/app:80');
  });

  it('that has no effect denies nothing', () => {
    const list = { 'allowlist-source-range': '10.0.0.0/8' };
    const older = ingress({ ...list, 'ssl-passthrough': 'false' }, { name: 'older' });
    const younger = ingress(asking, { name: 'younger', day: 2 }, '/young');
    assert.deepEqual(translateAll(older, younger).backends, ['/young upstream', '/ upstream']);
    assert.deepEqual(translateAll(ingress({ ...list, ...asking }, {}, '/app')).backends, ['/app upstream']);
  });
});
