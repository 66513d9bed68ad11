// When a certificate is renewed: at two thirds of its life, or in the window that the server names (ARI, RFC 9773). Which moment of a
// window is chosen by the certificate itself, so that it stays the same however often it is asked, and differs between certificates.
import type { AcmeServer } from './acme-server.ts';
import type { HeldCertificate } from './held-certificate.ts';
import { membersOf, textOf } from './acme-error.ts';

export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Without a word of the server: from 5/8 to 2/3 of its life. */
export function plainWindow({ notBeforeMs, notAfterMs }: HeldCertificate): RenewalWindow {
  const lifeMs = notAfterMs - notBeforeMs;
  return { startMs: notBeforeMs + (lifeMs * 5) / 8, endMs: notBeforeMs + (lifeMs * 2) / 3 };
}

export function renewalTimeMs(certificate: HeldCertificate, window: RenewalWindow): number {
  const share = Number.parseInt(certificate.fingerprint.slice(0, 8), 16) / 0x1_0000_0000;
  return window.startMs + (window.endMs - window.startMs) * share;
}

interface Known {
  /** Null: the server knows nothing of it. */
  readonly window: RenewalWindow | null;
  readonly validUntilMs: number;
}

const usualCheckMs = 6 * 3_600_000;
const maxKnown = 10_000;

/** What the server said of certificates, by fingerprint. */
export class RenewalWindows {
  readonly #known = new Map<string, Known>();

  /** What counts now; asks the server when that is due. Never throws: what it does not say is as if it had no opinion. */
  async lookup(
    certificate: HeldCertificate,
    server: Pick<AcmeServer, 'lookupResource' | 'get'>,
    nowMs: number,
  ): Promise<RenewalWindow> {
    const { fingerprint } = certificate;
    let known = this.#known.get(fingerprint);
    if (known === undefined || known.validUntilMs <= nowMs) {
      known = await this.#ask(certificate, server, nowMs);
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.set(fingerprint, known);
    }
    return known.window ?? plainWindow(certificate);
  }

  async #ask(
    { renewalId, notBeforeMs, notAfterMs }: HeldCertificate,
    server: Pick<AcmeServer, 'lookupResource' | 'get'>,
    nowMs: number,
  ): Promise<Known> {
    const none: Known = { window: null, validUntilMs: nowMs + usualCheckMs };
    try {
      const url = await server.lookupResource('renewalInfo');
      if (url === null || renewalId === null) return none;
      const { body, retryAfterMs } = await server.get(`${url.replace(/\/$/, '')}/${renewalId}`);
      const { start, end } = membersOf(body['suggestedWindow']);
      const window = { startMs: Date.parse(textOf(start)), endMs: Date.parse(textOf(end)) };
      const isSound =
        window.startMs < window.endMs && window.startMs > notBeforeMs && window.startMs < notAfterMs;
      // Retry-After between a minute and a day (RFC 9773, 4.3.2).
      const pauseMs = Math.min(Math.max(retryAfterMs ?? usualCheckMs, 60_000), 86_400_000);
      return { window: isSound ? window : null, validUntilMs: nowMs + pauseMs };
    } catch {
      return none;
    }
  }
}
