// The kinds and versions that kube/ reads: for each its schema, its scope, and how a decoded object becomes a defaulted
// object of the newest version and is validated. One table; a new kind is a new row.
import type { ConfigMap, Namespace } from './core-types.ts';
import { ingressClassFromLegacy, ingressFromLegacy } from './convert.ts';
import {
  defaultEndpoints,
  defaultEndpointSlice,
  defaultIngressClass,
  defaultNamespace,
  defaultSecret,
  defaultService,
} from './defaults.ts';
import type {
  UndefaultedEndpoints,
  UndefaultedIngressClass,
  UndefaultedSecret,
  UndefaultedService,
  UndefaultedSlice,
} from './defaults.ts';
import type { FieldError } from './field-error.ts';
import type { Ingress } from './ingress-types.ts';
import type { LegacyIngress, LegacyIngressClass } from './legacy-types.ts';
import * as schemas from './schema-tables.ts';
import type { StructSchema } from './schema.ts';
import type { KubeKind, KubeObject, SallyportParameters } from './types.ts';
import { validateEndpointsCreate, validateEndpointSliceCreate } from './validate-endpoint-slice.ts';
import { validateIngressClassCreate } from './validate-ingress-class.ts';
import { ingressCreateWarnings, validateIngressCreate } from './validate-ingress.ts';
import type { EndpointValidationOptions } from './validate-endpoint-slice.ts';
import { sallyportParametersSchema, validateParametersCreate } from './validate-parameters.ts';
import { validateConfigMapCreate, validateNamespaceCreate, validateSecretCreate } from './validate-secret.ts';
import { validateServiceCreate } from './validate-service.ts';

/** A decoded object, complete, with the errors of its validation. */
export interface CompletedObject {
  readonly object: KubeObject;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** One kind in one version. */
export interface KindVersion {
  readonly apiVersion: string;
  readonly kind: KubeKind;
  readonly namespaced: boolean;
  readonly schema: StructSchema;
  /** Converts, defaults and validates what `decodeStructure` made with this schema and found free of type errors. */
  readonly complete: (decoded: unknown, options: EndpointValidationOptions) => CompletedObject;
}

/**
 * A row's `complete`: the decoder guarantees the shape that `convert` asks for, because the schema and the type describe
 * one kind; this is the only place where that is taken on trust.
 */
function completeWith<Typed extends KubeObject>(
  convert: (decoded: never) => Typed,
  validate: (object: Typed, options: EndpointValidationOptions) => FieldError[],
  warn: (object: Typed) => string[] = () => [],
): KindVersion['complete'] {
  return (decoded, options) => {
    const object = convert(decoded as never);
    return { object, errors: validate(object, options), warnings: warn(object) };
  };
}

const completeLegacyIngress = completeWith(
  (legacy: LegacyIngress) => ingressFromLegacy(legacy),
  (ingress) => validateIngressCreate(ingress, { dialect: 'legacy' }),
  ingressCreateWarnings,
);
const completeIngressClass = completeWith(
  (decoded: UndefaultedIngressClass) => defaultIngressClass(decoded),
  validateIngressClassCreate,
);

export const kindVersions: readonly KindVersion[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    namespaced: true,
    schema: schemas.ingressV1Schema,
    complete: completeWith(
      (ingress: Ingress) => ingress,
      (ingress) => validateIngressCreate(ingress),
      ingressCreateWarnings,
    ),
  },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kind: 'Ingress',
    namespaced: true,
    schema: schemas.ingressLegacySchema,
    complete: completeLegacyIngress,
  },
  {
    apiVersion: 'extensions/v1beta1',
    kind: 'Ingress',
    namespaced: true,
    schema: schemas.ingressLegacySchema,
    complete: completeLegacyIngress,
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    namespaced: false,
    schema: schemas.ingressClassV1Schema,
    complete: completeIngressClass,
  },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kind: 'IngressClass',
    namespaced: false,
    schema: schemas.ingressClassLegacySchema,
    complete: completeWith(
      (legacy: UndefaultedIngressClass) =>
        ingressClassFromLegacy(defaultIngressClass(legacy) as unknown as LegacyIngressClass),
      validateIngressClassCreate,
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    namespaced: true,
    schema: schemas.serviceSchema,
    complete: completeWith(
      (service: UndefaultedService) => defaultService(service),
      (service) => validateServiceCreate(service),
    ),
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespaced: true,
    schema: schemas.endpointSliceSchema,
    complete: completeWith(
      (slice: UndefaultedSlice) => defaultEndpointSlice(slice),
      validateEndpointSliceCreate,
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    namespaced: true,
    schema: schemas.endpointsSchema,
    complete: completeWith(
      (endpoints: UndefaultedEndpoints) => defaultEndpoints(endpoints),
      validateEndpointsCreate,
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    namespaced: true,
    schema: schemas.secretSchema,
    complete: completeWith(
      (secret: UndefaultedSecret) => defaultSecret(secret),
      (secret) => validateSecretCreate(secret),
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespaced: true,
    schema: schemas.configMapSchema,
    complete: completeWith(
      (config: ConfigMap) => config,
      (config) => validateConfigMapCreate(config),
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    namespaced: false,
    schema: schemas.namespaceSchema,
    complete: completeWith(
      (namespace: Namespace) => defaultNamespace(namespace),
      (namespace) => validateNamespaceCreate(namespace),
    ),
  },
  {
    apiVersion: 'sallyport.dev/v1alpha1',
    kind: 'SallyportParameters',
    namespaced: false,
    schema: sallyportParametersSchema,
    complete: completeWith((parameters: SallyportParameters) => parameters, validateParametersCreate),
  },
];

const byName: ReadonlyMap<string, KindVersion> = new Map(
  kindVersions.map((row) => [`${row.apiVersion} ${row.kind}`, row]),
);
const knownKinds: ReadonlySet<string> = new Set(kindVersions.map((row) => row.kind));
const knownGroups: ReadonlySet<string> = new Set(kindVersions.map((row) => groupOf(row.apiVersion)));

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** The row of a kind in a version, or undefined. */
export function lookupKind(apiVersion: string, kind: string): KindVersion | undefined {
  return byName.get(`${apiVersion} ${kind}`);
}

/** True for a kind of ours in a group of ours, whatever the version: an object that was meant for us. */
export function isKnownKind(apiVersion: string, kind: string): boolean {
  return knownKinds.has(kind) && knownGroups.has(groupOf(apiVersion));
}
