// The quirk inherit-oldest-settings: requests that no rule of a host takes get what the annotations of its oldest Ingress say.
import { isDeepStrictEqual } from 'node:util';
import type { AnnotationValues, Feature } from '../../features/index.ts';
import {
  type Backend,
  type HostPattern,
  notFoundRoute,
  type Problem,
  type Route,
} from '../../model/index.ts';
import { compilePolicies } from '../compile-route.ts';
import type { IngressPlan } from '../plan.ts';
import { deniedBackend } from '../plan-backend.ts';
import { nameHost, quirkProblem, type Winner } from './winner.ts';

const quirk = 'inherit-oldest-settings';
const noValues: AnnotationValues = new Map();

export interface UnmatchedInputs {
  readonly host: HostPattern;
  /** The oldest Ingress with a rule for the host. */
  readonly oldest: IngressPlan;
  /** Its values, and those that hold for the whole host. */
  readonly values: AnnotationValues;
  readonly winners: readonly Winner[];
  readonly features: readonly Feature[];
  /** Who answers without the quirk. */
  readonly backend: Backend;
  readonly hasTls: boolean;
  /** The paths of the oldest are denied. */
  readonly isDenied: boolean;
}

/** Null: nothing is inherited. */
export function makeUnmatchedRoute(inputs: UnmatchedInputs, problems: Problem[]): Route | null {
  const { host, oldest, values, winners, features, backend, hasTls, isDenied } = inputs;
  if (host === '' || !oldest.quirks.has(quirk)) return null;
  const takesAll = winners.some(
    ({ claim: { route } }) => route.match.kind === 'prefix' && route.match.path === '/',
  );
  if (takesAll) return null;
  // As for its own paths; null: they are denied.
  const own = oldest.hosts.get(host)?.claims[0]?.context ?? null;
  if (own === null && !isDenied) return null;
  const compile = (given: AnnotationValues): Route['policies'] =>
    own === null || isDenied
      ? {}
      : compilePolicies(features, given, { ...own, path: '/', pathKind: 'prefix' }).policies;
  const policies = compile(values);
  const plain = compile(noValues);
  // Where the host has no TLS, what everybody has changes nothing.
  const isPlain = isDeepStrictEqual(policies, plain) && !hasTls;
  if (isPlain && !isDenied) return null;
  const effect = `requests that no rule of ${nameHost(host)} takes get what the annotations of this Ingress say, which is the oldest there`;
  problems.push(quirkProblem(quirk, oldest, 'metadata.annotations', effect));
  return {
    ...notFoundRoute,
    id: `ingress/${oldest.key}/unmatched`,
    backend: isDenied ? deniedBackend : backend,
    labels: { ...notFoundRoute.labels, namespace: oldest.ref.namespace ?? '', ingress: oldest.ref.name },
    policies,
  };
}
