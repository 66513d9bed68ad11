// Joins canaries to the routes of a host. A canary has a say where an Ingress of its own namespace has the path: whoever could join a
// neighbour's path would get its requests.
import { canaryPolicies } from '../features/index.ts';
import type { Canary, HostPattern, Problem, Route, SourceId } from '../model/index.ts';
import type { IngressPlan, PathClaim } from './plan.ts';
import { quoteValue } from './problems.ts';

/** A path that somebody has. */
export interface MainPath {
  readonly plan: IngressPlan;
  readonly claim: PathClaim;
}

interface Joined {
  readonly plan: IngressPlan;
  readonly claim: PathClaim;
}

/** By the ids of the main routes. */
export type JoinedCanaries = ReadonlyMap<SourceId, Joined>;

const none: JoinedCanaries = new Map();

/** `plans`: those of canaries that name the host, oldest first. */
export function joinCanaries(
  host: HostPattern,
  plans: readonly IngressPlan[],
  paths: readonly MainPath[],
  problems: Problem[],
): JoinedCanaries {
  if (plans.length === 0) return none;
  const mains = Map.groupBy(paths, ({ claim }) => placeOf(claim));
  const joined = new Map<SourceId, Joined>();
  for (const plan of plans) {
    if (plan.isDenied) continue;
    for (const claim of claimsOf(plan, host)) {
      if (claim.route.backend.kind !== 'upstream') continue;
      const found = mains.get(placeOf(claim)) ?? [];
      const own = found.filter((main) => main.plan.ref.namespace === plan.ref.namespace);
      const problem = own.length > 0 ? join({ plan, claim }, own, joined) : strayProblem(host, claim, found);
      if (problem !== null) problems.push({ ...problem, code: 'CanaryIgnored', object: plan.ref });
    }
  }
  return joined;
}

type Finding = Pick<Problem, 'severity' | 'field' | 'message'>;

/** To each of the paths; what keeps it from one, or null. */
function join(canary: Joined, mains: readonly MainPath[], joined: Map<SourceId, Joined>): Finding | null {
  const { route, field } = canary.claim;
  let finding: Finding | null = null;
  for (const { claim: main } of mains) {
    const older = joined.get(main.route.id);
    if (older !== undefined) {
      const message = `${main.route.id} has a canary already, ${older.claim.route.id}; this one has no effect`;
      finding = {
        severity: older.plan === canary.plan ? 'warning' : 'error',
        field: `${field}.path`,
        message,
      };
    } else if (upstreamOf(main.route) === upstreamOf(route)) {
      const message = `the canary names the Service port of its main path ${main.route.id}; it has no effect`;
      finding = { severity: 'warning', field: `${field}.backend`, message };
    } else joined.set(main.route.id, canary);
  }
  return finding;
}

/** The order of an apply is free: a main Ingress may come. A path of a neighbour stays the neighbour's. */
function strayProblem(host: HostPattern, claim: PathClaim, foreign: readonly MainPath[]): Finding {
  const place =
    claim.pathType === null
      ? 'no default backend'
      : `no path ${quoteValue(pathOf(claim))} (${claim.pathType})`;
  const where = host === '' ? 'of the rules without host' : `of host ${quoteValue(host)}`;
  const owner = foreign[0];
  if (owner === undefined) {
    const message = `${place} ${where} in an ordinary Ingress of this namespace; the canary serves nothing until there is one`;
    return { severity: 'warning', field: claim.field, message };
  }
  const message = `the path ${where} belongs to ${owner.claim.route.id}, which is in another namespace; a canary takes requests of its own namespace only, and this one serves nothing`;
  return { severity: 'error', field: claim.field, message };
}

/** Path as written and type, as ingress-nginx compares them: what the annotations make of a path is the main Ingress's to say. */
function placeOf(claim: PathClaim): string {
  return `${claim.pathType ?? 'default backend'} ${pathOf(claim)}`;
}

function pathOf({ route }: PathClaim): string {
  return route.labels.path === '' ? '/' : route.labels.path;
}

function claimsOf(plan: IngressPlan, host: HostPattern): PathClaim[] {
  const { claims = [], fallback = null } = plan.hosts.get(host) ?? {};
  return fallback === null ? [...claims] : [...claims, fallback];
}

function upstreamOf({ backend }: Route): string {
  return backend.kind === 'upstream' ? backend.upstream : '';
}

/** The route of a main path, as features left it, with its canary. */
export function withCanary(route: Route, { plan, claim }: Joined): Route {
  const { backend, id, policies } = claim.route;
  if (plan.canary === null || backend.kind !== 'upstream' || route.backend.kind !== 'upstream') return route;
  const { header, cookie, weight, total, behavior } = plan.canary;
  const own: Canary = {
    id,
    upstream: backend.upstream,
    header,
    cookie,
    weight,
    total,
    policies: canaryPolicies(route.policies, policies, behavior),
  };
  return { ...route, canary: own };
}
