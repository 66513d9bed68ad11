// Objects of a small shop, as values: what the tests put into an API server.
import type { ApiValue } from './api.ts';

export const controllerName = 'sallyport.dev/ingress-controller';

/** A class of ours, unless another controller is named. */
export function classOf(name: string, spec: Readonly<Record<string, unknown>> = {}): ApiValue {
  const metadata = { name };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata,
    spec: { controller: controllerName, ...spec },
  };
}

export interface IngressParts {
  readonly namespace?: string;
  readonly className?: string;
  readonly service?: string;
  readonly path?: string;
  /** Secret of the host's certificate. */
  readonly secret?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One host and one path to a Service of its own name. */
export function ingressOf(name: string, host: string, parts: IngressParts = {}): ApiValue {
  const { namespace = 'default', className = 'sallyport', service = name, path = '/', secret } = parts;
  const { annotations, labels } = parts;
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, ...(annotations && { annotations }), ...(labels && { labels }) },
    spec: {
      ingressClassName: className,
      rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
      ...(secret === undefined ? {} : { tls: [{ hosts: [host], secretName: secret }] }),
    },
  };
}

export function serviceOf(name: string, namespace = 'default'): ApiValue {
  const spec = { ports: [{ port: 80, protocol: 'TCP' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Endpoints of the Service of the same name, all on the port of the first. */
export function sliceOf(name: string, endpoints: readonly Endpoint[], namespace = 'default'): ApiValue {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: endpoints.map(({ address }) => ({ addresses: [address] })),
    ports: [{ name: '', port: endpoints[0]?.port ?? 80, protocol: 'TCP' }],
  };
}

export function secretOf(
  name: string,
  pem: { chainPem: string; keyPem: string },
  namespace = 'default',
): ApiValue {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': encode(pem.chainPem), 'tls.key': encode(pem.keyPem) };
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name, namespace }, data };
}

export function namespaceOf(name: string, labels: Readonly<Record<string, string>> = {}): ApiValue {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A host that leads to one endpoint, with its class. */
export function siteOf(name: string, host: string, endpoint: Endpoint): readonly ApiValue[] {
  return [classOf('sallyport'), serviceOf(name), sliceOf(name, [endpoint]), ingressOf(name, host)];
}
