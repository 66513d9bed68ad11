// EndpointSlice and its predecessor Endpoints: where a Service is to be reached.
import {
  atomic,
  atomicList,
  boolean,
  field,
  filled,
  int32,
  pointer,
  required,
  setList,
  structOf,
  text,
  textMap,
  textOf,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';
import { objectReference } from './references.ts';

const endpointConditions: StructSchema = structOf('v1.EndpointConditions', {
  ready: pointer(1, boolean, 'May receive traffic; absent counts as true.'),
  serving: pointer(
    2,
    boolean,
    'Would pass its readiness check, whether or not it is terminating; absent counts as ready.',
  ),
  terminating: pointer(3, boolean, 'Is being shut down; absent counts as false.'),
});

const forZone: StructSchema = structOf('v1.ForZone', {
  name: required(1, text, 'Name of the zone.'),
});

const forNode: StructSchema = structOf('v1.ForNode', {
  name: required(1, text, 'Name of the node.'),
});

const endpointHints: StructSchema = structOf('v1.EndpointHints', {
  forZones: field(1, atomicList(forZone), 'Zones whose clients should use the endpoint, at most 8.'),
  forNodes: field(2, atomicList(forNode), 'Nodes whose clients should use the endpoint, at most 8.'),
});

const sliceEndpoint: StructSchema = structOf('v1.Endpoint', {
  addresses: required(
    1,
    setList(text),
    'Addresses of one endpoint, all equivalent: use the first. 1 to 100.',
  ),
  conditions: filled(2, endpointConditions, 'Whether the endpoint may be used now.'),
  hostname: pointer(3, text, 'Host name of the endpoint, for DNS.'),
  targetRef: field(4, objectReference, 'The object behind the endpoint, usually a Pod.'),
  deprecatedTopology: field(5, textMap, 'Topology labels of earlier API versions; read-only.'),
  nodeName: pointer(6, text, 'Node on which the endpoint runs.'),
  zone: pointer(7, text, 'Zone in which the endpoint is.'),
  hints: field(8, endpointHints, 'Who should use the endpoint.'),
});

const slicePort: StructSchema = atomic(
  structOf('v1.EndpointPort', {
    name: pointer(1, text, "Name of the Service's port; empty for the unnamed one. Unique within the slice."),
    protocol: pointer(2, textOf('v1.Protocol'), '`TCP` (default), `UDP` or `SCTP`.'),
    port: pointer(3, int32, 'Port number at the endpoints; absent means all ports.'),
    appProtocol: pointer(4, text, 'What is spoken on the port, e.g. `http` or `kubernetes.io/h2c`.'),
  }),
);

export const endpointSliceSchema: StructSchema = kindOf('v1.EndpointSlice', {
  addressType: required(4, textOf('v1.AddressType'), '`IPv4`, `IPv6` or `FQDN`; cannot be changed.'),
  endpoints: filled(2, atomicList(sliceEndpoint), 'The endpoints, at most 1000.'),
  ports: field(3, atomicList(slicePort), 'The ports that all these endpoints have.'),
});

const endpointAddress: StructSchema = atomic(
  structOf('v1.EndpointAddress', {
    ip: required(1, text, 'Address of the endpoint.'),
    hostname: field(3, text, 'Host name of the endpoint, for DNS.'),
    nodeName: pointer(4, text, 'Node on which the endpoint runs.'),
    targetRef: field(2, objectReference, 'The object behind the endpoint, usually a Pod.'),
  }),
);

const endpointsPort: StructSchema = atomic(
  structOf('v1.EndpointPort', {
    name: field(1, text, "Name of the Service's port; required if there are several."),
    port: required(2, int32, 'Port number at the endpoints.'),
    protocol: field(3, textOf('v1.Protocol'), '`TCP` (default), `UDP` or `SCTP`.'),
    appProtocol: pointer(4, text, 'What is spoken on the port, e.g. `http` or `kubernetes.io/h2c`.'),
  }),
);

const endpointSubset: StructSchema = structOf('v1.EndpointSubset', {
  addresses: field(1, atomicList(endpointAddress), 'Endpoints that may receive traffic.'),
  notReadyAddresses: field(
    2,
    atomicList(endpointAddress),
    'Endpoints that exist and must not receive traffic yet.',
  ),
  ports: field(3, atomicList(endpointsPort), 'Ports at which all these addresses are reached.'),
});

export const endpointsSchema: StructSchema = kindOf('v1.Endpoints', {
  subsets: field(2, atomicList(endpointSubset), 'Groups of addresses that share their ports.'),
});
