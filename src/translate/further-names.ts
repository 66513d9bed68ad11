// Further names of hosts: aliases, which are served as the host is, and twins with or without `www.`, which are sent to it. A name is a host
// without rules of its own; whoever has it is settled here: rules go before names, old Ingresses before young ones, and nobody names
// a host that another namespace owns.
import { readAliases, redirectPolicies, wantsWwwRedirect } from '../features/index.ts';
import { notFoundRoute, type HostPattern, type Problem, type Route } from '../model/index.ts';
import { annotationField } from './annotations.ts';
import type { HostUnit } from './build-host.ts';
import type { HostPlan, IngressPlan, TlsClaim } from './plan.ts';
import { quoteValue } from './problems.ts';

/** Why a plan names a host that none of its rules has. */
export interface FurtherName {
  readonly kind: 'alias' | 'redirect';
  /** The host of a rule. */
  readonly target: HostPattern;
  /** Field path of the annotation. */
  readonly field: string;
}

export interface ChosenName {
  readonly plan: IngressPlan;
  readonly name: FurtherName;
  readonly target: HostUnit;
}

const www = 'www.';

/** Adds the names to the hosts of a plan, those that it has already excepted. */
export function addFurtherNames(
  hosts: Map<HostPattern, HostPlan>,
  { values, fullKeys, ref }: Pick<IngressPlan, 'values' | 'fullKeys' | 'ref'>,
  problems: Problem[],
): void {
  const ruled = [...hosts].filter(([host, { ruled }]) => ruled && host !== '');
  const fieldOf = (key: string): string => annotationField(fullKeys.get(key) ?? key);
  const add = (host: HostPattern, target: HostPlan, name: FurtherName): void => {
    const before = hosts.get(host);
    if (before?.ruled === true || before?.further !== undefined) return;
    const tls = [...(before?.tls ?? []), ...target.tls.map(whereCovering)];
    hosts.set(host, { ruled: false, claims: [], fallback: null, tls, further: name });
  };
  const aliases = readAliases(values);
  const [first] = ruled;
  const field = fieldOf('server-alias');
  for (const pattern of aliases?.patterns ?? []) {
    const message = `the alias ${quoteValue(pattern)} is a regular expression, wanted the name of a host; it has no effect`;
    problems.push({ code: 'AnnotationUnsupported', severity: 'warning', object: ref, field, message });
  }
  if (first !== undefined) {
    for (const alias of aliases?.names ?? [])
      add(alias, first[1], { kind: 'alias', target: first[0], field });
  }
  if (!wantsWwwRedirect(values)) return;
  for (const [target, plan] of ruled) {
    if (target.startsWith('*.')) continue;
    const twin = target.startsWith(www) ? target.slice(www.length) : www + target;
    add(twin, plan, { kind: 'redirect', target, field: fieldOf('from-to-www-redirect') });
  }
}

function whereCovering(claim: TlsClaim): TlsClaim {
  return { ...claim, isListed: false, onlyCovering: true };
}

/** Who names a host that no rule has: the oldest that may; null: nobody. `plans`: oldest first. */
export function chooseName(
  host: HostPattern,
  plans: readonly IngressPlan[],
  ruledUnitOf: (host: HostPattern) => HostUnit | null,
): ChosenName | null {
  for (const plan of plans) {
    const name = plan.hosts.get(host)?.further;
    const target = name === undefined ? null : ruledUnitOf(name.target);
    if (name === undefined || target === null) continue;
    if (target.owner === plan.ref.namespace) return { plan, name, target };
  }
  return null;
}

/** Tells those whose alias has no effect. `chosen` null: the host has rules, or nobody may name it. */
export function lostNames(
  host: HostPattern,
  plans: readonly IngressPlan[],
  chosen: ChosenName | null,
): Problem[] {
  return plans.flatMap((plan): Problem[] => {
    const name = plan.hosts.get(host)?.further;
    if (name?.kind !== 'alias') return [];
    const isServed = chosen?.name.kind === 'alias' && chosen.name.target === name.target;
    if (isServed) return [];
    return [lostProblem(host, plan, name, whyLost(host, plans, name, chosen))];
  });
}

function whyLost(
  host: HostPattern,
  plans: readonly IngressPlan[],
  name: FurtherName,
  chosen: ChosenName | null,
): string {
  const ruling = plans.find((plan) => plan.hosts.get(host)?.ruled === true);
  if (ruling !== undefined) return `is the host of a rule of "${ruling.key}"`;
  if (chosen !== null) return `was given by the older Ingress "${chosen.plan.key}"`;
  return `is given to host ${quoteValue(name.target)}, which belongs to another namespace`;
}

function lostProblem(host: HostPattern, plan: IngressPlan, { field }: FurtherName, why: string): Problem {
  const message = `the alias ${quoteValue(host)} ${why}; it has no effect`;
  return { code: 'AnnotationUnsupported', severity: 'warning', object: plan.ref, field, message };
}

/** All that a host has whose requests are sent away. */
export function redirectRoute({ plan, name }: ChosenName): Route {
  return {
    ...notFoundRoute,
    id: `ingress/${plan.key}/www-redirect`,
    labels: { ...notFoundRoute.labels, namespace: plan.ref.namespace ?? '', ingress: plan.ref.name },
    policies: redirectPolicies(name.target),
  };
}
