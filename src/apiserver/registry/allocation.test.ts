// Addresses and node ports: never given twice, given back when their Service is gone or needs them no more, the same for every dry run.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { createRegistry } from './create-registry.ts';
import { readList, readNumber, readText } from './read-value.ts';
import { seedObjects } from './seed-objects.ts';
import { defaultServiceRanges, type ServiceRanges } from './strategies/service/index.ts';
import { refusalOf, TestServer } from './write-request.fixture.ts';

const path = '/api/v1/namespaces/default/services';
/** Four addresses and six ports: soon taken. */
const tight: ServiceRanges = {
  addresses: {
    first: defaultServiceRanges.addresses.first,
    last: defaultServiceRanges.addresses.first + 3,
    reserved: 1,
  },
  ports: { first: 30000, last: 30005, reserved: 2 },
};

function newServer(serviceRanges: ServiceRanges = defaultServiceRanges): TestServer {
  const server = new TestServer(createRegistry({ serviceRanges }));
  seedObjects(server.store, server.nowMs, { apiPort: 6443, serviceRanges });
  return server;
}

function body(name: string, spec: object): Readonly<Record<string, unknown>> {
  return { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}

function listServices(server: TestServer): readonly ApiObject[] {
  return server.store.list({ resource: 'core/services', namespace: null }).objects;
}

/** Addresses and node ports of all Services, each as often as somebody has it. */
function listHeld(server: TestServer): string[] {
  return listServices(server).flatMap((service) => [
    ...readList(service, 'spec', 'clusterIPs')
      .filter((ip) => ip !== 'None')
      .map(String),
    // Ports of one Service may share a node port between protocols.
    ...new Set(
      readList(service, 'spec', 'ports')
        .map((port) => readNumber(port, 'nodePort'))
        .filter((port) => port !== 0)
        .map(String),
    ),
    ...[readNumber(service, 'spec', 'healthCheckNodePort')].filter((port) => port !== 0).map(String),
  ]);
}

const specs: readonly object[] = [
  {},
  { clusterIP: 'None' },
  { clusterIP: '10.96.0.2' },
  { clusterIP: '10.96.0.9' },
  { type: 'NodePort' },
  { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] },
  {
    type: 'NodePort',
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 80, protocol: 'UDP' },
    ],
  },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
  { type: 'ExternalName', externalName: 'example.com', ports: [] },
];

interface Step {
  readonly name: string;
  readonly spec: object;
  readonly isDeletion: boolean;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    spec: fc.constantFrom(...specs),
    isDeletion: fc.boolean(),
  }),
  { maxLength: 25 },
);

test('whatever is created, changed and deleted, no two Services ever hold the same value', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const server = newServer(tight);
      for (const { name, spec, isDeletion } of all) {
        const key = { resource: 'core/services', namespace: 'default', name };
        try {
          if (server.store.get(key) === null) server.create(path, body(name, spec));
          else if (isDeletion) server.delete(`${path}/${name}`);
          else server.update(`${path}/${name}`, body(name, spec));
        } catch (error) {
          // Refused: a value is taken, a range is full, a field may not change.
          if (!(error instanceof ApiError)) throw error;
        }
        const held = listHeld(server);
        deepEqual(held.toSorted(), [...new Set(held)].toSorted());
        for (const service of listServices(server)) {
          const needsAddress = readText(service, 'spec', 'type') !== 'ExternalName';
          equal(readList(service, 'spec', 'clusterIPs').length > 0, needsAddress);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a full range is said, and a deleted Service makes room', () => {
  const server = newServer(tight);
  for (const name of ['a', 'b', 'c']) server.create(path, body(name, {}));
  const { status } = refusalOf(() => server.create(path, body('d', {})));
  equal(status.code, 500);
  equal(
    status.message,
    'Internal error occurred: failed to allocate a serviceIP for Service "d": range is full',
  );
  server.delete(`${path}/b`);
  equal(server.create(path, body('d', {})).object.metadata.name, 'd');
});

test('an address and a port are free again when the type of their Service needs none', () => {
  const server = newServer();
  const asked = { type: 'NodePort', clusterIP: '10.96.4.4', ports: [{ port: 80, nodePort: 30777 }] };
  server.create(path, body('a', asked));
  equal(refusalOf(() => server.create(path, body('b', asked))).status.code, 422);
  server.update(`${path}/a`, body('a', { type: 'ExternalName', externalName: 'example.com', ports: [] }));
  equal(server.create(path, body('b', asked)).object.metadata.name, 'b');
});

test('a Service that comes again under its name gets its address again, another one another', () => {
  const server = newServer();
  const ipOf = (name: string): string => readText(server.read(`${path}/${name}`), 'spec', 'clusterIP');
  server.create(path, body('a', {}));
  server.create(path, body('b', {}));
  const first = ipOf('a');
  notEqual(first, ipOf('b'));
  server.delete(`${path}/a`);
  server.create(path, body('a', {}));
  equal(ipOf('a'), first);
});

test('values that are chosen keep clear of those that are asked for by name', () => {
  const server = newServer();
  for (let index = 0; index < 50; index += 1) {
    server.create(path, body(`s${index}`, { type: 'NodePort' }));
    const service = server.read(`${path}/s${index}`);
    const [, second = 0, third = 0] = readText(service, 'spec', 'clusterIP').split('.').map(Number);
    ok(second > 96 || third >= 1, 'the first 256 addresses are left');
    ok(readNumber(readList(service, 'spec', 'ports')[0], 'nodePort') >= 30086);
  }
});

test('a port keeps its node port by its name, over changes of anything else', () => {
  const server = newServer();
  const ports = [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ];
  server.create(path, body('a', { type: 'NodePort', ports }));
  const nodePorts = (): Map<string, number> =>
    new Map(
      readList(server.read(`${path}/a`), 'spec', 'ports').map((port) => [
        readText(port, 'name'),
        readNumber(port, 'nodePort'),
      ]),
    );
  const before = nodePorts();
  server.update(
    `${path}/a`,
    body('a', {
      type: 'NodePort',
      ports: [{ name: 'https', port: 8443 }, ...ports.slice(0, 1), { name: 'new', port: 1 }],
    }),
  );
  const after = nodePorts();
  equal(after.get('https'), before.get('https'));
  equal(after.get('http'), before.get('http'));
  equal([...before.values()].includes(after.get('new') ?? 0), false);
});

test('changing a load balancer to a plain Service wipes what it had as one', () => {
  const server = newServer();
  server.create(path, body('a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }));
  const before = server.read(`${path}/a`);
  ok(readNumber(before, 'spec', 'healthCheckNodePort') >= 30000);
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } };
  server.update(`${path}/a/status`, { ...before, status });
  const patched = server.read(`${path}/a`);
  deepEqual(patched['status'], status);
  const { spec } = patched as unknown as { spec: object };
  server.update(`${path}/a`, { ...patched, spec: { ...spec, type: 'ClusterIP' } });
  const after = server.read(`${path}/a`);
  deepEqual(after['status'], { loadBalancer: {} });
  deepEqual(Object.keys(after['spec'] as object).toSorted(), [
    'clusterIP',
    'clusterIPs',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
    'ports',
    'sessionAffinity',
    'type',
  ]);
});
