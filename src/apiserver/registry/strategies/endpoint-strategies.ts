// Endpoints and EndpointSlice. Loopback addresses are accepted, because the endpoints of a single machine are its own processes;
// a cluster refuses them, so the writer is told.
import {
  isLoopbackAddress,
  validateEndpointsCreate,
  validateEndpointSliceCreate,
  validateEndpointSliceUpdate,
  validateEndpointsUpdate,
  validateObjectMetaUpdate,
  type Endpoints,
  type EndpointSlice,
} from '../../../kube/index.ts';
import { isEqualValue } from '../equal-values.ts';
import type { Strategy } from '../resource.ts';
import { strategyOf } from './typed-strategy.ts';

const lenient = { allowLoopback: true };

/** One warning for an object, naming the first address. */
function loopbackWarnings(addresses: readonly (readonly [field: string, address: string])[]): string[] {
  const found = addresses.find(([, address]) => isLoopbackAddress(address));
  if (found === undefined) return [];
  const [field, address] = found;
  return [
    `${field}: "${address}" is a loopback address: traffic goes to a process on the machine of the proxy; a Kubernetes cluster refuses such an endpoint`,
  ];
}

export const endpointsStrategy: Strategy = strategyOf<Endpoints>({
  validateCreate: (endpoints) => validateEndpointsCreate(endpoints, lenient),
  validateUpdate: (next, old) => validateEndpointsUpdate(next, old, lenient),
  warnings: (endpoints) =>
    loopbackWarnings(
      (endpoints.subsets ?? []).flatMap((subset, index) =>
        (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
          (subset[list] ?? []).map(({ ip }, at) => [`subsets[${index}].${list}[${at}].ip`, ip] as const),
        ),
      ),
    ),
  allowsCreateOnUpdate: true,
});

/** The field has been replaced by others; what is written to it through v1 is dropped. */
function withoutTopology(slice: EndpointSlice): EndpointSlice {
  const endpoints = slice.endpoints.map(({ deprecatedTopology: _dropped, ...endpoint }) => endpoint);
  return { ...slice, endpoints };
}

export const endpointSliceStrategy: Strategy = strategyOf<EndpointSlice>({
  prepareCreate: withoutTopology,
  prepareUpdate: (next, old) => (isEqualValue(next.endpoints, old.endpoints) ? next : withoutTopology(next)),
  validateCreate: (slice) => validateEndpointSliceCreate(slice, lenient),
  validateUpdate: (next, old) => [
    ...validateObjectMetaUpdate(next.metadata, old.metadata),
    ...validateEndpointSliceUpdate(next, old, lenient),
  ],
  warnings: (slice) => [
    ...(slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...loopbackWarnings(
      slice.endpoints.flatMap((endpoint, index) =>
        endpoint.addresses.map((address, at) => [`endpoints[${index}].addresses[${at}]`, address] as const),
      ),
    ),
  ],
  countsGeneration: (next, old) => {
    const { metadata, ...rest } = next;
    const { metadata: oldMetadata, ...oldRest } = old;
    return !isEqualValue(rest, oldRest) || !isEqualValue(metadata.labels, oldMetadata.labels);
  },
});
