// HostIndex: the routes of one virtual host, compiled for lookup. It answers as a plain scan over `routes` would (the first
// route that matches wins), but in time that depends on the path alone: a Map for exact routes, a trie by path element for
// prefixes. Regexes are tried one by one, in order of rank, and only those that would beat what the two found.
// Fast path: a host whose only route is the prefix `/`. Benchmark: bench/micro/match.
import type { Route, VirtualHost } from '../model/index.ts';
import { type LinearRegex, maxRequestSteps, takenSteps } from '../std/linear-regex/index.ts';
import { canonicalRulePath } from '../std/uri-path/index.ts';
import { compilePathRegex, noRank, tooCostlyRank } from './path-regex.ts';
import { RouteGroups } from './route-groups.ts';

export { compilePathRegex, noRank, tooCostlyRank } from './path-regex.ts';

/** Rank of "no route": behind every index of `routes`. */
const unranked = 0x3fff_ffff;

/** One path element of the trie. `rank` is the best of this node and all above it, so that a walk needs only its last node. */
class PrefixNode {
  rank: number;
  children: Map<string, PrefixNode> | null = null;

  constructor(rank: number) {
    this.rank = rank;
  }
}

/** What looking at one more regex costs at least, in its steps. */
const lookSteps = 8;

/**
 * Answers a path that all regexes together take too long for (http-hardening.md, G2, V9). Not "no match": the next rule may be less
 * protected than the one that was not reached.
 */
export const tooCostlyRoute: Route = {
  id: 'path-too-costly',
  match: { kind: 'prefix', path: '/' },
  backend: { kind: 'status', status: 503, reason: 'path-too-costly' },
  labels: { namespace: '', ingress: '', service: '', servicePort: '', path: '' },
  policies: {},
};

interface RankedRegex {
  readonly rank: number;
  readonly regex: LinearRegex;
}

/** Immutable after construction; made once per virtual host, shared by all requests. */
export class HostIndex {
  readonly virtualHost: VirtualHost;
  readonly #routes: readonly Route[];
  readonly #exact: ReadonlyMap<string, number> | null;
  readonly #prefixes: PrefixNode;
  readonly #regexes: readonly RankedRegex[] | null;
  /** The answer for every path when there is nothing to look up: no exact, no regex, at most the prefix `/`. */
  readonly #only: Route | null;
  readonly #isTrivial: boolean;
  /** Null: the plain routes decide everything. */
  readonly #groups: RouteGroups | null;

  constructor(host: VirtualHost) {
    this.virtualHost = host;
    this.#routes = host.routes;
    const exact = new Map<string, number>();
    const regexes: RankedRegex[] = [];
    this.#prefixes = new PrefixNode(unranked);
    for (const [rank, route] of host.routes.entries()) {
      if (route.match.kind === 'exact') {
        const path = canonicalRulePath(route.match.path);
        if (!exact.has(path)) exact.set(path, rank);
      } else if (route.match.kind === 'prefix') {
        addPrefix(this.#prefixes, prefixElements(route.match.path), rank);
      } else {
        const regex = compilePathRegex(route.match);
        if (regex !== null) regexes.push({ rank, regex });
      }
    }
    spreadRanks(this.#prefixes);
    this.#exact = exact.size === 0 ? null : exact;
    this.#regexes = regexes.length === 0 ? null : regexes;
    this.#groups = host.groups === undefined ? null : new RouteGroups(host.groups, maxRequestSteps);
    const hasOne = exact.size === 0 && regexes.length === 0 && this.#prefixes.children === null;
    this.#isTrivial = hasOne && this.#groups === null;
    this.#only = host.routes[this.#prefixes.rank] ?? null;
  }

  /** The route of a canonical request path (see std/uri-path/); null: no route takes it, the caller uses the fallback. */
  match(path: string): Route | null {
    if (this.#isTrivial) return this.#only;
    const rank = this.matchRank(path);
    if (rank === tooCostlyRank) return tooCostlyRoute;
    return rank === noRank ? null : this.routeAt(rank);
  }

  /** The routes of the host and behind them those of its groups. */
  get routeCount(): number {
    return this.#routes.length + (this.#groups?.routes.length ?? 0);
  }

  /** Null: there is none at that position. */
  routeAt(rank: number): Route | null {
    return this.#routes[rank] ?? this.#groups?.routes[rank - this.#routes.length] ?? null;
  }

  /**
   * The same as a position for `routeAt`, for callers that keep something of their own beside each route: `noRank` when no
   * route takes the path, `tooCostlyRank` when its patterns would take too long.
   */
  matchRank(path: string): number {
    const rank = this.#plainRank(path);
    return this.#groups === null || rank === tooCostlyRank ? rank : this.#regroup(this.#groups, path, rank);
  }

  #regroup(groups: RouteGroups, path: string, rank: number): number {
    const namespace = this.#routes[rank]?.labels.namespace ?? null;
    if (namespace !== null && !groups.has(namespace)) return rank;
    const found = groups.find(path, namespace);
    return found < 0 ? found : found + this.#routes.length;
  }

  #plainRank(path: string): number {
    let rank = this.#prefixes.children === null ? this.#prefixes.rank : prefixRank(this.#prefixes, path);
    if (this.#exact !== null) {
      const found = this.#exact.get(path);
      if (found !== undefined && found < rank) rank = found;
    }
    if (this.#regexes !== null) {
      let stepsLeft = maxRequestSteps;
      for (const candidate of this.#regexes) {
        if (candidate.rank > rank) break;
        const found = candidate.regex.testWithin(path, stepsLeft);
        stepsLeft -= takenSteps() + lookSteps;
        if (found === 'too-costly' || stepsLeft < 0) return tooCostlyRank;
        if (found) {
          rank = candidate.rank;
          break;
        }
      }
    }
    return rank === unranked ? noRank : rank;
  }
}

/**
 * The elements that a prefix rule compares: its canonical path split at `/`, one trailing slash left out. `/` has none and
 * so takes every path; `/foo` and `/foo/` both have `foo` (ingress-api.md C.1).
 */
export function prefixElements(rulePath: string): readonly string[] {
  const path = canonicalRulePath(rulePath);
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  return end === 0 ? [] : path.slice(1, end).split('/');
}

function addPrefix(root: PrefixNode, elements: readonly string[], rank: number): void {
  let node = root;
  for (const element of elements) {
    node.children ??= new Map();
    let child = node.children.get(element);
    if (child === undefined) {
      child = new PrefixNode(unranked);
      node.children.set(element, child);
    }
    node = child;
  }
  if (rank < node.rank) node.rank = rank;
}

/** Gives every node the best rank on the way to it. By a list, not by recursion: a rule may be thousands of elements deep. */
function spreadRanks(root: PrefixNode): void {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.children === null) continue;
    for (const child of node.children.values()) {
      if (node.rank < child.rank) child.rank = node.rank;
      open.push(child);
    }
  }
}

/** Walks down as far as the path's elements lead: linear in the path, and it ends at the first element that no rule has. */
function prefixRank(root: PrefixNode, path: string): number {
  let node = root;
  let start = 1;
  while (node.children !== null && start <= path.length) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    const child = node.children.get(path.slice(start, end));
    if (child === undefined) break;
    node = child;
    start = end + 1;
  }
  return node.rank;
}
