// The answer to an invalid object, byte for byte, and the texts it is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  causeReason,
  decodeObject,
  duplicateError,
  forbiddenError,
  internalError,
  invalidError,
  invalidStatus,
  notFoundError,
  notSupportedError,
  renderFieldError,
  requiredError,
  tooLongError,
  tooManyError,
  typeInvalidError,
} from '../../src/kube/index.ts';
import type { FieldError } from '../../src/kube/index.ts';
import { lenient, serviceBackend } from './manifest-builders.ts';

test('the Status of an Ingress with two errors', () => {
  const raw = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'x' },
    spec: { rules: [{ http: { paths: [{ path: '/', backend: serviceBackend }] } }, { host: '10.0.0.1' }] },
  };
  const result = decodeObject(raw, lenient);
  assert(result.kind === 'invalid');
  const status = invalidStatus('Ingress', 'networking.k8s.io', 'x', result.errors);
  assert.equal(
    JSON.stringify(status),
    String.raw`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Ingress.networking.k8s.io \"x\" is invalid: [spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified, spec.rules[1].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address]","reason":"Invalid","details":{"name":"x","group":"networking.k8s.io","kind":"Ingress","causes":[{"reason":"FieldValueRequired","message":"Required value: pathType must be specified","field":"spec.rules[0].http.paths[0].pathType"},{"reason":"FieldValueInvalid","message":"Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address","field":"spec.rules[1].host"}]},"code":422}`,
  );
});

test('one error has no brackets, the core group no name, equal texts stand once in the message only', () => {
  const error = requiredError('spec.ports');
  const status = invalidStatus('Service', '', 'x', [error, error]);
  assert.equal(status.message, 'Service "x" is invalid: spec.ports: Required value');
  assert.deepEqual(Object.keys(status.details), ['name', 'kind', 'causes']);
  assert.equal(status.details.causes?.length, 2);
  const empty = invalidStatus('ListOptions', 'meta.k8s.io', '', []);
  assert.equal(empty.message, 'ListOptions.meta.k8s.io "" is invalid');
  assert.deepEqual(empty.details, { group: 'meta.k8s.io', kind: 'ListOptions' });
});

const rows: readonly (readonly [error: FieldError, text: string, reason: string])[] = [
  [requiredError('a.b'), 'a.b: Required value', 'FieldValueRequired'],
  [requiredError('a', 'why'), 'a: Required value: why', 'FieldValueRequired'],
  [invalidError('a', 1, 'why'), 'a: Invalid value: 1: why', 'FieldValueInvalid'],
  [invalidError('a', true, 'why'), 'a: Invalid value: true: why', 'FieldValueInvalid'],
  [invalidError('a', undefined, 'why'), 'a: Invalid value: null: why', 'FieldValueInvalid'],
  [invalidError('a', ['<'], 'why'), 'a: Invalid value: ["\\u003c"]: why', 'FieldValueInvalid'],
  [
    notSupportedError('a', 'x', ['b', 'A']),
    'a: Unsupported value: "x": supported values: "A", "b"',
    'FieldValueNotSupported',
  ],
  [notSupportedError('a', 'x', []), 'a: Unsupported value: "x"', 'FieldValueNotSupported'],
  [forbiddenError('a', 'why'), 'a: Forbidden: why', 'FieldValueForbidden'],
  [duplicateError('a', 'x'), 'a: Duplicate value: "x"', 'FieldValueDuplicate'],
  [tooLongError('a', 5), 'a: Too long: may not be more than 5 bytes', 'FieldValueTooLong'],
  [tooLongError('a', 1), 'a: Too long: may not be more than 1 byte', 'FieldValueTooLong'],
  [tooManyError('a', 6, 5), 'a: Too many: 6: must have at most 5 items', 'FieldValueTooMany'],
  [notFoundError('a', 'x'), 'a: Not found: "x"', 'FieldValueNotFound'],
  [typeInvalidError('a', 'x', 'why'), 'a: Invalid value: "x": why', 'FieldValueTypeInvalid'],
  [internalError('a', 'why'), 'a: Internal error: why', 'InternalError'],
];

for (const [error, text, reason] of rows) {
  test(`text ${text}`, () => {
    assert.equal(renderFieldError(error), text);
    assert.equal(causeReason(error.type), reason);
  });
}

test('texts are quoted as Go quotes them', () => {
  const quoted: readonly (readonly [string, string])[] = [
    ['a"b\\c', String.raw`"a\"b\\c"`],
    ['\u0007\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
    ['\u0000\u001b\u007f', String.raw`"\x00\x1b\x7f"`],
    ['\u0085\u00a0\u200b\ufeff', String.raw`"\u0085\u00a0\u200b\ufeff"`],
    ['é日😀', '"é日😀"'],
    ['\u{e0001}', String.raw`"\U000e0001"`],
    ['\ud800', '"\ufffd"'],
  ];
  for (const [text, want] of quoted) {
    assert.equal(renderFieldError(invalidError('a', text, '')), `a: Invalid value: ${want}`);
  }
});
