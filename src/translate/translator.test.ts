// Steps: what a change touches and what it leaves alone, what is remembered of the last good state, and what expires.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Ingress, KubeObject, Secret } from '../kube/index.ts';
import { notFoundRoute, type ObjectRef, type TablePatch } from '../model/index.ts';
import type { TranslateOptions } from './options.ts';
import {
  readProblems,
  readRoutes,
  sampleApp,
  sampleClass,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  sampleSecret,
  sampleService,
  sampleSlice,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator, type TranslateStep } from './translator.ts';

const folder = new URL('../../test/fixtures/certs/', import.meta.url);

function secretOf(fixture: string, name = 'tls'): Secret {
  const read = (kind: string) => readFileSync(new URL(`${fixture}.${kind}`, folder), 'utf8');
  return sampleSecret(name, read('crt'), read('key'));
}

const brokenSecret = sampleSecret('tls', 'hello', 'world');
const secretRef: ObjectRef = { kind: 'Secret', namespace: 'shop', name: 'tls' };

/** A translator with some objects in it, and a way to apply more. */
function start(objects: readonly KubeObject[], part: Partial<TranslateOptions> = {}) {
  const translator = new Translator(sampleOptions(part));
  const first = translator.apply(setAll(objects), sampleNowMs);
  const set = (...changed: readonly KubeObject[]): TranslateStep =>
    translator.apply(setAll(changed), sampleNowMs);
  const remove = (...refs: readonly ObjectRef[]): TranslateStep =>
    translator.apply(
      refs.map((ref) => ({ kind: 'removed', ref })),
      sampleNowMs,
    );
  return { translator, first, set, remove };
}

/** What a patch names, e.g. `+host h -upstream shop/app:80`. */
function readPatch(patch: TablePatch | null): string {
  if (patch === null) return 'none';
  return [
    ...patch.hosts.set.map(({ host }) => `+host ${host}`),
    ...patch.hosts.removed.map((host) => `-host ${host}`),
    ...patch.upstreams.set.map(({ id }) => `+upstream ${id}`),
    ...patch.upstreams.removed.map((id) => `-upstream ${id}`),
    ...patch.certificates.set.map(({ id }) => `+certificate ${id}`),
    ...patch.certificates.removed.map((id) => `-certificate ${id}`),
    ...(patch.fallback === undefined ? [] : ['fallback']),
    ...(patch.defaultCertificate === undefined ? [] : [`default ${patch.defaultCertificate}`]),
  ].join(' ');
}

const tlsIngress = sampleIngress({
  rules: [sampleRule('foo.example.com', ['/'])],
  tls: [{ hosts: ['foo.example.com'], secretName: 'tls' }],
});

function problemsOfWeb({ translator }: { readonly translator: Translator }): string[] {
  return readProblems(translator.problemsOf({ kind: 'Ingress', namespace: 'shop', name: 'web' }));
}

describe('the first step', () => {
  it('always has a patch, with the fallback and the default certificate', () => {
    const { translator, first } = start([]);
    assert.equal(readPatch(first.patch), 'fallback default null');
    assert.equal(translator.table.version, 1);
    assert.deepEqual(translator.table.fallback.backend, { kind: 'status', status: 404, reason: 'no-route' });
    assert.equal(translator.apply([], sampleNowMs).patch, null);
  });
});

