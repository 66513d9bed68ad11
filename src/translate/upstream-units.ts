// One upstream per Service port that an Ingress of ours names: Services, slices and Endpoints in, targets out. A change of a
// Service or one of its slices recomputes the upstreams of that Service and nothing else.
import { isDeepStrictEqual } from 'node:util';
import { serviceOfSlice, type Endpoints, type EndpointSlice, type Service } from '../kube/index.ts';
import { objectKey, splitObjectKey, type ObjectKey, type Upstream, type UpstreamId } from '../model/index.ts';
import { splitClusterIp, withClusterIp } from './cluster-ip.ts';
import { checkEndpoints } from './check-endpoints.ts';
import type { OwnListener } from './own-listeners.ts';
import { udpMark } from './plan-backend.ts';
import type { ProblemBook } from './problems.ts';
import {
  refuseExternalService,
  resolveUpstream,
  type ResolvedUpstream,
  type ServiceObjects,
  type ServiceProtocol,
  type UpstreamIssue,
} from './resolve-upstream.ts';
import { readServicePolicies } from './service-policies.ts';
import { textOf } from './shape.ts';
import type { ProxyPlace } from './topology.ts';
import type { TableDraft } from './table-draft.ts';

interface UpstreamRecord {
  readonly id: UpstreamId;
  readonly serviceKey: ObjectKey;
  readonly port: string;
  readonly protocol: ServiceProtocol;
  /** Ingresses that name it, whether or not their claim won. */
  readonly users: Set<ObjectKey>;
  /** Hosts with a route to it. */
  hostCount: number;
  upstream: Upstream | null;
  issue: UpstreamIssue | null;
}

export class UpstreamUnits {
  readonly #services = new Map<ObjectKey, Service>();
  readonly #endpoints = new Map<ObjectKey, Endpoints>();
  readonly #slices = new Map<ObjectKey, Map<ObjectKey, EndpointSlice>>();
  readonly #serviceOfSlice = new Map<ObjectKey, ObjectKey>();
  readonly #records = new Map<UpstreamId, UpstreamRecord>();
  readonly #byService = new Map<ObjectKey, Set<UpstreamId>>();
  readonly #dirtyServices = new Set<ObjectKey>();
  readonly #moved = new Set<UpstreamId>();
  readonly #pinned: UpstreamId | null;
  readonly #allowLoopback: boolean;
  readonly #ownListeners: readonly OwnListener[];
  readonly #disableExternalName: boolean;
  /** Listeners of TCP and UDP services. */
  #streamListeners: Readonly<Record<ServiceProtocol, readonly OwnListener[]>> = { TCP: [], UDP: [] };
  #place: ProxyPlace;

  /** `pinned`: the controller's default backend, in the table whoever names it. */
  constructor(
    pinned: UpstreamId | null,
    allowLoopback: boolean,
    ownListeners: readonly OwnListener[],
    disableExternalName: boolean,
    place: ProxyPlace,
  ) {
    this.#place = place;
    this.#disableExternalName = disableExternalName;
    this.#ownListeners = ownListeners;
    this.#pinned = pinned;
    this.#allowLoopback = allowLoopback;
    if (pinned !== null) this.#record(pinned);
  }

