// CreateOptions, UpdateOptions and PatchOptions: the query parameters of writes (apimachinery pkg/apis/meta/v1/validation).
import {
  byteLength,
  type FieldError,
  forbiddenError,
  invalidError,
  notSupportedError,
  requiredError,
  tooLongError,
} from '../../kube/index.ts';
import { invalid } from '../api-error.ts';
import { queryBoolean, queryText } from './query-values.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly isDryRun: boolean;
  /** Empty: taken from the User-Agent. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Of an apply: takes over what others own. */
  readonly isForced: boolean;
}

const maxFieldManagerBytes = 128;

/** @throws {ApiError} 422 */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions',
): WriteOptions {
  return readWriteOptions(query, kind, []);
}

/** @throws {ApiError} 422 */
export function parsePatchOptions(query: URLSearchParams, isApply: boolean): WriteOptions {
  const errors: FieldError[] = [];
  if (isApply && queryText(query, 'fieldManager') === '') {
    errors.push(requiredError('fieldManager', 'is required for apply patch'));
  }
  if (!isApply && query.has('force')) {
    errors.push(forbiddenError('force', 'may not be specified for non-apply patch'));
  }
  return readWriteOptions(query, 'PatchOptions', errors);
}

function readWriteOptions(query: URLSearchParams, kind: string, before: readonly FieldError[]): WriteOptions {
  const fieldManager = queryText(query, 'fieldManager');
  const dryRun = query.getAll('dryRun');
  const fieldValidation = queryText(query, 'fieldValidation');
  const errors = [
    ...before,
    ...validateFieldManager(fieldManager),
    ...validateDryRun(dryRun),
    ...validateFieldValidation(fieldValidation),
  ];
  if (errors.length > 0) throw invalid(kind, 'meta.k8s.io', '', errors);
  return {
    isDryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    isForced: queryBoolean(query, 'force') ?? false,
  };
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function validateFieldManager(manager: string): FieldError[] {
  if (byteLength(manager) > maxFieldManagerBytes) return [tooLongError('fieldManager', maxFieldManagerBytes)];
  const errors: FieldError[] = [];
  let position = 0;
  for (const char of manager) {
    if (!printable.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(
        invalidError('fieldManager', manager, `invalid character U+${code} (at position ${position})`),
      );
    }
    position += byteLength(char);
  }
  return errors;
}

export function validateDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupportedError('dryRun', values, ['All'])];
}

function validateFieldValidation(value: string): FieldError[] {
  const supported = ['', 'Ignore', 'Strict', 'Warn'];
  return supported.includes(value) ? [] : [notSupportedError('fieldValidation', value, supported)];
}
