// Decides whether a request is for the canary, by what it says: first the field, then the cookie. What says nothing is left to the weight.
import type { Canary, CanaryHeader } from '../../model/index.ts';
import { compileLinearRegex, type LinearRegex, maxRequestSteps } from '../../std/linear-regex/index.ts';
import { lookupCookies, lookupField } from '../../wire/http1/field-value.ts';

export interface CanaryVerdict {
  readonly isCanary: boolean;
  /** A phrase for explain. */
  readonly why: string;
}

/** The rule of one canary, ready for requests. Every request gets one of a few verdicts that are made once. */
export class CanaryDecision {
  readonly #header: CanaryHeader | null;
  readonly #regex: LinearRegex | null;
  readonly #cookie: string;
  readonly #byField: CanaryVerdict;
  readonly #notByField: CanaryVerdict;
  readonly #byCookie: CanaryVerdict;
  readonly #notByCookie: CanaryVerdict;

  constructor({ header, cookie }: Pick<Canary, 'header' | 'cookie'>) {
    this.#header = header;
    this.#cookie = cookie;
    const compiled = header?.kind === 'pattern' ? compileLinearRegex(header.pattern, caseCounts) : null;
    this.#regex = compiled?.ok === true ? compiled.regex : null;
    const field = `field "${header?.name ?? ''}"`;
    this.#byField = { isCanary: true, why: `${field} chooses it` };
    this.#notByField = {
      isCanary: false,
      why: `${field} ${header?.kind === 'switch' ? 'says never' : 'cannot be compared with the pattern'}`,
    };
    this.#byCookie = { isCanary: true, why: `cookie "${cookie}" says always` };
    this.#notByCookie = { isCanary: false, why: `cookie "${cookie}" says never` };
  }

  /** `fields`: the lines of the request. Null: the weight decides. */
  decide(fields: string): CanaryVerdict | null {
    const header = this.#header;
    if (header !== null) {
      const value = lookupField(fields, header.name);
      const verdict = value === '' ? null : this.#decideByField(header, value);
      if (verdict !== null) return verdict;
    }
    return this.#cookie === '' ? null : this.#decideByCookie(fields);
  }

  #decideByField(header: CanaryHeader, value: string): CanaryVerdict | null {
    if (header.kind === 'value') return value === header.value ? this.#byField : null;
    if (header.kind === 'pattern') return this.#decideByPattern(value);
    if (header.kind === 'switch' && value === 'always') return this.#byField;
    return header.kind === 'broken' || value === 'never' ? this.#notByField : null;
  }

  #decideByPattern(value: string): CanaryVerdict | null {
    const found = this.#regex?.searchWithin(value, maxRequestSteps) ?? 'too-costly';
    if (found === 'too-costly') return this.#notByField;
    return found ? this.#byField : null;
  }

  #decideByCookie(fields: string): CanaryVerdict | null {
    const value = lookupCookies(fields, this.#cookie, true)[0];
    if (value === 'always') return this.#byCookie;
    return value === 'never' ? this.#notByCookie : null;
  }
}

const caseCounts = { ignoreCase: false } as const;
