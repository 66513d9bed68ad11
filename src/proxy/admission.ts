// The phase admit: whether a request may go on to an upstream, and with which path. Challenges go before everything; then the order is
// ingress-nginx's: own checks, declared length, features, rewrite, a backend that answers here; then, if an endpoint is there, who may come.
import type { AccessCheck, LocalResponse } from '../features/index.ts';
import { canonicalPath } from '../wire/http1/path.ts';
import type { CompiledRoute, RouteGuard } from './compiled-route.ts';
import { hasStandIn } from './error-pages.ts';
import type { Exchange } from './exchange.ts';
import { challengeResponse } from './local-response.ts';
import type { ProxyErrorKind } from './outcome.ts';
import type { LimitVerdict, LimitWaiter } from './route-limit.ts';

/** The route that the request goes on by, mostly the one that it matched; null: answered here. */
export function admit(exchange: Exchange, route: CompiledRoute): CompiledRoute | null {
  const { head, connection, core } = exchange;
  if (core.table.challenges.hasAny && answerChallenge(exchange)) return null;
  if (core.isBlocked !== null && core.isBlocked(exchange)) {
    exchange.give({ status: 403, reason: 'blocked' });
    return null;
  }
  if (head.greedyPath !== '') {
    const host = connection.hostMemo.lookup(core.table, head.host);
    if (host?.leadsElsewhere(head.path, head.greedyPath) === true) return refuse(exchange, 'ambiguous-path');
  }
  if (connection.isTls && core.table.isMisdirected(connection.serverName, head.host)) {
    return refuse(exchange, 'misdirected');
  }
  const { clientGate } = exchange;
  const isAsked = clientGate !== null || connection.clientCertificate !== null;
  if (isAsked && connection.isTls && !admitClient(exchange)) return errorPage(exchange);
  if (!admitRequest(exchange, route)) return null;
  // Behind the redirect to HTTPS: there the client can show what it has.
  if (clientGate !== null && !connection.isTls && !admitClient(exchange)) return errorPage(exchange);
  return admitBackend(exchange, route) ? route : null;
}

/** A token that we know, whatever the host's routes say; all other paths are theirs, so that other ACME clients get their requests. */
function answerChallenge(exchange: Exchange): boolean {
  const { method, host, path } = exchange.head;
  const isHead = method === 'HEAD';
  const { challenges } = exchange.core.table;
  const challenge = isHead || method === 'GET' ? challenges.forPath(host, path) : null;
  if (challenge === null) return false;
  exchange.giveWhole(challengeResponse(challenge.keyAuthorization, isHead), 'acme-challenge');
  return true;
}

/** By the rules of the route, whoever the client is. */
function admitRequest(exchange: Exchange, route: CompiledRoute): boolean {
  const { head } = exchange;
  const { maxBodyBytes } = route.settings;
  if (maxBodyBytes !== 0 && head.contentLength > maxBodyBytes) return stop(exchange, 'body-too-large');
  if (route.admit !== null) {
    for (const hook of route.admit) {
      const answer = hook(exchange);
      if (answer === null) continue;
      exchange.give(answer);
      return false;
    }
  }
  return true;
}

/** A path and an endpoint to send it to. */
function admitBackend(exchange: Exchange, route: CompiledRoute): boolean {
  if (route.rewrite !== null && !rewrite(exchange, route.rewrite)) return false;
  const { backend } = route;
  if (backend.kind === 'upstream') return true;
  exchange.give(backend);
  return false;
}

/** Client certificates (rules S1, S2): the host wants one, or the handshake asked for one. */
function admitClient(exchange: Exchange): boolean {
  const { connection, core, head, clientGate } = exchange;
  if (clientGate === null) {
    // The handshake was under the policy of another host; or of this one, which has none any more.
    return connection.serverName === head.host || stop(exchange, 'misdirected');
  }
  const { authorities } = core.table.table;
  const authority = clientGate.authority === null ? undefined : authorities.get(clientGate.authority);
  const { clientCertificate, isTls } = connection;
  const verdict = clientGate.decide(authority, clientCertificate, isTls, Date.now());
  if (verdict.fields !== null) {
    exchange.forwardedFields += verdict.fields;
    return true;
  }
  const { answer, page } = verdict;
  if (page !== null && exchange.turnTo(page)) {
    exchange.reason = answer.reason;
    return false;
  }
  if (answer.close === true) connection.retire();
  exchange.give(answer);
  return false;
}

