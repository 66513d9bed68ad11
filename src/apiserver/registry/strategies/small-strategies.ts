// Strategies of a few lines: Lease, Secret, ConfigMap, ServiceAccount, and the kinds of RBAC.
import {
  checkSubdomainName,
  validateBindingCreate,
  validateBindingUpdate,
  validateConfigMapCreate,
  validateConfigMapUpdate,
  validateLeaseCreate,
  validateLeaseUpdate,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateRoleCreate,
  validateRoleUpdate,
  validateSecretCreate,
  validateSecretUpdate,
  type ClusterRole,
  type ClusterRoleBinding,
  type ConfigMap,
  type Lease,
  type ObjectBase,
  type Role,
  type RoleBinding,
  type Secret,
} from '../../../kube/index.ts';
import type { Strategy } from '../resource.ts';
import { tlsSecretWarnings } from './tls-secret-warnings.ts';
import { strategyOf } from './typed-strategy.ts';

/** Without coordinated election, whose fields a server that does not offer it wipes. */
function withoutElection(lease: Lease): Lease {
  if (lease.spec === undefined) return lease;
  const { strategy: _strategy, preferredHolder: _preferredHolder, ...spec } = lease.spec;
  return { ...lease, spec };
}

export const leaseStrategy: Strategy = strategyOf<Lease>({
  prepareCreate: withoutElection,
  prepareUpdate: withoutElection,
  validateCreate: validateLeaseCreate,
  validateUpdate: validateLeaseUpdate,
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,
});

/** `stringData` is merged by defaulting. */
export const secretStrategy: Strategy = strategyOf<Secret>({
  prepareUpdate: (next, old) => (next.type === '' ? { ...next, type: old.type } : next),
  validateCreate: validateSecretCreate,
  validateUpdate: validateSecretUpdate,
  warnings: tlsSecretWarnings,
});

export const configMapStrategy: Strategy = strategyOf<ConfigMap>({
  validateCreate: validateConfigMapCreate,
  validateUpdate: validateConfigMapUpdate,
});

interface ServiceAccount extends ObjectBase<'ServiceAccount', 'v1'> {
  readonly secrets?: readonly { readonly name?: string }[];
}

/** Of the Secrets that it may use only the names are kept. */
function withSecretNames(account: ServiceAccount): ServiceAccount {
  if (account.secrets === undefined) return account;
  return { ...account, secrets: account.secrets.map(({ name }) => (name === undefined ? {} : { name })) };
}

const accountRules = { namespaced: true, checkName: checkSubdomainName };

export const serviceAccountStrategy: Strategy = strategyOf<ServiceAccount>({
  prepareCreate: withSecretNames,
  prepareUpdate: withSecretNames,
  validateCreate: (account) => validateObjectMeta(account.metadata, accountRules),
  validateUpdate: (next, old) => [
    ...validateObjectMetaUpdate(next.metadata, old.metadata),
    ...validateObjectMeta(next.metadata, accountRules),
  ],
});

/** Role and ClusterRole. */
export const roleStrategy: Strategy = strategyOf<Role | ClusterRole>({
  validateCreate: validateRoleCreate,
  validateUpdate: validateRoleUpdate,
  allowsCreateOnUpdate: true,
});

/** RoleBinding and ClusterRoleBinding. */
export const bindingStrategy: Strategy = strategyOf<RoleBinding | ClusterRoleBinding>({
  validateCreate: validateBindingCreate,
  validateUpdate: validateBindingUpdate,
  allowsCreateOnUpdate: true,
});
