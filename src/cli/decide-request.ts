// What the proxy would do with one request, asked phase by phase with the data plane's own parts: path and host readings of wire/,
// matching of table/, hooks of features/. The order of the checks is that of proxy/exchange.ts.
import {
  features,
  lacksCredentials,
  type PreparedFeature,
  prepareFeatures,
  readPlainPart,
  type RequestView,
  settingsOf,
} from '../features/index.ts';
import { type CanarySide, decideCanary } from './decide-canary.ts';
import { type AccessDecision, decideAccess } from './explain/access.ts';
import type { Passthrough, RouteTable } from '../model/index.ts';
import {
  explain,
  type Explanation,
  findHost,
  isIpLiteral,
  isMisdirected,
  resolveTls,
} from '../table/index.ts';
import { lookupField, lookupValues } from '../wire/http1/field-value.ts';
import { canonicalPath } from '../wire/http1/path.ts';

export interface AskedRequest {
  /** Complete lines, those that say where to and how much not among them. */
  readonly fields: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As normalizeHost gives it, empty for none. */
  readonly host: string;
  /** The name in the TLS handshake, in the same form; empty for http and for IP addresses. */
  readonly serverName: string;
  /** As written, without query. */
  readonly rawPath: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** Bytes; 0: no body, -1: unknown. */
  readonly contentLength: number;
  /** Canonical; absent or empty: not known. */
  readonly clientAddress?: string;
}

/** An answer of the proxy itself. */
export interface OwnAnswer {
  readonly status: number;
  readonly reason: string;
  readonly location: string | null;
}

/** A feature that has something to say of the route. */
export interface ActingFeature {
  readonly name: string;
  /** What it is set to do. */
  readonly policy: string;
  /** What it does with this request; empty: nothing. */
  readonly effect: string;
}

export interface Decision {
  /** Null when the request is refused before any rule is looked at. */
  readonly explanation: Explanation | null;
  readonly features: readonly ActingFeature[];
  /** Which side of a route with a canary; null: there is one side, or the proxy answers. */
  readonly canary: CanarySide | null;
  /** Path and query that the endpoint gets; null when the proxy answers. */
  readonly sentTarget: string | null;
  /** Null when an endpoint answers, if it lets the client come. */
  readonly answer: OwnAnswer | null;
  /** Who may come; null: the proxy answers before that is asked. */
  readonly access: AccessDecision | null;
}

/** Decides a request by a table. */
export function decideRequest(table: RouteTable, asked: AskedRequest): Decision {
  const read = canonicalPath(asked.rawPath);
  if ('reason' in read) return refusedAtOnce(read.status, read.reason);
  const { method, scheme, host } = asked;
  const explanation = explain(table, { host, path: read.path, method, scheme });
  const passthrough = passthroughOf(table, asked);
  if (passthrough !== undefined) {
    return {
      explanation: { ...explanation, passthrough },
      features: [],
      canary: null,
      sentTarget: null,
      answer: null,
      access: null,
    };
  }
  const plain = {
    method,
    host,
    path: read.path,
    greedyPath: read.greedy,
    query: asked.query,
    scheme,
    hostHasTls: resolveTls(table, host) !== null,
    contentLength: asked.contentLength,
    authority: host,
    // Where they are as a rule.
    ports: { own: scheme === 'https' ? '443' : '80', https: 443 },
    // Access is not decided here (explain/access.ts): it is rarely the request alone that decides it.
    clientAddress: asked.clientAddress ?? '',
  };
  const field = (name: string): string => lookupField(asked.fields, name);
  const view: RequestView = {
    ...plain,
    field,
    fieldValues: (name) => lookupValues(asked.fields, name),
    read: (part) => readPlainPart(part, plain, field),
  };
  const early = refuseEarly(table, asked, explanation, read.greedy);
  if (early !== null)
    return { explanation, features: [], canary: null, sentTarget: null, answer: early, access: null };
  return runRoute(table, explanation, view, asked);
}

/** The name in the handshake decides, before any request is read. */
function passthroughOf(table: RouteTable, { scheme, serverName }: AskedRequest): Passthrough | undefined {
  if (scheme === 'http' || serverName === '') return undefined;
  const found = findHost(table, serverName);
  return found === null || found.host === '' ? undefined : found.passthrough;
}