describe('a change', () => {
  const web = sampleIngress({ rules: [sampleRule('a', ['/']), sampleRule('b', ['/'])] });
  const other = sampleIngress({ rules: [sampleRule('c', ['/'], 'other')] }, { name: 'other' });
  const all = [
    web,
    other,
    ...sampleApp,
    sampleService('other'),
    sampleSlice(['10.0.1.1'], { service: 'other' }),
  ];

  it('of a slice touches one upstream and no host', () => {
    const { set } = start(all);
    const step = set(sampleSlice(['10.0.0.1', '10.0.0.2']));
    assert.equal(readPatch(step.patch), '+upstream shop/app:80');
    assert.deepEqual(step.problemsChanged, []);
  });

  it('of a path touches its host alone', () => {
    const { set } = start(all);
    const step = set(sampleIngress({ rules: [sampleRule('a', ['/', '/new']), sampleRule('b', ['/'])] }));
    assert.equal(readPatch(step.patch), '+host a');
  });

  it('of nothing that matters makes no patch', () => {
    const { set, translator } = start(all);
    const before = translator.table;
    const touched: Ingress = {
      ...web,
      metadata: { ...web.metadata, resourceVersion: '7', labels: { a: 'b' } },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.9' }] } },
    };
    assert.equal(set(touched, structuredClone(sampleService())).patch, null);
    assert.equal(translator.table, before);
  });

  it('leaves the tables before it as they were, and shares what it did not touch', () => {
    const { set, translator } = start(all);
    const before = translator.table;
    set(sampleIngress({ rules: [sampleRule('a', ['/new'])] }));
    assert.equal(before.hosts.get('a')?.routes[0]?.match.path, '/');
    assert.ok(before.hosts.has('b'));
    assert.equal(translator.table.hosts.get('c'), before.hosts.get('c'));
    assert.equal(translator.table.upstreams, before.upstreams);
    assert.equal(translator.table.version, before.version + 1);
  });

  it('that removes the last use of an upstream removes the upstream', () => {
    const { remove, translator } = start(all);
    const step = remove({ kind: 'Ingress', namespace: 'shop', name: 'other' });
    assert.equal(readPatch(step.patch), '-host c -upstream shop/other:80');
    assert.deepEqual([...translator.table.upstreams.keys()], ['shop/app:80']);
  });

  it('of a Service is told to those that name it', () => {
    const { remove, set, translator } = start(all);
    const step = remove({ kind: 'Service', namespace: 'shop', name: 'other' });
    assert.equal(readPatch(step.patch), '+upstream shop/other:80');
    assert.deepEqual(step.problemsChanged, [{ kind: 'Ingress', namespace: 'shop', name: 'other' }]);
    assert.deepEqual(
      translator.allProblems().map(({ code }) => code),
      ['ServiceNotFound'],
    );
    assert.deepEqual(set(sampleService('other')).problemsChanged.length, 1);
    assert.deepEqual(translator.allProblems(), []);
  });

  it('moves a slice from one Service to another', () => {
    const { set, translator } = start(all);
    const step = set(sampleSlice(['10.0.0.7'], { service: 'other', name: 'app-1' }));
    assert.equal(readPatch(step.patch), '+upstream shop/app:80 +upstream shop/other:80');
    assert.deepEqual(translator.table.upstreams.get('shop/app:80')?.target, {
      kind: 'endpoints',
      endpoints: [],
    });
  });

  it('is seen as one step, whatever is in between', () => {
    const { translator } = start(all);
    const step = translator.apply(
      [
        { kind: 'removed', ref: { kind: 'Ingress', namespace: 'shop', name: 'web' } },
        { kind: 'set', object: other },
        { kind: 'set', object: web },
      ],
      sampleNowMs,
    );
    assert.equal(step.patch, null);
    assert.deepEqual(step.problemsChanged, []);
  });
});

describe('classes', () => {
  const web = sampleIngress({ ingressClassName: 'sallyport', rules: [sampleRule('h', ['/'], 'missing')] });
  const key = 'shop/web';

  it('that appear and vanish bring and take routes and problems of their Ingresses', () => {
    const { translator, set, remove } = start([web]);
    assert.deepEqual(translator.allProblems(), []);
    assert.deepEqual(translator.ingressStatus(key), {
      owned: false,
      reason: 'class "sallyport" does not exist',
    });
    assert.equal(readPatch(set(sampleClass()).patch), '+host h +upstream shop/missing:80');
    assert.equal(translator.ingressStatus(key)?.owned, true);
    assert.equal(translator.allProblems().length, 1);
    const step = remove({ kind: 'IngressClass', name: 'sallyport' });
    assert.equal(readPatch(step.patch), '-host h -upstream shop/missing:80');
    assert.deepEqual(translator.allProblems(), []);
    assert.equal(translator.ingressStatus('shop/nobody'), undefined);
  });
});

describe('the last good certificate', () => {
  it('stays in force when the Secret breaks or vanishes, and the problem says so', () => {
    const state = start([tlsIngress, secretOf('foo'), ...sampleApp]);
    assert.equal(state.set(brokenSecret).patch, null);
    assert.deepEqual(problemsOfWeb(state), [
      'error CertificateInvalid Ingress shop/web spec.tls[0].secretName',
    ]);
    assert.match(state.translator.allProblems()[0]?.message ?? '', /its last good certificate is served$/);
    assert.equal(state.remove(secretRef).patch, null);
    assert.deepEqual(problemsOfWeb(state), ['error SecretNotFound Ingress shop/web spec.tls[0].secretName']);
    assert.ok(state.translator.table.certificates.has('shop/tls'));
  });

  it('is replaced by the next good one, which touches the certificate and no host', () => {
    const state = start([tlsIngress, secretOf('foo'), ...sampleApp]);
    state.set(brokenSecret);
    assert.equal(readPatch(state.set(secretOf('foo-renewed')).patch), '+certificate shop/tls');
    assert.deepEqual(problemsOfWeb(state), []);
  });

  it('is forgotten when nothing names the Secret any more', () => {
    const state = start([tlsIngress, secretOf('foo'), ...sampleApp]);
    state.remove({ kind: 'Ingress', namespace: 'shop', name: 'web' });
    assert.equal(state.translator.table.certificates.size, 0);
    state.set(brokenSecret);
    state.set(tlsIngress);
    assert.equal(state.translator.table.hosts.get('foo.example.com')?.tls?.certificate, null);
    assert.match(state.translator.allProblems()[0]?.message ?? '', /the default certificate is served$/);
  });

  it('is none from scratch', () => {
    const { translator } = start([tlsIngress, brokenSecret, ...sampleApp]);
    assert.equal(translator.table.hosts.get('foo.example.com')?.tls?.certificate, null);
    assert.equal(translator.table.certificates.size, 0);
  });

  it('does not depend on whether the Secret or the Ingress comes first', () => {
    const state = start([secretOf('foo')]);
    assert.equal(state.translator.table.certificates.size, 0);
    assert.match(readPatch(state.set(tlsIngress).patch), /\+certificate shop\/tls/);
  });
});

