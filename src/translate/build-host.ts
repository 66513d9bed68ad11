// Builds one virtual host from the plans of the Ingresses that name it: claims are heard oldest Ingress first, the first claim
// on a path wins, and the losers are told by whom they lost.
import type { AnnotationValues, Feature } from '../features/index.ts';
import type {
  Backend,
  ClientAuth,
  HostPattern,
  Passthrough,
  PathMatchKind,
  Problem,
  Route,
  UpstreamId,
  VirtualHost,
} from '../model/index.ts';
import { isDeepStrictEqual } from 'node:util';
import { annotationField } from './annotations.ts';
import { compilePolicies } from './compile-route.ts';
import { joinCanaries, type JoinedCanaries, withCanary } from './join-canaries.ts';
import { selectPassthrough } from './host-passthrough.ts';
import { selectClientAuth } from './host-client-auth.ts';
import { inheritCiphers, withCiphers } from './host-ciphers.ts';
import { type ChosenName, lostNames, redirectRoute } from './further-names.ts';
import { selectTls, type CertificateLookup } from './host-tls.ts';
import type { HostPlan, IngressPlan, PathClaim } from './plan.ts';
import { deniedBackend } from './plan-backend.ts';
import { problemOfIssue } from './plan-ingress.ts';
import { compareClaims } from './precedence.ts';
import { quoteValue } from './problems.ts';
import { applyQuirks } from './quirks/apply-quirks.ts';
import { nameHost, type Winner } from './quirks/winner.ts';

/** What a host came out as. */
export interface HostUnit {
  readonly virtualHost: VirtualHost;
  /** False: only canaries name it, and it is no host of the table. */
  readonly isServed: boolean;
  /**
   * The namespace that decides about the host's TLS: that of the oldest Ingress with a rule for it; without a rule, that of the host
   * that stands in, else of the oldest Ingress that names it.
   */
  readonly owner: string;
  readonly problems: readonly Problem[];
  /** Between different Ingresses. */
  readonly conflicts: readonly PathConflict[];
  /** Upstreams that its routes name. */
  readonly upstreams: ReadonlySet<UpstreamId>;
}

/** One path of a host that two Ingresses claim: that of `loser` has no effect. */
export interface PathConflict {
  readonly host: HostPattern;
  readonly winner: PathClaim;
  readonly loser: PathClaim;
}

const noConflicts: readonly PathConflict[] = [];

export interface HostInputs {
  readonly host: HostPattern;
  /** Those that name the host, oldest first. Not empty. */
  readonly plans: readonly IngressPlan[];
  readonly features: readonly Feature[];
  readonly hostNames: ReadonlySet<string>;
  readonly certificateOf: CertificateLookup;
  /** Whether hosts may have their TLS connections passed through. */
  readonly passesTls: boolean;
  /** Who answers requests that no rule takes. */
  readonly unmatched: Backend;
  /** Serves the requests if only `tls` names this host: its wildcard, else the catch-all, as it would be without the `tls` entry. */
  readonly standIn: HostUnit | null;
  /** Who names this host if no rule does; an alias's host is the stand-in. */
  readonly chosen: ChosenName | null;
}

interface Named {
  readonly plan: IngressPlan;
  readonly hostPlan: HostPlan;
}

