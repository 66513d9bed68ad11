// AcmeServer: the conversation with one ACME server (RFC 8555) for one account: directory, nonces, signed requests. Knows nothing of
// orders. Every answer is looked at member by member: the server is trusted with certificates, not with our memory.
import type { KeyObject } from 'node:crypto';
import { type AcmeClock, parseRetryAfter } from './acme-clock.ts';
import { AcmeError, AcmeUnavailableError, membersOf, parseProblem, textOf } from './acme-error.ts';
import type { AcmeReply, AcmeTransport } from './acme-transport.ts';
import { type EcJwk, jwkThumbprint, publicJwk, signEs256, signExternalAccount } from './jose.ts';

export interface AcmeServerOptions {
  readonly directoryUrl: string;
  readonly transport: AcmeTransport;
  readonly clock: AcmeClock;
  readonly accountKey: KeyObject;
  /** Null: the authority has no address to write to. */
  readonly email: string | null;
  /** Null: the server takes anybody. */
  readonly externalAccount: { readonly keyId: string; readonly secret: Uint8Array } | null;
}

export interface AcmeAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly location: string;
  readonly retryAfterMs: number | null;
}

/** Servers may refuse nonces at will, and Pebble does on purpose. */
const maxNonceTries = 12;
const maxNonces = 16;

export class AcmeServer {
  readonly #options: AcmeServerOptions;
  readonly #jwk: EcJwk;
  readonly #nonces: string[] = [];
  #directory: Promise<Readonly<Record<string, unknown>>> | null = null;
  #account: Promise<string> | null = null;

  constructor(options: AcmeServerOptions) {
    this.#options = options;
    this.#jwk = publicJwk(options.accountKey);
  }

  /** `TOKEN.THUMBPRINT` (RFC 8555, 8.1). */
  keyAuthorization(token: string): string {
    return `${token}.${jwkThumbprint(this.#jwk)}`;
  }

  /** The URL of a resource; null: the server does not offer it. */
  async lookupResource(name: 'newOrder' | 'newNonce' | 'newAccount' | 'renewalInfo'): Promise<string | null> {
    this.#directory ??= this.#readDirectory();
    try {
      const url = textOf((await this.#directory)[name]);
      return url === '' ? null : url;
    } catch (error) {
      this.#directory = null;
      throw error;
    }
  }

  /** A request in the name of the account, which is made if there is none. `payload` null: a read. @throws {AcmeError | AcmeUnavailableError} */
  async post(url: string, payload: unknown): Promise<AcmeAnswer> {
    try {
      return await this.#signed(url, payload, { kid: await this.#accountUrl() });
    } catch (error) {
      // The server has lost the account, or it was another one's: the next request registers anew.
      if (error instanceof AcmeError && error.problem.type === 'accountDoesNotExist') this.#account = null;
      throw error;
    }
  }

  /** Without signature: what is public. */
  async get(url: string): Promise<AcmeAnswer> {
    return this.#read(await this.#options.transport({ method: 'GET', url, body: null }));
  }

  /** @throws {AcmeUnavailableError} the server does not offer it. */
  async requireResource(name: 'newOrder' | 'newNonce' | 'newAccount'): Promise<string> {
    const url = await this.lookupResource(name);
    if (url === null) {
      throw new AcmeUnavailableError(`the directory "${this.#options.directoryUrl}" has no "${name}"`);
    }
    return url;
  }

  async #readDirectory(): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await this.get(this.#options.directoryUrl);
    return body;
  }

  async #accountUrl(): Promise<string> {
    this.#account ??= this.#register();
    try {
      return await this.#account;
    } catch (error) {
      this.#account = null;
      throw error;
    }
  }

  /** Makes the account, or finds the one that the key has. */
  async #register(): Promise<string> {
    const { email, externalAccount } = this.#options;
    const url = await this.requireResource('newAccount');
    const binding =
      externalAccount === null
        ? {}
        : {
            externalAccountBinding: signExternalAccount(
              externalAccount.secret,
              externalAccount.keyId,
              url,
              this.#jwk,
            ),
          };
    const payload = {
      termsOfServiceAgreed: true,
      ...(email === null ? {} : { contact: [`mailto:${email}`] }),
      ...binding,
    };
    const { location } = await this.#signed(url, payload, { jwk: this.#jwk });
    if (location === '') throw new AcmeUnavailableError('the ACME server told no URL of the account');
    return location;
  }

  async #signed(url: string, payload: unknown, identity: object): Promise<AcmeAnswer> {
    for (let tries = 1; ; tries += 1) {
      const nonce = this.#nonces.pop() ?? (await this.#freshNonce());
      const jws = signEs256(this.#options.accountKey, { ...identity, nonce, url }, payload);
      const reply = await this.#options.transport({ method: 'POST', url, body: JSON.stringify(jws) });
      if (reply.nonce !== '' && this.#nonces.length < maxNonces) this.#nonces.push(reply.nonce);
      try {
        return this.#read(reply);
      } catch (error) {
        const isNonce = error instanceof AcmeError && error.problem.type === 'badNonce';
        if (!isNonce || tries >= maxNonceTries) throw error;
      }
    }
  }

  async #freshNonce(): Promise<string> {
    const url = await this.requireResource('newNonce');
    const reply = await this.#options.transport({ method: 'HEAD', url, body: null });
    if (reply.nonce === '') {
      const retryAfterMs = parseRetryAfter(reply.retryAfter, this.#options.clock.nowMs());
      throw new AcmeUnavailableError(`the ACME server gave no nonce (status ${reply.status})`, retryAfterMs);
    }
    return reply.nonce;
  }

  #read({ status, text, location, retryAfter }: AcmeReply): AcmeAnswer {
    const retryAfterMs = parseRetryAfter(retryAfter, this.#options.clock.nowMs());
    const body = membersOf(parseJson(text));
    if (status >= 200 && status < 300) return { body, text, location, retryAfterMs };
    const problem = parseProblem(body);
    if (problem.type === '' || problem.type === 'serverInternal') {
      const words = problem.detail === '' ? '' : `: ${problem.detail}`;
      throw new AcmeUnavailableError(`the ACME server answered ${status}${words}`, retryAfterMs);
    }
    throw new AcmeError(status, problem, retryAfterMs);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // A certificate, or nothing.
  }
}
