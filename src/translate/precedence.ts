// Who comes first: among Ingresses the older one, among the paths of a host the more specific one.
import type { PathMatchKind } from '../model/index.ts';
import type { IngressPlan, PathClaim } from './plan.ts';
import { compareText } from '../std/compare-text.ts';

/** Oldest first, then `namespace/name` (ingress-api.md C.7): the order in which claims are heard. Total. */
export function comparePlans(a: IngressPlan, b: IngressPlan): number {
  return a.createdMs - b.createdMs || compareText(a.key, b.key);
}

/**
 * In that order, in place; but Ingresses of one namespace that were made in the same second stand the other way round where all of them have
 * the quirk `newest-name-first`.
 */
export function sortPlans(plans: IngressPlan[]): IngressPlan[] {
  plans.sort(comparePlans);
  for (let start = 0; start < plans.length; ) {
    let end = start + 1;
    while (end < plans.length && isSameAge(plans[start], plans[end])) end += 1;
    const run = plans.slice(start, end);
    if (run.length > 1 && run.every(({ quirks }) => quirks.has('newest-name-first'))) {
      plans.splice(start, run.length, ...run.reverse());
    }
    start = end;
  }
  return plans;
}

function isSameAge(a: IngressPlan | undefined, b: IngressPlan | undefined): boolean {
  return a?.createdMs === b?.createdMs && a?.ref.namespace === b?.ref.namespace;
}

const kindRank: Readonly<Record<PathMatchKind, number>> = { exact: 0, prefix: 1, regex: 2 };

/**
 * The order of `VirtualHost.routes`, in which the first match wins (ingress-api.md C.3):
 * 1. exact routes before all others;
 * 2. the longer path text, a trailing slash counted: of the prefixes that match one request this is the one with most elements;
 * 3. prefixes before regexes;
 * 4. the older Ingress, then `namespace/name`, then the position within the Ingress. Total.
 * The pathTypes `Prefix` and `ImplementationSpecific` rank alike: with the same path they are one claim, which the oldest object has
 * (build-host.ts), so no newer object takes over a path by another spelling of its type.
 */
export function compareClaims(a: PathClaim, b: PathClaim): number {
  const [kindA, kindB] = [a.route.match.kind, b.route.match.kind];
  return (
    Number(kindA !== 'exact') - Number(kindB !== 'exact') ||
    b.route.match.path.length - a.route.match.path.length ||
    kindRank[kindA] - kindRank[kindB] ||
    a.createdMs - b.createdMs ||
    compareText(a.ingress, b.ingress) ||
    a.position - b.position
  );
}
