// From a Service port to addresses (ingress-api.md F.4): the Service, its port's name, the slices' port of that name, the
// endpoints by their conditions. Everything that one upstream depends on is an argument, so that a change recomputes it alone.
import {
  effectiveConditions,
  type Endpoints,
  type EndpointSlice,
  type Service,
  type ServicePort,
} from '../kube/index.ts';
import type {
  Endpoint,
  ProblemCode,
  ProblemSeverity,
  UpstreamProtocol,
  UpstreamTarget,
} from '../model/index.ts';
import { refuseAddress, refuseExternalName } from './endpoint-address.ts';
import { withAppProtocol } from './app-protocol.ts';
import { isOwnListener, isOwnListenerName, type OwnListener } from './own-listeners.ts';
import { compareText } from '../std/compare-text.ts';
import { quoteValue } from './problems.ts';
import { weightOfSlice } from './service-policies.ts';
import { membersOf, textOf } from './shape.ts';

/** What the cluster knows of a Service. */
export interface ServiceObjects {
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
  /** Counts only where there is no slice. */
  readonly endpoints: Endpoints | undefined;
}

export type ServiceProtocol = 'TCP' | 'UDP';

/** What is wrong, for those whose backend it is. */
export interface UpstreamIssue {
  readonly code: ProblemCode;
  readonly severity: ProblemSeverity;
  /** Which part of the backend it concerns. */
  readonly part: 'service' | 'port';
  readonly message: string;
}

export interface ResolvedUpstream {
  readonly target: UpstreamTarget;
  readonly issue: UpstreamIssue | null;
  /** By the port's appProtocol; absent: plain HTTP/1.1. */
  readonly protocol?: UpstreamProtocol;
}

/** `name`: `NAMESPACE/SERVICE`, for messages. `portText`: a number, a name, or '' for the first port of the protocol. */
export function resolveUpstream(
  name: string,
  portText: string,
  objects: ServiceObjects,
  allowLoopback: boolean,
  ownListeners: readonly OwnListener[] = [],
  protocol: ServiceProtocol = 'TCP',
): ResolvedUpstream {
  const resolved = resolveTarget(name, portText, objects, allowLoopback, ownListeners, protocol);
  if (resolved.target.kind === 'unavailable') return resolved;
  const port = membersOf(objects.service?.spec?.ports)
    .map(([, each]) => each)
    .find((each) => isNamedPort(each, portText) && isOf(protocol, each));
  return withAppProtocol(name, textOf(port?.appProtocol), resolved);
}

function resolveTarget(
  name: string,
  portText: string,
  objects: ServiceObjects,
  allowLoopback: boolean,
  ownListeners: readonly OwnListener[],
  protocol: ServiceProtocol,
): ResolvedUpstream {
  const { service } = objects;
  if (service === undefined) {
    return unavailable('ServiceNotFound', 'service', `Service ${quoteValue(name)} does not exist`);
  }
  const ports = membersOf(service.spec?.ports).map(([, port]) => port);
  const candidates = ports.filter((port) => isNamedPort(port, portText));
  const port = candidates.find((each) => isOf(protocol, each));
  if (service.spec?.type === 'ExternalName')
    return refuseOwnName(
      name,
      resolveExternalName(name, portText, port, service, allowLoopback, protocol),
      ownListeners,
    );
  if (port === undefined) {
    const other = candidates[0];
    if (other !== undefined && portText !== '') {
      const message = `port ${quoteValue(portText)} of Service ${quoteValue(name)} is ${other.protocol ?? 'TCP'}, wanted ${protocol}`;
      return unavailable('UnsupportedProtocol', 'port', message);
    }
    return unavailable('PortNotFound', 'port', portMessage(name, portText, ports, protocol));
  }
  const found = collectEndpoints(port, objects, allowLoopback);
  const endpoints = found.filter(({ address, port }) => !isOwnListener(ownListeners, address, port));
  const own = found.find((endpoint) => !endpoints.includes(endpoint));
  if (own !== undefined)
    return { target: { kind: 'endpoints', endpoints }, issue: ownIssue(name, own.address, own.port) };
  const issue: UpstreamIssue | null =
    endpoints.length > 0
      ? null
      : {
          code: 'NoEndpoints',
          severity: 'warning',
          part: 'service',
          message: `Service ${quoteValue(name)} has no ready endpoint for port ${quoteValue(portText)}`,
        };
  return { target: { kind: 'endpoints', endpoints }, issue };
}

/** For a controller that was told not to serve Services of type ExternalName. */
export function refuseExternalService(name: string): ResolvedUpstream {
  const message = `Service ${quoteValue(name)} is of type ExternalName, and such Services are not served`;
  return unavailable('UnsupportedBackend', 'service', message);
}

