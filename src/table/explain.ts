// Explains one decision of the table: which host, which of its routes and why not the others, which backend and endpoints.
// It asks the matcher rule by rule, as a plain scan, and so is also what the fast HostIndex is measured against.
// Slow by intent: for people, `sallyport explain` and tests, never for traffic.
import type {
  Backend,
  ClientAuth,
  Endpoint,
  HostTls,
  Passthrough,
  PathMatch,
  Route,
  RouteTable,
  Upstream,
  VirtualHost,
} from '../model/index.ts';
import { wildcardOf } from '../std/host-name.ts';
import { canonicalRulePath } from '../std/uri-path/index.ts';
import { findHost, resolveTls } from './find-host.ts';
import { compilePathRegex, prefixElements } from './host-index.ts';

/** What is asked. `host` as normalizeHost gives it ('' for none), `path` in canonical form, without a query. */
export interface Ask {
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
}

export type HostTier = 'exact' | 'wildcard' | 'catch-all' | 'none';

/** One rule of the chosen host. `why` is one sentence without a final period. */
export interface Candidate {
  readonly id: string;
  readonly match: Route['match'];
  readonly outcome: 'won' | 'lost';
  readonly why: string;
}

/** TLS as a client would get it. `certificate` null: the proxy's default one. Never holds key material. */
export interface ExplainedTls {
  readonly source: string;
  readonly certificate: string | null;
  /** DNS names of that certificate; empty if it is not in the table. */
  readonly names: readonly string[];
}

export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly scheme: string;
    readonly host: string;
    readonly path: string;
  };
  readonly host: { readonly tier: HostTier; readonly pattern: string };
  /** Every route of the host, in order of precedence. */
  readonly candidates: readonly Candidate[];
  readonly route: Route;
  readonly via: 'rule' | 'host-default-backend' | 'table-fallback';
  readonly backend: Backend;
  /** Null where the backend names none, or one that the table does not hold. */
  readonly upstream: Upstream | null;
  /** Those that would get traffic: the ready ones; failing that, those still serving while they terminate. */
  readonly endpoints: readonly Endpoint[];
  readonly tls: ExplainedTls | null;
  /** Present where the route has a canary: as `endpoints`, of that. */
  readonly canaryEndpoints?: readonly Endpoint[];
  /** Set by who knows the name in the handshake: the connection is passed through, and no request is read. */
  readonly passthrough?: Passthrough;
  /** Present: what the client has to show. */
  readonly clientAuth?: ClientAuth;
}

/** The decision for a request, with every candidate rule of its host and why that one lost. */
export function explain(table: RouteTable, ask: Ask): Explanation {
  const virtualHost = findHost(table, ask.host);
  const { winner, candidates } = judgeGroups(
    virtualHost,
    ask.path,
    judgeRoutes(virtualHost?.routes ?? [], ask.path),
  );
  const { route, via } = chooseRoute(table, virtualHost, winner);
  const upstream =
    route.backend.kind === 'upstream' ? (table.upstreams.get(route.backend.upstream) ?? null) : null;
  return {
    request: {
      method: ask.method ?? 'GET',
      scheme: ask.scheme ?? 'http',
      host: ask.host,
      path: ask.path,
    },
    host: { tier: tierOf(virtualHost, ask.host), pattern: virtualHost?.host ?? '' },
    candidates,
    route,
    via,
    backend: route.backend,
    upstream,
    endpoints: servingEndpoints(upstream),
    tls: explainTls(table, resolveTls(table, ask.host)),
    ...(route.canary !== undefined && {
      canaryEndpoints: servingEndpoints(table.upstreams.get(route.canary.upstream) ?? null),
    }),
    ...(virtualHost?.clientAuth !== undefined && { clientAuth: virtualHost.clientAuth }),
  };
}

interface Judgement {
  readonly winner: Route | null;
  readonly candidates: readonly Candidate[];
}

/** Where a namespace has an order of its own, that decides about what is its own and about what is nobody's. */
function judgeGroups(virtualHost: VirtualHost | null, path: string, plain: Judgement): Judgement {
  const owner = plain.winner?.labels.namespace ?? null;
  const groups = (virtualHost?.groups ?? []).filter(({ namespace }) => owner === null || namespace === owner);
  if (groups.length === 0) return plain;
  const grouped = judgeRoutes(
    groups.flatMap(({ routes }) => routes),
    path,
  );
  const earlier = plain.candidates.map((candidate): Candidate => {
    if (candidate.outcome === 'lost') return candidate;
    const why = `${candidate.why}, but among the paths of namespace "${owner}" another order decides`;
    return { ...candidate, outcome: 'lost', why };
  });
  return { winner: grouped.winner, candidates: [...earlier, ...grouped.candidates] };
}

