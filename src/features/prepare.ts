// What the features say of one route, made ready: the same reading for the data plane, for explain and for check.
import type { Route } from '../model/index.ts';
import { defaultRouteSettings, type Feature, type RouteHooks, type RouteSettings } from './contract.ts';

export interface PreparedFeature {
  readonly feature: Feature;
  readonly policy: unknown;
  readonly hooks: RouteHooks;
}

/** The features that have a policy on the route, in their order, with their hooks. */
export function prepareFeatures(features: readonly Feature[], route: Route): PreparedFeature[] {
  const prepared: PreparedFeature[] = [];
  for (const feature of features) {
    const policy = route.policies[feature.name];
    if (policy === undefined || policy === null) continue;
    const hooks = feature.prepare?.(policy, { path: route.match.path, pathKind: route.match.kind }) ?? {};
    prepared.push({ feature, policy, hooks });
  }
  return prepared;
}

/** Those of a route, for its canary, which has `policies` of its own for the choice of an endpoint. */
export function settingsOfCanary(
  features: readonly Feature[],
  settings: RouteSettings,
  policies: Route['policies'],
): RouteSettings {
  const { spread, hash, affinity } = defaultRouteSettings;
  let changed: RouteSettings = { ...settings, spread, hash, affinity };
  for (const feature of features) {
    const policy = policies[feature.name];
    if (policy !== undefined) changed = { ...changed, ...feature.settings?.(policy) };
  }
  return changed;
}

/** The defaults, changed by what each feature contributes. */
export function settingsOf(prepared: readonly PreparedFeature[]): RouteSettings {
  let settings = defaultRouteSettings;
  for (const { feature, policy } of prepared) {
    const part = feature.settings?.(policy);
    if (part !== undefined) settings = { ...settings, ...part };
  }
  return settings;
}
