// ClientGate: what one host wants of its clients, and the decision for a request: by the policy of the host that the request is for, in the
// table of the moment, never by the name in the handshake. A connection counts for what was verified on it under the same authority.
import type { LocalResponse } from '../features/index.ts';
import type { ClientAuth, ClientAuthority } from '../model/index.ts';
import {
  compileLinearRegex,
  type LinearRegex,
  maxRequestSteps,
  takenSteps,
} from '../std/linear-regex/index.ts';
import type { ClientCertificate } from './client-certificate.ts';

export type ClientVerdict =
  /** The request goes on. `fields`: complete lines for the endpoint. */
  | { readonly gate: ClientGate; readonly fields: string }
  /** `answer.close`: another connection may fare better. `page`: what a browser gets instead of the answer; null: nothing. */
  | {
      readonly gate: ClientGate;
      readonly fields: null;
      readonly answer: LocalResponse;
      readonly page: ErrorPage | null;
    };

/** A path of the host that clients without a valid certificate may see, and no other. */
export interface ErrorPage {
  readonly path: string;
  /** With its `?`; empty: none. */
  readonly query: string;
  /** Complete lines for the endpoint. */
  readonly fields: string;
}

/** Names of the fields by which endpoints learn of client certificates: never a client's to send. */
export const clientCertificateFields = [
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
  'ssl-client-cert',
] as const;

/** In RFC 2253 the parts of a name are separated by commas and plus signs, which are escaped inside of values. */
const commonNames = /(?<=^|(?<!\\)(?:\\\\)*[,+])CN=/g;

export class ClientGate {
  readonly #policy: ClientAuth;
  /** Null: any subject. */
  readonly #subject: LinearRegex | null;
  /** The pattern is not taken: nobody passes. */
  readonly #isBroken: boolean;
  readonly #unverifiable: ClientVerdict;
  readonly #misdirected: ClientVerdict;
  readonly #missing: ClientVerdict;
  readonly #invalid: (failure: string) => ClientVerdict;
  /** Null: none, or a URL. */
  readonly #page: ErrorPage | null;
  readonly #otherSubject: ClientVerdict;

  constructor(policy: ClientAuth) {
    this.#policy = policy;
    const { subjectPattern, errorUrl } = policy;
    const compiled = subjectPattern === '' ? null : compileLinearRegex(subjectPattern, { ignoreCase: false });
    this.#subject = compiled?.ok === true ? compiled.regex : null;
    this.#isBroken = compiled?.ok === false;
    const refuse = (answer: LocalResponse, page: ErrorPage | null = null): ClientVerdict => ({
      gate: this,
      fields: null,
      answer,
      page,
    });
    const isUrl = errorUrl !== '' && !errorUrl.startsWith('/');
    const bad = isUrl ? { status: 302, location: errorUrl } : { status: 400 };
    this.#page = errorUrl === '' || isUrl ? null : pageOf(errorUrl);
    this.#unverifiable = refuse({ status: 503, reason: 'client-authority-missing' });
    this.#misdirected = refuse({ status: 421, reason: 'client-authority-changed', close: true });
    this.#missing = refuse({ ...bad, reason: 'client-certificate-missing' }, this.#page);
    this.#invalid = (failure) =>
      refuse({ ...bad, reason: 'client-certificate-invalid' }, sayFailure(this.#page, failure));
    this.#otherSubject = refuse({ status: 403, reason: 'client-certificate-subject' });
  }

  /** The Secret to look up in the table of the moment. */
  get authority(): ClientAuth['authority'] {
    return this.#policy.authority;
  }

  /**
   * `authority`: what the table has for it. `certificate`: what the handshake asked for and got; null: it asked for none, or there was no
   * handshake. `nowMs`: since the epoch.
   */
  decide(
    authority: ClientAuthority | undefined,
    certificate: ClientCertificate | null,
    isTls: boolean,
    nowMs: number,
  ): ClientVerdict {
    if (authority === undefined || this.#isBroken) return this.#unverifiable;
    if (!isTls) return this.#decidePlain();
    if (certificate === null) return this.#misdirected;
    const { authorityDigest, lastVerdict, notAfterMs } = certificate;
    if (authorityDigest === '') return this.#unverifiable;
    // Verified under another authority, be it that of another host or what was this one's before.
    if (authorityDigest !== authority.digest) return this.#misdirected;
    if (nowMs > notAfterMs) return this.#invalid('certificate has expired');
    if (lastVerdict?.gate === this) return lastVerdict;
    const verdict = this.#judge(certificate);
    certificate.lastVerdict = verdict;
    return verdict;
  }

  /** Without TLS nobody shows anything; nobody may say so either. */
  #decidePlain(): ClientVerdict {
    if (this.#policy.mode === 'required') return this.#missing;
    return this.#subject === null ? { gate: this, fields: '' } : this.#otherSubject;
  }

  #judge(certificate: ClientCertificate): ClientVerdict {
    const { mode, maxIntermediates, passesCertificate } = this.#policy;
    const { isPresent, intermediates, subject, issuer } = certificate;
    const failure = intermediates > maxIntermediates ? 'certificate chain too long' : certificate.failure;
    if (!isPresent && mode === 'required') return this.#missing;
    if (failure !== '' && !(mode === 'optional-no-ca' && certificate.isUnsigned)) {
      return this.#invalid(failure);
    }
    if (this.#subject !== null && !matches(this.#subject, subject)) return this.#otherSubject;
    const verify = failure === '' ? (isPresent ? 'SUCCESS' : 'NONE') : `FAILED:${failure}`;
    let fields = `ssl-client-verify: ${verify}\r\n`;
    if (subject !== '') fields += `ssl-client-subject-dn: ${subject}\r\n`;
    if (issuer !== '') fields += `ssl-client-issuer-dn: ${issuer}\r\n`;
    if (passesCertificate && isPresent) fields += `ssl-client-cert: ${certificate.renderEscapedPem()}\r\n`;
    return { gate: this, fields };
  }
}

function pageOf(target: string): ErrorPage {
  const at = target.indexOf('?');
  const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
  return { path, query, fields: 'ssl-client-verify: NONE\r\n' };
}

function sayFailure(page: ErrorPage | null, failure: string): ErrorPage | null {
  return page === null ? null : { ...page, fields: `ssl-client-verify: FAILED:${failure}\r\n` };
}

/**
 * From the start of a common name on, so that no other part of the subject can pass for one; all of them within the steps that one request
 * may take.
 */
function matches(pattern: LinearRegex, subject: string): boolean {
  let steps = maxRequestSteps;
  for (const { index } of subject.matchAll(commonNames)) {
    if (pattern.testWithin(subject.slice(index), steps) === true) return true;
    steps -= takenSteps();
    if (steps <= 0) return false;
  }
  return false;
}
