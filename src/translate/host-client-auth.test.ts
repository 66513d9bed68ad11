// Client certificates out of annotations and Secrets: who decides for a host, what becomes of the others, and that nothing ends open.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { KubeObject, Secret } from '../kube/index.ts';
import {
  sampleApp,
  sampleIngress,
  type SampleMeta,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { translate, Translator } from './translator.ts';

const options = sampleOptions({ features });
const host = 'foo.example.com';
const [crt, renewed] = ['foo.crt', 'foo-renewed.crt'].map((name) =>
  readFileSync(new URL(`../../test/fixtures/certs/${name}`, import.meta.url), 'utf8'),
);

function secretOf(data: Readonly<Record<string, string | undefined>>, namespace = 'shop'): Secret {
  const entries = Object.entries(data).map(([name, text = '']) => [name, btoa(text)]);
  const metadata = { namespace, name: 'ca' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: Object.fromEntries(entries) };
}

const authority = secretOf({ 'ca.crt': crt });

/** Annotations without their prefix. */
function web(annotations: Readonly<Record<string, string>>, meta: SampleMeta = {}, path = '/'): KubeObject {
  const texts = Object.entries(annotations).map(([name, text]) => [
    `nginx.ingress.kubernetes.io/${name}`,
    text,
  ]);
  return sampleIngress(
    { rules: [sampleRule(host, [path])] },
    { ...meta, annotations: Object.fromEntries(texts) },
  );
}

function translateAll(...objects: readonly KubeObject[]) {
  const { table, problems } = translate([...objects, ...sampleApp], options, sampleNowMs);
  const unit = table.hosts.get(host);
  return {
    table,
    clientAuth: unit?.clientAuth,
    backends: unit?.routes.map(({ match, backend }) => `${match.path} ${backend.kind}`),
    told: problems.map(({ code, object, message }) => `${code} ${object.name}: ${message}`).join('\n'),
  };
}

describe('client certificates of a host', () => {
  it('take every key', () => {
    const { clientAuth, table, told } = translateAll(
      authority,
      web({
        'auth-tls-secret': 'shop/ca',
        'auth-tls-verify-client': 'optional_no_ca',
        'auth-tls-verify-depth': '3',
        'auth-tls-error-page': 'https://login.test/x?y=z',
        'auth-tls-pass-certificate-to-upstream': 'true',
        'auth-tls-match-cn': 'CN=(a|b)',
      }),
    );
    assert.equal(told, '');
    assert.deepEqual(clientAuth, {
      authority: 'shop/ca',
      mode: 'optional-no-ca',
      maxIntermediates: 3,
      errorUrl: 'https://login.test/x?y=z',
      passesCertificate: true,
      subjectPattern: 'CN=(a|b)',
      source: 'ingress/shop/web',
    });
    assert.deepEqual([...table.authorities.keys()], ['shop/ca']);
  });

  it('are required, one certificate deep, unless told otherwise; "off" asks for none', () => {
    const { clientAuth } = translateAll(authority, web({ 'auth-tls-secret': 'shop/ca' }));
    assert.deepEqual([clientAuth?.mode, clientAuth?.maxIntermediates], ['required', 1]);
    const bad = translateAll(
      authority,
      web({ 'auth-tls-secret': 'shop/ca', 'auth-tls-verify-client': 'On', 'auth-tls-verify-depth': '-1' }),
    );
    assert.deepEqual(bad.clientAuth, clientAuth);
    assert.match(bad.told, /"On", wanted[^]*"-1", wanted/);
    const off = translateAll(
      authority,
      web({ 'auth-tls-secret': 'shop/ca', 'auth-tls-verify-client': 'off' }),
    );
    assert.equal(off.clientAuth, undefined);
  });

  it('are those of the oldest Ingress with a Secret, key by key; a younger one softens nothing', () => {
    const old = web({ 'auth-tls-secret': 'shop/ca' }, { name: 'old', day: 2 });
    const soft = web(
      { 'auth-tls-secret': 'shop/none', 'auth-tls-verify-client': 'off', 'auth-tls-verify-depth': '9' },
      { name: 'soft', day: 3 },
      '/soft',
    );
    const { clientAuth } = translateAll(authority, old, soft);
    assert.equal(clientAuth?.source, 'ingress/shop/old');
    assert.deepEqual([clientAuth.mode, clientAuth.maxIntermediates], ['required', 1]);
    const oldest = web({ 'auth-tls-verify-client': 'off' }, { name: 'oldest', day: 1 }, '/first');
    assert.deepEqual(translateAll(authority, oldest, old, soft).clientAuth, clientAuth);
  });

  it('are the owner’s to decide: the paths of a neighbour who asks are denied, and nobody else’s', () => {
    const owner = web({}, { name: 'owner', day: 1 });
    const theirs = secretOf({ 'ca.crt': crt }, 'other');
    const neighbour = web(
      { 'auth-tls-secret': 'other/ca' },
      { name: 'neighbour', namespace: 'other', day: 2 },
      '/theirs',
    );
    const { clientAuth, backends, told } = translateAll(owner, neighbour, theirs);
    assert.equal(clientAuth, undefined);
    assert.deepEqual(backends, ['/theirs status', '/ upstream']);
    assert.match(told, /TlsHostConflict neighbour: .*namespace "shop".*answer 503/);
  });

  it('hold for a host that only `tls` names, where its wildcard asks', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/auth-tls-secret': 'shop/ca' };
    const wild = sampleIngress({ rules: [sampleRule('*.example.com', ['/'])] }, { annotations });
    const named = sampleIngress({ tls: [{ hosts: ['b.example.com'] }] }, { name: 'named', day: 9 });
    const { table } = translate([authority, wild, named, ...sampleApp], options, sampleNowMs);
    assert.equal(table.hosts.get('b.example.com')?.clientAuth?.authority, 'shop/ca');
  });
});

