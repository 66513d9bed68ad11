// LiveChallenges: what a worker answers to ACME servers by the present table, by HTTP and in the TLS handshake.
import type { Challenge, RouteTable } from '../model/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';

/** RFC 8555, 8.3. */
const folder = '/.well-known/acme-challenge/';

export class LiveChallenges {
  /** Whether an ACME server may ask for anything. */
  readonly hasAny: boolean;
  /** Whether one may ask in a handshake. */
  readonly hasTls: boolean;
  readonly #challenges: RouteTable['challenges'];

  constructor({ challenges }: RouteTable) {
    this.#challenges = challenges;
    this.hasAny = challenges.size > 0;
    this.hasTls = [...challenges.values()].some(({ kind }) => kind === 'tls-alpn-01');
  }

  /** For a normalised host and a canonical path. Null: a request like any other. */
  forPath(host: string, path: string): Challenge | null {
    if (!path.startsWith(folder)) return null;
    const challenge = this.#challenges.get(`http-01/${path.slice(folder.length)}`);
    return challenge?.host === host ? challenge : null;
  }

  /** For the server name as the client sent it. */
  forServerName(serverName: string): Challenge | null {
    const host = normalizeHost(serverName);
    return host === null ? null : (this.#challenges.get(`tls-alpn-01/${host}`) ?? null);
  }
}
