// Decoding: Go's texts for wrong types, unknown and duplicate fields, lists, foreign kinds, and totality.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeObject,
  expandLists,
  findDuplicateFields,
  lookupText,
  renderDecodeFailure,
} from '../../src/kube/index.ts';
import {
  errorsOf,
  ingress,
  lenient,
  objectOf,
  pathIngress,
  secret,
  service,
  serviceBackend,
  slice,
  strict,
} from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const portField = 'ServiceBackendPort.spec.rules.IngressRuleValue.http.paths.backend.service.port';

const rows: readonly (readonly [what: string, raw: Raw, errors: readonly string[]])[] = [
  [
    'text for a number',
    pathIngress({ backend: { service: { name: 'a', port: { number: '80' } } } }),
    [`json: cannot unmarshal string into Go struct field ${portField}.number of type int32`],
  ],
  [
    'fraction',
    pathIngress({ backend: { service: { name: 'a', port: { number: 80.5 } } } }),
    [`json: cannot unmarshal number 80.5 into Go struct field ${portField}.number of type int32`],
  ],
  [
    'number out of range',
    pathIngress({ backend: { service: { name: 'a', port: { number: 2147483648 } } } }),
    [`json: cannot unmarshal number 2147483648 into Go struct field ${portField}.number of type int32`],
  ],
  [
    'number for a text',
    pathIngress({ path: 1, pathType: true }),
    [
      'json: cannot unmarshal number into Go struct field HTTPIngressPath.spec.rules.IngressRuleValue.http.paths.path of type string',
      'json: cannot unmarshal bool into Go struct field HTTPIngressPath.spec.rules.IngressRuleValue.http.paths.pathType of type v1.PathType',
    ],
  ],
  [
    'text for a struct',
    { ...ingress({}), spec: 'x' },
    ['json: cannot unmarshal string into Go struct field Ingress.spec of type v1.IngressSpec'],
  ],
  [
    'object for a list',
    ingress({ rules: {}, tls: [[]] }),
    [
      'json: cannot unmarshal object into Go struct field IngressSpec.spec.rules of type []v1.IngressRule',
      'json: cannot unmarshal array into Go struct field IngressSpec.spec.tls of type v1.IngressTLS',
    ],
  ],
  [
    'values of maps',
    ingress({ defaultBackend: serviceBackend }, { annotations: { a: 1 }, labels: { b: true } }),
    [
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.annotations of type string',
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
    ],
  ],
  [
    'targetPort',
    service({ ports: [{ port: 80, targetPort: true }] }),
    ['json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32'],
  ],
  [
    'data',
    secret({ data: { a: 1, b: 'YQ=' } }),
    [
      'json: cannot unmarshal number into Go struct field Secret.data of type []uint8',
      'illegal base64 data at input byte 3',
    ],
  ],
  [
    'condition',
    slice({ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: 'yes' } }] }),
    [
      'json: cannot unmarshal string into Go struct field EndpointConditions.endpoints.conditions.ready of type bool',
    ],
  ],
  [
    'time',
    ingress({ defaultBackend: serviceBackend }, { creationTimestamp: 'now', deletionTimestamp: 1 }),
    [
      'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.deletionTimestamp of type string',
    ],
  ],
];

