// The Status object that answers an invalid write (HTTP 422), as apimachinery pkg/api/errors NewInvalid builds it.
import { causeReason, renderFieldError, renderFieldErrorBody } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { goQuote } from './go-text.ts';

export interface StatusCause {
  readonly reason: string;
  /** Without the field. */
  readonly message: string;
  readonly field?: string;
}

/** `v1 Status` of a refused object. Absent: an empty name, the core group. */
export interface InvalidStatus {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: 'Invalid';
  readonly details: {
    readonly name?: string;
    readonly group?: string;
    readonly kind: string;
    readonly causes?: readonly StatusCause[];
  };
  readonly code: 422;
}

/** Several errors in one text: `[a, b]`, equal texts once; a single one without brackets. */
export function renderFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(renderFieldError))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/**
 * The 422 answer for an object of `kind` in `group` (empty: core). `details.kind` is the kind, not the plural resource.
 * Causes keep the order and number of `errors`.
 */
export function invalidStatus(
  kind: string,
  group: string,
  name: string,
  errors: readonly FieldError[],
): InvalidStatus {
  const qualifiedKind = group === '' ? kind : `${kind}.${group}`;
  const list = errors.length === 0 ? '' : `: ${renderFieldErrors(errors)}`;
  const causes = errors.map((error) => ({
    reason: causeReason(error.type),
    message: renderFieldErrorBody(error),
    field: error.field,
  }));
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${qualifiedKind} ${goQuote(name)} is invalid${list}`,
    reason: 'Invalid',
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind,
      ...(causes.length === 0 ? {} : { causes }),
    },
    code: 422,
  };
}
