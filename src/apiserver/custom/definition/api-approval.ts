// Groups of the Kubernetes community (`k8s.io`, `kubernetes.io`) need a word of approval in an annotation
// (apiextensions-apiserver pkg/apihelpers).
import { type FieldError, goQuote, invalidError, requiredError } from '../../../kube/index.ts';
import type { Definition, DefinitionCondition } from './definition-types.ts';

const annotation = 'api-approved.kubernetes.io';
const field = `metadata.annotations[${annotation}]`;
const why = 'see https://github.com/kubernetes/enhancements/pull/1111';

type ApprovalState = 'missing' | 'approved' | 'bypassed' | 'invalid';

function isProtected(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

function approvalOf(definition: Definition): { readonly state: ApprovalState; readonly text: string } {
  const { annotations = {} } = definition.metadata;
  const value = Object.hasOwn(annotations, annotation) ? (annotations[annotation] ?? '') : '';
  if (value === '') {
    const text = `protected groups must have approval annotation ${goQuote(annotation)}, ${why}`;
    return { state: 'missing', text };
  }
  if (value.startsWith('unapproved')) return { state: 'bypassed', text: `not approved: ${goQuote(value)}` };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(value)) {
    return { state: 'approved', text: `approved in ${value}` };
  }
  const text = `protected groups must have approval annotation ${goQuote(annotation)} with either a URL or a reason starting with "unapproved", ${why}`;
  return { state: 'invalid', text };
}

/** A state that did not change is not looked at again. */
export function validateApproval(definition: Definition, old: Definition | null): FieldError[] {
  if (!isProtected(definition.spec.group)) return [];
  const { state, text } = approvalOf(definition);
  if (old !== null && approvalOf(old).state === state) return [];
  if (state === 'missing') return [requiredError(field, text)];
  return state === 'invalid'
    ? [invalidError(field, definition.metadata.annotations?.[annotation], text)]
    : [];
}

const reasons: Readonly<Record<ApprovalState, string>> = {
  missing: 'MissingAnnotation',
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
  invalid: 'InvalidAnnotation',
};

/** The condition of definitions in protected groups; null: the group is free. */
export function approvalCondition(definition: Definition): DefinitionCondition | null {
  if (!isProtected(definition.spec.group)) return null;
  const { state, text } = approvalOf(definition);
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: state === 'approved' ? 'True' : 'False',
    reason: reasons[state],
    message: text,
  };
}
