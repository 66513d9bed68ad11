// What quirks look at: the claims that won their paths on a host, and what they tell.
import type { HostPattern, Problem } from '../../model/index.ts';
import type { QuirkName } from '../../features/index.ts';
import type { IngressPlan, PathClaim } from '../plan.ts';
import { quoteValue } from '../problems.ts';

export interface Winner {
  readonly plan: IngressPlan;
  readonly claim: PathClaim;
}

export function namespaceOf({ plan }: Winner): string {
  return plan.ref.namespace ?? '';
}

/** That the routing of an Ingress is what it is by a quirk. */
export function quirkProblem(quirk: QuirkName, plan: IngressPlan, field: string, effect: string): Problem {
  const message = `${effect}, by the quirk "${quirk}" of ingress-nginx`;
  return { code: 'QuirkInForce', severity: 'info', object: plan.ref, field, message };
}

export function nameHost(host: HostPattern): string {
  return host === '' ? 'the rules without host' : `host ${quoteValue(host)}`;
}
