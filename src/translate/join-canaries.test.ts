// Canaries in the table: which route they join, whom they may not take requests from, and that they serve nothing by themselves.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { Ingress, KubeObject } from '../kube/index.ts';
import type { Canary, Problem, RouteTable } from '../model/index.ts';
import {
  sampleIngress,
  type SampleMeta,
  samplePath,
  sampleRule,
  sampleService,
  sampleSlice,
  sampleOptions,
  translateSample,
} from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const nginx = 'nginx.ingress.kubernetes.io';
const services: readonly KubeObject[] = [
  sampleService('app'),
  sampleSlice(['10.0.0.1']),
  sampleService('next'),
  sampleSlice(['10.0.0.2'], { service: 'next' }),
];

function annotate(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${nginx}/${name}`, text]));
}

const main = sampleIngress({ rules: [sampleRule('a.test', ['/'])] }, { day: 2 });

function canary(
  texts: Readonly<Record<string, string>> = {},
  meta: SampleMeta = {},
  service = 'next',
): Ingress {
  const annotations = annotate({ canary: 'true', 'canary-weight': '10', ...texts });
  return sampleIngress(
    { rules: [sampleRule('a.test', ['/'], service)] },
    { name: 'canary', day: 3, annotations, ...meta },
  );
}

function build(...objects: readonly KubeObject[]): { table: RouteTable; problems: readonly Problem[] } {
  return translateSample([...services, ...objects], { features });
}

function canaryOf(table: RouteTable, host = 'a.test', at = 0): Canary | undefined {
  return table.hosts.get(host)?.routes[at]?.canary;
}

function told(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ code, severity, object, message }) => `${severity} ${code} ${object.name}: ${message}`,
  );
}

describe('a canary', () => {
  it('joins the route of its main Ingress, whichever of them is older', () => {
    for (const day of [1, 3]) {
      const { table, problems } = build(main, canary({}, { day }));
      assert.deepEqual(canaryOf(table), {
        id: 'ingress/shop/canary/rule/0/path/0',
        upstream: 'shop/next:80',
        header: null,
        cookie: '',
        weight: 10,
        total: 100,
        policies: {},
      });
      const routes = table.hosts.get('a.test')?.routes ?? [];
      assert.deepEqual(
        routes.map(({ id }) => id),
        ['ingress/shop/web/rule/0/path/0'],
      );
      assert.ok(table.upstreams.has('shop/next:80'));
      assert.deepEqual(problems, []);
    }
  });

  it('serves nothing without a main Ingress: no host, no catch-all, no upstream', () => {
    const lone = canary();
    const anywhere = sampleIngress(
      { defaultBackend: { service: { name: 'next', port: { number: 80 } } } },
      { name: 'anywhere', annotations: annotate({ canary: 'true' }) },
    );
    const { table, problems } = build(lone, anywhere);
    assert.equal(table.hosts.size, 0);
    assert.equal(table.upstreams.size, 0);
    assert.deepEqual(
      problems.map(({ code, severity }) => `${severity} ${code}`),
      ['warning CanaryIgnored', 'warning CanaryIgnored'],
    );
  });

  it('takes nothing from another namespace, and is told whose path it is', () => {
    const foreign = canary({}, { namespace: 'evil' });
    const { table, problems } = build(main, foreign, sampleService('next', undefined, 'evil'));
    assert.equal(canaryOf(table), undefined);
    assert.ok(!table.upstreams.has('evil/next:80'));
    const found = told(problems.filter(({ code }) => code === 'CanaryIgnored'));
    assert.equal(found.length, 1);
    assert.match(
      found[0] ?? '',
      /^error CanaryIgnored canary: the path of host "a.test" belongs to ingress\/shop\/web\/rule\/0\/path\/0/,
    );
  });

  it('wants the same path as written and the same type, whatever annotations make of them', () => {
    const regex = sampleIngress(
      {
        rules: [
          sampleRule('a.test', [
            samplePath('/v[0-9]', 'app', 'ImplementationSpecific'),
            samplePath('/x', 'app', 'Exact'),
          ]),
        ],
      },
      { annotations: annotate({ 'use-regex': 'true' }) },
    );
    const paths = [
      samplePath('/v[0-9]', 'next', 'ImplementationSpecific'),
      samplePath('/x', 'next', 'Prefix'),
    ];
    const other = sampleIngress(
      { rules: [sampleRule('a.test', paths)] },
      { name: 'canary', annotations: annotate({ canary: 'true' }) },
    );
    const { table, problems } = build(regex, other);
    const joined = table.hosts
      .get('a.test')
      ?.routes.map(({ match, canary: own }) => [match.path, own?.upstream]);
    assert.deepEqual(joined, [
      ['/x', undefined],
      ['/v[0-9]', 'shop/next:80'],
    ]);
    assert.match(told(problems).join('\n'), /no path "\/x" \(Prefix\) of host "a.test"/);
  });

  it('is the only one of a path: the oldest; and not one to the main Service port itself', () => {
    const second = canary({}, { name: 'second', day: 4 }, 'third');
    const { table, problems } = build(main, second, canary());
    assert.equal(canaryOf(table)?.upstream, 'shop/next:80');
    assert.match(
      told(problems).join('\n'),
      /error CanaryIgnored second: .* has a canary already, ingress\/shop\/canary\//,
    );
    const same = build(main, canary({}, {}, 'app'));
    assert.equal(canaryOf(same.table), undefined);
    assert.match(
      told(same.problems).join('\n'),
      /warning CanaryIgnored canary: the canary names the Service port/,
    );
  });

  it('brings balancing of its own and nothing else; what has no effect is told', () => {
    const { table, problems } = build(
      main,
      canary({ 'load-balance': 'ewma', 'ssl-redirect': 'false', 'whitelist-source-range': '10.0.0.0/8' }),
    );
    assert.deepEqual(canaryOf(table)?.policies, { 'load-balance': 'ewma' });
    assert.deepEqual(
      table.hosts.get('a.test')?.routes[0]?.policies,
      build(main).table.hosts.get('a.test')?.routes[0]?.policies,
    );
    assert.match(
      told(problems).join('\n'),
      /^info CanaryIgnored canary: .*ssl-redirect", ".*whitelist-source-range" have no effect$/m,
    );
  });

  it('has the sessions of its main Ingress, unless it is a legacy one', () => {
    const sticky = sampleIngress(
      { rules: [sampleRule('a.test', ['/'])] },
      { annotations: annotate({ affinity: 'cookie' }) },
    );
    const policies = canaryOf(build(sticky, canary()).table)?.policies;
    assert.deepEqual(policies, {
      affinity: build(sticky).table.hosts.get('a.test')?.routes[0]?.policies['affinity'],
    });
    assert.deepEqual(
      canaryOf(build(sticky, canary({ 'affinity-canary-behavior': 'legacy' })).table)?.policies,
      {},
    );
  });

  it('takes no part in TLS, in what hosts want of clients, and in who owns a host', () => {
    const early = canary({ 'auth-tls-secret': 'shop/authorities' }, { namespace: 'early', day: 1 });
    const tls = {
      ...early,
      spec: { ...early.spec, tls: [{ hosts: ['a.test', 'b.test'], secretName: 'stolen' }] },
    };
    const { table } = build(main, tls);
    assert.deepEqual([...table.hosts.keys()], ['a.test']);
    assert.deepEqual(table.hosts.get('a.test'), build(main).table.hosts.get('a.test'));
  });

  it('joins no path that is answered here', () => {
    const denied = sampleIngress(
      { rules: [sampleRule('a.test', ['/'])] },
      { annotations: annotate({ 'whitelist-source-range': 'nonsense' }) },
    );
    assert.equal(canaryOf(build(denied, canary()).table), undefined);
    const careless = canary({ 'whitelist-source-range': 'nonsense' });
    assert.equal(canaryOf(build(main, careless).table), undefined);
  });

  it('joins the default backend of its host', () => {
    const backend = (name: string) => ({ service: { name, port: { number: 80 } } });
    const whole = sampleIngress({ defaultBackend: backend('app') });
    const part = sampleIngress(
      { defaultBackend: backend('next') },
      { name: 'canary', annotations: annotate({ canary: 'true' }) },
    );
    const { table, problems } = build(whole, part);
    assert.equal(table.hosts.get('')?.fallback?.canary?.upstream, 'shop/next:80');
    assert.deepEqual(problems, []);
  });

  it('lives: weight, switch and main Ingress change with one patch of one host', () => {
    const translator = new Translator(sampleOptions({ features }));
    const apply = (...objects: KubeObject[]) =>
      translator.apply(
        objects.map((object) => ({ kind: 'set', object })),
        0,
      );
    apply(...services, canary());
    assert.equal(translator.table.hosts.size, 0);
    apply(main);
    assert.equal(canaryOf(translator.table)?.weight, 10);
    const { patch } = apply(canary({ 'canary-weight': '50' }));
    assert.deepEqual(
      patch?.hosts.set.map(({ host }) => host),
      ['a.test'],
    );
    assert.deepEqual([patch?.upstreams.set, patch?.upstreams.removed], [[], []]);
    assert.equal(canaryOf(translator.table)?.weight, 50);
    translator.apply([{ kind: 'removed', ref: { kind: 'Ingress', namespace: 'shop', name: 'web' } }], 0);
    assert.equal(translator.table.hosts.size, 0);
    assert.equal(translator.table.upstreams.size, 0);
    apply(main);
    translator.apply([{ kind: 'removed', ref: { kind: 'Ingress', namespace: 'shop', name: 'canary' } }], 0);
    assert.equal(canaryOf(translator.table), undefined);
    assert.ok(!translator.table.upstreams.has('shop/next:80'));
    assert.deepEqual(translator.allProblems(), []);
  });
});
