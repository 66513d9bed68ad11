// Which Secrets an Ingress names: those of `tls`, and that of TLS to its upstreams under any prefix, in its own namespace only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../kube/index.ts';
import { References } from './references.ts';

function ingressOf(annotations: Readonly<Record<string, string>>, secretName?: string): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'web', annotations },
    spec: secretName === undefined ? {} : { tls: [{ hosts: ['a.test'], secretName }] },
  };
}

function secretsOf(ingress: Ingress): readonly string[] {
  return new References(null).take({ kind: 'set', object: ingress });
}

test('Secrets of tls and of TLS to upstreams are named', () => {
  assert.deepEqual(secretsOf(ingressOf({}, 'cert')), ['shop/cert']);
  const annotated = ingressOf({ 'nginx.ingress.kubernetes.io/proxy-ssl-secret': 'shop/client' }, 'cert');
  assert.deepEqual(secretsOf(annotated), ['shop/cert', 'shop/client']);
  assert.deepEqual(secretsOf(ingressOf({ 'own.example/proxy-ssl-secret': 'shop/client' })), ['shop/client']);
});

test('Secrets of other namespaces, and values that name none, are not', () => {
  for (const value of ['other/client', 'client', 'shop/', '', 'shopping/client'])
    assert.deepEqual(
      secretsOf(ingressOf({ 'nginx.ingress.kubernetes.io/proxy-ssl-secret': value })),
      [],
      value,
    );
  assert.deepEqual(secretsOf(ingressOf({ 'proxy-ssl-secret': 'shop/client' })), []);
});

test('Secrets with passwords are named with or without their namespace', () => {
  for (const [value, wanted] of [
    ['staff', ['shop/staff']],
    ['shop/staff', ['shop/staff']],
    [' staff ', ['shop/staff']],
    ['shop/staff ', ['shop/staff']],
    ['other/staff', []],
    ['', []],
  ] as const)
    assert.deepEqual(
      secretsOf(ingressOf({ 'nginx.ingress.kubernetes.io/auth-secret': value })),
      wanted,
      value,
    );
});

test('a name is forgotten with its annotation', () => {
  const references = new References(null);
  const object = ingressOf({ 'a.b/proxy-ssl-secret': 'shop/client' });
  references.take({ kind: 'set', object });
  assert.deepEqual([...references.all('Ingress')], ['shop/client']);
  references.take({ kind: 'set', object: ingressOf({}) });
  assert.deepEqual([...references.all('Ingress')], []);
});

test('the ConfigMap of the settings names those with fields, and no other ConfigMap does', () => {
  const references = new References(null, ['ingress/settings']);
  const take = (name: string, data: Readonly<Record<string, string>>): string[] => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'ingress', name },
      data,
    } as const;
    references.take({ kind: 'set', object });
    return [...references.all('ConfigMap')];
  };
  assert.deepEqual(take('other', { 'add-headers': 'ingress/response' }), []);
  assert.deepEqual(take('settings', { 'add-headers': 'ingress/response', 'proxy-set-headers': 'bare' }), [
    'ingress/response',
  ]);
  assert.deepEqual(take('settings', { 'proxy-set-headers': 'team/request' }), ['team/request']);
  assert.deepEqual(take('settings', {}), []);
});
