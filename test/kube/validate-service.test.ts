// Service: defaults, each rule on create, and what may not change once set.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError, validateServiceUpdate } from '../../src/kube/index.ts';
import type { Service } from '../../src/kube/index.ts';
import { errorsOf, keyText, labelText, objectOf, service, subdomainText } from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

const ports = [{ port: 80 }];

const rows: readonly (readonly [what: string, raw: Raw, errors: readonly string[]])[] = [
  ['name', service({ ports }, { name: 'A' }), [`metadata.name: Invalid value: "A": ${labelText}`]],
  ['name with a digit first', service({ ports }, { name: '1a' }), []],
  ['no ports', service({}), ['spec.ports: Required value']],
  ['headless without ports', service({ clusterIP: 'None' }), []],
  ['ExternalName without ports', service({ type: 'ExternalName', externalName: 'a.b.' }), []],
  [
    'names of several ports',
    service({
      ports: [{ port: 80 }, { port: 81, name: 'A' }, { port: 82, name: 'b' }, { port: 83, name: 'b' }],
    }),
    [
      'spec.ports[0].name: Required value',
      `spec.ports[1].name: Invalid value: "A": ${labelText}`,
      'spec.ports[3].name: Duplicate value: "b"',
    ],
  ],
  [
    'port ranges',
    service({ ports: [{ port: 0 }] }),
    [
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'targetPort',
    service({ ports: [{ port: 80, targetPort: 70000 }] }),
    ['spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'named targetPort',
    service({ ports: [{ port: 80, targetPort: '80' }] }),
    ['spec.ports[0].targetPort: Invalid value: "80": must contain at least one letter (a-z)'],
  ],
  [
    'protocol',
    service({ ports: [{ port: 80, protocol: 'x' }] }),
    ['spec.ports[0].protocol: Unsupported value: "x": supported values: "SCTP", "TCP", "UDP"'],
  ],
  [
    'same protocol and port twice',
    service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80, targetPort: 1 },
      ],
    }),
    [
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'same port, other protocol',
    service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80, protocol: 'UDP' },
      ],
    }),
    [],
  ],
  [
    'same node port twice',
    service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 30000 },
        { name: 'b', port: 81, nodePort: 30000 },
      ],
    }),
    ['spec.ports[1].nodePort: Duplicate value: 30000'],
  ],
  [
    'type',
    service({ type: 'x', ports }),
    [
      'spec.type: Unsupported value: "x": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    'affinity',
    service({ sessionAffinity: 'x', ports }),
    ['spec.sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"'],
  ],
  [
    'affinity timeout',
    service({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } },
      ports,
    }),
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
  ],
  ...['LoadBalancer', 'NodePort'].map(
    (type) =>
      [
        `None with ${type}`,
        service({ type, clusterIP: 'None', ports }),
        [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for ${type} services`],
      ] as const,
  ),
  [
    'ExternalName with addresses',
    service({
      type: 'ExternalName',
      externalName: 'a.b',
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    }),
    ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].map(
      (field) => `spec.${field}: Forbidden: may not be set for ExternalName services`,
    ),
  ],
  ['no externalName', service({ type: 'ExternalName' }), ['spec.externalName: Required value']],
  [
    'bad externalName',
    service({ type: 'ExternalName', externalName: 'A' }),
    [`spec.externalName: Invalid value: "A": ${subdomainText}`],
  ],
  [
    'nodePort with ClusterIP',
    service({ ports: [{ port: 80, nodePort: 30000 }] }),
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'externalTrafficPolicy with ClusterIP',
    service({ externalTrafficPolicy: 'Local', ports }),
    [
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
  ],
  [
    'traffic policies',
    service({
      type: 'NodePort',
      externalTrafficPolicy: 'x',
      internalTrafficPolicy: 'y',
      trafficDistribution: 'z',
      ports,
    }),
    [
      'spec.externalTrafficPolicy: Unsupported value: "x": supported values: "Cluster", "Local"',
      'spec.internalTrafficPolicy: Unsupported value: "y": supported values: "Cluster", "Local"',
      'spec.trafficDistribution: Unsupported value: "z": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [
    'appProtocol',
    service({ ports: [{ port: 80, appProtocol: 'a b' }] }),
    [`spec.ports[0].appProtocol: Invalid value: "a b": name part ${keyText}`],
  ],
  ['appProtocol of Kubernetes', service({ ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] }), []],
  [
    'clusterIPs without clusterIP',
    service({ clusterIPs: ['10.0.0.1'], ports }),
    ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    'clusterIP differs from the first',
    service({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.1'], ports }),
    ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: first value must match `clusterIP`'],
  ],
  [
    'two addresses of one family',
    service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'], ports }),
    [
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'address of another family',
    service({ clusterIP: 'fd00::1', ipFamilies: ['IPv4', 'x', 'IPv4'], ports }),
    [
      'spec.ipFamilies[1]: Unsupported value: "x": supported values: "IPv4", "IPv6"',
      'spec.ipFamilies[2]: Duplicate value: "IPv4"',
      'spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`',
    ],
  ],
  [
    'None is not alone, and no address',
    service({ clusterIP: 'None', clusterIPs: ['None', 'x'], ipFamilyPolicy: 'y', ports }),
    [
      'spec.ipFamilyPolicy: Unsupported value: "y": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      `spec.clusterIPs: Invalid value: ["None","x"]: 'None' must be the first and only value`,
      'spec.clusterIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'external addresses',
    service({ externalIPs: ['x', '127.0.0.1'], ports }),
    [
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    'load balancer fields elsewhere',
    service({
      ports,
      loadBalancerSourceRanges: ['10.0.0.0/8', ' x '],
      allocateLoadBalancerNodePorts: false,
      loadBalancerClass: 'a/b',
      healthCheckNodePort: 30000,
    }),
    [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  ['LoadBalancer', service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['fd00::/8'], ports }), []],
];

for (const [what, raw, errors] of rows) {
  test(`Service: ${what}`, () => {
    assert.deepEqual(errorsOf(raw), errors);
  });
}

function typed(spec: Raw): Service {
  return objectOf(service({ ports, ...spec }, { resourceVersion: '1' })) as Service;
}

test('Service defaults', () => {
  assert.deepEqual(typed({}).spec, {
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
  });
  const balancer = typed({
    type: 'LoadBalancer',
    sessionAffinity: 'ClientIP',
    ports: [{ port: 1, targetPort: '' }],
  });
  assert.deepEqual(balancer.spec, {
    ports: [{ port: 1, protocol: 'TCP', targetPort: 1 }],
    type: 'LoadBalancer',
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    allocateLoadBalancerNodePorts: true,
  });
  assert.equal(typed({ externalIPs: ['10.0.0.9'] }).spec.externalTrafficPolicy, 'Cluster');
  assert.deepEqual(typed({ clusterIP: 'None' }).spec.clusterIPs, ['None']);
  const status = { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: 'a.b' }] } };
  const published = objectOf({ ...service({ type: 'LoadBalancer', ports }), status }) as Service;
  assert.deepEqual(published.status?.loadBalancer?.ingress, [
    { ip: '10.0.0.1', ipMode: 'VIP' },
    { hostname: 'a.b' },
  ]);
  const external = objectOf(service({ type: 'ExternalName', externalName: 'a.b' })) as Service;
  assert.equal(external.spec.internalTrafficPolicy, undefined);
});

