// Validation of Lease on create and on update (coordination validation.go).
import { forbiddenError, invalidError, invalidErrors, notSupportedError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import type { Lease, LeaseSpec } from './lease-types.ts';
import { checkQualifiedName, checkSubdomainName } from './names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

/** A new Lease. */
export function validateLeaseCreate(lease: Lease): FieldError[] {
  return [
    ...validateObjectMeta(lease.metadata, { namespaced: true, checkName: checkSubdomainName }),
    ...validateLeaseSpec(lease.spec ?? {}),
  ];
}

/** A changed Lease: any field of its spec may change. */
export function validateLeaseUpdate(lease: Lease, old: Lease): FieldError[] {
  return [...validateObjectMetaUpdate(lease.metadata, old.metadata), ...validateLeaseSpec(lease.spec ?? {})];
}

function validateLeaseSpec(spec: LeaseSpec): FieldError[] {
  const { leaseDurationSeconds: seconds = 1, leaseTransitions: transitions = 0 } = spec;
  const { strategy, preferredHolder = '' } = spec;
  return [
    ...(seconds > 0 ? [] : [invalidError('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]),
    ...(transitions >= 0
      ? []
      : [invalidError('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]),
    ...(strategy === undefined ? [] : validateStrategy(strategy)),
    ...(preferredHolder !== '' && (strategy ?? '') === ''
      ? [forbiddenError('spec.preferredHolder', 'may only be specified if `strategy` is defined')]
      : []),
  ];
}

/** A name without a domain must be one of the server's own. */
function validateStrategy(strategy: string): FieldError[] {
  if (strategy.includes('/')) return invalidErrors('spec.strategy', strategy, checkQualifiedName(strategy));
  if (strategy === 'OldestEmulationVersion') return [];
  // The field's name comes twice in the server too.
  return [notSupportedError('spec.strategy.strategy', strategy, ['OldestEmulationVersion'])];
}