describe('expiry', () => {
  it('is a warning from the moment on, is taken back with the clock, and the certificate is served', () => {
    const { translator } = start([tlsIngress, secretOf('foo'), ...sampleApp]);
    const { notAfterMs = 0 } = translator.table.certificates.get('shop/tls') ?? {};
    assert.deepEqual(translator.apply([], notAfterMs).problemsChanged, []);
    const step = translator.apply([], notAfterMs + 1);
    assert.equal(step.patch, null);
    assert.equal(step.problemsChanged.length, 1);
    assert.deepEqual(
      translator.allProblems().map(({ code, severity }) => [code, severity]),
      [['CertificateExpired', 'warning']],
    );
    assert.equal(translator.apply([], notAfterMs).problemsChanged.length, 1);
    assert.deepEqual(translator.allProblems(), []);
  });
});

describe("the controller's own choices", () => {
  it('put the default backend in the table, with its problems on the Service', () => {
    const defaultBackendService = { namespace: 'shop', name: 'app', port: null };
    const { translator, set } = start([], { defaultBackendService });
    assert.deepEqual(translator.table.fallback, notFoundRoute);
    assert.deepEqual(readProblems(translator.allProblems()), ['error ServiceNotFound Service shop/app ']);
    assert.match(translator.allProblems()[0]?.message ?? '', /does not exist; .* get a plain 404$/);
    set(...sampleApp);
    assert.deepEqual(translator.table.fallback.backend, { kind: 'upstream', upstream: 'shop/app:' });
    assert.deepEqual(translator.allProblems(), []);
    assert.equal(translator.table.upstreams.get('shop/app:')?.target.kind, 'endpoints');
  });

  it('answer with the plain 404 while the default backend has no endpoint or not the port', () => {
    const defaultBackendService = { namespace: 'shop', name: 'app', port: '80' };
    const { translator, set } = start(sampleApp, { defaultBackendService });
    const kindNow = (): string => translator.table.fallback.backend.kind;
    assert.equal(kindNow(), 'upstream');
    const { patch } = set(sampleSlice([{ addresses: ['10.0.0.1'], conditions: { ready: false } }]));
    assert.deepEqual(patch?.fallback, notFoundRoute);
    assert.deepEqual(readProblems(translator.allProblems()), ['warning NoEndpoints Service shop/app ']);
    assert.equal(set(...sampleApp).patch?.fallback?.backend.kind, 'upstream');
    set(sampleService('app', [{ port: 81 }]));
    assert.equal(kindNow(), 'status');
  });

  it('put the default certificate in the table as soon as it is usable, with its problems on the Secret', () => {
    const { translator, set, remove } = start([], { defaultCertificate: 'shop/tls' });
    assert.equal(translator.table.defaultCertificate, null);
    assert.deepEqual(readProblems(translator.allProblems()), ['error SecretNotFound Secret shop/tls ']);
    assert.equal(readPatch(set(secretOf('foo')).patch), '+certificate shop/tls default shop/tls');
    assert.equal(remove(secretRef).patch, null);
    assert.equal(translator.table.defaultCertificate, 'shop/tls');
  });
});

describe('odd data', () => {
  it('harms nobody', () => {
    const odd: readonly unknown[] = [
      { kind: 'Ingress', metadata: { namespace: 'shop', name: 'a' } },
      {
        kind: 'Ingress',
        metadata: { namespace: 'shop', name: 'b', annotations: 7 },
        spec: { rules: 'x', tls: {}, defaultBackend: 3 },
      },
      {
        kind: 'Ingress',
        metadata: { name: 'c' },
        spec: {
          rules: [null, 3, { host: 7, http: { paths: [null, {}, { path: 5, backend: { service: {} } }] } }],
          tls: [null, { hosts: [null, 4] }],
        },
      },
      { kind: 'IngressClass', metadata: { name: 'x' } },
      {
        kind: 'Service',
        metadata: { namespace: 'shop', name: 'app' },
        spec: { ports: [null, { port: 80 }] },
      },
      { kind: 'Service', metadata: { namespace: 'shop', name: 'none' } },
      {
        kind: 'EndpointSlice',
        metadata: { namespace: 'shop', name: 's', labels: { 'kubernetes.io/service-name': 'app' } },
        endpoints: [null, {}, { addresses: [5] }],
      },
      { kind: 'Secret', metadata: { namespace: 'shop', name: 'tls' }, data: 4 },
      { kind: 'Widget', metadata: { name: 'w' } },
    ];
    const none = sampleIngress({ rules: [sampleRule('n', ['/'], 'none')] }, { name: 'none' });
    const { translator } = start([tlsIngress, none, ...(odd as readonly KubeObject[])]);
    assert.deepEqual(readRoutes(translator.table, 'foo.example.com'), [
      'prefix / → shop/app:80 by ingress/shop/web/rule/0/path/0',
    ]);
    assert.ok(translator.allProblems().some(({ code }) => code === 'UnsupportedBackend'));
  });
});
