// The quirks of a host: what its routes become by those that its Ingresses have. Without any the host stays the same object.
import type { AnnotationValues, Feature } from '../../features/index.ts';
import type { Backend, Problem, Route, VirtualHost } from '../../model/index.ts';
import { compareText } from '../../std/compare-text.ts';
import type { IngressPlan, PathClaim } from '../plan.ts';
import { quoteValue } from '../problems.ts';
import { makeRegexGroups } from './regex-groups.ts';
import { makeSlashRedirects } from './trailing-slash.ts';
import { makeUnmatchedRoute } from './unmatched-route.ts';
import { nameHost, quirkProblem, type Winner } from './winner.ts';

export interface QuirkInputs {
  /** With a rule for the host, oldest first. Not empty. */
  readonly ruling: readonly IngressPlan[];
  readonly winners: readonly Winner[];
  /** Between Ingresses, by the order that counts. */
  readonly conflicts: readonly { readonly winner: PathClaim; readonly loser: PathClaim }[];
  readonly features: readonly Feature[];
  readonly unmatched: Backend;
  readonly route: (winner: Winner, isAgain?: boolean) => Route;
  readonly valuesOf: (plan: IngressPlan) => AnnotationValues;
  readonly isDenied: (plan: IngressPlan) => boolean;
}

export function applyQuirks(plain: VirtualHost, inputs: QuirkInputs, problems: Problem[]): VirtualHost {
  const { ruling, winners, features, unmatched, route, valuesOf, isDenied } = inputs;
  const [oldest] = ruling;
  if (oldest === undefined || ruling.every(({ quirks }) => quirks.size === 0)) return plain;
  const { host, tls } = plain;
  tellOfOrder(plain, inputs, problems);
  const groups = makeRegexGroups(host, ruling, winners, (winner) => route(winner, true), problems);
  const grouped = new Set(groups.map(({ namespace }) => namespace));
  const redirects = makeSlashRedirects(host, winners, grouped, problems);
  const inherited =
    plain.fallback === null
      ? makeUnmatchedRoute(
          {
            host,
            oldest,
            values: valuesOf(oldest),
            winners,
            features,
            backend: unmatched,
            hasTls: tls !== null,
            isDenied: isDenied(oldest),
          },
          problems,
        )
      : null;
  if (groups.length + redirects.length === 0 && inherited === null) return plain;
  return {
    ...plain,
    routes: redirects.length === 0 ? plain.routes : [...redirects, ...plain.routes],
    fallback: inherited ?? plain.fallback,
    ...(groups.length > 0 && { groups }),
  };
}

/** The quirk newest-name-first, which `sortPlans` follows: who has a path by it that another would have. */
function tellOfOrder({ host }: VirtualHost, { ruling, conflicts }: QuirkInputs, problems: Problem[]): void {
  for (const { winner, loser } of conflicts) {
    const plan = ruling.find(({ key }) => key === winner.ingress);
    const isByName = winner.createdMs === loser.createdMs && compareText(winner.ingress, loser.ingress) > 0;
    if (plan === undefined || !isByName) continue;
    const effect = `path ${quoteValue(winner.route.match.path)} of ${nameHost(host)} belongs to this Ingress and not to ${loser.ingress}, which is as old`;
    problems.push(quirkProblem('newest-name-first', plan, `${winner.field}.path`, effect));
  }
}
