// What validating a value against a schema finds: errors in order, each text once, and how many checks passed, by which the best
// of several alternatives is told (kube-openapi pkg/validation/validate/result.go).
import {
  type FieldError,
  goQuote,
  invalidError,
  requiredError,
  tooLongError,
  tooManyError,
  typeInvalidError,
} from '../../../kube/index.ts';
import { canonicalJson } from './json-value.ts';

export type ValueFault =
  | { readonly kind: 'required' }
  | { readonly kind: 'enum'; readonly value: unknown; readonly supported: readonly unknown[] }
  | { readonly kind: 'tooLong'; readonly max: number }
  | { readonly kind: 'tooMany'; readonly count: number; readonly max: number }
  /** `value`: the JSON type that was found, or the text of a wrong format. */
  | { readonly kind: 'type'; readonly value: string }
  | { readonly kind: 'invalid'; readonly value: unknown }
  /** Says itself where it is; the error names no field. */
  | { readonly kind: 'whole' };

export interface ValueFinding {
  readonly fault: ValueFault;
  /** Dotted, with indexes; empty: the root. */
  readonly path: string;
  readonly message: string;
}

/** More errors than anyone reads; what follows is not looked at. */
export const maxFindings = 200;
/** Of their messages, of which one may list ten thousand values. */
const maxCharacters = 64 * 1024;

export class ValidationResult {
  readonly #findings = new Map<string, ValueFinding>();
  #characters = 0;
  /** Checks that were made. */
  matchCount = 0;

  get isValid(): boolean {
    return this.#findings.size === 0;
  }

  get findings(): readonly ValueFinding[] {
    return [...this.#findings.values()];
  }

  get isFull(): boolean {
    return this.#findings.size >= maxFindings || this.#characters >= maxCharacters;
  }

  add(fault: ValueFault, path: string, message: string): void {
    const key = `${fault.kind === 'required' ? path : ''}\0${message}`;
    if (this.isFull || this.#findings.has(key)) return;
    this.#findings.set(key, { fault, path, message });
    this.#characters += message.length;
  }

  merge(other: ValidationResult): void {
    for (const { fault, path, message } of other.#findings.values()) this.add(fault, path, message);
    this.matchCount += other.matchCount;
  }

  /** Without errors: what did not change may stay wrong. */
  forgiven(): ValidationResult {
    const result = new ValidationResult();
    result.matchCount = this.matchCount;
    return result;
  }
}

/** The errors as the API server reports them; `base`: the field that was validated, empty for a whole object. */
export function fieldErrorsOf(result: ValidationResult, base = ''): FieldError[] {
  return result.findings.map((finding) => fieldErrorOf(finding, base));
}

function fieldErrorOf({ fault, path, message }: ValueFinding, base: string): FieldError {
  // `<nil>` is how the server prints that there is no field.
  const root = base === '' ? '<nil>' : base;
  const relative = path.replace(/^\./, '');
  const field = relative === '' ? root : base === '' ? relative : `${base}.${relative}`;
  switch (fault.kind) {
    case 'required':
      return requiredError(field);
    case 'enum':
      return unsupportedError(field, fault.value, fault.supported.map(enumText));
    case 'tooLong':
      return tooLongError(field, fault.max);
    case 'tooMany':
      return tooManyError(field, fault.count, fault.max);
    case 'type':
      return typeInvalidError(field, fault.value, message);
    case 'invalid':
      return invalidError(field, fault.value, message);
    case 'whole':
    default:
      return invalidError(root, '', message);
  }
}

/** As `notSupportedError`, in the order of the schema. */
export function unsupportedError(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(goQuote).join(', ')}`;
  return { type: 'NotSupported', field, value, detail };
}

function enumText(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}
