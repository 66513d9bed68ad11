// From a Service port to addresses (ingress-api.md F.4): the Service, its port's name, the slices' port of that name, the
// endpoints by their conditions. Everything that one upstream depends on is an argument, so that a change recomputes it alone.
import type { Service, ServicePort } from '../kube/index.ts';
import type {
  DnsTarget,
  ProblemCode,
  ProblemSeverity,
  UpstreamProtocol,
  UpstreamTarget,
} from '../model/index.ts';
import { withAppProtocol } from './app-protocol.ts';
import {
  collectEndpoints,
  isOf,
  isPortNumber,
  type ServiceObjects,
  type ServiceProtocol,
} from './collect-endpoints.ts';
import { refuseExternalName } from '../std/endpoint-address.ts';
import { isOwnListener, isOwnListenerName, type OwnListener } from './own-listeners.ts';
import { quoteValue } from './problems.ts';
import { membersOf, textOf } from './shape.ts';
import { nowhere, type ProxyPlace } from './topology.ts';

export type { ServiceObjects, ServiceProtocol } from './collect-endpoints.ts';

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
  own: ProxyPlace = nowhere,
): ResolvedUpstream {
  const resolved = resolveTarget(name, portText, objects, allowLoopback, ownListeners, protocol, own);
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
  place: ProxyPlace,
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
  const found = collectEndpoints(port, objects, allowLoopback, place);
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

export function isNamedPort(port: ServicePort, portText: string): boolean {
  if (portText === '') return true;
  return String(port.port) === portText || port.name === portText;
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
  const target: DnsTarget = { kind: 'dns', name: externalName.toLowerCase(), port: number };
  return { target: allowLoopback ? target : { ...target, refusesLoopback: true }, issue: null };
}
