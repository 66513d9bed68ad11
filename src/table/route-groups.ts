// RouteGroups: the routes of a host that one namespace has in an order of its own. The plain routes decide whose a request is; within a group
// a scan in order decides, in bounded steps.
import type { Route, RouteGroup } from '../model/index.ts';
import { type LinearRegex, takenSteps } from '../std/linear-regex/index.ts';
import { canonicalRulePath } from '../std/uri-path/index.ts';
import { compilePathRegex, noRank, tooCostlyRank } from './path-regex.ts';

/** What looking at one more route costs at least, in steps of a regex. */
const lookSteps = 8;

type Test =
  | { readonly kind: 'exact'; readonly path: string }
  /** `base` ends in a slash. */
  | { readonly kind: 'prefix'; readonly base: string }
  | { readonly kind: 'regex'; readonly regex: LinearRegex | null };

interface Group {
  readonly namespace: string;
  /** Position of its first route among those of all groups. */
  readonly first: number;
  readonly tests: readonly Test[];
}

export class RouteGroups {
  /** Of all groups, one behind the other. */
  readonly routes: readonly Route[];
  readonly #groups: readonly Group[];
  readonly #maxSteps: number;

  constructor(groups: readonly RouteGroup[], maxSteps: number) {
    this.routes = groups.flatMap((group) => group.routes);
    this.#maxSteps = maxSteps;
    let first = 0;
    this.#groups = groups.map(({ namespace, routes }) => {
      const group = { namespace, first, tests: routes.map(testOf) };
      first += routes.length;
      return group;
    });
  }

  /** Whether the requests of a namespace are decided here. */
  has(namespace: string): boolean {
    return this.#groups.some((group) => group.namespace === namespace);
  }

  /** A position in `routes`; `noRank` or `tooCostlyRank` else. `namespace` null: no plain route takes the request, any group may. */
  find(path: string, namespace: string | null): number {
    let steps = this.#maxSteps;
    for (const group of this.#groups) {
      if (namespace !== null && group.namespace !== namespace) continue;
      for (const [index, test] of group.tests.entries()) {
        const found = matches(test, path, steps);
        steps -= (test.kind === 'regex' ? takenSteps() : 0) + lookSteps;
        if (found === 'too-costly' || steps < 0) return tooCostlyRank;
        if (found) return group.first + index;
      }
    }
    return noRank;
  }
}

function testOf({ match }: Route): Test {
  if (match.kind === 'regex') return { kind: 'regex', regex: compilePathRegex(match) };
  const path = canonicalRulePath(match.path);
  if (match.kind === 'exact') return { kind: 'exact', path };
  return { kind: 'prefix', base: path.endsWith('/') ? path : `${path}/` };
}

function matches(test: Test, path: string, steps: number): boolean | 'too-costly' {
  if (test.kind === 'exact') return test.path === path;
  if (test.kind === 'prefix') return path.startsWith(test.base) || path === test.base.slice(0, -1);
  return test.regex?.testWithin(path, steps) ?? false;
}
