// A version of an Ingress that is not taken: its last good one stays in force, and without one it is denied, with its hosts in its hands.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features as realFeatures } from '../features/index.ts';
import type { Ingress, KubeObject } from '../kube/index.ts';
import type { ObjectRef } from '../model/index.ts';
import type { TranslateOptions } from './options.ts';
import {
  readRoutes,
  sampleApp,
  sampleClass,
  sampleFeature,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator, type TranslateStep } from './translator.ts';

/** A translator with some objects in it, and a way to apply more. */
function start(objects: readonly KubeObject[], part: Partial<TranslateOptions> = {}) {
  const translator = new Translator(sampleOptions(part));
  translator.apply(setAll(objects), sampleNowMs);
  const set = (...changed: readonly KubeObject[]): TranslateStep =>
    translator.apply(setAll(changed), sampleNowMs);
  const remove = (...refs: readonly ObjectRef[]): TranslateStep =>
    translator.apply(
      refs.map((ref) => ({ kind: 'removed', ref })),
      sampleNowMs,
    );
  return { translator, set, remove };
}

describe('a rejected version', () => {
  const features = [sampleFeature('strict', { onInvalid: 'reject' })];
  const version = (value: string, path: string, className?: string): Ingress =>
    sampleIngress(
      {
        rules: [sampleRule('h', [path])],
        ...(className === undefined ? {} : { ingressClassName: className }),
      },
      { annotations: { 'nginx.ingress.kubernetes.io/strict': value } },
    );
  const denied = (path: string): string =>
    `prefix ${path} → 503 annotation-denied by ingress/shop/web/rule/0/path/0`;
  const paths = (translator: Translator) =>
    translator.table.hosts.get('h')?.routes.map(({ match }) => match.path);

  it('leaves the last good one in force', () => {
    const { translator, set } = start([version('good', '/old'), ...sampleApp], { features });
    const step = set(version('bad', '/new'));
    assert.equal(step.patch, null);
    assert.equal(step.problemsChanged.length, 1);
    assert.deepEqual(paths(translator), ['/old']);
    assert.deepEqual(
      set(version('other', '/new')).patch?.hosts.set.map(({ host }) => host),
      ['h'],
    );
    assert.deepEqual(translator.allProblems(), []);
  });

  it('answers 503 when there never was a good one, each version on its own paths', () => {
    const { translator, set } = start([version('bad', '/new'), ...sampleApp], { features });
    assert.deepEqual(readRoutes(translator.table, 'h'), [denied('/new')]);
    assert.equal(translator.ingressStatus('shop/web')?.owned, true);
    const [problem, ...others] = translator.allProblems();
    assert.match(problem?.message ?? '', /; no earlier version is known, its paths answer 503$/);
    assert.deepEqual(others, []);
    set(version('worse', '/newer'));
    assert.deepEqual(readRoutes(translator.table, 'h'), [denied('/newer')]);
    set(version('good', '/good'));
    set(version('bad', '/new'));
    assert.deepEqual(paths(translator), ['/good']);
    assert.match(translator.allProblems()[0]?.message ?? '', /; the last good version .* stays in force$/);
  });

  it('owns its hosts and decides about their clients, whatever was seen before', () => {
    const all = [...features, ...realFeatures];
    const mine = (value: string): Ingress =>
      sampleIngress(
        { rules: [sampleRule('h', ['/'])] },
        {
          day: 1,
          annotations: {
            'nginx.ingress.kubernetes.io/strict': value,
            'nginx.ingress.kubernetes.io/auth-tls-secret': 'shop/ca',
          },
        },
      );
    const theirs = sampleIngress(
      { rules: [sampleRule('h', ['/x'])], tls: [{ hosts: ['h'], secretName: 'tls' }] },
      { namespace: 'evil', name: 'young', day: 2 },
    );
    const old = start([mine('good'), theirs, ...sampleApp], { features: all });
    old.set(mine('bad'));
    const fresh = start([mine('bad'), theirs, ...sampleApp], { features: all });
    for (const { translator } of [old, fresh]) {
      const host = translator.table.hosts.get('h');
      assert.equal(host?.clientAuth?.authority, 'shop/ca');
      assert.equal(host.tls, null);
      const told = translator.allProblems().filter(({ code }) => code === 'TlsHostConflict');
      assert.deepEqual(
        told.map(({ object }) => object.namespace),
        ['evil'],
      );
    }
  });

  it('finds no last good one after the object was gone or not ours', () => {
    const gone = start([version('good', '/old'), ...sampleApp], { features });
    gone.remove({ kind: 'Ingress', namespace: 'shop', name: 'web' });
    gone.set(version('bad', '/new'));
    assert.deepEqual(readRoutes(gone.translator.table, 'h'), [denied('/new')]);
    const foreign = start([sampleClass(), version('good', '/old', 'sallyport'), ...sampleApp], { features });
    foreign.remove({ kind: 'IngressClass', name: 'sallyport' });
    foreign.set(version('bad', '/new', 'sallyport'));
    foreign.set(sampleClass());
    assert.deepEqual(readRoutes(foreign.translator.table, 'h'), [denied('/new')]);
  });
});