describe('what cannot be verified', () => {
  it('is answered by nobody: a Secret of another namespace, a subject without a Secret or with "off"', () => {
    for (const annotations of [
      { 'auth-tls-secret': 'other/ca' },
      { 'auth-tls-match-cn': 'CN=a' },
      { 'auth-tls-secret': 'shop/ca', 'auth-tls-match-cn': 'CN=a', 'auth-tls-verify-client': 'off' },
    ]) {
      const { clientAuth, told, table } = translateAll(
        authority,
        secretOf({ 'ca.crt': crt }, 'other'),
        web(annotations),
      );
      assert.equal(clientAuth?.authority, null);
      assert.match(told, /AnnotationInvalid web: annotation .*every request of the host answers 503/);
      assert.equal(table.authorities.has('other/ca'), false);
    }
  });

  it('denies the whole host, also the paths that rely on another Ingress, where a value cannot be read', () => {
    const api = web({}, { name: 'api', day: 2 }, '/api');
    for (const annotations of [
      { 'auth-tls-secret': 'ca' },
      { 'auth-tls-secret': 'shop/ca/' },
      { 'auth-tls-secret': 'shop/ca', 'auth-tls-match-cn': 'O=a' },
      { 'auth-tls-verify-client': 'off', 'auth-tls-match-cn': 'O=a' },
    ]) {
      const { clientAuth, told } = translateAll(authority, web(annotations, { day: 1 }), api);
      assert.ok(clientAuth !== undefined, JSON.stringify(annotations));
      assert.equal(clientAuth.authority, null);
      assert.match(
        told,
        /AnnotationInvalid web: .*the value of "auth-tls-\S+" cannot be read; every request of the host/,
      );
    }
  });

  it('is decided by an older Ingress that can be read: only the paths of the other are denied', () => {
    const old = web({ 'auth-tls-secret': 'shop/ca' }, { name: 'old', day: 1 });
    const young = web({ 'auth-tls-secret': 'ca' }, { name: 'young', day: 2 }, '/young');
    const { clientAuth, backends } = translateAll(authority, old, young);
    assert.equal(clientAuth?.authority, 'shop/ca');
    assert.deepEqual(backends, ['/young status', '/ upstream']);
  });

  it('denies the paths of an Ingress whose Secret or subject cannot be read', () => {
    for (const annotations of [
      { 'auth-tls-secret': 'ca' },
      { 'auth-tls-secret': 'shop/ca', 'auth-tls-match-cn': 'CN=(a)\\1' },
      { 'auth-tls-secret': 'shop/ca', 'auth-tls-match-cn': 'O=a' },
    ]) {
      const { backends, told } = translateAll(authority, web(annotations));
      assert.deepEqual(backends, ['/ status']);
      assert.match(told, /AnnotationInvalid web: .*answer 503/);
    }
  });

  it('takes a URL or a path that is read as it is written for an error page, and nothing else', () => {
    const read = (page: string): { url: string | undefined; told: string } => {
      const annotations = { 'auth-tls-secret': 'shop/ca', 'auth-tls-error-page': page };
      const { clientAuth, told } = translateAll(authority, web(annotations));
      return { url: clientAuth?.errorUrl, told };
    };
    for (const good of ['/denied', '/', '/a/b.html?why=1', 'https://login.test/x'])
      assert.equal(read(good).url, good);
    for (const bad of ['denied', '@named', '/a/../b', '/%2e/x', '/a b', '/a\r\nb', '/a#b']) {
      const { url, told } = read(bad);
      assert.equal(url, '', bad);
      assert.match(told, /auth-tls-error-page/, bad);
    }
  });

  it('counts no earlier version of a Secret', () => {
    const translator = new Translator(options);
    const ingress = web({ 'auth-tls-secret': 'shop/ca' });
    translator.apply(setAll([authority, ingress, ...sampleApp]), sampleNowMs);
    const before = translator.table.authorities.get('shop/ca');
    const next = translator.apply(setAll([secretOf({ 'ca.crt': renewed })]), sampleNowMs);
    assert.deepEqual(next.patch?.hosts, { set: [], removed: [] });
    assert.notEqual(translator.table.authorities.get('shop/ca')?.digest, before?.digest);
    for (const [data, why] of [
      [{}, 'it has no "ca.crt"'],
      [{ 'ca.crt': 'x' }, '"ca.crt" holds no certificate'],
      [{ 'ca.crt': crt, 'ca.crl': 'x' }, '"ca.crl" holds no list'],
    ] as const) {
      translator.apply(setAll([secretOf({ 'ca.crt': crt })]), sampleNowMs);
      assert.equal(translator.table.authorities.size, 1);
      translator.apply(setAll([secretOf(data)]), sampleNowMs);
      assert.equal(translator.table.authorities.size, 0);
      const told = translator.allProblems().map(({ message }) => message);
      assert.ok(
        told.some((message) => message.includes(why)),
        told.join(),
      );
    }
    translator.apply(setAll([secretOf({ 'ca.crt': crt })]), sampleNowMs);
    const ref = { kind: 'Secret', namespace: 'shop', name: 'ca' };
    translator.apply([{ kind: 'removed', ref }], sampleNowMs);
    assert.equal(translator.table.authorities.size, 0);
    assert.match(translator.allProblems()[0]?.message ?? '', /does not exist/);
  });

  it('leaves the table with the last Ingress that names it', () => {
    const translator = new Translator(options);
    translator.apply(setAll([authority, web({ 'auth-tls-secret': 'shop/ca' })]), sampleNowMs);
    assert.equal(translator.table.authorities.size, 1);
    translator.apply(setAll([web({})]), sampleNowMs);
    assert.equal(translator.table.authorities.size, 0);
  });
});
