// The kinds of rbac.authorization.k8s.io/v1, readonly.
import type { ObjectBase } from './object-meta.ts';

type RbacVersion = 'rbac.authorization.k8s.io/v1';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Role extends ObjectBase<'Role', RbacVersion> {
  readonly rules?: readonly PolicyRule[] | null;
}

export interface ClusterRole extends ObjectBase<'ClusterRole', RbacVersion> {
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly unknown[] };
}

export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

export interface RbacSubject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleBinding extends ObjectBase<'RoleBinding', RbacVersion> {
  readonly subjects?: readonly RbacSubject[];
  readonly roleRef: RoleRef;
}

export interface ClusterRoleBinding extends ObjectBase<'ClusterRoleBinding', RbacVersion> {
  readonly subjects?: readonly RbacSubject[];
  readonly roleRef: RoleRef;
}
