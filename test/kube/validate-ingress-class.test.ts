// IngressClass: each rule on create, and the one immutable field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError, validateIngressClassUpdate } from '../../src/kube/index.ts';
import type { IngressClass } from '../../src/kube/index.ts';
import { errorsOf, ingressClass, labelText, objectOf, subdomainText } from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const httpPathText = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
const controllerText = 'must be a domain-prefixed path (such as "acme.io/foo")';

function withParameters(parameters: Raw): Raw {
  return ingressClass({ controller: 'a.b/c', parameters: { kind: 'Config', name: 'x', ...parameters } });
}

const rows: readonly (readonly [what: string, raw: Raw, errors: readonly string[]])[] = [
  [
    'name',
    ingressClass({ controller: 'a.b/c' }, { name: 'A' }),
    [`metadata.name: Invalid value: "A": ${subdomainText}`],
  ],
  [
    'namespace',
    ingressClass({ controller: 'a.b/c' }, { namespace: 'shop' }),
    ['metadata.namespace: Forbidden: not allowed on this type'],
  ],
  ['no controller', ingressClass({}), ['spec.controller: Required value']],
  [
    'long controller',
    ingressClass({ controller: `a.b/${'c'.repeat(247)}` }),
    ['spec.controller: Too long: may not be more than 250 bytes'],
  ],
  ...['a.b', 'a.b/', '/c', '/'].map(
    (controller) =>
      [
        `controller ${controller}`,
        ingressClass({ controller }),
        [`spec.controller: Invalid value: "${controller}": ${controllerText}`],
      ] as const,
  ),
  [
    'domain and path of the controller',
    ingressClass({ controller: 'A/ b' }),
    [
      `spec.controller: Invalid value: "A": ${subdomainText}`,
      `spec.controller: Invalid value: " b": ${httpPathText}`,
    ],
  ],
  ['path with slashes', ingressClass({ controller: 'sallyport.dev/a/b~%20' }), []],
  [
    'parameters group, kind, name',
    withParameters({ apiGroup: 'A', kind: 'a/b', name: '.' }),
    [
      `spec.parameters.apiGroup: Invalid value: "A": ${subdomainText}`,
      `spec.parameters.kind: Invalid value: "a/b": may not contain '/'`,
      `spec.parameters.name: Invalid value: ".": may not be '.'`,
    ],
  ],
  [
    'parameters empty',
    ingressClass({ controller: 'a.b/c', parameters: {} }),
    ['spec.parameters.kind: Required value', 'spec.parameters.name: Required value'],
  ],
  ['scope by default', withParameters({}), []],
  [
    'scope unknown',
    withParameters({ scope: 'x' }),
    ['spec.parameters.scope: Unsupported value: "x": supported values: "Cluster", "Namespace"'],
  ],
  [
    'Namespace without namespace',
    withParameters({ scope: 'Namespace' }),
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    'Namespace with a bad one',
    withParameters({ scope: 'Namespace', namespace: 'A' }),
    [`spec.parameters.namespace: Invalid value: "A": ${labelText}`],
  ],
  [
    'Cluster with namespace',
    withParameters({ scope: 'Cluster', namespace: 'a' }),
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
  ['Namespace with namespace', withParameters({ scope: 'Namespace', namespace: 'a' }), []],
];

for (const [what, raw, errors] of rows) {
  test(`IngressClass: ${what}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

test('IngressClass: only the controller is immutable', () => {
  const metadata = { name: 'public', resourceVersion: '1' };
  const before = objectOf(ingressClass({ controller: 'a.b/c' }, metadata)) as IngressClass;
  const other = objectOf(ingressClass({ controller: 'a.b/d' }, metadata)) as IngressClass;
  assert.deepEqual(validateIngressClassUpdate(other, before).map(renderFieldError), [
    'spec.controller: Invalid value: "a.b/d": field is immutable',
  ]);
  const parameters = { kind: 'Config', name: 'x', scope: 'Cluster' } as const;
  const extended: IngressClass = { ...before, spec: { controller: 'a.b/c', parameters } };
  assert.deepEqual(validateIngressClassUpdate(extended, before), []);
  assert.deepEqual(validateIngressClassUpdate(before, extended), []);
});
