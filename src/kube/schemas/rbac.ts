// Roles, their bindings and service accounts: stored for the manifests that bring them.
import {
  atomic,
  atomicList,
  boolean,
  field,
  filled,
  mapList,
  pointer,
  required,
  structOf,
  text,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf, labelSelector } from './meta.ts';
import { localObjectReference, objectReference } from './references.ts';

const policyRule: StructSchema = structOf('v1.PolicyRule', {
  verbs: required(1, atomicList(text), 'Verbs that are allowed; `*` for all.'),
  apiGroups: field(2, atomicList(text), 'Groups of the resources; an empty text is the core group.'),
  resources: field(3, atomicList(text), 'Resources that may be accessed, e.g. `pods` or `pods/log`.'),
  resourceNames: field(4, atomicList(text), 'Names to which the rule is limited; empty for all.'),
  nonResourceURLs: field(5, atomicList(text), 'Paths outside of the resources, for cluster roles.'),
});

export const roleSchema: StructSchema = kindOf('v1.Role', {
  rules: filled(2, atomicList(policyRule), 'What the role allows within its namespace.'),
});

const aggregationRule: StructSchema = structOf('v1.AggregationRule', {
  clusterRoleSelectors: field(
    1,
    atomicList(labelSelector),
    'Label selectors of the cluster roles to add up.',
  ),
});

export const clusterRoleSchema: StructSchema = kindOf('v1.ClusterRole', {
  rules: filled(2, atomicList(policyRule), 'What the role allows.'),
  aggregationRule: field(3, aggregationRule, 'Other cluster roles of which this one is the sum.'),
});

const subject: StructSchema = atomic(
  structOf('v1.Subject', {
    kind: required(1, text, '`User`, `Group` or `ServiceAccount`.'),
    apiGroup: field(2, text, 'Group of the subject; empty for service accounts.'),
    name: required(3, text, 'Name of the subject.'),
    namespace: field(4, text, 'Namespace of a service account.'),
  }),
);

const roleRef: StructSchema = atomic(
  structOf('v1.RoleRef', {
    apiGroup: filled(1, text, '`rbac.authorization.k8s.io`.'),
    kind: required(2, text, '`Role` or `ClusterRole`.'),
    name: required(3, text, 'Name of the role.'),
  }),
);

export const roleBindingSchema: StructSchema = kindOf('v1.RoleBinding', {
  subjects: field(2, atomicList(subject), 'Who gets the role.'),
  roleRef: required(3, roleRef, 'The role; cannot be changed.'),
});

export const clusterRoleBindingSchema: StructSchema = kindOf('v1.ClusterRoleBinding', {
  subjects: field(2, atomicList(subject), 'Who gets the role.'),
  roleRef: required(3, roleRef, 'The cluster role; cannot be changed.'),
});

export const serviceAccountSchema: StructSchema = kindOf('v1.ServiceAccount', {
  secrets: field(2, mapList(objectReference, ['name'], 'name'), 'Secrets that pods of the account may use.'),
  imagePullSecrets: field(
    3,
    atomicList(localObjectReference),
    'Secrets with the credentials of image registries.',
  ),
  automountServiceAccountToken: pointer(4, boolean, 'Whether pods of the account get its token mounted.'),
});
