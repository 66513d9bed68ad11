// What a cluster has from its first moment on: four namespaces, and the Service behind which programs find the API server.
import { randomUUID } from 'node:crypto';
import type { Service } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { Mutation, ObjectStore, StoredKey } from '../storage/store.ts';
import { isEqualValue } from './equal-values.ts';
import {
  allocateService,
  defaultServiceRanges,
  fillFamilies,
  renderAddress,
  type ServiceRanges,
} from './strategies/service/index.ts';

const namespaceNames = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export interface SeedOptions {
  /** Where the API server listens; the Service leads there. */
  readonly apiPort: number;
  readonly randomUuid?: () => string;
  readonly serviceRanges?: ServiceRanges;
}

/** Writes what is missing, and brings the Service's port up to date. What is there and right is left alone. */
export function seedObjects(store: ObjectStore, nowMs: number, options: SeedOptions): void {
  const mutations = [
    ...namespaceNames.flatMap((name) => seedNamespace(store, nowMs, name, options)),
    ...seedService(store, nowMs, options),
  ];
  if (mutations.length > 0) store.write(mutations);
}

function newMetadata(
  nowMs: number,
  { randomUuid = randomUUID }: SeedOptions,
): { uid: string; creationTimestamp: string } {
  return { uid: randomUuid(), creationTimestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z` };
}

function seedNamespace(
  store: ObjectStore,
  nowMs: number,
  name: string,
  options: SeedOptions,
): readonly Mutation[] {
  const key: StoredKey = { resource: 'core/namespaces', namespace: '', name };
  if (store.get(key) !== null) return [];
  const labels = { 'kubernetes.io/metadata.name': name };
  const object: ApiObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...newMetadata(nowMs, options), labels },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  return [{ kind: 'put', key, object }];
}

function seedService(store: ObjectStore, nowMs: number, options: SeedOptions): readonly Mutation[] {
  const key: StoredKey = { resource: 'core/services', namespace: 'default', name: 'kubernetes' };
  const ports: Service['spec']['ports'] = [
    { name: 'https', protocol: 'TCP', port: 443, targetPort: options.apiPort },
  ];
  const found = store.get(key);
  if (found !== null) {
    // Objects of this storage are Services.
    const { spec } = found as unknown as Service;
    if (isEqualValue(spec.ports, ports)) return [];
    return [{ kind: 'put', key, object: { ...found, spec: { ...spec, ports } } }];
  }
  const object = newService(store, nowMs, ports, options);
  return [{ kind: 'put', key, object: object as unknown as ApiObject }];
}

/** Its address is the first one, unless somebody has taken it meanwhile. */
function newService(
  store: ObjectStore,
  nowMs: number,
  ports: NonNullable<Service['spec']['ports']>,
  options: SeedOptions,
): Service {
  const ranges = options.serviceRanges ?? defaultServiceRanges;
  const service = (address: string): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      ...newMetadata(nowMs, options),
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      ports,
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...(address === '' ? {} : { clusterIP: address, clusterIPs: [address] }),
    },
    status: { loadBalancer: {} },
  });
  const first = renderAddress(ranges.addresses.first);
  const isTaken = isAddressTaken(store, first);
  const context = { store, nowMs, subresource: '', isDryRun: false, warn: () => undefined } as const;
  return allocateService(fillFamilies(service(isTaken ? '' : first), null), null, context, ranges);
}

function isAddressTaken(store: ObjectStore, address: string): boolean {
  const { objects } = store.list({ resource: 'core/services', namespace: null });
  return objects.some((object) => (object as unknown as Service).spec.clusterIPs?.includes(address) === true);
}