function refusedAtOnce(status: number, reason: string): Decision {
  return {
    explanation: null,
    features: [],
    canary: null,
    sentTarget: null,
    answer: { status, reason, location: null },
    access: null,
  };
}

/** The proxy's own checks, before features. */
function refuseEarly(
  table: RouteTable,
  asked: AskedRequest,
  explanation: Explanation,
  greedyPath: string,
): OwnAnswer | null {
  const { method, host } = asked;
  if (greedyPath !== '') {
    const other = explain(table, { host, path: greedyPath });
    if (winnerOf(other) !== winnerOf(explanation)) return ownAnswer(400, 'ambiguous-path');
  }
  if (method === 'CONNECT' || method === 'TRACE') return ownAnswer(405, 'method-refused');
  if (asked.scheme === 'https' && isMisdirected(table, asked.serverName, host))
    return ownAnswer(421, 'misdirected');
  const { maxBodyBytes } = settingsOf(prepareFeatures(features, explanation.route));
  if (maxBodyBytes !== 0 && asked.contentLength > maxBodyBytes) return ownAnswer(413, 'body-too-large');
  return null;
}

/** The rule that won; null where none did. */
function winnerOf({ candidates }: Explanation): string | null {
  return candidates.find(({ outcome }) => outcome === 'won')?.id ?? null;
}

/** Features that admit, those that rewrite, then the backend. */
function runRoute(
  table: RouteTable,
  explanation: Explanation,
  view: RequestView,
  asked: AskedRequest,
): Decision {
  const prepared = prepareFeatures(features, explanation.route);
  const effects = new Map<string, string>();
  const admitted = lacksCredentials(settingsOf(prepared), table)
    ? ownAnswer(503, 'password-secret')
    : admitRequest(prepared, view, effects);
  const sentPath = admitted === null ? rewritePath(prepared, view, effects) : view.path;
  const acting = prepared.map(({ feature, policy }) => ({
    name: feature.name,
    policy: feature.describe(policy),
    effect: effects.get(feature.name) ?? '',
  }));
  const answer =
    admitted ?? (sentPath === null ? ownAnswer(400, 'rewritten-path-invalid') : backendAnswer(explanation));
  return {
    explanation,
    features: acting,
    canary: answer === null ? decideCanary(explanation, asked.fields) : null,
    sentTarget: answer === null ? `${sentPath}${view.query}` : null,
    answer,
    access: answer === null ? decideAccess(explanation, prepared, asked, view) : null,
  };
}

function admitRequest(
  prepared: readonly PreparedFeature[],
  view: RequestView,
  effects: Map<string, string>,
): OwnAnswer | null {
  for (const { feature, hooks } of prepared) {
    const answer = hooks.admit?.(view) ?? null;
    if (answer === null) continue;
    const location = answer.location ?? null;
    effects.set(feature.name, location === null ? `answers ${answer.status}` : `redirects to ${location}`);
    return { status: answer.status, reason: answer.reason, location };
  }
  return null;
}

/** Null: the result is no canonical path, which the proxy refuses (rule N4). */
function rewritePath(
  prepared: readonly PreparedFeature[],
  view: RequestView,
  effects: Map<string, string>,
): string | null {
  let path = view.path;
  for (const { feature, hooks } of prepared) {
    const result = hooks.rewrite?.(view) ?? null;
    if (result === null) continue;
    effects.set(feature.name, `rewrites the path to ${result}`);
    const read = canonicalPath(result);
    if ('reason' in read || read.path !== result) return null;
    path = result;
  }
  return path;
}

function backendAnswer({ backend, endpoints }: Explanation): OwnAnswer | null {
  if (backend.kind === 'status') return ownAnswer(backend.status, backend.reason);
  return endpoints.length === 0 ? ownAnswer(503, 'no-endpoint') : null;
}

function ownAnswer(status: number, reason: string): OwnAnswer {
  return { status, reason, location: null };
}

/** The name that a client puts into its TLS handshake: none for an IP address (RFC 6066 3). */
export function serverNameOf(host: string): string {
  return isIpLiteral(host) ? '' : host;
}
