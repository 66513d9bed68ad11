// Secret, ConfigMap and Namespace: defaults, each rule on create and on update.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  renderFieldError,
  validateConfigMapUpdate,
  validateNamespaceUpdate,
  validateSecretUpdate,
} from '../../src/kube/index.ts';
import type { ConfigMap, Namespace, Secret } from '../../src/kube/index.ts';
import { configKeyText, errorsOf, labelText, objectOf, secret } from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tls = { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } };
const redacted = 'Invalid value: "<secret contents redacted>"';

const rows: readonly (readonly [what: string, raw: Raw, errors: readonly string[]])[] = [
  [
    'TLS without its keys',
    secret({ type: 'kubernetes.io/tls' }),
    ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ],
  ['TLS with empty values', secret(tls), []],
  [
    'TLS by stringData',
    secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'a', 'tls.key': 'b' } }),
    [],
  ],
  ['Opaque with any keys', secret({ data: { 'tls.crt': '' } }), []],
  [
    'keys',
    secret({ data: { 'a b': '', '.': '', '..': '', '..a': '', ['k'.repeat(254)]: '' } }),
    [
      `data[.]: Invalid value: ".": must not be '.'`,
      `data[..]: Invalid value: "..": must not be '..'`,
      `data[..a]: Invalid value: "..a": must not start with '..'`,
      `data[a b]: Invalid value: "a b": ${configKeyText}`,
      `data[${'k'.repeat(254)}]: Invalid value: "${'k'.repeat(254)}": must be no more than 253 characters`,
    ],
  ],
  [
    'too much data',
    secret({ stringData: { a: 'x'.repeat(1048577) } }),
    ['data: Too long: may not be more than 1048576 bytes'],
  ],
  ['as much data as fits', secret({ stringData: { a: 'x'.repeat(1048576) } }), []],
  [
    'basic-auth',
    secret({ type: 'kubernetes.io/basic-auth' }),
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  ['basic-auth with one', secret({ type: 'kubernetes.io/basic-auth', data: { password: '' } }), []],
  [
    'ssh-auth',
    secret({ type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } }),
    ['data[ssh-privatekey]: Required value'],
  ],
  [
    'service account',
    secret({ type: 'kubernetes.io/service-account-token' }),
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  ['dockercfg', secret({ type: 'kubernetes.io/dockercfg' }), ['data[.dockercfg]: Required value']],
  [
    'dockerconfigjson',
    secret({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': '' } }),
    [`data[.dockerconfigjson]: ${redacted}: unexpected end of JSON input`],
  ],
  [
    'dockerconfigjson, well-formed',
    secret({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{}') } }),
    [],
  ],
  ['base64', secret({ data: { a: '!' } }), ['illegal base64 data at input byte 0']],
];

for (const [what, raw, errors] of rows) {
  test(`Secret: ${what}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

test('Secret: type and stringData by default', () => {
  const made = objectOf(
    secret({ data: { a: base64('1'), b: base64('2') }, stringData: { b: 'zwölf', c: '' } }),
  );
  assert.deepEqual(made, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cert', namespace: 'shop' },
    data: { a: base64('1'), b: base64('zwölf'), c: '' },
    type: 'Opaque',
  });
});

function storedSecret(members: Raw): Secret {
  return objectOf(
    secret({ metadata: { name: 'cert', namespace: 'shop', resourceVersion: '1' }, ...members }),
  ) as Secret;
}

test('Secret: update', () => {
  const before = storedSecret({ ...tls, immutable: true });
  const errors = (after: Secret): string[] => validateSecretUpdate(after, before).map(renderFieldError);
  assert.deepEqual(errors(before), []);
  assert.deepEqual(errors(storedSecret({ data: {}, type: 'x' })), [
    'type: Invalid value: "x": field is immutable',
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

function configMap(members: Raw): Raw {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'conf', namespace: 'shop', resourceVersion: '1' },
    ...members,
  };
}

test('ConfigMap: keys, duplicates, size, update', () => {
  assert.deepEqual(errorsOf(configMap({ data: { 'a b': '', c: '' }, binaryData: { c: '' } })), [
    `data[a b]: Invalid value: "a b": ${configKeyText}`,
    'data[c]: Invalid value: "c": duplicate of key present in binaryData',
  ]);
  assert.deepEqual(errorsOf(configMap({ data: { a: 'x'.repeat(1048577) } })), [
    '[]: Too long: may not be more than 1048576 bytes',
  ]);
  const before = objectOf(configMap({ data: { a: '1', b: '2' }, immutable: true })) as ConfigMap;
  const same = objectOf(configMap({ data: { b: '2', a: '1' }, immutable: true })) as ConfigMap;
  assert.deepEqual(validateConfigMapUpdate(same, before), []);
  const after = objectOf(configMap({ data: {}, binaryData: { x: '' } })) as ConfigMap;
  assert.deepEqual(
    validateConfigMapUpdate(after, before).map(renderFieldError),
    ['immutable', 'data', 'binaryData'].map(
      (field) => `${field}: Forbidden: field is immutable when \`immutable\` is set`,
    ),
  );
});

function namespace(name: string, members: Raw = {}): Raw {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, resourceVersion: '1' }, ...members };
}

test('Namespace: name, label, finalizers, update', () => {
  assert.deepEqual(errorsOf(namespace('A')), [`metadata.name: Invalid value: "A": ${labelText}`]);
  assert.deepEqual(errorsOf(namespace('a', { spec: { finalizers: ['kubernetes', 'x'] } })), [
    'spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  ]);
  const made = objectOf(namespace('a')) as Namespace;
  assert.deepEqual(made.metadata.labels, { 'kubernetes.io/metadata.name': 'a' });
  assert.deepEqual(validateNamespaceUpdate(made, made), []);
});
