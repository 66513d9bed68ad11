import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { features } from '../features/index.ts';
import type { ConfigMap, IngressClass, KubeObject, SallyportParameters } from '../kube/index.ts';
import type { ObjectChange } from './options.ts';
import { sampleBackend, sampleIngress, sampleOptions } from './sample-objects.fixture.ts';
import { translate, Translator } from './translator.ts';

const options = sampleOptions({ features, configMap: 'ingress/settings' });
const nowMs = Date.UTC(2026, 1, 1);

function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

function parameters(name: string, settings: Readonly<Record<string, string>>): SallyportParameters {
  const apiVersion = 'sallyport.dev/v1alpha1';
  return { apiVersion, kind: 'SallyportParameters', metadata: { name }, spec: { settings } };
}

type Reference = 'none' | 'namespace' | 'cluster';

function ingressClass(name: string, reference: Reference): IngressClass {
  const controller = options.controllerName;
  const named = {
    namespace: { kind: 'ConfigMap', name: 'team', scope: 'Namespace', namespace: 'a' },
    cluster: { apiGroup: 'sallyport.dev', kind: 'SallyportParameters', name: 'large', scope: 'Cluster' },
  } as const;
  const spec = reference === 'none' ? { controller } : { controller, parameters: named[reference] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec };
}

function ingress(name: string, className: string): KubeObject {
  const paths = [{ path: '/', pathType: 'Prefix', backend: sampleBackend('app') }] as const;
  const rules = [{ host: `${name}.test`, http: { paths } }];
  return sampleIngress({ ingressClassName: className, rules }, { name });
}

function bodySizeOf(translator: Translator, host: string): unknown {
  const route = translator.table.hosts.get(host)?.routes[0];
  return (route?.policies['body-size'] as { maxBodyBytes: number } | undefined)?.maxBodyBytes;
}

function set(...objects: KubeObject[]): ObjectChange[] {
  return objects.map((object) => ({ kind: 'set', object }));
}

test('class settings: the last good parameters stay while the reference leads nowhere', () => {
  const translator = new Translator(options);
  const objects = [ingressClass('c', 'namespace'), ingress('web', 'c')];
  translator.apply(set(configMap('a', 'team', { 'proxy-body-size': '3m' }), ...objects), nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), 3_145_728);
  const ref = { kind: 'ConfigMap', namespace: 'a', name: 'team' };
  const { problemsChanged } = translator.apply([{ kind: 'removed', ref }], nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), 3_145_728);
  assert.deepEqual(
    problemsChanged.map(({ kind, name }) => `${kind} ${name}`),
    ['Ingress web', 'IngressClass c'],
  );
  translator.apply(set(configMap('a', 'team', { 'proxy-body-size': '4m' })), nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), 4_194_304);
  assert.deepEqual(
    translator.allProblems().filter(({ code }) => code === 'ParametersInvalid'),
    [],
  );
  translator.apply(set(ingressClass('c', 'none')), nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), undefined);
});

test('class settings: while the reference leads nowhere, what is told is what is in force', () => {
  const translator = new Translator(options);
  const ref = { kind: 'ConfigMap', namespace: 'a', name: 'team' };
  const removed: ObjectChange = { kind: 'removed', ref };
  const told = (...changes: readonly ObjectChange[]): readonly string[] => {
    translator.apply(changes, nowMs);
    const problems = translator.allProblems().filter(({ code }) => code === 'ParametersInvalid');
    return problems.map(({ object, message }) => `${object.kind}: ${message}`);
  };
  const missing = 'parameters "ConfigMap a/team" do not exist';
  const never = `${missing}; none are in force, only the settings of the controller and the defaults`;
  const kept = `${missing}; the parameters that were last good stay in force`;
  assert.deepEqual(told(...set(ingressClass('c', 'namespace'), ingress('web', 'c'))), [
    `Ingress: class "c": ${never}`,
    `IngressClass: ${never}`,
  ]);
  assert.deepEqual(told(...set(configMap('a', 'team', {}))), []);
  assert.deepEqual(told(removed), [`Ingress: class "c": ${kept}`, `IngressClass: ${kept}`]);
  assert.deepEqual(told(...set(ingressClass('c', 'none'))), []);
  assert.deepEqual(told(...set(ingressClass('c', 'namespace'))), [
    `Ingress: class "c": ${never}`,
    `IngressClass: ${never}`,
  ]);
  const parameters = { kind: 'Secret', name: 'team', scope: 'Namespace', namespace: 'a' } as const;
  const spec = { controller: options.controllerName, parameters };
  assert.match(
    told(...set({ ...ingressClass('d', 'none'), spec })).join('\n'),
    /are of kind "Secret" .*; none are in force/,
  );
});

test('class settings: a change of the controller ConfigMap reaches classes and Ingresses without class', () => {
  const translator = new Translator(options);
  const classless = sampleIngress(
    {
      rules: [
        {
          host: 'free.test',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: sampleBackend('app') }] },
        },
      ],
    },
    { name: 'free' },
  );
  translator.apply(set(ingressClass('c', 'none'), ingress('web', 'c'), classless), nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), undefined);
  translator.apply(set(configMap('ingress', 'settings', { 'proxy-body-size': '2m' })), nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), 2_097_152);
  assert.equal(bodySizeOf(translator, 'free.test'), 2_097_152);
  const ref = { kind: 'ConfigMap', namespace: 'ingress', name: 'settings' };
  translator.apply([{ kind: 'removed', ref }], nowMs);
  assert.equal(bodySizeOf(translator, 'web.test'), 2_097_152, 'a ConfigMap that is gone changes no traffic');
});

test('class settings: any sequence of changes gives what the final state gives from scratch', () => {
  const size = fc.constantFrom('1m', '2m', '0', 'wrong');
  const change = fc.oneof(
    size.map((text): KubeObject => configMap('ingress', 'settings', { 'proxy-body-size': text })),
    size.map((text): KubeObject => configMap('a', 'team', { 'proxy-body-size': text })),
    size.map((text): KubeObject => parameters('large', { 'proxy-body-size': text, 'ssl-redirect': 'false' })),
    fc
      .tuple(fc.constantFrom('c', 'd'), fc.constantFrom<Reference>('none', 'namespace', 'cluster'))
      .map(([name, reference]): KubeObject => ingressClass(name, reference)),
    fc
      .tuple(fc.constantFrom('web', 'api'), fc.constantFrom('c', 'd', 'e'))
      .map(([name, className]): KubeObject => ingress(name, className)),
  );
  // Everything that can be named is there from the start: what is remembered of a lost reference is tested above.
  const initial = [configMap('ingress', 'settings', {}), configMap('a', 'team', {}), parameters('large', {})];
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 12 }), (steps) => {
      const translator = new Translator(options);
      translator.apply(set(...initial), nowMs);
      const last = new Map<string, KubeObject>(initial.map((each) => [keyOf(each), each]));
      for (const step of steps) {
        translator.apply(set(...step), nowMs);
        for (const each of step) last.set(keyOf(each), each);
      }
      const fresh = translate([...last.values()], options, nowMs);
      assert.deepEqual(new Map(translator.table.hosts), new Map(fresh.table.hosts));
      assert.deepEqual(translator.allProblems(), fresh.problems);
    }),
  );
});

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
