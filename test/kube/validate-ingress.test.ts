// Ingress validation: each rule of the API server with its field, text and order, and the corners that are accepted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../src/kube/index.ts';
import {
  labelText,
  errorsOf,
  hostIngress,
  ingress,
  lenient,
  pathIngress,
  serviceBackend,
  subdomainText,
  wildcardText,
} from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const path0 = 'spec.rules[0].http.paths[0]';
const long = 'a'.repeat(254);

function portIngress(port: Raw): Raw {
  return pathIngress({ backend: { service: { name: 'test', port } } });
}

function resourceIngress(resource: Raw): Raw {
  return pathIngress({ backend: { resource: { apiGroup: 'a.b', kind: 'Bucket', name: 'x', ...resource } } });
}

const rows: readonly (readonly [rule: string, raw: Raw, errors: readonly string[]])[] = [
  [
    '1 neither backend nor rules',
    ingress({}),
    ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    '1 empty rules',
    ingress({ rules: [] }),
    ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    '2 IPv4 host, one error',
    hostIngress('1.2.3.4'),
    ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
  ],
  [
    '2 IPv4 host with leading zeros',
    hostIngress('01.02.03.004'),
    ['spec.rules[0].host: Invalid value: "01.02.03.004": must be a DNS name, not an IP address'],
  ],
  [
    '2 and 4 IPv6 host, two errors',
    hostIngress('::1'),
    [
      'spec.rules[0].host: Invalid value: "::1": must be a DNS name, not an IP address',
      `spec.rules[0].host: Invalid value: "::1": ${subdomainText}`,
    ],
  ],
  ...['*', '*foo.com', 'foo.*.com', '*.*.com', '*.Foo.com', '*.'].map(
    (host) =>
      [
        `3 wildcard ${host}`,
        hostIngress(host),
        [`spec.rules[0].host: Invalid value: "${host}": ${wildcardText}`],
      ] as const,
  ),
  ...['Foo.com', 'foo.com:80', 'foo.com.', 'a_b.com', '-a.com', 'a..b', 'bücher.de'].map(
    (host) =>
      [
        `4 host ${host}`,
        hostIngress(host),
        [`spec.rules[0].host: Invalid value: "${host}": ${subdomainText}`],
      ] as const,
  ),
  [
    '4 long host',
    hostIngress(long),
    [`spec.rules[0].host: Invalid value: "${long}": must be no more than 253 characters`],
  ],
  ['5 no paths', ingress({ rules: [{ http: { paths: [] } }] }), ['spec.rules[0].http.paths: Required value']],
  ['5 paths absent', ingress({ rules: [{ http: {} }] }), ['spec.rules[0].http.paths: Required value']],
  [
    '6 pathType absent, nothing else checked',
    pathIngress({ pathType: null, path: 'x', backend: {} }),
    [`${path0}.pathType: Required value: pathType must be specified`],
  ],
  [
    '7 pathType unknown, backend checked',
    pathIngress({ pathType: 'x', backend: {} }),
    [
      `${path0}.pathType: Unsupported value: "x": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      `${path0}.backend: Invalid value: "": resource or service backend is required`,
    ],
  ],
  ['8 relative', pathIngress({ path: 'x' }), [`${path0}.path: Invalid value: "x": must be an absolute path`]],
  [
    '8 empty Exact path',
    pathIngress({ path: '', pathType: 'Exact' }),
    [`${path0}.path: Invalid value: "": must be an absolute path`],
  ],
  [
    '8 absent Prefix path',
    pathIngress({ path: null }),
    [`${path0}.path: Invalid value: "": must be an absolute path`],
  ],
  ...(
    [
      ['9', '/a//b', "must not contain '//'"],
      ['10', '/a/./b', "must not contain '/./'"],
      ['11', '/a/../b', "must not contain '/../'"],
      ['12', '/a%2fb', "must not contain '%2f'"],
      ['13', '/a%2Fb', "must not contain '%2F'"],
      ['14', '/a/..', "cannot end with '/..'"],
      ['15', '/a/.', "cannot end with '/.'"],
    ] as const
  ).flatMap(([rule, path, text]) =>
    ['Exact', 'Prefix'].map(
      (pathType) =>
        [
          `${rule} ${pathType} ${path}`,
          pathIngress({ path, pathType }),
          [`${path0}.path: Invalid value: "${path}": ${text}`],
        ] as const,
    ),
  ),
  [
    '8 to 15 all together, in order',
    pathIngress({ path: 'a//b/./c/../d%2f%2F/.' }),
    [
      'must be an absolute path',
      "must not contain '//'",
      "must not contain '/./'",
      "must not contain '/../'",
      "must not contain '%2f'",
      "must not contain '%2F'",
      "cannot end with '/.'",
    ].map((text) => `${path0}.path: Invalid value: "a//b/./c/../d%2f%2F/.": ${text}`),
  ],
  [
    '16 relative ImplementationSpecific',
    pathIngress({ path: 'x//', pathType: 'ImplementationSpecific' }),
    [`${path0}.path: Invalid value: "x//": must be an absolute path`],
  ],
  [
    '17 both backends, nothing else checked',
    pathIngress({ backend: { service: { name: '' }, resource: { kind: '', name: '' } } }),
    [`${path0}.backend: Invalid value: "": cannot set both resource and service backends`],
  ],
  [
    '18 no backend',
    pathIngress({ backend: null }),
    [`${path0}.backend: Invalid value: "": resource or service backend is required`],
  ],
  [
    '18 empty default backend',
    ingress({ defaultBackend: {} }),
    ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  ],
  [
    '19 no service name',
    pathIngress({ backend: { service: { port: { number: 80 } } } }),
    [`${path0}.backend.service.name: Required value`],
  ],
  [
    '20 service name',
    pathIngress({ backend: { service: { name: 'Web', port: { number: 80 } } } }),
    [`${path0}.backend.service.name: Invalid value: "Web": ${labelText}`],
  ],
  [
    '20 service name with a digit first',
    pathIngress({ backend: { service: { name: '1a', port: { number: 80 } } } }),
    [],
  ],
  [
    '20 long service name',
    pathIngress({ backend: { service: { name: 'a'.repeat(64), port: { number: 80 } } } }),
    [`${path0}.backend.service.name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
  ],
  [
    '21 port name and number',
    portIngress({ name: 'http', number: 80 }),
    [`${path0}.backend: Invalid value: "": cannot set both port name & port number`],
  ],
  ['22 no port', portIngress({}), [`${path0}.backend: Required value: port name or number is required`]],
  [
    '22 number 0',
    portIngress({ number: 0 }),
    [`${path0}.backend: Required value: port name or number is required`],
  ],
  ...[70000, -1].map(
    (number) =>
      [
        `23 number ${number}`,
        portIngress({ number }),
        [
          `${path0}.backend.service.port.number: Invalid value: ${number}: must be between 1 and 65535, inclusive`,
        ],
      ] as const,
  ),
  [
    '24 port name, all messages',
    portIngress({ name: '-----_----------' }),
    [
      'must be no more than 15 characters',
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ].map((text) => `${path0}.backend.service.port.name: Invalid value: "-----_----------": ${text}`),
  ],
  [
    '25 resource group',
    resourceIngress({ apiGroup: 'A' }),
    [`${path0}.backend.resource.apiGroup: Invalid value: "A": ${subdomainText}`],
  ],
  [
    '26 resource kind and name',
    resourceIngress({ kind: '', name: '' }),
    [`${path0}.backend.resource.kind: Required value`, `${path0}.backend.resource.name: Required value`],
  ],
  [
    '27 path segments',
    resourceIngress({ kind: '..', name: 'a/b%' }),
    [
      `${path0}.backend.resource.kind: Invalid value: "..": may not be '..'`,
      `${path0}.backend.resource.name: Invalid value: "a/b%": may not contain '/'`,
      `${path0}.backend.resource.name: Invalid value: "a/b%": may not contain '%'`,
    ],
  ],
  [
    '28 tls hosts',
    ingress({ defaultBackend: serviceBackend, tls: [{ hosts: ['10.0.0.1', '*a', 'A'] }] }),
    [
      `spec.tls[0].hosts[1]: Invalid value: "*a": ${wildcardText}`,
      `spec.tls[0].hosts[2]: Invalid value: "A": ${subdomainText}`,
    ],
  ],
  [
    '29 tls secret name',
    ingress({ defaultBackend: serviceBackend, tls: [{ secretName: 'A_b' }] }),
    [`spec.tls[0].secretName: Invalid value: "A_b": ${subdomainText}`],
  ],
  ...['', 'A'].map(
    (name) =>
      [
        `30 class name "${name}"`,
        ingress({ defaultBackend: serviceBackend, ingressClassName: name }),
        [`spec.ingressClassName: Invalid value: "${name}": ${subdomainText}`],
      ] as const,
  ),
  [
    '31 class annotation differs',
    ingress(
      { defaultBackend: serviceBackend, ingressClassName: 'a' },
      { annotations: { 'kubernetes.io/ingress.class': 'x' } },
    ),
    [
      'annotations.kubernetes.io/ingress.class: Invalid value: "x": must match `ingressClassName` when both are specified',
    ],
  ],
  [
    'order: metadata, spec, default backend, rules, tls, class',
    ingress(
      {
        ingressClassName: 'A',
        tls: [{ secretName: 'B' }],
        rules: [{ host: 'C' }],
        defaultBackend: { service: { name: '', port: { number: 1 } } },
      },
      { name: 'D' },
    ),
    [
      `metadata.name: Invalid value: "D": ${subdomainText}`,
      'spec.defaultBackend.service.name: Required value',
      `spec.rules[0].host: Invalid value: "C": ${subdomainText}`,
      `spec.tls[0].secretName: Invalid value: "B": ${subdomainText}`,
      `spec.ingressClassName: Invalid value: "A": ${subdomainText}`,
    ],
  ],
];

for (const [rule, raw, errors] of rows) {
  test(`Ingress rule ${rule}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

const accepted: readonly (readonly [what: string, raw: Raw])[] = [
  ...['1', '1.2', 'localhost', '*.com', `${'a'.repeat(100)}.com`, '*.1.2', 'xn--bcher-kva.de'].map(
    (host) => [`host ${host}`, hostIngress(host)] as const,
  ),
  ...['/a%5cb', '/a\\b', '/%2e%2e/', '/;a', '/a?b', '/a#b', '/a b', '/.well-known', '/foo..bar', '/'].map(
    (path) => [`path ${path}`, pathIngress({ path })] as const,
  ),
  ['empty ImplementationSpecific path', pathIngress({ path: '', pathType: 'ImplementationSpecific' })],
  [
    'sequences in an ImplementationSpecific path',
    pathIngress({ path: '/a//b/../c%2f/.', pathType: 'ImplementationSpecific' }),
  ],
  [
    'duplicates everywhere',
    ingress({
      rules: [
        {
          host: 'a.b',
          http: { paths: [1, 2].map(() => ({ path: '/', pathType: 'Prefix', backend: serviceBackend })) },
        },
        { host: 'a.b' },
      ],
      tls: [{ hosts: ['a.b', 'a.b'] }, { hosts: ['a.b'] }],
    }),
  ],
  ['an IP in tls hosts', ingress({ defaultBackend: serviceBackend, tls: [{ hosts: ['10.0.0.1'] }] })],
  ['tls without hosts and secret', ingress({ defaultBackend: serviceBackend, tls: [{}] })],
  ['rule without http', hostIngress('a.b')],
  ['port name of 15 characters', portIngress({ name: 'abcdefghijklmno' })],
  [
    'equal class and annotation',
    ingress(
      { defaultBackend: serviceBackend, ingressClassName: 'a' },
      { annotations: { 'kubernetes.io/ingress.class': 'a' } },
    ),
  ],
];

for (const [what, raw] of accepted) {
  test(`Ingress accepts ${what}`, () => {
    assert.deepEqual(errorsOf(raw), []);
  });
}

test('the class annotation alone is warned of', () => {
  const annotations = { 'kubernetes.io/ingress.class': 'a' };
  const result = decodeObject(ingress({ defaultBackend: serviceBackend }, { annotations }), lenient);
  assert.deepEqual(result.warnings, [
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ]);
  const named = ingress({ defaultBackend: serviceBackend, ingressClassName: 'a' }, { annotations });
  assert.deepEqual(decodeObject(named, lenient).warnings, []);
});

function legacy(spec: Raw): Raw {
  return { ...ingress(spec), apiVersion: 'networking.k8s.io/v1beta1' };
}

test('errors of legacy versions carry the legacy field names', () => {
  const paths = (backend: Raw): Raw => ({ rules: [{ http: { paths: [{ path: '/', backend }] } }] });
  assert.deepEqual(errorsOf(legacy({})), [
    'spec: Invalid value: null: either `backend` or `rules` must be specified',
  ]);
  assert.deepEqual(errorsOf(legacy({ backend: { servicePort: 80 } })), [
    'spec.backend.serviceName: Required value',
  ]);
  assert.deepEqual(errorsOf(legacy({ backend: { serviceName: 'X', servicePort: 70000 } })), [
    `spec.backend.serviceName: Invalid value: "X": ${labelText}`,
    'spec.backend.servicePort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ]);
  assert.deepEqual(errorsOf(legacy(paths({ serviceName: 'x', servicePort: '80' }))), [
    `${path0}.backend.servicePort: Invalid value: "80": must contain at least one letter (a-z)`,
  ]);
  assert.deepEqual(errorsOf(legacy(paths({ serviceName: 'x', servicePort: '' }))), [
    `${path0}.backend: Required value: port name or number is required`,
  ]);
  assert.deepEqual(
    errorsOf(
      legacy({
        rules: [{ http: { paths: [{ path: 'x', backend: { serviceName: 'a', servicePort: 1 } }] } }],
      }),
    ),
    [`${path0}.path: Invalid value: "x": must be an absolute path`],
  );
});

test('legacy versions do not check secret names and the paths of wildcard hosts', () => {
  const backend = { serviceName: 'a', servicePort: 1 };
  assert.deepEqual(errorsOf(legacy({ backend, tls: [{ secretName: 'A_b' }] })), []);
  assert.deepEqual(errorsOf(legacy({ backend, rules: [{ host: '*.a.b', http: { paths: [] } }] })), []);
  assert.equal(errorsOf(legacy({ backend, rules: [{ host: 'a.b', http: { paths: [] } }] })).length, 1);
});
