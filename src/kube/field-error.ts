// FieldError: one violated rule of an object, as the API server states it, and its text forms.
// Rendering follows apimachinery pkg/util/validation/field/errors.go with the texts of Kubernetes 1.34 and newer.
import { goQuote, goJson } from './go-text.ts';

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Forbidden'
  | 'Duplicate'
  | 'TooLong'
  | 'TooMany'
  | 'NotFound'
  | 'TypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  /** Field path, e.g. `spec.rules[0].host`; map keys in brackets, e.g. `data[tls.crt]`. */
  readonly field: string;
  /** The offending value as JSON would carry it; absent and null both print `null`. */
  readonly value?: unknown;
  /** Empty: nothing follows the type and value. */
  readonly detail: string;
}

const typeTexts: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Forbidden: 'Forbidden',
  Duplicate: 'Duplicate value',
  TooLong: 'Too long',
  TooMany: 'Too many',
  NotFound: 'Not found',
  TypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** Types whose text never shows the value. */
const valueless: ReadonlySet<FieldErrorType> = new Set(['Required', 'Forbidden', 'TooLong', 'InternalError']);

/** A value is missing: absent, null, an empty text or an empty list. */
export function requiredError(field: string, detail = ''): FieldError {
  return { type: 'Required', field, value: '', detail };
}

/** A malformed value. */
export function invalidError(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid', field, value, detail };
}

/** One `Invalid` error for each message of a name check. */
export function invalidErrors(field: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalidError(field, value, message));
}

/** A value outside of an enumeration; the supported values are shown sorted. */
export function notSupportedError(
  field: string,
  value: unknown,
  supported: readonly string[],
  order: 'sorted' | 'as given' = 'sorted',
): FieldError {
  const list = (order === 'sorted' ? [...supported].sort() : supported).map(goQuote).join(', ');
  return { type: 'NotSupported', field, value, detail: list === '' ? '' : `supported values: ${list}` };
}

/** A well-formed value that may not be set here. */
export function forbiddenError(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, value: '', detail };
}

/** A value that must be unique and is not. */
export function duplicateError(field: string, value: unknown): FieldError {
  return { type: 'Duplicate', field, value, detail: '' };
}

/** A value of more than `maxBytes` bytes. */
export function tooLongError(field: string, maxBytes: number): FieldError {
  return { type: 'TooLong', field, value: '', detail: `may not be more than ${countOf(maxBytes, 'byte')}` };
}

/** A list of `count` items where at most `max` may be. */
export function tooManyError(field: string, count: number, max: number): FieldError {
  return { type: 'TooMany', field, value: count, detail: `must have at most ${countOf(max, 'item')}` };
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A reference to something that does not exist. */
export function notFoundError(field: string, value: unknown): FieldError {
  return { type: 'NotFound', field, value, detail: '' };
}

/** A value of the wrong type. */
export function typeInvalidError(field: string, value: unknown, detail: string): FieldError {
  return { type: 'TypeInvalid', field, value, detail };
}

/** A fault that is not the user's. */
export function internalError(field: string, detail: string): FieldError {
  return { type: 'InternalError', field, value: null, detail };
}

function renderValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'null' : goJson(value);
}

/** The text without the field: `<type text>[: <value>][: <detail>]`. */
export function renderFieldErrorBody(error: FieldError): string {
  const head = valueless.has(error.type)
    ? typeTexts[error.type]
    : `${typeTexts[error.type]}: ${renderValue(error.value)}`;
  return error.detail === '' ? head : `${head}: ${error.detail}`;
}

/** `<field>: <type text>[: <value>][: <detail>]`. */
export function renderFieldError(error: FieldError): string {
  return `${error.field}: ${renderFieldErrorBody(error)}`;
}

/** The reason of a Status cause, e.g. `FieldValueRequired` (meta/v1 CauseType). */
export function causeReason(type: FieldErrorType): string {
  return type === 'InternalError' ? 'InternalError' : `FieldValue${type}`;
}
