// Who decides about the quirks of an Ingress: the options, the settings over them, the annotation over those; and what the options keep off.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allQuirks, features, noQuirks, quirksKey, type QuirkSet } from '../../features/index.ts';
import type { ConfigMap, IngressClass } from '../../kube/index.ts';
import { sampleClass, sampleIngress, sampleOptions, sampleRule, setAll } from '../sample-objects.fixture.ts';
import { translate, Translator } from '../translator.ts';
import { quirksOf } from './quirk-set.ts';

const nowMs = Date.UTC(2026, 0, 1);

function changes(text: string): ReadonlyMap<string, unknown> {
  const parsed = quirksKey.parse(text);
  assert.ok('value' in parsed, text);
  return new Map([[quirksKey.name, parsed.value]]);
}

const none = new Map<string, unknown>();

function names(quirks: QuirkSet): readonly string[] {
  return [...quirks].sort();
}

describe('quirks of an Ingress', () => {
  it('are those of the options, changed by the settings, changed by the annotation', () => {
    assert.equal(quirksOf({}, none, none), noQuirks);
    assert.equal(quirksOf({ quirks: allQuirks }, none, none), allQuirks);
    const on = quirksOf(
      {},
      changes('host-wide-regex, newest-name-first'),
      changes('-host-wide-regex,trailing-slash-redirect'),
    );
    assert.deepEqual(names(on), ['newest-name-first', 'trailing-slash-redirect']);
    const off = quirksOf({ quirks: allQuirks }, changes('-host-wide-regex'), changes(''));
    assert.equal(off.has('host-wide-regex'), false);
    assert.equal(off.size, allQuirks.size - 1);
  });

  it('are never those that the options keep off', () => {
    const given = [changes('host-wide-regex'), changes('newest-name-first')] as const;
    assert.deepEqual(names(quirksOf({ quirksOff: allQuirks }, ...given)), []);
    const one: QuirkSet = new Set(['host-wide-regex']);
    assert.deepEqual(names(quirksOf({ quirksOff: one }, ...given)), ['newest-name-first']);
    assert.equal(quirksOf({ quirks: allQuirks, quirksOff: noQuirks }, none, none), allQuirks);
  });

  it('are known by name, in whole', () => {
    for (const text of [
      'all',
      'host-wide-regex;x',
      '--host-wide-regex',
      '- host-wide-regex',
      '__proto__',
      'a\nb',
    ])
      assert.ok('wanted' in quirksKey.parse(text), text);
    assert.ok('value' in quirksKey.parse(' host-wide-regex , ,-newest-name-first'));
  });
});

const key = 'sallyport-quirks';
const ingress = sampleIngress(
  { ingressClassName: 'sallyport', rules: [sampleRule('a.test', ['/foo/'])] },
  { name: 'web' },
);

function configMap(name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name }, data };
}

function hasRedirect(translator: Translator): boolean {
  return translator.table.hosts.get('a.test')?.routes.some(({ id }) => id.endsWith('/slash')) ?? false;
}

describe('quirks of settings', () => {
  it('are followed while the ConfigMap changes', () => {
    const translator = new Translator(sampleOptions({ features, configMap: 'ingress/settings' }));
    translator.apply(setAll([sampleClass(), ingress]), nowMs);
    assert.equal(hasRedirect(translator), false);
    translator.apply(setAll([configMap('settings', { [key]: 'trailing-slash-redirect' })]), nowMs);
    assert.equal(hasRedirect(translator), true);
    translator.apply(setAll([configMap('settings', { [key]: 'trailing-slashes' })]), nowMs);
    assert.equal(hasRedirect(translator), false);
    assert.match(
      translator.allProblems()[0]?.message ?? '',
      /^setting "sallyport-quirks" is "trailing-slashes", wanted /,
    );
  });

  it('may be those of a class', () => {
    const ofClass: IngressClass = {
      ...sampleClass(),
      spec: {
        controller: sampleOptions().controllerName,
        parameters: { kind: 'ConfigMap', name: 'team', scope: 'Namespace', namespace: 'ingress' },
      },
    };
    const translator = new Translator(sampleOptions({ features, quirks: allQuirks }));
    translator.apply(
      setAll([ofClass, ingress, configMap('team', { [key]: '-trailing-slash-redirect' })]),
      nowMs,
    );
    assert.equal(hasRedirect(translator), false);
    translator.apply(setAll([sampleClass()]), nowMs);
    assert.equal(hasRedirect(translator), true);
  });
});

describe('the same objects', () => {
  it('are translated without some quirks by a call of its own', () => {
    const objects = [
      sampleClass(),
      sampleIngress(ingress.spec ?? {}, {
        annotations: { 'sallyport.dev/quirks': 'trailing-slash-redirect' },
      }),
    ];
    const routesWithout = (quirksOff: QuirkSet): number =>
      translate(objects, sampleOptions({ features, quirksOff }), nowMs).table.hosts.get('a.test')?.routes
        .length ?? 0;
    assert.equal(routesWithout(allQuirks), 1);
    assert.equal(routesWithout(noQuirks), 2);
  });
});