function judgeRoutes(routes: readonly Route[], path: string): Judgement {
  let winner: Route | null = null;
  const candidates: Candidate[] = [];
  for (const route of routes) {
    const verdict = judgeMatch(route, path);
    const base = { id: route.id, match: route.match };
    if (!verdict.matches) candidates.push({ ...base, outcome: 'lost', why: verdict.why });
    else if (winner === null) {
      winner = route;
      candidates.push({ ...base, outcome: 'won', why: verdict.why });
    } else
      candidates.push({ ...base, outcome: 'lost', why: `${verdict.why}, but ${whyBehind(winner, route)}` });
  }
  return { winner, candidates };
}

interface Verdict {
  readonly matches: boolean;
  readonly why: string;
}

function judgeMatch(route: Route, path: string): Verdict {
  const { match } = route;
  if (match.kind === 'exact') return judgeExact(canonicalRulePath(match.path), path);
  return match.kind === 'prefix' ? judgePrefix(match.path, path) : judgeRegex(match, path);
}

function judgeExact(rulePath: string, path: string): Verdict {
  return rulePath === path
    ? { matches: true, why: 'the path is equal' }
    : { matches: false, why: `the path "${path}" is not equal to "${rulePath}"` };
}

function judgePrefix(rulePath: string, path: string): Verdict {
  const wanted = prefixElements(rulePath);
  if (wanted.length === 0) return { matches: true, why: 'the prefix "/" takes every path' };
  const actual = path.slice(1).split('/');
  for (const [index, element] of wanted.entries()) {
    const got = actual[index];
    if (got === undefined) {
      return { matches: false, why: `the path ends before element ${index + 1} of the rule, "${element}"` };
    }
    if (got !== element) {
      return {
        matches: false,
        why: `element ${index + 1} of the path is "${got}", the rule wants "${element}"`,
      };
    }
  }
  return { matches: true, why: 'the path starts with every element of the rule' };
}

function judgeRegex(match: PathMatch, path: string): Verdict {
  const regex = compilePathRegex(match);
  if (regex === null) return { matches: false, why: 'the pattern is outside the supported subset' };
  return regex.test(path)
    ? { matches: true, why: 'the pattern matches from the start of the path' }
    : { matches: false, why: 'the pattern does not match from the start of the path' };
}

function whyBehind(winner: Route, route: Route): string {
  const kinds = `${winner.match.kind} "${winner.match.path}"`;
  if (winner.match.kind === 'exact' && route.match.kind !== 'exact') return `${kinds} goes first, as exact`;
  if (winner.match.path.length > route.match.path.length) return `${kinds} goes first, as the longer path`;
  return `${kinds} goes first in the order of the rules`;
}

function chooseRoute(
  table: RouteTable,
  virtualHost: VirtualHost | null,
  winner: Route | null,
): { route: Route; via: Explanation['via'] } {
  if (winner !== null) return { route: winner, via: 'rule' };
  const own = virtualHost?.fallback ?? null;
  return own === null
    ? { route: table.fallback, via: 'table-fallback' }
    : { route: own, via: 'host-default-backend' };
}

function tierOf(virtualHost: VirtualHost | null, host: string): HostTier {
  if (virtualHost === null) return 'none';
  if (virtualHost.host === '') return 'catch-all';
  return virtualHost.host === wildcardOf(host) ? 'wildcard' : 'exact';
}

function servingEndpoints(upstream: Upstream | null): readonly Endpoint[] {
  if (upstream === null || upstream.target.kind === 'unavailable') return [];
  if (upstream.target.kind === 'dns') {
    return [{ address: upstream.target.name, port: upstream.target.port, ready: true }];
  }
  const ready = upstream.target.endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : upstream.target.endpoints;
}

function explainTls(table: RouteTable, tls: HostTls | null): ExplainedTls | null {
  if (tls === null) return null;
  const id = tls.certificate ?? table.defaultCertificate;
  return {
    source: tls.source,
    certificate: id,
    names: id === null ? [] : (table.certificates.get(id)?.names ?? []),
  };
}
