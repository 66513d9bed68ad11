// SessionCookie: the cookie of one route. Its value is `KEY|BACKEND`, both hexadecimal: the key is the session, the backend tells apart
// the cookies of several upstreams that a browser sends together. Nothing that a client sent is ever written into a response.
import type { CookieAffinity } from '../../model/index.ts';
import { lookupCookies } from '../../wire/http1/field-value.ts';

/** Browsers that take `SameSite=None` for `Strict`: those that ingress-nginx names. */
const oldBrowsers = /Chrome\/[456]\d\.|CPU iPhone OS 12|iPad; CPU OS 12/;
const keyLength = 32;
const oldSafari = /Mac OS X 10_14/;

export interface CookieRequest {
  readonly scheme: string;
  readonly head: { readonly fields: string; readonly userAgent: string };
}

export class SessionCookie {
  readonly #affinity: CookieAffinity;
  readonly #attributes: string;

  constructor(affinity: CookieAffinity) {
    this.#affinity = affinity;
    const { domain, path, maxAgeSeconds } = affinity;
    this.#attributes =
      (maxAgeSeconds < 0 ? '' : `; Max-Age=${maxAgeSeconds}`) +
      (domain === '' ? '' : `; Domain=${domain}`) +
      `; Path=${path}`;
  }

  /** The session that the client asks for, at this backend; null: none, or none that was made here. */
  readKey(request: CookieRequest, backend: string): string | null {
    for (const value of lookupCookies(request.head.fields, this.#affinity.name)) {
      const isOurs = value.length === keyLength + 1 + backend.length && value.endsWith(backend);
      if (isOurs && beginsWithKey(value)) return value.slice(0, keyLength);
    }
    return null;
  }

  /** A complete `Set-Cookie` line. `nowMs`: since the epoch. */
  renderField(key: string, backend: string, request: CookieRequest, nowMs: number): string {
    const { name, expiresSeconds, alwaysSecure } = this.#affinity;
    const expires =
      expiresSeconds < 0 ? '' : `; Expires=${new Date(nowMs + expiresSeconds * 1_000).toUTCString()}`;
    const secure = alwaysSecure || request.scheme === 'https' ? '; Secure' : '';
    const sameSite = this.#renderSameSite(request.head.userAgent);
    return `Set-Cookie: ${name}=${key}|${backend}${expires}${this.#attributes}${secure}; HttpOnly${sameSite}\r\n`;
  }

  #renderSameSite(userAgent: string): string {
    const { sameSite, omitsNoneForOldBrowsers } = this.#affinity;
    if (sameSite === '') return '';
    const isOmitted =
      sameSite === 'None' && omitsNoneForOldBrowsers && misreadsNone(userAgent.slice(0, 1_024));
    return isOmitted ? '' : `; SameSite=${sameSite}`;
  }
}

/** A key, and the bar behind it. */
function beginsWithKey(value: string): boolean {
  for (let at = 0; at < keyLength; at += 1) {
    const code = value.charCodeAt(at);
    const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
    if (!isHex) return false;
  }
  return value[keyLength] === '|';
}

function misreadsNone(userAgent: string): boolean {
  if (oldBrowsers.test(userAgent)) return true;
  return oldSafari.test(userAgent) && userAgent.includes('Safari') && !userAgent.includes('Chrome');
}
