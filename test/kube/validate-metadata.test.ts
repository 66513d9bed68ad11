// Validation of metadata: each rule on create and on update.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkSubdomainName,
  keepServerMetadata,
  renderFieldError,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../src/kube/index.ts';
import type { ObjectMeta } from '../../src/kube/index.ts';
import { keyText, labelText, labelValueText, subdomainText } from './manifest-builders.ts';

const rules = { namespaced: true, checkName: checkSubdomainName };
const long = 'A'.repeat(254);
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' };

function errorsOf(meta: Partial<ObjectMeta>, namespaced = true): string[] {
  const base = namespaced ? { name: 'web', namespace: 'shop' } : { name: 'web' };
  return validateObjectMeta({ ...base, ...meta }, { ...rules, namespaced }).map(renderFieldError);
}

const invalid = (field: string, value: string, text: string): string =>
  `metadata.${field}: Invalid value: ${JSON.stringify(value)}: ${text}`;

const rows: readonly (readonly [what: string, meta: Partial<ObjectMeta>, errors: readonly string[]])[] = [
  ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
  ['bad name', { name: 'A' }, [invalid('name', 'A', subdomainText)]],
  [
    'long name: length first, both errors',
    { name: long },
    [invalid('name', long, 'must be no more than 253 characters'), invalid('name', long, subdomainText)],
  ],
  ['bad generateName', { generateName: 'Ab-' }, [invalid('generateName', 'Ab-', subdomainText)]],
  ['trailing dash of a generateName', { generateName: 'web-' }, []],
  ['no namespace', { namespace: '' }, ['metadata.namespace: Required value']],
  ['bad namespace', { namespace: 'A' }, [invalid('namespace', 'A', labelText)]],
  ['dotted namespace', { namespace: 'a.b' }, [invalid('namespace', 'a.b', 'must not contain dots')]],
  [
    'long namespace',
    { namespace: 'a'.repeat(64) },
    [invalid('namespace', 'a'.repeat(64), 'must be no more than 63 characters')],
  ],
  [
    'negative generation',
    { generation: -1 },
    ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'label keys',
    { labels: { '': 'a', 'a/': 'a', '/a': 'a', 'A_/b': 'a', 'a/b/c': 'a' } },
    [
      invalid('labels', '', 'name part must be non-empty'),
      invalid('labels', '', `name part ${keyText}`),
      invalid('labels', '/a', 'prefix part must be non-empty'),
      invalid('labels', 'A_/b', `prefix part ${subdomainText}`),
      invalid('labels', 'a/', 'name part must be non-empty'),
      invalid('labels', 'a/', `name part ${keyText}`),
      invalid(
        'labels',
        'a/b/c',
        `a valid label key ${keyText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ),
    ],
  ],
  [
    'long label key',
    { labels: { ['a'.repeat(64)]: '' } },
    [invalid('labels', 'a'.repeat(64), 'name part must be no more than 63 bytes')],
  ],
  ['label value', { labels: { a: '-' } }, [invalid('labels', '-', labelValueText)]],
  [
    'long label value',
    { labels: { a: 'b'.repeat(64) } },
    [invalid('labels', 'b'.repeat(64), 'must be no more than 63 bytes')],
  ],
  ['annotation keys in any case', { annotations: { 'Example.COM/Key': 'any\nvalue' } }, []],
  ['annotation key', { annotations: { 'a b': '' } }, [invalid('annotations', 'a b', `name part ${keyText}`)]],
  [
    'annotations too long',
    { annotations: { a: 'é'.repeat(131072) } },
    ['metadata.annotations: Too long: may not be more than 262144 bytes'],
  ],
  ['annotations just fit', { annotations: { ab: 'é'.repeat(131071) } }, []],
  [
    'empty owner',
    { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    [
      invalid('ownerReferences.apiVersion', '', 'version must not be empty'),
      invalid('ownerReferences.kind', '', 'must not be empty'),
      invalid('ownerReferences.name', '', 'must not be empty'),
      invalid('ownerReferences.uid', '', 'must not be empty'),
    ],
  ],
  [
    'two controllers',
    {
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, name: 'b', controller: true },
      ],
    },
    [
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"u","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"u","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
    ],
  ],
  ['finalizer', { finalizers: ['a.b/c', 'kubernetes'] }, []],
  [
    'bad finalizers',
    { finalizers: ['_', 'plain'] },
    [
      invalid('finalizers', '_', `name part ${keyText}`),
      invalid('finalizers[0]', '_', 'name is neither a standard finalizer name nor is it fully qualified'),
      invalid(
        'finalizers[1]',
        'plain',
        'name is neither a standard finalizer name nor is it fully qualified',
      ),
    ],
  ],
  [
    'conflicting finalizers',
    { finalizers: ['orphan', 'foregroundDeletion'] },
    [
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  ],
  [
    'managed fields',
    { managedFields: [{ operation: 'x', fieldsType: 'y', manager: 'm'.repeat(129) }] },
    [
      invalid('managedFields[0].operation', 'x', 'must be `Apply` or `Update`'),
      invalid('managedFields[0].fieldsType', 'y', 'must be `FieldsV1`'),
      'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes',
    ],
  ],
];

for (const [what, meta, errors] of rows) {
  test(`metadata: ${what}`, () => {
    assert.deepEqual(errorsOf(meta), errors);
  });
}

test('metadata: cluster-scoped object with a namespace', () => {
  assert.deepEqual(errorsOf({ namespace: 'a' }, false), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ]);
  assert.deepEqual(errorsOf({}, false), []);
});

const old: ObjectMeta = {
  name: 'web',
  namespace: 'shop',
  uid: 'u1',
  resourceVersion: '5',
  generation: 3,
  creationTimestamp: '2026-01-02T03:04:05Z',
};

function updateErrors(changed: Partial<ObjectMeta>, stored: ObjectMeta = old): string[] {
  return validateObjectMetaUpdate({ ...stored, ...changed }, stored).map(renderFieldError);
}

test('metadata update: immutable members', () => {
  assert.deepEqual(updateErrors({}), []);
  assert.deepEqual(
    updateErrors({
      name: 'x',
      namespace: 'y',
      uid: 'z',
      creationTimestamp: '2026-01-02T03:04:06Z',
      deletionTimestamp: '2026-01-02T03:04:05Z',
      deletionGracePeriodSeconds: 0,
    }),
    [
      'metadata.name: Invalid value: "x": field is immutable',
      'metadata.namespace: Invalid value: "y": field is immutable',
      'metadata.uid: Invalid value: "z": field is immutable',
      'metadata.creationTimestamp: Invalid value: "2026-01-02T03:04:06Z": field is immutable',
      'metadata.deletionTimestamp: Invalid value: "2026-01-02T03:04:05Z": field is immutable',
      'metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable',
    ],
  );
});

test('metadata update: version, generation, finalizers, labels', () => {
  assert.deepEqual(updateErrors({ resourceVersion: '' }), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
  ]);
  assert.deepEqual(updateErrors({ generation: 2 }), [
    'metadata.generation: Invalid value: 2: must not be decremented',
  ]);
  const deleted = { ...old, deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['a.b/c'] };
  assert.deepEqual(updateErrors({ finalizers: ['a.b/x'] }, deleted), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/x"}',
  ]);
  assert.deepEqual(updateErrors({ finalizers: [] }, deleted), []);
  assert.deepEqual(updateErrors({ finalizers: ['a.b/x'] }), []);
  assert.deepEqual(updateErrors({ labels: { a: '-' } }), [invalid('labels', '-', labelValueText)]);
});

test('metadata update: what the server keeps makes omissions fine, but not another uid', () => {
  const sent: ObjectMeta = { name: 'web', namespace: 'shop', resourceVersion: '5', generation: 9 };
  assert.deepEqual(keepServerMetadata(sent, old), old);
  const foreign = keepServerMetadata({ ...sent, uid: 'u2' }, old);
  assert.deepEqual(validateObjectMetaUpdate(foreign, old).map(renderFieldError), [
    'metadata.uid: Invalid value: "u2": field is immutable',
  ]);
});
