// The shapes of all kinds that are known, by version and kind: those that are handled and those that are only stored.
import type { StructSchema } from '../schema.ts';
import { selfSubjectReviewSchema, tokenReviewSchema } from './authentication.ts';
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from './authorization.ts';
import { configMapSchema, namespaceSchema, secretSchema } from './core.ts';
import { customResourceDefinitionSchema } from './custom-resource.ts';
import { deploymentSchema } from './deployment.ts';
import { endpointSliceSchema, endpointsSchema } from './endpoints.ts';
import { coreEventSchema, eventSchema } from './event.ts';
import {
  ingressClassLegacySchema,
  ingressClassV1Schema,
  ingressLegacySchema,
  ingressV1Schema,
} from './ingress.ts';
import { leaseSchema } from './lease.ts';
import { nodeSchema } from './node.ts';
import { podSchema } from './pod.ts';
import {
  clusterRoleBindingSchema,
  clusterRoleSchema,
  roleBindingSchema,
  roleSchema,
  serviceAccountSchema,
} from './rbac.ts';
import { serviceSchema } from './service.ts';
import { deleteOptionsSchema, statusSchema } from './status.ts';

/** A kind in a version. */
export interface KindSchema {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructSchema;
}

const byVersion: Readonly<Record<string, Readonly<Record<string, StructSchema>>>> = {
  v1: {
    ConfigMap: configMapSchema,
    DeleteOptions: deleteOptionsSchema,
    Endpoints: endpointsSchema,
    Event: coreEventSchema,
    Namespace: namespaceSchema,
    Node: nodeSchema,
    Pod: podSchema,
    Secret: secretSchema,
    Service: serviceSchema,
    ServiceAccount: serviceAccountSchema,
    Status: statusSchema,
  },
  'networking.k8s.io/v1': { Ingress: ingressV1Schema, IngressClass: ingressClassV1Schema },
  'networking.k8s.io/v1beta1': { Ingress: ingressLegacySchema, IngressClass: ingressClassLegacySchema },
  'extensions/v1beta1': { Ingress: ingressLegacySchema },
  'discovery.k8s.io/v1': { EndpointSlice: endpointSliceSchema },
  'events.k8s.io/v1': { Event: eventSchema },
  'coordination.k8s.io/v1': { Lease: leaseSchema },
  'authentication.k8s.io/v1': { SelfSubjectReview: selfSubjectReviewSchema, TokenReview: tokenReviewSchema },
  'authorization.k8s.io/v1': {
    LocalSubjectAccessReview: localSubjectAccessReviewSchema,
    SelfSubjectAccessReview: selfSubjectAccessReviewSchema,
    SelfSubjectRulesReview: selfSubjectRulesReviewSchema,
    SubjectAccessReview: subjectAccessReviewSchema,
  },
  'apiextensions.k8s.io/v1': { CustomResourceDefinition: customResourceDefinitionSchema },
  'apps/v1': { Deployment: deploymentSchema },
  'rbac.authorization.k8s.io/v1': {
    ClusterRole: clusterRoleSchema,
    ClusterRoleBinding: clusterRoleBindingSchema,
    Role: roleSchema,
    RoleBinding: roleBindingSchema,
  },
};

/** All of them. */
export const kindSchemas: readonly KindSchema[] = Object.entries(byVersion).flatMap(([apiVersion, kinds]) =>
  Object.entries(kinds).map(([kind, schema]) => ({ apiVersion, kind, schema })),
);

const byName: ReadonlyMap<string, StructSchema> = new Map(
  kindSchemas.map(({ apiVersion, kind, schema }) => [`${apiVersion} ${kind}`, schema]),
);

/**
 * The shape of a kind in a version. DeleteOptions is known in every version, as each group accepts it in its own name.
 */
export function schemaOf(apiVersion: string, kind: string): StructSchema | undefined {
  if (kind === 'DeleteOptions') return deleteOptionsSchema;
  return byName.get(`${apiVersion} ${kind}`);
}
