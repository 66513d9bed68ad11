// From an Ingress backend to a route's backend: which upstream it names, or which answer the proxy gives in its stead.
import type { IngressBackend } from '../kube/index.ts';
import type { Backend, StreamProtocol, UpstreamId } from '../model/index.ts';
import { quoteValue } from './problems.ts';
import { textOf } from './shape.ts';

export type BackendPlan =
  | {
      readonly kind: 'upstream';
      readonly upstream: UpstreamId;
      readonly service: string;
      readonly port: string;
      /** Which of the two port fields is set. */
      readonly portKind: 'name' | 'number';
    }
  | { readonly kind: 'unsupported'; readonly message: string };

/** The proxy's own answer to a backend that it cannot serve. */
export const unsupportedBackend: Backend = { kind: 'status', status: 503, reason: 'unsupported-backend' };

/** The answer of all routes of an Ingress whose protective annotation is invalid. */
export const deniedBackend: Backend = { kind: 'status', status: 503, reason: 'annotation-denied' };

/** `NAMESPACE/SERVICE:PORT`; for a UDP port with `/UDP` behind. */
export function upstreamId(
  namespace: string,
  service: string,
  port: string,
  protocol: StreamProtocol = 'tcp',
): UpstreamId {
  return `${namespace}/${service}:${port}${protocol === 'udp' ? udpMark : ''}`;
}

/** Ends the id of an upstream of UDP endpoints. No port name holds a slash. */
export const udpMark = '/UDP';

/** Reads a backend; a resource is not served yet (ingress-api.md D), and a shape that validation refuses never is. */
export function planBackend(namespace: string, backend: IngressBackend | undefined): BackendPlan {
  const resource = backend?.resource;
  if (resource) {
    const kind = quoteValue(textOf(resource.kind));
    const name = quoteValue(textOf(resource.name));
    return {
      kind: 'unsupported',
      message: `a backend of kind ${kind} (${name}) is not supported, wanted a Service`,
    };
  }
  const service = textOf(backend?.service?.name);
  const port = backend?.service?.port;
  const portKind = textOf(port?.name) === '' ? 'number' : 'name';
  const portText = portKind === 'name' ? textOf(port?.name) : numberText(port?.number);
  if (service === '' || portText === '')
    return { kind: 'unsupported', message: 'the backend names no Service and port' };
  return {
    kind: 'upstream',
    upstream: upstreamId(namespace, service, portText),
    service,
    port: portText,
    portKind,
  };
}

function numberText(value: unknown): string {
  return typeof value === 'number' && Number.isInteger(value) ? String(value) : '';
}
