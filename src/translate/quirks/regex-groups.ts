// The quirk host-wide-regex: where an Ingress asks for regular expressions, all paths of its namespace on the host are some. The plain rules
// go on to decide whose a request is, so that no other namespace gains or loses one by it.
import { forcesHostRegex } from '../../features/index.ts';
import type { HostPattern, Problem, Route, RouteGroup } from '../../model/index.ts';
import { compareText } from '../../std/compare-text.ts';
import { refusePattern } from '../path-match.ts';
import type { IngressPlan, PathClaim } from '../plan.ts';
import { quoteValue } from '../problems.ts';
import { namespaceOf, nameHost, quirkProblem, type Winner } from './winner.ts';

const quirk = 'host-wide-regex';

/** `finish`: makes the route of a claim whose match is another than that of its plan. In the order in which the namespaces came to the host. */
export function makeRegexGroups(
  host: HostPattern,
  plans: readonly IngressPlan[],
  winners: readonly Winner[],
  finish: (winner: Winner) => Route,
  problems: Problem[],
): readonly RouteGroup[] {
  const groups: RouteGroup[] = [];
  for (const [namespace, cause] of findCauses(host, plans)) {
    const plain = winners.filter((winner) => namespaceOf(winner) === namespace);
    const widened = plain.map((winner) => widen(host, winner, cause, problems)).sort(compareByText);
    tellOfOrder(host, plain, widened, cause, problems);
    groups.push({ namespace, routes: widened.map(finish) });
  }
  return groups;
}

/** By namespace: its first Ingress that makes the paths expressions. */
function findCauses(host: HostPattern, plans: readonly IngressPlan[]): ReadonlyMap<string, IngressPlan> {
  const causes = new Map<string, IngressPlan>();
  for (const plan of plans) {
    const namespace = plan.ref.namespace ?? '';
    if (plan.isDenied || !plan.quirks.has(quirk) || causes.has(namespace)) continue;
    const claims = plan.hosts.get(host)?.claims ?? [];
    if (claims.some(({ route }) => forcesHostRegex(plan.values, textOf(route)))) causes.set(namespace, plan);
  }
  return causes;
}

/** The path as it was written. */
function textOf({ labels }: Route): string {
  return labels.path === '' ? '/' : labels.path;
}

function widen(host: HostPattern, winner: Winner, cause: IngressPlan, problems: Problem[]): Winner {
  const { plan, claim } = winner;
  const { kind, path } = claim.route.match;
  if (kind === 'regex' || !plan.quirks.has(quirk)) return winner;
  const match = { kind: 'regex', path: textOf(claim.route) } as const;
  if (refusePattern(match) !== null) return winner;
  // A prefix that takes everything takes no more.
  if (path !== '/' || kind === 'exact') {
    const effect = `path ${quoteValue(match.path)} of ${nameHost(host)} is matched as a regular expression instead of as ${kind}, because of ${cause.key}`;
    problems.push(quirkProblem(quirk, plan, `${claim.field}.path`, effect));
  }
  const widened: PathClaim = {
    ...claim,
    route: { ...claim.route, match },
    context: claim.context === null ? null : { ...claim.context, path: match.path, pathKind: 'regex' },
  };
  return { plan, claim: widened };
}

/** Who goes before a path now that went before it, and was not told of anything. */
function tellOfOrder(
  host: HostPattern,
  plain: readonly Winner[],
  widened: readonly Winner[],
  cause: IngressPlan,
  problems: Problem[],
): void {
  const places = new Map(plain.map(({ claim }, index) => [claim.route.id, index]));
  let first = plain.length;
  for (const { plan, claim } of widened.toReversed()) {
    const place = places.get(claim.route.id) ?? plain.length;
    const isSame = plain[place]?.claim.route.match === claim.route.match;
    if (place > first && (isSame || isWhole(claim))) {
      const effect = `path ${quoteValue(textOf(claim.route))} of ${nameHost(host)} goes before others, as the order of the texts says, because of ${cause.key}`;
      problems.push(quirkProblem(quirk, plan, `${claim.field}.path`, effect));
    }
    first = Math.min(first, place);
  }
}

/** Takes every path, as a prefix and as an expression. */
function isWhole({ route }: PathClaim): boolean {
  return textOf(route) === '/';
}

/** The longer text first, then the later one in the alphabet; total, by age and position behind it. */
function compareByText(a: Winner, b: Winner): number {
  const [textA, textB] = [textOf(a.claim.route), textOf(b.claim.route)];
  return (
    textB.length - textA.length ||
    compareText(textB, textA) ||
    a.claim.createdMs - b.claim.createdMs ||
    compareText(a.claim.ingress, b.claim.ingress) ||
    a.claim.position - b.claim.position
  );
}
