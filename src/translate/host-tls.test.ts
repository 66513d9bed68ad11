// Which hosts have TLS and which certificate they get: ingress-api.md E.2.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { IngressSpec, KubeObject, Secret } from '../kube/index.ts';
import type { RouteTable } from '../model/index.ts';
import {
  readProblems,
  readRoutes,
  sampleApp,
  sampleBackend,
  sampleIngress,
  sampleRule,
  sampleSecret,
  translateSample,
} from './sample-objects.fixture.ts';

const folder = new URL('../../test/fixtures/certs/', import.meta.url);

function secretOf(name: string, fixture = name, namespace = 'shop'): Secret {
  const read = (kind: string) => readFileSync(new URL(`${fixture}.${kind}`, folder), 'utf8');
  return sampleSecret(name, read('crt'), read('key'), namespace);
}

const foo = secretOf('foo');
const wildcard = secretOf('wildcard');
const ruled = (...hosts: readonly string[]): NonNullable<IngressSpec['rules']> =>
  hosts.map((host) => sampleRule(host, ['/']));

function tlsOf(table: RouteTable, host: string): string {
  const tls = table.hosts.get(host)?.tls;
  if (tls === undefined) return 'no host';
  return tls === null ? 'plain' : `${tls.certificate ?? 'default'} by ${tls.source}`;
}

function translateAll(objects: readonly KubeObject[]) {
  const { table, problems } = translateSample([...objects, ...sampleApp]);
  return { table, problems: readProblems(problems) };
}

describe('certificates of hosts', () => {
  it('come from the entry that lists the host, in any case', () => {
    const web = sampleIngress({
      rules: ruled('foo.example.com'),
      tls: [{ hosts: ['FOO.example.com'], secretName: 'foo' }],
    });
    const { table, problems } = translateAll([web, foo]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'shop/foo by ingress/shop/web/tls/0');
    assert.deepEqual([...table.certificates.keys()], ['shop/foo']);
    assert.deepEqual(problems, []);
  });

  it('come from a listed wildcard, which makes no host of its own', () => {
    const web = sampleIngress({
      rules: ruled('a.example.com'),
      tls: [{ hosts: ['*.example.com'], secretName: 'wildcard' }],
    });
    const { table, problems } = translateAll([web, wildcard]);
    assert.equal(tlsOf(table, 'a.example.com'), 'shop/wildcard by ingress/shop/web/tls/0');
    assert.equal(tlsOf(table, '*.example.com'), 'no host');
    assert.deepEqual(problems, []);
  });

  it('are for wildcard hosts too', () => {
    const web = sampleIngress({
      rules: ruled('*.example.com'),
      tls: [{ hosts: ['*.example.com'], secretName: 'wildcard' }],
    });
    assert.equal(
      tlsOf(translateAll([web, wildcard]).table, '*.example.com'),
      'shop/wildcard by ingress/shop/web/tls/0',
    );
  });

  it('come from any entry of the Ingress that covers the host, after those that list it', () => {
    const tls = [
      { hosts: ['other.test'], secretName: 'wildcard' },
      { hosts: ['foo.example.com'], secretName: 'foo' },
    ];
    const web = sampleIngress({ rules: ruled('foo.example.com', 'a.example.com', 'other.test'), tls });
    const { table } = translateAll([web, foo, wildcard]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'shop/foo by ingress/shop/web/tls/1');
    assert.equal(tlsOf(table, 'a.example.com'), 'shop/wildcard by ingress/shop/web/tls/0');
  });

  it('are the default for every other host of an Ingress with a tls section, and for entries without Secret', () => {
    const tls = [{ hosts: ['foo.example.com'] }];
    const { table, problems } = translateAll([
      sampleIngress({ rules: ruled('foo.example.com', 'x.test'), tls }),
    ]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'default by ingress/shop/web/tls/0');
    assert.equal(tlsOf(table, 'x.test'), 'default by ingress/shop/web/tls/0');
    assert.deepEqual(problems, []);
  });

  it('are none for the catch-all host and for Ingresses without tls section', () => {
    const web = sampleIngress({ rules: ruled(''), tls: [{ secretName: 'foo' }] });
    const plain = sampleIngress({ rules: ruled('x.test'), tls: [] }, { name: 'plain' });
    const { table } = translateAll([web, plain, foo]);
    assert.equal(tlsOf(table, ''), 'plain');
    assert.equal(tlsOf(table, 'x.test'), 'plain');
  });

  it('are not served to hosts that they do not cover, with a warning', () => {
    const web = sampleIngress({ rules: ruled('x.test'), tls: [{ hosts: ['x.test'], secretName: 'foo' }] });
    const { table, problems } = translateAll([web, foo]);
    assert.equal(tlsOf(table, 'x.test'), 'default by ingress/shop/web/tls/0');
    assert.equal(table.certificates.size, 0);
    assert.deepEqual(problems, ['warning CertificateHostMismatch Ingress shop/web spec.tls[0].hosts[0]']);
  });

  it('come from the oldest Ingress whose Secret is usable, those with a rule for the host first', () => {
    const rules = ruled('foo.example.com');
    const missing = sampleIngress(
      { rules, tls: [{ hosts: ['foo.example.com'], secretName: 'missing' }] },
      { name: 'missing', day: 1 },
    );
    const listing = sampleIngress(
      { defaultBackend: sampleBackend('app'), tls: [{ hosts: ['foo.example.com'], secretName: 'foo' }] },
      { name: 'listing', day: 2 },
    );
    const young = sampleIngress(
      {
        rules: [sampleRule('foo.example.com', ['/y'])],
        tls: [{ hosts: ['foo.example.com'], secretName: 'renewed' }],
      },
      { name: 'young', day: 3 },
    );
    const all = [missing, listing, young, foo, secretOf('renewed', 'foo-renewed')];
    const { table, problems } = translateAll(all);
    assert.equal(tlsOf(table, 'foo.example.com'), 'shop/renewed by ingress/shop/young/tls/0');
    assert.ok(problems.includes('error SecretNotFound Ingress shop/missing spec.tls[0].secretName'));
    assert.equal(
      tlsOf(translateAll([missing, listing, foo]).table, 'foo.example.com'),
      'shop/foo by ingress/shop/listing/tls/0',
    );
  });

  it('come from the own namespace only', () => {
    const web = sampleIngress({
      rules: ruled('foo.example.com'),
      tls: [{ hosts: ['foo.example.com'], secretName: 'foo' }],
    });
    const { table, problems } = translateAll([web, secretOf('foo', 'foo', 'other')]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'default by ingress/shop/web/tls/0');
    assert.deepEqual(problems, ['error SecretNotFound Ingress shop/web spec.tls[0].secretName']);
  });
});

