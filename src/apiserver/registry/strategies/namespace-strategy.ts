// Namespace: its phase is the server's, it carries its name as a label, and its deletion takes what is in it along first.
import {
  defaultNamespace,
  validateNamespaceCreate,
  validateNamespaceFinalizeUpdate,
  validateNamespaceStatusUpdate,
  validateNamespaceUpdate,
  type FieldError,
  type Namespace,
} from '../../../kube/index.ts';
import { forbidden } from '../../api-error.ts';
import type { Strategy, WriteContext } from '../resource.ts';
import { strategyOf, withMemberOf } from './typed-strategy.ts';

/** The finalizer of `spec` that the removal of the content takes away. */
export const contentFinalizer = 'kubernetes';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
const namespacesResource = { group: '', plural: 'namespaces' };

export const namespaceStrategy: Strategy = {
  ...strategyOf<Namespace>({
    prepareCreate: prepareNamespace,
    prepareUpdate: keepNamespace,
    validateCreate: validateNamespaceCreate,
    validateUpdate: validateChange,
    // A generated name is known only by now.
    allocate: defaultNamespace,
    beforeDelete: terminate,
    holdsDeletion: (namespace) => (namespace.spec?.finalizers ?? []).length > 0,
  }),
  resetFields: { '': ['status'], status: ['spec'], finalize: ['status'] },
};

function prepareNamespace(namespace: Namespace): Namespace {
  const finalizers = namespace.spec?.finalizers ?? [];
  const all = finalizers.includes(contentFinalizer) ? finalizers : [...finalizers, contentFinalizer];
  return { ...namespace, spec: { ...namespace.spec, finalizers: all }, status: { phase: 'Active' } };
}

/** Finalizers change through /finalize only, the phase through /status only. */
function keepNamespace(next: Namespace, old: Namespace, { subresource }: WriteContext): Namespace {
  if (subresource === 'status') return withMemberOf(next, old, 'spec');
  if (subresource === 'finalize') return withMemberOf(next, old, 'status');
  return withMemberOf(withMemberOf(next, old, 'spec'), old, 'status');
}

function validateChange(next: Namespace, old: Namespace, { subresource }: WriteContext): FieldError[] {
  if (subresource === 'status') return validateNamespaceStatusUpdate(next, old);
  if (subresource === 'finalize') return validateNamespaceFinalizeUpdate(next, old);
  return [...validateNamespaceCreate(next), ...validateNamespaceUpdate(next, old)];
}

/** The first deletion only starts it; a later one finds it at work, or removes what holds nothing any more. */
function terminate(namespace: Namespace, { nowMs }: WriteContext): Namespace | null {
  const { name, deletionTimestamp } = namespace.metadata;
  if (immortal.has(name)) throw forbidden(namespacesResource, name, 'this namespace may not be deleted');
  if (deletionTimestamp === undefined) {
    const metadata = {
      ...namespace.metadata,
      deletionTimestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
    };
    return { ...namespace, metadata, status: { ...namespace.status, phase: 'Terminating' } };
  }
  return (namespace.spec?.finalizers ?? []).length > 0 ? namespace : null;
}