  /** The listeners of TCP and UDP services are no endpoints either. They change seldom: everything is looked at anew. */
  setStreamListeners(tcp: readonly OwnListener[], udp: readonly OwnListener[]): void {
    this.#streamListeners = { TCP: tcp, UDP: udp };
    for (const key of this.#byService.keys()) this.#dirtyServices.add(key);
  }

  /** The proxy knows better where it runs. Every upstream is looked at anew, and routes are not. */
  setPlace(place: ProxyPlace): void {
    if (isDeepStrictEqual(place, this.#place)) return;
    this.#place = place;
    for (const key of this.#byService.keys()) this.#dirtyServices.add(key);
  }

  setService(key: ObjectKey, service: Service | null): void {
    setOrDelete(this.#services, key, service);
    this.#dirtyServices.add(key);
  }

  setEndpoints(key: ObjectKey, endpoints: Endpoints | null): void {
    setOrDelete(this.#endpoints, key, endpoints);
    this.#dirtyServices.add(key);
  }

  setSlice(key: ObjectKey, slice: EndpointSlice): void {
    this.removeSlice(key);
    const service = textOf(serviceOfSlice(slice));
    if (service === '') return;
    const serviceKey = objectKey(textOf(slice.metadata.namespace), service);
    const slices = this.#slices.get(serviceKey);
    if (slices === undefined) this.#slices.set(serviceKey, new Map([[key, slice]]));
    else slices.set(key, slice);
    this.#serviceOfSlice.set(key, serviceKey);
    this.#dirtyServices.add(serviceKey);
  }

  removeSlice(key: ObjectKey): void {
    const serviceKey = this.#serviceOfSlice.get(key);
    if (serviceKey === undefined) return;
    this.#serviceOfSlice.delete(key);
    const slices = this.#slices.get(serviceKey);
    slices?.delete(key);
    if (slices?.size === 0) this.#slices.delete(serviceKey);
    this.#dirtyServices.add(serviceKey);
  }

  addUser(id: UpstreamId, user: ObjectKey): void {
    this.#record(id).users.add(user);
  }

  removeUser(id: UpstreamId, user: ObjectKey): void {
    this.#records.get(id)?.users.delete(user);
    this.#moved.add(id);
  }

  countHost(id: UpstreamId, by: 1 | -1): void {
    const record = this.#records.get(id);
    if (record !== undefined) record.hostCount += by;
    this.#moved.add(id);
  }

  /** It is to be in the table although no path leads there. */
  ask(id: UpstreamId, user: ObjectKey): void {
    this.addUser(id, user);
    this.countHost(id, 1);
  }

  stopAsking(id: UpstreamId, user: ObjectKey): void {
    this.countHost(id, -1);
    this.removeUser(id, user);
  }

  issueOf(id: UpstreamId): UpstreamIssue | null {
    return this.#records.get(id)?.issue ?? null;
  }

  /** As if an Ingress named it now. Changes nothing. */
  previewIssue(id: UpstreamId): UpstreamIssue | null {
    const record = this.#records.get(id);
    if (record !== undefined) return record.issue;
    const { serviceKey, port, protocol } = splitId(id);
    return this.#targetOf(serviceKey, port, protocol, this.#objectsOf(serviceKey)).issue;
  }

  /** Resolves what changed into the draft. Returns the Ingresses whose problems depend on what came out differently. */
  update(draft: TableDraft, book: ProblemBook): ReadonlySet<ObjectKey> {
    const affected = new Set<ObjectKey>();
    for (const id of this.#moved) this.#settleMoved(id, draft);
    for (const serviceKey of this.#dirtyServices) {
      const ids = this.#byService.get(serviceKey);
      const objects = this.#objectsOf(serviceKey);
      book.put(
        `service ${serviceKey}`,
        ids === undefined ? [] : checkEndpoints(objects, this.#allowLoopback),
      );
      for (const id of ids ?? []) {
        const record = this.#records.get(id);
        if (record === undefined) continue;
        const before = record.issue;
        this.#resolve(record, objects);
        if (!isDeepStrictEqual(before, record.issue)) for (const user of record.users) affected.add(user);
        draft.upstreams.set(id, this.#isInTable(record) ? record.upstream : null);
      }
    }
    this.#moved.clear();
    this.#dirtyServices.clear();
    return affected;
  }

  /** For a record whose users or routes changed: in or out of the table, or forgotten. */
  #settleMoved(id: UpstreamId, draft: TableDraft): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    draft.upstreams.set(id, this.#isInTable(record) ? record.upstream : null);
    if (record.users.size > 0 || id === this.#pinned) return;
    this.#records.delete(id);
    const ids = this.#byService.get(record.serviceKey);
    ids?.delete(id);
    if (ids?.size === 0) this.#byService.delete(record.serviceKey);
    this.#dirtyServices.add(record.serviceKey);
  }

  #isInTable(record: UpstreamRecord): boolean {
    return record.hostCount > 0 || record.id === this.#pinned;
  }

  #resolve(record: UpstreamRecord, objects: ServiceObjects): void {
    const { id, serviceKey, port } = record;
    const { target, issue, protocol } = this.#targetOf(serviceKey, port, record.protocol, objects);
    const { namespace, name } = splitObjectKey(serviceKey);
    record.upstream = {
      id,
      namespace,
      service: name,
      port: splitClusterIp(port).port,
      target,
      ...(protocol === undefined ? {} : { protocol }),
      ...readServicePolicies(objects.service),
    };
    record.issue = issue;
  }

  #targetOf(
    serviceKey: ObjectKey,
    portText: string,
    protocol: ServiceProtocol,
    objects: ServiceObjects,
  ): ResolvedUpstream {
    const { service } = objects;
    if (this.#disableExternalName && service?.spec?.type === 'ExternalName')
      return refuseExternalService(serviceKey);
    const streams = this.#streamListeners[protocol];
    // HTTP, HTTPS and the admin pages are on TCP.
    const own = protocol === 'TCP' ? [...this.#ownListeners, ...streams] : streams;
    const { port, isClusterIp } = splitClusterIp(portText);
    const loopback = this.#allowLoopback;
    const resolved = resolveUpstream(serviceKey, port, objects, loopback, own, protocol, this.#place);
    return isClusterIp ? withClusterIp(resolved, service, port, loopback, own) : resolved;
  }

  #objectsOf(key: ObjectKey): ServiceObjects {
    return {
      service: this.#services.get(key),
      slices: [...(this.#slices.get(key)?.values() ?? [])],
      endpoints: this.#endpoints.get(key),
    };
  }

  #record(id: UpstreamId): UpstreamRecord {
    let record = this.#records.get(id);
    if (record === undefined) {
      const { serviceKey, port, protocol } = splitId(id);
      record = {
        id,
        serviceKey,
        port,
        protocol,
        users: new Set(),
        hostCount: 0,
        upstream: null,
        issue: null,
      };
      this.#records.set(id, record);
      const ids = this.#byService.get(serviceKey);
      if (ids === undefined) this.#byService.set(serviceKey, new Set([id]));
      else ids.add(id);
      this.#dirtyServices.add(serviceKey);
    }
    return record;
  }
}

interface SplitId {
  readonly serviceKey: ObjectKey;
  readonly port: string;
  readonly protocol: ServiceProtocol;
}

/** `NAMESPACE/SERVICE:PORT`: neither a namespace nor a port holds the joint that ends it. `/UDP` behind it: a UDP port. */
function splitId(id: UpstreamId): SplitId {
  const isUdp = id.endsWith(udpMark);
  const slash = id.indexOf('/');
  const colon = id.lastIndexOf(':');
  return {
    serviceKey: objectKey(id.slice(0, slash), id.slice(slash + 1, colon)),
    port: id.slice(colon + 1, isUdp ? -udpMark.length : undefined),
    protocol: isUdp ? 'UDP' : 'TCP',
  };
}

function setOrDelete<Value>(map: Map<ObjectKey, Value>, key: ObjectKey, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