export function buildHost(inputs: HostInputs): HostUnit {
  const { host, certificateOf } = inputs;
  const plans = inputs.plans.filter(({ canary }) => canary === null);
  const canaries = inputs.plans.filter(({ canary }) => canary !== null);
  const isServed = plans.length > 0;
  const redirecting = inputs.chosen?.name.kind === 'redirect' ? inputs.chosen : null;
  const standIn = isServed && redirecting === null ? inputs.standIn : null;
  const named = plans.flatMap((plan): Named[] => {
    const hostPlan = plan.hosts.get(host);
    return hostPlan?.ruled === true ? [{ plan, hostPlan }] : [];
  });
  const standsFor = redirecting?.target ?? standIn;
  const owner = named[0]?.plan.ref.namespace ?? standsFor?.owner ?? plans[0]?.ref.namespace ?? '';
  const choice = selectTls(host, plans, certificateOf, owner);
  const problems: Problem[] = [...choice.problems];
  if (named.length === 0) {
    problems.push(...lostNames(host, plans, inputs.chosen));
    const routes = redirecting === null ? (standIn?.virtualHost.routes ?? []) : [redirectRoute(redirecting)];
    const fallback = standIn?.virtualHost.fallback ?? null;
    const passthrough = standIn?.virtualHost.passthrough ?? null;
    const tls = inheritCiphers(choice.tls, standIn?.virtualHost.tls ?? null);
    const clientAuth = standIn?.virtualHost.clientAuth ?? null;
    const groups = standIn?.virtualHost.groups;
    const plain = makeHost(host, routes, fallback, tls, passthrough, clientAuth);
    const virtualHost = groups === undefined ? plain : { ...plain, groups };
    const upstreams = upstreamsOf(virtualHost);
    joinCanaries(host, canaries, [], problems);
    return { virtualHost, isServed, owner, problems, conflicts: noConflicts, upstreams };
  }
  problems.push(...lostNames(host, plans, null));
  const conflicts: PathConflict[] = [];
  const ruling = named.map(({ plan }) => plan);
  const { clientAuth, denied } = selectClientAuth(host, ruling, owner, problems);
  const winners = settleClaims(host, named, problems, conflicts);
  const fallback = settleFallback(host, named, problems);
  const passing = selectPassthrough(
    { host, owner, plans: ruling, winners, fallback, clientAuth, isOn: inputs.passesTls },
    problems,
  );
  const allDenied = new Set([...denied, ...passing.denied]);
  const isDenied = (plan: IngressPlan): boolean => plan.isDenied || allDenied.has(plan);
  const paths = fallback === null ? winners : [...winners, fallback];
  const joined = joinCanaries(host, canaries, paths, problems);
  const finish = finisher(inputs, named, allDenied, joined, problems);
  const sorted = winners.sort((a, b) => compareClaims(a.claim, b.claim));
  const tls = withCiphers(choice.tls, ruling, owner);
  const routes = sorted.map((winner) => finish.route(winner));
  const plain = makeHost(
    host,
    routes,
    fallback === null ? null : finish.route(fallback),
    tls,
    passing.passthrough,
    clientAuth,
  );
  const virtualHost = applyQuirks(
    plain,
    { ...inputs, ruling, winners: sorted, conflicts, ...finish, isDenied },
    problems,
  );
  const upstreams = upstreamsOf(virtualHost);
  return {
    virtualHost,
    isServed,
    owner,
    problems,
    conflicts: conflicts.length === 0 ? noConflicts : conflicts,
    upstreams,
  };
}

function makeHost(
  host: HostPattern,
  routes: readonly Route[],
  fallback: Route | null,
  tls: VirtualHost['tls'],
  passthrough: Passthrough | null,
  clientAuth: ClientAuth | null,
): VirtualHost {
  return {
    host,
    routes,
    fallback,
    tls,
    ...(passthrough !== null && { passthrough }),
    ...(clientAuth !== null && { clientAuth }),
  };
}

/**
 * A claim is a host, a kind of match and a path: `/foo` and `/foo/` are two (ingress-api.md C.7); `/foo` as `Prefix` and as
 * `ImplementationSpecific` are one, since they take the same requests.
 */
function settleClaims(
  host: HostPattern,
  named: readonly Named[],
  problems: Problem[],
  conflicts: PathConflict[],
): Winner[] {
  // By kind, then by path: the texts are those of the objects, and thousands of paths on one host cost no joined ones.
  const winners: Readonly<Record<PathMatchKind, Map<string, Winner>>> = {
    exact: new Map(),
    prefix: new Map(),
    regex: new Map(),
  };
  for (const { plan, hostPlan } of named) {
    for (const claim of hostPlan.claims) {
      const { kind, path } = claim.route.match;
      const winner = winners[kind].get(path);
      if (winner === undefined) winners[kind].set(path, { plan, claim });
      else {
        problems.push(conflictProblem(host, plan, claim, winner.claim));
        if (winner.claim.ingress !== claim.ingress)
          conflicts.push({ host, winner: winner.claim, loser: claim });
      }
    }
  }
  for (const [path, longer] of winners.prefix) {
    if (!path.endsWith('/') || path.endsWith('//')) continue;
    const shadowed = winners.prefix.get(path.slice(0, -1));
    if (shadowed !== undefined) problems.push(shadowProblem(shadowed.plan, shadowed.claim, longer.claim));
  }
  return [...winners.exact.values(), ...winners.prefix.values(), ...winners.regex.values()];
}

/** The oldest Ingress with a default backend has it; the others are told. */
function settleFallback(host: HostPattern, named: readonly Named[], problems: Problem[]): Winner | null {
  let winner: Winner | null = null;
  for (const { plan, hostPlan } of named) {
    const claim = hostPlan.fallback;
    if (claim === null) continue;
    if (winner === null) winner = { plan, claim };
    else {
      problems.push({
        code: 'DefaultBackendConflict',
        severity: plan.hosts.size === 1 && hostPlan.claims.length === 0 ? 'error' : 'warning',
        object: plan.ref,
        field: claim.field,
        message: `the default backend of ${nameHost(host)} is already ${winner.claim.route.id}; this one has no effect there`,
      });
    }
  }
  return winner;
}

