// EndpointSlice and the legacy Endpoints: defaults, each rule, and the readings that consumers need.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanTimestamp,
  effectiveConditions,
  renderFieldError,
  serviceOfSlice,
  validateEndpointSliceUpdate,
} from '../../src/kube/index.ts';
import type { EndpointSlice } from '../../src/kube/index.ts';
import {
  errorsOf,
  keyText,
  labelText,
  labelValueText,
  lenient,
  objectOf,
  slice,
  subdomainText,
} from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const addressField = 'endpoints[0].addresses[0]';
const ipText = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function address(text: string, addressType = 'IPv4'): Raw {
  return slice({ addressType, endpoints: [{ addresses: [text] }] });
}

function endpoint(members: Raw): Raw {
  return slice({ endpoints: [{ addresses: ['10.0.0.1'], ...members }] });
}

const many = (count: number): Raw[] =>
  Array.from({ length: count }, (_, index) => ({ name: `zone-${index}` }));

const rows: readonly (readonly [what: string, raw: Raw, errors: readonly string[]])[] = [
  ['no type', slice({ addressType: null }), ['addressType: Required value']],
  [
    'type',
    slice({ addressType: 'x' }),
    ['addressType: Unsupported value: "x": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [
    'too many endpoints',
    slice({ endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) }),
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  [
    'no address',
    slice({ endpoints: [{}] }),
    ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  ],
  [
    'too many addresses',
    endpoint({ addresses: Array.from({ length: 101 }, () => '10.0.0.1') }),
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  ['no IP', address('x'), [`${addressField}: Invalid value: "x": ${ipText}`]],
  [
    'IPv6 in IPv4',
    address('fd00::1'),
    ['endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address'],
  ],
  [
    'IPv4 in IPv6',
    address('10.0.0.1', 'IPv6'),
    ['endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address'],
  ],
  [
    'leading zeros',
    address('10.0.0.01'),
    [`${addressField}: Invalid value: "10.0.0.01": must not have leading 0s`],
  ],
  ...(
    [
      ['fd00:0:0:1::0', 'fd00:0:0:1::'],
      ['FD00::1', 'fd00::1'],
      ['fd00:1:0:2:3:0:0:4', 'fd00:1:0:2:3::4'],
      ['fd00:0:0:1:0:0:0:2', 'fd00:0:0:1::2'],
      ['0:0:1:2:3:4:5:6', '::1:2:3:4:5:6'],
    ] as const
  ).map(
    ([text, canonical]) =>
      [
        `form of ${text}`,
        address(text, 'IPv6'),
        [`${addressField}: Invalid value: "${text}": must be in canonical form ("${canonical}")`],
      ] as const,
  ),
  ...['fd00::1', '2001:db8:0:1:1:1:1:1', 'fd00:1:2:3:4:5:6:7'].map(
    (text) => [`canonical ${text}`, address(text, 'IPv6'), []] as const,
  ),
  ...(
    [
      ['0.0.0.0', 'IPv4', 'may not be unspecified (0.0.0.0)'],
      ['::', 'IPv6', 'may not be unspecified (::)'],
      ['127.1.2.3', 'IPv4', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['::1', 'IPv6', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['169.254.169.254', 'IPv4', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
      ['fe80::1', 'IPv6', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
      ['224.0.0.1', 'IPv4', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
      ['ff02::1', 'IPv6', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
    ] as const
  ).map(
    ([ip, type, text]) =>
      [`special ${ip}`, address(ip, type), [`${addressField}: Invalid value: "${ip}": ${text}`]] as const,
  ),
  ['name', address('a.b.', 'FQDN'), []],
  [
    'name without dots',
    address('a', 'FQDN'),
    [`${addressField}: Invalid value: "a": should be a domain with at least two segments separated by dots`],
  ],
  ['bad name', address('A.b', 'FQDN'), [`${addressField}: Invalid value: "A.b": ${subdomainText}`]],
  ['empty name', address('', 'FQDN'), [`${addressField}: Required value`]],
  [
    'members of an endpoint',
    endpoint({ nodeName: 'A', hostname: 'B', deprecatedTopology: { a: '-' } }),
    [
      `endpoints[0].nodeName: Invalid value: "A": ${subdomainText}`,
      `endpoints[0].deprecatedTopology: Invalid value: "-": ${labelValueText}`,
      `endpoints[0].hostname: Invalid value: "B": ${labelText}`,
    ],
  ],
  [
    'hints',
    endpoint({ hints: { forZones: [{ name: '-' }, { name: 'a' }, { name: 'a' }], forNodes: many(9) } }),
    [
      `endpoints[0].hints.forZones[0].name: Invalid value: "-": ${labelValueText}`,
      'endpoints[0].hints.forZones[2].name: Duplicate value: "a"',
      'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items',
    ],
  ],
  [
    'ports',
    slice({
      ports: [
        { name: 'A' },
        { port: 1 },
        { port: 2 },
        { name: 'b', protocol: 'x' },
        { name: 'c', appProtocol: '_' },
      ],
    }),
    [
      `ports[0].name: Invalid value: "A": ${labelText}`,
      'ports[2].name: Duplicate value: ""',
      'ports[3].protocol: Unsupported value: "x": supported values: "SCTP", "TCP", "UDP"',
      `ports[4].appProtocol: Invalid value: "_": name part ${keyText}`,
    ],
  ],
  ['no ports', slice({ ports: null }), []],
  ['all ports', slice({ ports: [{ name: 'a' }] }), []],
];

for (const [what, raw, errors] of rows) {
  test(`EndpointSlice: ${what}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

test('EndpointSlice: a single machine accepts loopback, and nothing else special', () => {
  const single = { ...lenient, allowLoopback: true };
  assert.deepEqual(errorsOf(address('127.0.0.1'), single), []);
  assert.deepEqual(errorsOf(address('::1', 'IPv6'), single), []);
  assert.equal(errorsOf(address('0.0.0.0'), single).length, 1);
  assert.equal(errorsOf(address('169.254.0.1'), single).length, 1);
});

test('EndpointSlice: defaults and the immutable type', () => {
  const v4 = objectOf(slice({})) as EndpointSlice;
  assert.deepEqual(v4.ports, [{ port: 8080, name: '', protocol: 'TCP' }]);
  const v6: EndpointSlice = { ...v4, addressType: 'IPv6', endpoints: [] };
  assert.deepEqual(validateEndpointSliceUpdate(v6, v4, lenient).map(renderFieldError), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ]);
});

test('EndpointSlice: absent conditions have a meaning', () => {
  assert.deepEqual(effectiveConditions(undefined), { ready: true, serving: true, terminating: false });
  assert.deepEqual(effectiveConditions({ ready: false }), {
    ready: false,
    serving: false,
    terminating: false,
  });
  assert.deepEqual(effectiveConditions({ ready: false, serving: true, terminating: true }), {
    ready: false,
    serving: true,
    terminating: true,
  });
});

test('EndpointSlice: the Service is named by the label', () => {
  const metadata = { name: 'x', labels: { 'kubernetes.io/service-name': 'test' } };
  assert.equal(serviceOfSlice(objectOf(slice({ metadata })) as EndpointSlice), 'test');
  assert.equal(serviceOfSlice(objectOf(slice({})) as EndpointSlice), undefined);
});

test('creation time in milliseconds', () => {
  assert.equal(cleanTimestamp({ creationTimestamp: '1970-01-01T00:00:02Z' }), 2000);
  assert.equal(cleanTimestamp({}), 0);
  assert.equal(cleanTimestamp({ creationTimestamp: 'x' }), 0);
});

function endpoints(...subsets: readonly Raw[]): Raw {
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'test' }, subsets };
}

test('Endpoints: each rule', () => {
  assert.deepEqual(errorsOf(endpoints({ ports: [{ port: 80 }] })), [
    'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  ]);
  const subset = {
    addresses: [{ ip: 'x', hostname: 'A' }],
    notReadyAddresses: [{ ip: '127.0.0.1', nodeName: 'B' }],
    ports: [{ port: 0 }, { port: 1, name: 'C', protocol: 'y', appProtocol: '_' }],
  };
  assert.deepEqual(errorsOf(endpoints(subset)), [
    `subsets[0].addresses[0].ip: Invalid value: "x": ${ipText}`,
    `subsets[0].addresses[0].hostname: Invalid value: "A": ${labelText}`,
    'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
    `subsets[0].notReadyAddresses[0].nodeName: Invalid value: "B": ${subdomainText}`,
    'subsets[0].notReadyAddresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'subsets[0].ports[0].name: Required value',
    'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    `subsets[0].ports[1].name: Invalid value: "C": ${labelText}`,
    'subsets[0].ports[1].protocol: Unsupported value: "y": supported values: "SCTP", "TCP", "UDP"',
    `subsets[0].ports[1].appProtocol: Invalid value: "_": name part ${keyText}`,
  ]);
  const fine = objectOf(endpoints({ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }));
  assert.deepEqual(fine.kind === 'Endpoints' && fine.subsets?.[0]?.ports, [{ port: 80, protocol: 'TCP' }]);
});