/** The request goes on as one for the page, which shows it to everybody; all else that guards the page holds. */
function errorPage(exchange: Exchange): CompiledRoute | null {
  const { route } = exchange;
  // Answered, or about to be.
  if (exchange.isOver || exchange.replaced !== null || route === null) return null;
  return admitRequest(exchange, route) && admitBackend(exchange, route) ? route : null;
}

function rewrite(exchange: Exchange, hooks: NonNullable<CompiledRoute['rewrite']>): boolean {
  for (const hook of hooks) {
    const result = hook(exchange);
    if (result === null) continue;
    // Rule N4: the result is read again, and must already be what that reading gives.
    const read = canonicalPath(result);
    if (!('path' in read) || read.path !== result) return stop(exchange, 'rewritten-path-invalid');
    exchange.sentPath = result;
  }
  return true;
}

function refuse(exchange: Exchange, kind: ProxyErrorKind): null {
  exchange.fail(kind);
  return null;
}

function stop(exchange: Exchange, kind: ProxyErrorKind): boolean {
  exchange.fail(kind);
  return false;
}

/** Lets the request go upstream, or answers it. Who has no endpoint anyway is told so, as in ingress-nginx. */
export function askGuard(exchange: Exchange, route: CompiledRoute, guard: RouteGuard): void {
  const { limit } = guard;
  const { upstream } = route;
  const isLeft = upstream === null || (upstream.waiters === null && upstream.eligible.length === 0);
  if (isLeft && !hasStandIn(route)) {
    exchange.fail('no-endpoint');
    return;
  }
  const held = limit === null ? null : limit.take(exchange.clientAddress, exchange.startedMs);
  if (held === 'undecided') {
    exchange.holdBody();
    limit?.ask(exchange.clientAddress, new LimitedRequest(exchange, route, guard));
  } else passLimit(exchange, route, guard, held);
}

/** A request whose limits are counted elsewhere. */
class LimitedRequest implements LimitWaiter {
  readonly #exchange: Exchange;
  readonly #route: CompiledRoute;
  readonly #guard: RouteGuard;

  constructor(exchange: Exchange, route: CompiledRoute, guard: RouteGuard) {
    this.#exchange = exchange;
    this.#route = route;
    this.#guard = guard;
  }

  onLimit(verdict: LimitVerdict): void {
    const exchange = this.#exchange;
    if (exchange.isOver || exchange.replaced !== null) {
      if (verdict !== null && typeof verdict === 'object') verdict.release(exchange.clientAddress);
      return;
    }
    try {
      passLimit(exchange, this.#route, this.#guard, verdict);
    } catch (error) {
      exchange.connection.onBug(error);
    }
  }
}

function passLimit(
  exchange: Exchange,
  route: CompiledRoute,
  { access, authGate }: RouteGuard,
  verdict: LimitVerdict,
): void {
  if (typeof verdict === 'string') {
    const { requests, connections } = exchange.core.limitStatuses;
    exchange.give({ status: verdict === 'limit-requests' ? requests : connections, reason: verdict });
    return;
  }
  exchange.heldLimit = verdict;
  if (access === null) exchange.goUpstream(route);
  else askAccess(exchange, route, access, authGate);
}

function askAccess(
  exchange: Exchange,
  route: CompiledRoute,
  check: AccessCheck<Exchange>,
  authGate: RouteGuard['authGate'],
): void {
  const give = (answer: LocalResponse): void => exchange.give(authGate?.refuse(exchange, answer) ?? answer);
  const refusal = check(exchange);
  if (refusal === null) exchange.goUpstream(route);
  else if (!(refusal instanceof Promise)) give(refusal);
  else {
    exchange.holdBody();
    refusal
      .then((late) => {
        if (exchange.isOver || exchange.replaced !== null) return;
        if (late === null) exchange.goUpstream(route);
        else give(late);
      })
      .catch((error: unknown) => exchange.connection.onBug(error));
  }
}

/** The exchange is over: what it held of a limit is free, and nobody waits for an authentication server any more. */
export function letGo(exchange: Exchange): void {
  exchange.heldLimit?.release(exchange.clientAddress);
  exchange.heldLimit = null;
  exchange.authWait?.leave();
  exchange.authWait = null;
  if (exchange.paced !== null) exchange.bytesSent -= exchange.paced.destroy();
}
