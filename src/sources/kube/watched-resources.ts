// The resources that are mirrored: where each is served, and how what the server sends becomes an object. Structure and defaults
// are taken from kube/; its validation is not repeated: what the server has accepted is accepted.
import {
  defaultEndpointSlice,
  defaultIngressClass,
  defaultNamespace,
  defaultSecret,
  defaultService,
  decodeStructure,
  type KubeKind,
  type KubeObject,
  lookupKind,
} from '../../kube/index.ts';
import { isRawObject, type RawObject } from './held-objects.ts';

export interface WatchedResource {
  readonly kind: KubeKind;
  readonly apiVersion: string;
  /** As the path has it. */
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Selectors that hold for every read. */
  readonly query: Readonly<Record<string, string>>;
  /** The decoder's result with its defaults. */
  readonly complete: (decoded: never) => KubeObject;
}

/**
 * Types of Secrets that no Ingress can use. They are most of the Secrets of a cluster, by count (tokens) and by size (a release
 * of Helm has up to 1 MiB). All others are read: what an annotation names may have any type.
 */
const uselessSecretTypes = [
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
  'bootstrap.kubernetes.io/token',
];

const asDecoded = (decoded: KubeObject): KubeObject => decoded;

function resource(
  kind: KubeKind,
  apiVersion: string,
  plural: string,
  parts: Partial<WatchedResource> = {},
): WatchedResource {
  return { kind, apiVersion, plural, isNamespaced: true, query: {}, complete: asDecoded, ...parts };
}

export const ingresses = resource('Ingress', 'networking.k8s.io/v1', 'ingresses');
export const ingressClasses = resource('IngressClass', 'networking.k8s.io/v1', 'ingressclasses', {
  isNamespaced: false,
  complete: defaultIngressClass,
});
export const services = resource('Service', 'v1', 'services', { complete: defaultService });
export const endpointSlices = resource('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', {
  complete: defaultEndpointSlice,
});
export const secrets = resource('Secret', 'v1', 'secrets', {
  query: { fieldSelector: uselessSecretTypes.map((type) => `type!=${type}`).join(',') },
  complete: defaultSecret,
});
export const configMaps = resource('ConfigMap', 'v1', 'configmaps');
export const namespaces = resource('Namespace', 'v1', 'namespaces', {
  isNamespaced: false,
  complete: defaultNamespace,
});
export const parameters = resource('SallyportParameters', 'sallyport.dev/v1alpha1', 'sallyportparameters', {
  isNamespaced: false,
});

/** The path of the collection, in one namespace or (null) in all. */
export function collectionPath({ apiVersion, plural }: WatchedResource, namespace: string | null): string {
  const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}${namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}`;
}

export type Decoded =
  | { readonly kind: 'object'; readonly object: KubeObject }
  | { readonly kind: 'unreadable'; readonly errors: readonly string[] };

/** Fields that are not known are left out: a newer server has more of them. */
export function decodeRaw({ kind, apiVersion, complete }: WatchedResource, raw: RawObject): Decoded {
  const row = lookupKind(apiVersion, kind);
  if (row === undefined) throw new Error(`there is no schema for ${kind} in ${apiVersion}`);
  const metadata = isRawObject(raw['metadata']) ? raw['metadata'] : {};
  // Items of a list come without kind and version. Who owns which field takes most of an object's memory, and nobody asks.
  const whole = { ...raw, apiVersion, kind, metadata: { ...metadata, managedFields: undefined } };
  const { value, typeErrors } = decodeStructure(whole, row.schema);
  if (typeErrors.length > 0) return { kind: 'unreadable', errors: typeErrors };
  // The schema and the type that `complete` takes describe one kind.
  return { kind: 'object', object: complete(value as never) };
}
