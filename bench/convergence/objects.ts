// The objects of the benchmark as plain values: applications (Service, EndpointSlice, Ingress) in twenty namespaces.
import { fleetHost } from '../macro/manifests.ts';

export const namespaceCount = 20;
export const className = 'sallyport';
/** Served all the time by each Ingress, whatever is edited. */
export const stablePath = '/stable';

export interface ApiObject {
  /** Path of its collection. */
  readonly collection: string;
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export function pathOf({ collection, name }: ApiObject): string {
  return `${collection}/${name}`;
}

export function namespaceOf(index: number): string {
  return `team-${index % namespaceCount}`;
}

export function nameOf(index: number): string {
  return `app-${String(index).padStart(5, '0')}`;
}

function collectionOf(prefix: string, namespace: string, plural: string): string {
  return `${prefix}/namespaces/${namespace}/${plural}`;
}

export function namespaceObject(name: string): ApiObject {
  const value = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  return { collection: '/api/v1/namespaces', name, value };
}

export function classObject(): ApiObject {
  return {
    collection: '/apis/networking.k8s.io/v1/ingressclasses',
    name: className,
    value: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: className },
      spec: { controller: 'sallyport.dev/ingress-controller' },
    },
  };
}

export function serviceObject(namespace: string, name: string): ApiObject {
  return {
    collection: collectionOf('/api/v1', namespace, 'services'),
    name,
    value: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
      spec: { ports: [{ name: 'http', port: 80 }] },
    },
  };
}

export function sliceObject(namespace: string, service: string, address: string, port: number): ApiObject {
  const name = `${service}-local`;
  return {
    collection: collectionOf('/apis/discovery.k8s.io/v1', namespace, 'endpointslices'),
    name,
    value: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'http', port, protocol: 'TCP' }],
    },
  };
}

export interface IngressSpec {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  /** Of the path that is edited, and of the stable one. */
  readonly paths: readonly (readonly [path: string, service: string])[];
}

export function ingressObject({ namespace, name, host, paths }: IngressSpec): ApiObject {
  const rules = paths.map(([path, service]) => ({
    path,
    pathType: 'Prefix',
    backend: { service: { name: service, port: { number: 80 } } },
  }));
  return {
    collection: collectionOf('/apis/networking.k8s.io/v1', namespace, 'ingresses'),
    name,
    value: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
      spec: { ingressClassName: className, rules: [{ host, http: { paths: rules } }] },
    },
  };
}

/** The application's Ingress after so many edits. */
export function appIngress(index: number, edit: number, editedService: string): ApiObject {
  const name = nameOf(index);
  return ingressObject({
    namespace: namespaceOf(index),
    name,
    host: fleetHost(index),
    paths: [
      [stablePath, name],
      [editedPath(edit), editedService],
    ],
  });
}

/** Another one after each edit, so that an answer says by which version of the rule it came. */
export function editedPath(edit: number): string {
  return `/e${edit}`;
}