function updateErrors(spec: Raw, old: Raw): string[] {
  return validateServiceUpdate(typed(spec), typed(old)).map(renderFieldError);
}

test('Service update: addresses and families', () => {
  const one = { clusterIP: '10.0.0.1' };
  assert.deepEqual(updateErrors(one, one), []);
  assert.deepEqual(updateErrors({ clusterIP: '10.0.0.2' }, one), [
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ]);
  assert.deepEqual(updateErrors({}, one), [
    'spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset',
  ]);
  assert.deepEqual(updateErrors(one, {}), []);
  const both = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'] };
  assert.deepEqual(updateErrors({ ...one, ipFamilies: ['IPv4'] }, both), [
    "spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary clusterIP",
    "spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary ipFamily",
  ]);
  assert.deepEqual(updateErrors({ ...one, ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }, both), []);
  assert.deepEqual(updateErrors({ ipFamilies: ['IPv6'] }, { ipFamilies: ['IPv4'] }), [
    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
  ]);
  assert.deepEqual(updateErrors({ clusterIP: 'None' }, { clusterIP: 'None' }), []);
});

test('Service update: class and health check of a load balancer', () => {
  const balancer = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'a' };
  assert.deepEqual(
    updateErrors(
      { ...balancer, loadBalancerClass: 'b', healthCheckNodePort: 30001 },
      { ...balancer, healthCheckNodePort: 30000 },
    ),
    [
      'spec.loadBalancerClass: Invalid value: "b": may not change once set',
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ],
  );
});
