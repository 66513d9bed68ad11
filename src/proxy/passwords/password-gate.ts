// PasswordGate: asks the clients of one route for a password. Without a usable Secret nobody is let in, and nobody is asked either.
import type { AccessVerdict, LocalResponse, PasswordSettings, RequestView } from '../../features/index.ts';
import { basicChallenge } from './basic-scheme.ts';
import type { HashOutcome } from './hash-queue.ts';
import type { PasswordDesk } from './password-desk.ts';

const noSecret: LocalResponse = { status: 503, reason: 'password-secret' };
const busy: LocalResponse = { status: 503, reason: 'password-queue' };
const failed: LocalResponse = { status: 503, reason: 'password-check' };

export class PasswordGate {
  readonly #desk: PasswordDesk;
  readonly #owner: string;
  readonly #settings: PasswordSettings;
  /** Of digest authentication: what its nonces are good for. */
  readonly #scope: string;
  readonly #wanted: LocalResponse;
  readonly #wrong: LocalResponse;

  constructor(desk: PasswordDesk, owner: string, settings: PasswordSettings) {
    this.#desk = desk;
    this.#owner = owner;
    this.#settings = settings;
    this.#scope = `${owner}\n${settings.realm}`;
    const fields = basicChallenge(settings.realm);
    this.#wanted = { status: 401, reason: 'password-wanted', fields };
    this.#wrong = { status: 401, reason: 'password-wrong', fields };
  }

  /** Before everything else of the route, as ingress-nginx denies: null, or there is no Secret to go by. */
  admit(): LocalResponse | null {
    const { credentials } = this.#settings;
    return credentials === null || !this.#desk.hasCredentials(credentials) ? noSecret : null;
  }

  access(request: RequestView): AccessVerdict | Promise<AccessVerdict> {
    const { kind, credentials } = this.#settings;
    if (credentials === null) return noSecret;
    const authorization = request.field('authorization');
    if (kind === 'digest') return this.#checkDigest(authorization, request);
    const book = this.#desk.passwordBookOf(credentials);
    if (book === null) return noSecret;
    if (authorization === '') return this.#wanted;
    const outcome = book.check(authorization, this.#owner, request.clientAddress);
    return typeof outcome === 'string'
      ? this.#verdictOf(outcome)
      : outcome.then((late) => this.#verdictOf(late));
  }

  #verdictOf(outcome: HashOutcome): AccessVerdict {
    if (outcome === 'match') return 'granted';
    if (outcome === 'mismatch') return this.#wrong;
    return outcome === 'busy' ? busy : failed;
  }

  #checkDigest(authorization: string, request: RequestView): AccessVerdict {
    const { credentials, realm } = this.#settings;
    const book = credentials === null ? null : this.#desk.digestBookOf(credentials, realm);
    if (book === null) return noSecret;
    const outcome = authorization === '' ? null : book.check(authorization, request, this.#scope);
    if (outcome === 'match') return 'granted';
    const reason =
      outcome === null ? 'password-wanted' : outcome === 'stale' ? 'password-stale' : 'password-wrong';
    return { status: 401, reason, fields: book.challenge(this.#scope, outcome === 'stale') };
  }
}
