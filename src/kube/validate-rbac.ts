// Validation of Role, ClusterRole, RoleBinding and ClusterRoleBinding (rbac validation.go), and what is defaulted in bindings
// (rbac v1/defaults.go). Nothing that is referred to need exist.
import { invalidError, invalidErrors, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { goQuote } from './go-text.ts';
import { checkPathSegment, checkSubdomain } from './names.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from './rbac-types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

type AnyRole = Role | ClusterRole;
type AnyBinding = RoleBinding | ClusterRoleBinding;

/** Supported values in the server's own order, which is not sorted in this group. */
function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(goQuote).join(', ')}`;
  return { type: 'NotSupported', field, value, detail };
}

/** Names with colons such as `system:node` are common: anything that fits into a path. */
function validateMeta(object: AnyRole | AnyBinding): FieldError[] {
  const namespaced = object.kind === 'Role' || object.kind === 'RoleBinding';
  return validateObjectMeta(object.metadata, { namespaced, checkName: (name) => checkPathSegment(name) });
}

/** A new Role or ClusterRole. */
export function validateRoleCreate(role: AnyRole): FieldError[] {
  const errors = validateMeta(role);
  for (const [index, rule] of (role.rules ?? []).entries()) {
    errors.push(...validateRule(`rules[${index}]`, rule, role.kind === 'Role'));
  }
  if (role.kind !== 'ClusterRole' || role.aggregationRule === undefined) return errors;
  if ((role.aggregationRule.clusterRoleSelectors ?? []).length > 0) return errors;
  const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
  return [...errors, requiredError('aggregationRule.clusterRoleSelectors', detail)];
}

export function validateRoleUpdate(role: AnyRole, old: AnyRole): FieldError[] {
  return [...validateRoleCreate(role), ...validateObjectMetaUpdate(role.metadata, old.metadata)];
}

function validateRule(field: string, rule: PolicyRule, isNamespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (verbs.length === 0)
    errors.push(requiredError(`${field}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const say = (detail: string): void => {
      errors.push(invalidError(`${field}.nonResourceURLs`, nonResourceURLs, detail));
    };
    if (isNamespaced) say('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      say('rules cannot apply to both regular resources and non-resource URLs');
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(requiredError(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(requiredError(`${field}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

/** A binding with the group of its role, and of the users and groups among its subjects. */
export function defaultBinding<Binding extends AnyBinding>(binding: Binding): Binding {
  const { roleRef, subjects } = binding;
  return {
    ...binding,
    roleRef: { ...roleRef, apiGroup: roleRef.apiGroup === '' ? rbacGroup : roleRef.apiGroup },
    ...(subjects === undefined ? {} : { subjects: subjects.map(defaultSubject) }),
  };
}

function defaultSubject(subject: RbacSubject): RbacSubject {
  const isPerson = subject.kind === 'User' || subject.kind === 'Group';
  return isPerson && (subject.apiGroup ?? '') === '' ? { ...subject, apiGroup: rbacGroup } : subject;
}

/** A new RoleBinding or ClusterRoleBinding, defaulted. */
export function validateBindingCreate(binding: AnyBinding): FieldError[] {
  const { roleRef, subjects = [] } = binding;
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors = validateMeta(binding);
  if (roleRef.apiGroup !== rbacGroup) {
    errors.push(unsupported('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]));
  }
  if (!kinds.includes(roleRef.kind)) errors.push(unsupported('roleRef.kind', roleRef.kind, kinds));
  if (roleRef.name === '') errors.push(requiredError('roleRef.name'));
  errors.push(...invalidErrors('roleRef.name', roleRef.name, checkPathSegment(roleRef.name)));
  for (const [index, subject] of subjects.entries()) {
    errors.push(...validateSubject(`subjects[${index}]`, subject, binding.kind === 'RoleBinding'));
  }
  return errors;
}

/** A changed binding: what it grants is fixed. */
export function validateBindingUpdate(binding: AnyBinding, old: AnyBinding): FieldError[] {
  const { apiGroup, kind, name } = binding.roleRef;
  const errors = [
    ...validateBindingCreate(binding),
    ...validateObjectMetaUpdate(binding.metadata, old.metadata),
  ];
  const isSame = apiGroup === old.roleRef.apiGroup && kind === old.roleRef.kind && name === old.roleRef.name;
  if (isSame) return errors;
  // The server shows its internal struct, whose members have no JSON names.
  return [
    ...errors,
    invalidError('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'),
  ];
}

function validateSubject(field: string, subject: RbacSubject, isNamespaced: boolean): FieldError[] {
  const { kind, name, apiGroup = '', namespace = '' } = subject;
  const errors = name === '' ? [requiredError(`${field}.name`)] : [];
  if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...invalidErrors(`${field}.name`, name, checkSubdomain(name)));
    if (apiGroup !== '') errors.push(unsupported(`${field}.apiGroup`, apiGroup, ['']));
    if (!isNamespaced && namespace === '') errors.push(requiredError(`${field}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.push(unsupported(`${field}.apiGroup`, apiGroup, [rbacGroup]));
  } else errors.push(unsupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  return errors;
}
