// The controller's own settings: from the ConfigMap to the table, what bad values do, and the ciphers of hosts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { ConfigMap } from '../kube/index.ts';
import { defaultTlsSettings } from '../model/index.ts';
import { controllerSettings } from './controller-settings.ts';
import {
  readProblems,
  sampleApp,
  sampleIngress,
  sampleOptions,
  sampleRule,
  type SampleMeta,
} from './sample-objects.fixture.ts';
import { translate, Translator } from './translator.ts';

const options = sampleOptions({ features, configMap: 'ingress/settings' });
const nowMs = Date.UTC(2026, 1, 1);
const prefix = 'nginx.ingress.kubernetes.io';

function configMap(data: Readonly<Record<string, string>>, name = 'settings'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name }, data };
}

function settingsOf(data: Readonly<Record<string, string>>) {
  const { table, problems } = translate([configMap(data)], options, nowMs);
  return { tls: table.tls, problems: problems.map(({ message }) => message) };
}

describe('TLS settings of the ConfigMap', () => {
  it('are the defaults without keys', () => {
    assert.deepEqual(settingsOf({}), { tls: defaultTlsSettings, problems: [] });
  });

  it('take every key', () => {
    const { tls, problems } = settingsOf({
      'ssl-protocols': 'TLSv1.3',
      'ssl-ciphers': 'ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384',
      'ssl-ecdh-curve': 'x25519:P-256:prime256v1',
      'ssl-session-timeout': '1h',
      'hsts-max-age': '86400',
      'hsts-include-subdomains': 'false',
      'hsts-preload': 'true',
      'enable-ocsp': 'true',
      'use-http2': 'false',
      'ssl-reject-handshake': 'true',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(tls, {
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384',
      groups: 'X25519:prime256v1',
      ticketLifeSeconds: 3_600,
      hsts: 'max-age=86400; preload',
      ocspResponders: 'public',
      allowsHttp2: false,
      refusesUnknownNames: true,
    });
    const off = settingsOf({ hsts: 'false', 'ssl-session-tickets': 'false' });
    assert.equal(off.tls.hsts, '');
    assert.equal(off.tls.ticketLifeSeconds, 0);
  });

  it('keep the default where a value is bad, and say so', () => {
    const bad: Readonly<Record<string, string>> = {
      'ssl-protocols': 'TLSv1.1 TLSv1.2',
      'ssl-ciphers': 'ECDHE-RSA-AES128-SHA256:!aNULL',
      'ssl-ecdh-curve': 'secp192k1',
      'ssl-session-tickets': 'yes',
      'ssl-session-timeout': '8d',
      hsts: 'on',
      'hsts-max-age': '-1',
      'hsts-include-subdomains': '',
      'hsts-preload': '\r\nX: y',
      'enable-ocsp': 'on',
      'ocsp-private-responders': 'on',
      'use-http2': 'no',
      'ssl-reject-handshake': 'no',
    };
    assert.deepEqual(Object.keys(bad).sort(), controllerSettings.map(({ name }) => name).sort());
    const { tls, problems } = settingsOf(bad);
    assert.deepEqual(tls, defaultTlsSettings);
    assert.equal(problems.length, controllerSettings.length);
    const told = problems.join('\n');
    assert.match(told, /"ssl-protocols" is "TLSv1.1 TLSv1.2", wanted .*, not "TLSv1.1"/);
    assert.match(told, /"ssl-ciphers" .*, not "ECDHE-RSA-AES128-SHA256", "!aNULL"/);
  });

  it('are the controller’s alone: in the parameters of a class they are not known', () => {
    const parameters = configMap({ 'ssl-protocols': 'TLSv1.3' }, 'team');
    const translator = new Translator(options);
    const reference = { kind: 'ConfigMap', name: 'team', scope: 'Namespace', namespace: 'ingress' } as const;
    translator.apply(
      [
        { kind: 'set', object: parameters },
        {
          kind: 'set',
          object: {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'IngressClass',
            metadata: { name: 'team' },
            spec: { controller: options.controllerName, parameters: reference },
          },
        },
      ],
      nowMs,
    );
    assert.deepEqual(translator.table.tls, defaultTlsSettings);
    assert.match(readProblems(translator.allProblems()).join(), /SettingUnknown.*ssl-protocols/);
  });

  it('stay when the ConfigMap goes, and change with a patch of their own', () => {
    const translator = new Translator(options);
    translator.apply([{ kind: 'set', object: configMap({}) }], nowMs);
    const { patch } = translator.apply(
      [{ kind: 'set', object: configMap({ 'ssl-protocols': 'TLSv1.3' }) }],
      nowMs,
    );
    assert.equal(patch?.tls?.minVersion, 'TLSv1.3');
    assert.deepEqual(patch.hosts, { set: [], removed: [] });
    const ref = { kind: 'ConfigMap', namespace: 'ingress', name: 'settings' };
    assert.equal(translator.apply([{ kind: 'removed', ref }], nowMs).patch, null);
    assert.equal(translator.table.tls.minVersion, 'TLSv1.3');
  });
});

describe('ciphers of a host', () => {
  const ciphers = 'ECDHE-RSA-AES256-GCM-SHA384';
  const web = (meta: SampleMeta, annotations: Readonly<Record<string, string>>, path = '/') =>
    sampleIngress(
      { rules: [sampleRule('foo.example.com', [path])], tls: [{ hosts: ['foo.example.com'] }] },
      {
        ...meta,
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, text]) => [`${prefix}/${name}`, text]),
        ),
      },
    );

  function tlsOf(...ingresses: readonly ReturnType<typeof web>[]) {
    const { table, problems } = translate([...ingresses, ...sampleApp], options, nowMs);
    const { ciphers: list, prefersClientOrder } = table.hosts.get('foo.example.com')?.tls ?? {};
    return { list, prefersClientOrder, problems: problems.map(({ message }) => message) };
  }

  it('are those of the oldest Ingress that says so, in the namespace that owns the host', () => {
    const owner = web({ name: 'owner', day: 2 }, {});
    const second = web({ name: 'second', day: 3 }, { 'ssl-ciphers': ciphers }, '/second');
    const neighbour = web(
      { name: 'neighbour', namespace: 'other', day: 4 },
      { 'ssl-ciphers': 'ECDHE-RSA-AES128-GCM-SHA256', 'ssl-prefer-server-ciphers': 'false' },
      '/other',
    );
    const found = tlsOf(owner, second, neighbour);
    assert.equal(found.list, ciphers);
    assert.equal(found.prefersClientOrder, undefined);
    assert.equal(tlsOf(owner, neighbour).list, undefined);
  });

  it('are the default where the value is bad', () => {
    const found = tlsOf(web({}, { 'ssl-ciphers': 'RC4-SHA', 'ssl-prefer-server-ciphers': 'false' }));
    assert.equal(found.list, undefined);
    assert.equal(found.prefersClientOrder, true);
    assert.match(found.problems.join(), /ssl-ciphers" is "RC4-SHA", wanted/);
  });

  it('hold for a host that only `tls` names, where the wildcard says so', () => {
    const wild = sampleIngress(
      { rules: [sampleRule('*.example.com', ['/'])], tls: [{ hosts: ['*.example.com', 'b.example.com'] }] },
      { annotations: { [`${prefix}/ssl-ciphers`]: ciphers } },
    );
    const { table } = translate([wild, ...sampleApp], options, nowMs);
    assert.equal(table.hosts.get('*.example.com')?.tls?.ciphers, ciphers);
    const named = sampleIngress({ tls: [{ hosts: ['b.example.com'] }] }, { name: 'named' });
    const both = translate([wild, named, ...sampleApp], options, nowMs);
    assert.equal(both.table.hosts.get('b.example.com')?.tls?.ciphers, ciphers);
  });
});