/**
 * Makes the route of a claim and tells what features found. Only where another Ingress decides a host-wide annotation are the
 * policies compiled anew.
 */
function finisher(
  { features, hostNames }: HostInputs,
  named: readonly Named[],
  denied: ReadonlySet<IngressPlan>,
  canaries: JoinedCanaries,
  problems: Problem[],
): Finish {
  const hostValues = mergeHostValues(named, problems);
  const valuesOf = (plan: IngressPlan): AnnotationValues => {
    if (isSame(hostValues, plan.hostValues)) return plan.values;
    const own = [...plan.values].filter(([name]) => !hostNames.has(name));
    return new Map([...own, ...hostValues]);
  };
  const finish = ({ plan, claim }: Winner, isAgain = false): Route => {
    let { route, issues } = claim;
    const values = valuesOf(plan);
    if (claim.context !== null && (isAgain || values !== plan.values)) {
      const compiled = compilePolicies(features, values, claim.context);
      route = { ...route, policies: compiled.policies };
      issues = compiled.issues;
    }
    if (!isAgain) for (const issue of issues) problems.push(problemOfIssue(claim, issue, plan.ref));
    if (denied.has(plan)) return { ...route, backend: deniedBackend, policies: {} };
    const canary = canaries.get(claim.route.id);
    return canary === undefined ? route : withCanary(route, canary);
  };
  return { route: finish, valuesOf };
}

/** What makes routes of claims. */
interface Finish {
  /** `isAgain`: the claim has another match than in its plan, and what features find was told. */
  readonly route: (winner: Winner, isAgain?: boolean) => Route;
  /** Of an Ingress, with what others say of the whole host. */
  readonly valuesOf: (plan: IngressPlan) => AnnotationValues;
}

function isSame(a: AnnotationValues, b: AnnotationValues): boolean {
  return (a.size === 0 && b.size === 0) || isDeepStrictEqual(a, b);
}

/** Each host-wide key as the oldest Ingress that sets it says; one who says otherwise is told. */
function mergeHostValues(named: readonly Named[], problems: Problem[]): AnnotationValues {
  const merged = new Map<string, unknown>();
  const deciders = new Map<string, IngressPlan>();
  for (const { plan } of named) {
    for (const [name, value] of plan.hostValues) {
      const decider = deciders.get(name);
      if (decider === undefined) {
        deciders.set(name, plan);
        merged.set(name, value);
      } else if (!isDeepStrictEqual(merged.get(name), value)) {
        const key = plan.fullKeys.get(name) ?? name;
        problems.push({
          code: 'AnnotationUnsupported',
          severity: 'warning',
          object: plan.ref,
          field: annotationField(key),
          message: `annotation "${key}" acts on whole hosts, and the older Ingress "${decider.key}" sets it otherwise for a host of this one; it has no effect there`,
        });
      }
    }
  }
  return merged;
}

function conflictProblem(host: HostPattern, plan: IngressPlan, loser: PathClaim, winner: PathClaim): Problem {
  const { kind, path } = loser.route.match;
  return {
    code: 'HostPathConflict',
    severity: winner.ingress === loser.ingress ? 'warning' : 'error',
    object: plan.ref,
    field: `${loser.field}.path`,
    message: `path ${quoteValue(path)} (${kind}) of ${nameHost(host)} already belongs to ${winner.route.id}; this one has no effect`,
  };
}

function shadowProblem(plan: IngressPlan, shadowed: PathClaim, longer: PathClaim): Problem {
  const { path } = shadowed.route.match;
  return {
    code: 'PathShadowed',
    severity: 'warning',
    object: plan.ref,
    field: `${shadowed.field}.path`,
    message: `path ${quoteValue(path)} matches the same requests as ${quoteValue(longer.route.match.path)} of ${longer.route.id}, which is longer and takes them`,
  };
}

function upstreamsOf({ routes, groups = [], fallback, passthrough }: VirtualHost): ReadonlySet<UpstreamId> {
  const upstreams = new Set<UpstreamId>();
  const all = [...routes, ...groups.flatMap((group) => group.routes)];
  for (const route of fallback === null ? all : [...all, fallback]) {
    if (route.backend.kind === 'upstream') upstreams.add(route.backend.upstream);
    if (route.canary !== undefined) upstreams.add(route.canary.upstream);
  }
  if (passthrough !== undefined) upstreams.add(passthrough.upstream);
  return upstreams;
}
