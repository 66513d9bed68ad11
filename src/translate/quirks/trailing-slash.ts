// The quirk trailing-slash-redirect: routes that send requests for `/foo` to `/foo/`, where a rule says so and no other takes them.
import { trailingSlashPolicy } from '../../features/index.ts';
import { notFoundRoute, type HostPattern, type Problem, type Route } from '../../model/index.ts';
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import { quoteValue } from '../problems.ts';
import { namespaceOf, nameHost, quirkProblem, type Winner } from './winner.ts';

const quirk = 'trailing-slash-redirect';

/** Exact routes: they go before all others that are none. `grouped`: namespaces whose paths are expressions, which know no such redirect. */
export function makeSlashRedirects(
  host: HostPattern,
  winners: readonly Winner[],
  grouped: ReadonlySet<string>,
  problems: Problem[],
): readonly Route[] {
  const asked = winners.filter(
    (winner) =>
      winner.plan.quirks.has(quirk) &&
      !winner.plan.isDenied &&
      !grouped.has(namespaceOf(winner)) &&
      endsInSlash(winner),
  );
  if (asked.length === 0) return [];
  const taken = new Set(
    winners.flatMap(({ claim }) => (claim.route.match.kind === 'regex' ? [] : [claim.route.match.path])),
  );
  const redirects = new Map<string, Route>();
  for (const winner of asked) {
    const { plan, claim } = winner;
    const path = claim.route.match.path.slice(0, -1);
    if (taken.has(path) || redirects.has(path) || isOfAnother(path, winner, winners)) continue;
    redirects.set(path, {
      id: `${claim.route.id}/slash`,
      match: { kind: 'exact', path },
      backend: notFoundRoute.backend,
      labels: claim.route.labels,
      policies: trailingSlashPolicy,
    });
    const effect = `requests for ${quoteValue(path)} of ${nameHost(host)} are redirected to ${quoteValue(`${path}/`)}`;
    problems.push(quirkProblem(quirk, plan, `${claim.field}.path`, effect));
  }
  return [...redirects.values()];
}

function endsInSlash({ claim }: Winner): boolean {
  const { kind, path } = claim.route.match;
  return kind !== 'regex' && path.length > 1 && path.endsWith('/') && !path.endsWith('//');
}

/** Whether a rule of another namespace would take the request. What is not sure counts as yes. */
function isOfAnother(path: string, own: Winner, winners: readonly Winner[]): boolean {
  const isPrefix = own.claim.route.match.kind === 'prefix';
  return winners.some((winner) => {
    if (namespaceOf(winner) === namespaceOf(own)) return false;
    const { kind, path: other } = winner.claim.route.match;
    if (kind === 'exact') return other === path;
    // A prefix of ours takes it already, before all shorter ones.
    if (kind === 'prefix') return !isPrefix && takes(other, path);
    const compiled = compileLinearRegex(other, { ignoreCase: true });
    return !compiled.ok || compiled.regex.test(path);
  });
}

function takes(prefix: string, path: string): boolean {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return `${path}/`.startsWith(base);
}
