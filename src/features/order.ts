// The order in which features act on one request, made from their `after` constraints.
import type { Feature } from './contract.ts';

/**
 * Features in an order that satisfies every `after`; where that leaves a choice, the order given. Throws on a cycle, on a name
 * used twice and on an `after` that names no feature: mistakes of the programmer, found when the module loads.
 */
export function sortFeatures(features: readonly Feature[]): readonly Feature[] {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  if (byName.size !== features.length) throw new Error('two features have the same name');
  const sorted = new Set<Feature>();
  const open: string[] = [];
  const visit = (feature: Feature): void => {
    if (sorted.has(feature)) return;
    if (open.includes(feature.name)) {
      throw new Error(`features act after each other: ${[...open, feature.name].join(' after ')}`);
    }
    open.push(feature.name);
    for (const name of feature.after) {
      const earlier = byName.get(name);
      if (earlier === undefined)
        throw new Error(`feature "${feature.name}" acts after "${name}", which does not exist`);
      visit(earlier);
    }
    open.pop();
    sorted.add(feature);
  };
  for (const feature of features) visit(feature);
  return [...sorted];
}
