// AuthGate: external authentication of one route: the question, the answers that are remembered or awaited together, and what an answer
// means for the request. What goes wrong refuses.
import { createHash } from 'node:crypto';
import {
  type AccessVerdict,
  expandUrl,
  type LocalResponse,
  type RouteSettings,
} from '../../features/index.ts';
import type { ExternalAuth } from '../../model/index.ts';
import { removeField } from '../../wire/http1/field-value.ts';
import { isGrpcType, mediaTypeOf } from '../../wire/grpc/status.ts';
import type { Exchange } from '../exchange.ts';
import type { AuthAnswer } from './auth-answer.ts';
import { keyParts } from './auth-key.ts';
import { type AuthDesk, type AuthResult, maxPerOwner } from './auth-desk.ts';
import { nextDepth, type QuestionFields, questionFieldsOf, renderQuestion } from './auth-request.ts';

export interface AuthOwner {
  /** `NAMESPACE/INGRESS`. */
  readonly ingress: string;
  /** The rule, with its host. */
  readonly rule: string;
}

/** What an answer that let a client in says to the endpoint and to the client. */
export interface AuthGrant {
  readonly fields: string;
  readonly cookies: string;
  readonly alwaysSetsCookie: boolean;
}

/** Statuses that nginx adds fields to unless it is told to always do. */
const cookieStatuses: ReadonlySet<number> = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308]);

/** Complete lines for a response with that status. */
export function grantedCookies({ cookies, alwaysSetsCookie }: AuthGrant, status: number): string {
  return alwaysSetsCookie || cookieStatuses.has(status) ? cookies : '';
}

export class AuthGate {
  readonly auth: ExternalAuth;
  readonly #desk: AuthDesk;
  readonly #owner: AuthOwner;
  readonly #settings: Pick<RouteSettings, 'connectTimeoutMs' | 'readTimeoutMs'>;
  readonly #fields: QuestionFields;
  /** Of the rule and all that the policy says: what was answered to another question counts no more. */
  readonly #identity: string;

  constructor(desk: AuthDesk, auth: ExternalAuth, owner: AuthOwner, settings: RouteSettings) {
    this.auth = auth;
    this.#desk = desk;
    this.#owner = owner;
    this.#settings = settings;
    this.#fields = questionFieldsOf(auth);
    this.#identity = auth.cache === null ? '' : digest(JSON.stringify([owner.ingress, owner.rule, auth]));
  }

  check(exchange: Exchange): AccessVerdict | Promise<AccessVerdict> {
    const key = this.#keyOf(exchange);
    const known = key === '' ? null : this.#desk.lookup(key);
    if (known !== null) return this.#judge(exchange, known);
    const depth = nextDepth(exchange);
    if (depth === null) return { status: 500, reason: 'auth-loop' };
    return new Promise((resolve, reject) => {
      const { auth } = this;
      exchange.authWait = this.#desk.ask({
        key,
        auth,
        owner: this.#owner.ingress,
        host: exchange.head.host,
        connectTimeoutMs: this.#settings.connectTimeoutMs,
        answerTimeoutMs: this.#settings.readTimeoutMs,
        renderText: () => renderQuestion(exchange, auth, this.#fields, depth),
        listener: (result) => {
          exchange.authWait = null;
          try {
            resolve(this.#judge(exchange, result));
          } catch (error) {
            reject(error);
          }
        },
      });
    });
  }

  /** What becomes of a 401, whoever gave it. */
  refuse(exchange: Exchange, refusal: LocalResponse): LocalResponse {
    const { signIn } = this.auth;
    if (refusal.status !== 401 || signIn === null || isGrpcType(mediaTypeOf(exchange.head.fields)))
      return refusal;
    return {
      status: 302,
      reason: 'auth-signin',
      location: expandUrl(signIn, exchange),
      fields: removeField(refusal.fields ?? '', 'www-authenticate'),
    };
  }

  /** Empty: the answer is for this request alone. */
  #keyOf(exchange: Exchange): string {
    const { cache } = this.auth;
    if (cache === null) return '';
    // Each part by itself: `ab` and `c` is not `a` and `bc`.
    return digest(JSON.stringify([this.#identity, exchange.head.host, keyParts(cache.key, exchange)]));
  }

  #judge(exchange: Exchange, result: AuthResult): AccessVerdict {
    if (typeof result === 'string') return { status: result === maxPerOwner ? 503 : 500, reason: result };
    const { status } = result;
    if (status >= 200 && status < 300) {
      const { fields, cookies } = result;
      const { alwaysSetsCookie } = this.auth;
      exchange.grant = { fields, cookies, alwaysSetsCookie };
      return 'granted';
    }
    return this.#refusalOf(result);
  }

  #refusalOf({ status, cookies, challenge }: AuthAnswer): LocalResponse {
    const { alwaysSetsCookie, signIn } = this.auth;
    const mayCookie = alwaysSetsCookie || (status === 401 && signIn !== null);
    const fields = challenge + (mayCookie ? cookies : '');
    if (status === 401) return { status, reason: 'auth-refused', fields };
    if (status === 403) return { status, reason: 'auth-forbidden', fields };
    return { status: 500, reason: 'auth-status', fields };
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