function unavailable(code: ProblemCode, part: UpstreamIssue['part'], message: string): ResolvedUpstream {
  return {
    target: { kind: 'unavailable', reason: message },
    issue: { code, severity: 'error', part, message },
  };
}

function refuseOwnName(
  name: string,
  resolved: ResolvedUpstream,
  ownListeners: readonly OwnListener[],
): ResolvedUpstream {
  const { target } = resolved;
  if (target.kind !== 'dns' || !isOwnListenerName(ownListeners, target.name, target.port)) return resolved;
  const issue = ownIssue(name, target.name, target.port);
  return { target: { kind: 'unavailable', reason: issue.message }, issue };
}

function ownIssue(name: string, address: string, port: number): UpstreamIssue {
  const place = quoteValue(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  const message = `endpoint ${place} of Service ${quoteValue(name)} is a listener of this proxy itself and is not dialled`;
  return { code: 'InvalidEndpoint', severity: 'error', part: 'service', message };
}

function portMessage(
  name: string,
  portText: string,
  ports: readonly ServicePort[],
  protocol: ServiceProtocol,
): string {
  const present = ports
    .map((port) => (port.name ? `${port.port} (${port.name})` : `${port.port}`))
    .join(', ');
  const wanted = portText === '' ? `${protocol} port` : `port ${quoteValue(portText)}`;
  return `Service ${quoteValue(name)} has no ${wanted}, its ports are ${present === '' ? 'none' : present}`;
}

function isNamedPort(port: ServicePort, portText: string): boolean {
  if (portText === '') return true;
  return String(port.port) === portText || port.name === portText;
}

function isOf(wanted: ServiceProtocol, { protocol }: { readonly protocol?: string }): boolean {
  return (protocol ?? 'TCP') === wanted;
}

/** An external name is dialled at the Service's port; a number need not be listed there. */
function resolveExternalName(
  name: string,
  portText: string,
  port: ServicePort | undefined,
  service: Service,
  allowLoopback: boolean,
  protocol: ServiceProtocol,
): ResolvedUpstream {
  const externalName = textOf(service.spec.externalName).replace(/\.$/, '');
  const refused = refuseExternalName(externalName, allowLoopback);
  if (refused !== null) {
    const message = `external name ${quoteValue(externalName)} of Service ${quoteValue(name)} ${refused}`;
    return unavailable('InvalidEndpoint', 'service', message);
  }
  const number = port?.port ?? (/^\d{1,5}$/.test(portText) ? Number(portText) : 0);
  if (!isPortNumber(number)) {
    const ports = membersOf(service.spec.ports).map(([, each]) => each);
    return unavailable('PortNotFound', 'port', portMessage(name, portText, ports, protocol));
  }
  return { target: { kind: 'dns', name: externalName.toLowerCase(), port: number }, issue: null };
}

function isPortNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** Both families, each address and port once, sorted. */
function collectEndpoints(
  port: ServicePort,
  objects: ServiceObjects,
  allowLoopback: boolean,
): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  const add: AddEndpoint = (address, number, ready, weight) => {
    if (refuseAddress(address, allowLoopback) !== null) return;
    const key = `${address} ${number}`;
    if (!ready && found.has(key)) return;
    found.set(key, { address, port: number, ready, ...(weight !== 1 && { weight }) });
  };
  if (objects.slices.length > 0) for (const slice of objects.slices) addSlice(slice, port, add);
  else addSubsets(objects.endpoints, port, add);
  return [...found.values()].sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
}

type AddEndpoint = (address: string, port: number, ready: boolean, weight: number) => void;

function addSlice(slice: EndpointSlice, servicePort: ServicePort, add: AddEndpoint): void {
  if (slice.addressType === 'FQDN') return;
  const number = portOf(slice.ports, servicePort);
  if (number === null) return;
  const weight = weightOfSlice(slice);
  for (const [, { addresses, conditions }] of membersOf(slice.endpoints)) {
    const address: unknown = addresses?.[0];
    if (typeof address !== 'string') continue;
    const { ready, serving, terminating } = effectiveConditions(conditions);
    const isLeaving = serving && terminating;
    if (ready || isLeaving) add(address, number, ready, weight);
  }
}

function addSubsets(endpoints: Endpoints | undefined, servicePort: ServicePort, add: AddEndpoint): void {
  for (const [, { addresses, ports }] of membersOf(endpoints?.subsets)) {
    const number = portOf(ports, servicePort);
    if (number === null) continue;
    for (const [, { ip }] of membersOf(addresses)) if (typeof ip === 'string') add(ip, number, true, 1);
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

/** A slice lists one protocol beside the other: DNS has both under one number, with names of their own. */
function isSamePort(listed: ListedPort, { name, protocol }: ServicePort): boolean {
  return (listed.name ?? '') === (name ?? '') && (listed.protocol ?? 'TCP') === (protocol ?? 'TCP');
}