for (const [what, raw, errors] of rows) {
  test(`structure: ${what}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

test('structure: null means absent, names are case-sensitive', () => {
  const object = objectOf(
    ingress(
      { defaultBackend: serviceBackend, rules: null, tls: [null], Rules: [] },
      { creationTimestamp: null, labels: { a: null } },
    ),
  );
  assert.deepEqual(object.kind === 'Ingress' && object.spec, { defaultBackend: serviceBackend, tls: [{}] });
  assert.deepEqual(object.metadata, { name: 'web', namespace: 'shop', labels: { a: '' } });
});

test('structure: times are told in UTC and whole seconds', () => {
  const raw = ingress(
    { defaultBackend: serviceBackend },
    { creationTimestamp: '2026-01-02T03:04:05.9+01:00' },
  );
  assert.equal(objectOf(raw).metadata.creationTimestamp, '2026-01-02T02:04:05Z');
});

test('structure: keys that JavaScript knows are ordinary keys', () => {
  const data: unknown = JSON.parse('{"__proto__":"x","constructor":"y"}');
  const object = objectOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
  assert(object.kind === 'ConfigMap');
  assert.deepEqual(Object.entries(object.data ?? {}), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  assert.equal(lookupText(object.data, '__proto__'), 'x');
  assert.equal(lookupText(object.data, 'toString'), undefined);
  assert.equal(lookupText(undefined, 'a'), undefined);
});

test('strict decoding names unknown fields with indexes, in order', () => {
  const raw = {
    ...pathIngress({ backend: { serviceName: 'a' }, 'x"y': 1 }),
    extra: 1,
  };
  const errors = [
    'unknown field "spec.rules[0].http.paths[0].backend.serviceName"',
    'unknown field "spec.rules[0].http.paths[0].x\\"y"',
    'unknown field "extra"',
  ];
  assert.deepEqual(errorsOf(raw, strict), errors);
  const result = decodeObject(raw, strict);
  assert(result.kind === 'invalid');
  assert.equal(
    renderDecodeFailure(result.ref, result.decodeErrors),
    `Ingress in version "v1" cannot be handled as a Ingress: strict decoding error: ${errors.join(', ')}`,
  );
});

test('the sentence of a decoding failure names the first type error only', () => {
  const ref = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'x' };
  assert.equal(
    renderDecodeFailure(ref, ['unknown field "a"', 'json: b', 'json: c']),
    'Ingress in version "v1" cannot be handled as a Ingress: json: b',
  );
  assert.equal(
    renderDecodeFailure({ ...ref, apiVersion: 'v1', kind: 'Secret' }, ['json: b']),
    'Secret in version "v1" cannot be handled as a Secret: json: b',
  );
});

test('an invalid object is named as well as it can be', () => {
  const result = decodeObject(
    { ...ingress({}), metadata: { name: 'web' } },
    { ...lenient, defaultNamespace: 'shop' },
  );
  assert(result.kind === 'invalid');
  assert.deepEqual(result.ref, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    name: 'web',
    namespace: 'shop',
  });
});

test('documents that are no objects', () => {
  assert.deepEqual(errorsOf('text'), [`Object 'Kind' is missing in '...'`]);
  assert.deepEqual(errorsOf([]), [`Object 'Kind' is missing in '[...]'`]);
  assert.deepEqual(errorsOf({ apiVersion: 'v1' }), [`Object 'Kind' is missing in '{"apiVersion":...}'`]);
  assert.deepEqual(errorsOf({ kind: 'Service' }), [`Object 'apiVersion' is missing in '{"kind":...}'`]);
});

test('a document that cannot be told shows names and no values: it may be a Secret', () => {
  const secret = { kindd: 'Secret', data: { 'tls.key': 'S0VZ' }, stringData: { 'tls.key': 'S0VZ' } };
  for (const raw of [secret, [secret], 'S0VZ', { apiVersion: 'v1', ...secret }]) {
    assert.doesNotMatch(JSON.stringify(decodeObject(raw, lenient)), /"[^"]*S0VZ/);
  }
  const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`n${index}`, 1]));
  assert.ok((errorsOf(names)[0] ?? '').length < 300);
});

test('our kinds in versions that do not exist', () => {
  for (const [apiVersion, kind] of [
    ['v1', 'Ingress'],
    ['networking.k8s.io/v2', 'Ingress'],
    ['discovery.k8s.io/v1beta1', 'EndpointSlice'],
  ]) {
    assert.deepEqual(errorsOf({ apiVersion, kind, metadata: { name: 'x' } }), [
      `no matches for kind "${kind}" in version "${apiVersion}"`,
    ]);
  }
});

test('foreign kinds are ignored and carried as they came', () => {
  const raw = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'A b', namespace: 'x' },
    spec: { a: 1 },
  };
  const result = decodeObject(raw, strict);
  assert.deepEqual(result, {
    kind: 'ignored',
    ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'x', name: 'A b' },
    object: raw,
    warnings: [],
  });
  const foreignService = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'x' } };
  assert.equal(decodeObject(foreignService, strict).kind, 'ignored');
  const bad = decodeObject({ ...raw, metadata: { name: 'x', labels: 'y' } }, strict);
  assert(bad.kind === 'ignored');
  assert.equal(bad.object, undefined);
  assert.deepEqual(bad.warnings, [
    'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
  ]);
});

test('lists are expanded at any depth', () => {
  const a = ingress({});
  const bare = { metadata: { name: 'b' } };
  assert.deepEqual(expandLists(null), []);
  assert.deepEqual(expandLists(undefined), []);
  assert.deepEqual(expandLists(a), [a]);
  assert.deepEqual(expandLists('x'), ['x']);
  assert.deepEqual(expandLists({ apiVersion: 'v1', kind: 'List' }), []);
  assert.deepEqual(
    expandLists({
      apiVersion: 'v1',
      kind: 'List',
      items: [a, null, { kind: 'List', apiVersion: 'v1', items: [a] }],
    }),
    [a, a],
  );
  assert.deepEqual(
    expandLists({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressList', items: [bare, a] }),
    [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...bare }, a],
  );
  const noList = { apiVersion: 'a.b/v1', kind: 'PriceList', spec: {} };
  assert.deepEqual(expandLists(noList), [noList]);
});

test('documents that hold themselves end', () => {
  const list: Record<string, unknown> = { apiVersion: 'v1', kind: 'List' };
  const object = ingress({});
  list['items'] = [list, object, list];
  assert.deepEqual(expandLists(list), [object]);
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  assert.deepEqual(errorsOf(loop), [`Object 'Kind' is missing in '{"self":...}'`]);
});

test('duplicate fields of JSON text', () => {
  const text = '{"a":1,"b":[{"c":"}","c":{"d":[],"d":2}},[{"e":"\\"","\\u0065":null}]],"a":{}}';
  assert.deepEqual(findDuplicateFields(text), [
    'duplicate field "b[0].c"',
    'duplicate field "b[0].c.d"',
    'duplicate field "b[1][0].e"',
    'duplicate field "a"',
  ]);
  assert.deepEqual(findDuplicateFields('{"a":{"a":[1,2,"a"]},"b":true}'), []);
});

test('duplicate fields: none in what JSON.stringify writes, and every text ends', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(findDuplicateFields(JSON.stringify(value)), []);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', 'a', '\\') }),
      (text) => {
        findDuplicateFields(text);
      },
    ),
    { numRuns: 500 },
  );
});

test('decoding is total: no document throws', () => {
  const kinds = [
    ['networking.k8s.io/v1', 'Ingress'],
    ['extensions/v1beta1', 'Ingress'],
    ['networking.k8s.io/v1', 'IngressClass'],
    ['v1', 'Service'],
    ['v1', 'Endpoints'],
    ['v1', 'Secret'],
    ['v1', 'ConfigMap'],
    ['v1', 'Namespace'],
    ['discovery.k8s.io/v1', 'EndpointSlice'],
    ['apps/v1', 'Deployment'],
  ] as const;
  const names = [
    'metadata',
    'spec',
    'rules',
    'http',
    'paths',
    'backend',
    'service',
    'port',
    'ports',
    'endpoints',
    'addresses',
    'subsets',
    'data',
    'tls',
    'parameters',
    'name',
    'host',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(null, 1, -1.5, true, '', 'a', '::1', 'None'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.dictionary(fc.constantFrom(...names), tree),
      ([apiVersion, kind], body) => {
        const result = decodeObject({ ...body, apiVersion, kind }, lenient);
        if (result.kind === 'object') assert.equal(result.object.kind, kind);
      },
    ),
    { numRuns: 1000 },
  );
});
