// From the slices (or Endpoints) of a Service to the addresses of one of its ports: the slices' port of that name, the endpoints by their
// conditions, weights and places.
import {
  effectiveConditions,
  type Endpoints,
  type EndpointSlice,
  type Service,
  type ServicePort,
} from '../kube/index.ts';
import type { Endpoint } from '../model/index.ts';
import { compareText } from '../std/compare-text.ts';
import { refuseAddress } from '../std/endpoint-address.ts';
import { weightOfSlice } from './service-policies.ts';
import { membersOf, textOf } from './shape.ts';
import { type EndpointPlace, findNear, placeOf, type ProxyPlace, unplaced } from './topology.ts';

/** What the cluster knows of a Service. */
export interface ServiceObjects {
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
  /** Counts only where there is no slice. */
  readonly endpoints: Endpoints | undefined;
}

/** Both families, each address and port once, sorted. */
export function collectEndpoints(
  port: ServicePort,
  objects: ServiceObjects,
  allowLoopback: boolean,
  own: ProxyPlace,
): readonly Endpoint[] {
  const found = new Map<string, Found>();
  const add: AddEndpoint = (address, number, ready, weight, place) => {
    if (refuseAddress(address, allowLoopback) !== null) return;
    const key = `${address} ${number}`;
    if (!ready && found.has(key)) return;
    found.set(key, { endpoint: { address, port: number, ready, ...(weight !== 1 && { weight }) }, place });
  };
  if (objects.slices.length > 0) for (const slice of objects.slices) addSlice(slice, port, add);
  else addSubsets(objects.endpoints, port, add);
  const distribution = textOf(objects.service?.spec?.trafficDistribution);
  return markNear([...found.values()], distribution, own).sort(
    (a, b) => compareText(a.address, b.address) || a.port - b.port,
  );
}

interface Found {
  readonly endpoint: Endpoint;
  readonly place: EndpointPlace;
}

type AddEndpoint = (
  address: string,
  port: number,
  ready: boolean,
  weight: number,
  place: EndpointPlace,
) => void;

/** Where all are near, none is marked: it would make no difference. */
function markNear(found: readonly Found[], distribution: string, own: ProxyPlace): Endpoint[] {
  const ready = found.filter(({ endpoint }) => endpoint.ready).map(({ place }) => place);
  const isNear = findNear(ready, distribution, own);
  if (isNear === null || ready.every(isNear)) return found.map(({ endpoint }) => endpoint);
  return found.map(({ endpoint, place }) =>
    endpoint.ready && isNear(place) ? { ...endpoint, near: true } : endpoint,
  );
}

function addSlice(slice: EndpointSlice, servicePort: ServicePort, add: AddEndpoint): void {
  if (slice.addressType === 'FQDN') return;
  const number = portOf(slice.ports, servicePort);
  if (number === null) return;
  const weight = weightOfSlice(slice);
  for (const [, endpoint] of membersOf(slice.endpoints)) {
    const { addresses, conditions } = endpoint;
    const address: unknown = addresses?.[0];
    if (typeof address !== 'string') continue;
    const { ready, serving, terminating } = effectiveConditions(conditions);
    const isLeaving = serving && terminating;
    if (ready || isLeaving) add(address, number, ready, weight, placeOf(endpoint));
  }
}

function addSubsets(endpoints: Endpoints | undefined, servicePort: ServicePort, add: AddEndpoint): void {
  for (const [, { addresses, ports }] of membersOf(endpoints?.subsets)) {
    const number = portOf(ports, servicePort);
    if (number === null) continue;
    for (const [, { ip }] of membersOf(addresses))
      if (typeof ip === 'string') add(ip, number, true, 1, unplaced);
  }
}

interface ListedPort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** The target's port: that of the Service port's name, else the numeric targetPort where none is listed; null: no such port here. */
function portOf(ports: readonly ListedPort[] | undefined, servicePort: ServicePort): number | null {
  const listed = membersOf(ports).map(([, port]) => port);
  if (listed.length > 0) {
    const match = listed.find((port) => isSamePort(port, servicePort));
    if (match === undefined) return null;
    if (match.port !== undefined && match.port !== null) return isPortNumber(match.port) ? match.port : null;
  }
  const target = servicePort.targetPort || servicePort.port;
  return isPortNumber(target) ? target : null;
}

export function isPortNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** A slice lists one protocol beside the other: DNS has both under one number, with names of their own. */
function isSamePort(listed: ListedPort, { name, protocol }: ServicePort): boolean {
  return (listed.name ?? '') === (name ?? '') && (listed.protocol ?? 'TCP') === (protocol ?? 'TCP');
}

export type ServiceProtocol = 'TCP' | 'UDP';

export function isOf(wanted: ServiceProtocol, { protocol }: { readonly protocol?: string }): boolean {
  return (protocol ?? 'TCP') === wanted;
}
