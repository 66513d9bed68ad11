// What Go's generated code makes of unusual messages: merging, packing, skipping, cut numbers, presence and zero values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeKubeProtobuf, schemaOf } from '../../../src/kube/index.ts';
import type { ExpectedType } from '../../../src/kube/index.ts';
import { body, field, number, tag, varint } from './wire.fixture.ts';

type Json = Readonly<Record<string, unknown>>;

function decode(bytes: Uint8Array, expected?: ExpectedType): Json {
  const { apiVersion, kind, ...rest } = decodeKubeProtobuf(bytes, schemaOf, expected).value;
  assert(apiVersion !== undefined && kind !== undefined);
  return rest;
}

function configMap(...fields: readonly Uint8Array[]): Json {
  return decode(body('v1', 'ConfigMap', ...fields));
}

function service(...spec: readonly Uint8Array[]): unknown {
  return decode(body('v1', 'Service', field(2, ...spec)))['spec'];
}

test('messages of one field are merged, the last of repeated scalars counts', () => {
  const meta = [
    field(1, field(1, 'a'), field(3, 'ns')),
    field(1, field(1, 'b'), field(14, 'x')),
    field(1, field(14, 'y')),
  ];
  assert.deepEqual(configMap(...meta), { metadata: { name: 'b', namespace: 'ns', finalizers: ['x', 'y'] } });
});

test('the parts of a port that is a number or a text are merged too', () => {
  const port = field(1, field(4, number(1, 1)), field(4, field(3, 'http')), number(3, 80));
  assert.deepEqual(service(port), { ports: [{ port: 80, targetPort: 'http' }] });
});

test('repeated numbers may be packed or not', () => {
  const groups = [number(4, 1), field(4, varint(2), varint(-3)), number(4, 4)];
  const pod = decode(body('v1', 'Pod', field(2, field(14, ...groups))));
  assert.deepEqual(pod['spec'], { securityContext: { supplementalGroups: [1, 2, -3, 4] } });
});

test('unknown fields of every wire type are skipped, groups with what is in them', () => {
  const group = [tag(90, 3), number(1, 5), tag(91, 3), field(7, 'x'), tag(91, 4), tag(90, 4)];
  const fixed = [tag(92, 1), Buffer.alloc(8, 0xff), tag(93, 5), Buffer.alloc(4, 0xff)];
  const fields = [...group, ...fixed, number(94, 2n ** 64n - 1n), field(95, 'zzz'), field(1, field(1, 'a'))];
  assert.deepEqual(configMap(...fields), { metadata: { name: 'a' } });
});

test('numbers are cut to their type, and booleans are anything but zero', () => {
  assert.deepEqual(service(field(1, number(3, 2n ** 32n + 80n))), { ports: [{ port: 80 }] });
  assert.deepEqual(service(field(1, number(3, -1))), { ports: [{ port: -1 }] });
  assert.deepEqual(service(number(13, 2n ** 40n)), { publishNotReadyAddresses: true });
  const generation = (value: bigint): unknown => configMap(field(1, number(7, value)))['metadata'];
  assert.deepEqual(generation(2n ** 53n - 1n), { generation: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(generation(-(2n ** 63n)), { generation: -(2 ** 63) });
  assert.deepEqual(generation(-5_000_000_000n), { generation: -5_000_000_000 });
});

test('zero is absent, unless Go has a pointer there or prints it always', () => {
  assert.deepEqual(service(field(3, ''), number(12, 0), number(13, 0), number(20, 0), field(23, '')), {
    allocateLoadBalancerNodePorts: false,
    trafficDistribution: '',
  });
  assert.deepEqual(service(field(1, number(3, 0), number(5, 0), field(2, ''))), { ports: [{ port: 0 }] });
});

test('an empty message is an empty object, zero times are absent', () => {
  assert.deepEqual(decode(body('v1', 'Service', field(1, field(8)), field(2), field(3, field(1)))), {
    metadata: {},
    spec: {},
    status: { loadBalancer: {} },
  });
});

test('times: seconds for most, microseconds for leases, carried and cut as in Go', () => {
  const time = (seconds: number, nanos: number): Buffer[] => [number(1, seconds), number(2, nanos)];
  const meta = configMap(field(1, field(8, ...time(0, 999_999_999))))['metadata'];
  assert.deepEqual(meta, { creationTimestamp: '1970-01-01T00:00:00Z' });
  const renewTime = (seconds: number, nanos: number): unknown =>
    decode(body('coordination.k8s.io/v1', 'Lease', field(2, field(4, ...time(seconds, nanos)))))['spec'];
  assert.deepEqual(renewTime(1, 123_456_789), { renewTime: '1970-01-01T00:00:01.123456Z' });
  assert.deepEqual(renewTime(10, -1_000), { renewTime: '1970-01-01T00:00:09.999999Z' });
  assert.deepEqual(renewTime(10, -999), { renewTime: '1970-01-01T00:00:10.000000Z' });
  assert.deepEqual(renewTime(0, 2_000_001_000), { renewTime: '1970-01-01T00:00:02.000001Z' });
});

test('entries of maps: parts in any order, what is missing is zero, the last of a key counts', () => {
  const data = [
    field(2, field(2, '1'), field(1, 'a')),
    field(2, field(1, 'a'), field(2, '2'), number(9, 9)),
    field(2, field(1, 'b')),
    field(2, field(2, '3')),
    field(2, field(1, '__proto__'), field(2, 'x')),
  ];
  const decoded = configMap(...data);
  assert.equal(JSON.stringify(decoded), '{"data":{"a":"2","b":"","":"3","__proto__":"x"}}');
  assert.equal(Object.getPrototypeOf(decoded['data']), Object.prototype);
});

test('bytes are base64, lists in maps are messages, quantities texts', () => {
  assert.deepEqual(
    decode(body('v1', 'Secret', field(2, field(1, 'k'), field(2, Buffer.from([0xff, 0])))))['data'],
    {
      k: '/wA=',
    },
  );
  const extra = field(4, field(1, 'scopes'), field(2, field(1, 'a'), field(1, 'b')));
  const review = decode(body('authentication.k8s.io/v1', 'SelfSubjectReview', field(2, field(1, extra))));
  assert.deepEqual(review['status'], { userInfo: { extra: { scopes: ['a', 'b'] } } });
  const capacity = [field(1, field(1, 'cpu'), field(2, field(1, '2'))), field(1, field(1, 'x'), field(2))];
  assert.deepEqual(decode(body('v1', 'Node', field(3, ...capacity)))['status'], {
    capacity: { cpu: '2', x: '0' },
  });
});

test('what the envelope does not say is taken from the request', () => {
  const expected = { apiVersion: 'v1', kind: 'ConfigMap' };
  const meta = field(1, field(1, 'a'));
  assert.deepEqual(decode(body('', '', meta), expected), { metadata: { name: 'a' } });
  assert.equal(decodeKubeProtobuf(body('', 'Secret', meta), schemaOf, expected).kind, 'Secret');
  assert.throws(() => decodeKubeProtobuf(body('', '', meta), schemaOf), /Object 'Kind' is missing/);
  assert.throws(
    () => decodeKubeProtobuf(body('', 'Secret', meta), schemaOf),
    /Object 'apiVersion' is missing/,
  );
});

test('DeleteOptions come in any version', () => {
  const options = body('networking.k8s.io/v1', 'DeleteOptions', number(1, 0), field(4, 'Background'));
  assert.deepEqual(decode(options), { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
});