describe('tls hosts without rule', () => {
  const tls = [{ hosts: ['foo.example.com'], secretName: 'foo' }];

  it('get their certificate, a warning, and no routes of their own', () => {
    const { table, problems } = translateAll([sampleIngress({ rules: ruled('x.test'), tls }), foo]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'shop/foo by ingress/shop/web/tls/0');
    assert.deepEqual(readRoutes(table, 'foo.example.com'), []);
    assert.deepEqual(problems, ['warning TlsHostWithoutRule Ingress shop/web spec.tls[0].hosts[0]']);
  });

  it('are served as without the entry: by their wildcard, else by the catch-all', () => {
    const catchAll = sampleIngress({ rules: [sampleRule('', ['/any'])], tls });
    const stars = sampleIngress({ rules: [sampleRule('*.example.com', ['/star'])] }, { name: 'stars' });
    const paths = (objects: readonly KubeObject[]) =>
      translateAll(objects)
        .table.hosts.get('foo.example.com')
        ?.routes.map(({ match }) => match.path);
    assert.deepEqual(paths([catchAll, foo]), ['/any']);
    assert.deepEqual(paths([catchAll, stars, foo]), ['/star']);
  });

  it('leave the rules of another Ingress alone and give them TLS', () => {
    const owner = sampleIngress({ rules: [sampleRule('foo.example.com', ['/own'])] }, { name: 'owner' });
    const { table } = translateAll([sampleIngress({ rules: ruled(''), tls }), owner, foo]);
    assert.deepEqual(readRoutes(table, 'foo.example.com'), [
      'prefix /own → shop/app:80 by ingress/shop/owner/rule/0/path/0',
    ]);
    assert.equal(tlsOf(table, 'foo.example.com'), 'shop/foo by ingress/shop/web/tls/0');
  });
});

describe('hosts of another namespace', () => {
  const host = 'foo.example.com';
  const tls = [{ hosts: [host], secretName: 'foo' }];
  const thief = (rules: IngressSpec['rules'], day: number) => [
    sampleIngress({ ...(rules && { rules }), tls }, { name: 'thief', namespace: 'thief', day }),
    secretOf('foo', 'foo', 'thief'),
  ];
  const conflict = 'error TlsHostConflict Ingress thief/thief spec.tls[0].hosts[0]';

  it('get neither TLS nor a certificate by a tls entry, with or without a rule', () => {
    const owner = sampleIngress({ rules: [sampleRule(host, ['/'])] }, { name: 'owner', day: 1 });
    for (const rules of [ruled('x.test'), [sampleRule(host, ['/stolen'])]]) {
      const { table, problems } = translateAll([owner, ...thief(rules, 2)]);
      assert.equal(tlsOf(table, host), 'plain');
      assert.ok(problems.includes(conflict), problems.join());
    }
  });

  it('keep their own certificate, whoever is older by a tls entry alone', () => {
    const owner = sampleIngress({ rules: ruled(host), tls }, { name: 'owner', day: 2 });
    const { table } = translateAll([owner, foo, ...thief(ruled('x.test'), 1)]);
    assert.equal(tlsOf(table, host), 'shop/foo by ingress/shop/owner/tls/0');
  });

  it('are not cut out of a wildcard', () => {
    const stars = sampleIngress(
      { rules: ruled('*.example.com'), tls: [{ hosts: ['*.example.com'], secretName: 'wildcard' }] },
      { name: 'stars', day: 2 },
    );
    const { table, problems } = translateAll([stars, wildcard, ...thief(ruled('x.test'), 1)]);
    // A lookup by name goes on to the wildcard where the host itself is plain.
    assert.equal(tlsOf(table, host), 'plain');
    assert.equal(tlsOf(table, '*.example.com'), 'shop/wildcard by ingress/shop/stars/tls/0');
    assert.ok(problems.includes(conflict), problems.join());
  });
});
