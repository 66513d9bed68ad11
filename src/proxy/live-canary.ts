// LiveCanary: the second side of a route, ready for requests: the same route with other endpoints, and the choice between the two. The
// order is ingress-nginx's: sessions, field, cookie, weight; nobody is sent where no endpoint is.
import { CanaryDecision, settingsOfCanary } from '../features/index.ts';
import type { Canary } from '../model/index.ts';
import { makeChoice } from './balancing/endpoint-choice.ts';
import type { CompiledRoute, RouteCompiler } from './compiled-route.ts';
import type { Exchange } from './exchange.ts';

export class LiveCanary {
  /** As the main route, to the canary's endpoints. */
  readonly route: CompiledRoute;
  readonly #decision: CanaryDecision;
  readonly #weight: number;
  readonly #total: number;

  constructor(canary: Canary, route: CompiledRoute) {
    this.route = route;
    this.#decision = new CanaryDecision(canary);
    this.#weight = canary.weight;
    this.#total = canary.total;
  }

  /** The side that a request takes, once for all its attempts. */
  choose(exchange: Exchange, main: CompiledRoute): CompiledRoute {
    const { upstream, choice } = this.route;
    if (upstream === null || upstream.eligible.length === 0) return main;
    // Without endpoints of the main upstream nobody is served, as in ingress-nginx.
    if (main.upstream === null || main.upstream.eligible.length === 0) return main;
    if (main.choice?.isBound(exchange) === true) return main;
    if (choice?.isBound(exchange) === true) return this.route;
    const verdict = this.#decision.decide(exchange.head.fields);
    if (verdict !== null) return verdict.isCanary ? this.route : main;
    return upstream.random() * this.#total < this.#weight ? this.route : main;
  }
}

/** `main` is complete but for its canary. */
export function compileCanary(
  canary: Canary,
  main: CompiledRoute,
  host: string,
  { features, metrics, lookupUpstream }: RouteCompiler,
): LiveCanary {
  const upstream = lookupUpstream(canary.upstream) ?? null;
  const settings = settingsOfCanary(features, main.settings, canary.policies);
  const { namespace, ingress, service, path } = main.route.labels;
  const alternativeName = upstream?.name ?? '';
  return new LiveCanary(canary, {
    ...main,
    canary: null,
    settings,
    upstream,
    choice: makeChoice(upstream, settings),
    metrics: metrics.ensureRoute({ namespace, ingress, service, path, host, canary: alternativeName }),
    alternativeName,
  });
}
