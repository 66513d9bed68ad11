// What a source says of itself, one row per resource, summed over namespaces and names.
import type { Mirror } from './mirror.ts';
import type { ReflectorState } from './reflector-record.ts';

export interface ResourceMetrics extends ReflectorState {
  /** e.g. `ingresses`. */
  readonly resource: string;
  /** Lists and watches of this resource: one, or one per namespace or name. */
  readonly mirrors: number;
}

/** Sorted as the mirrors are. Times are the oldest, flags hold if they hold for any. */
export function sumMetrics(mirrors: readonly Mirror[]): ResourceMetrics[] {
  const groups = Map.groupBy(mirrors, ({ resource }) => resource.plural);
  return [...groups].map(([resource, members]) => {
    const states = members.map((mirror) => mirror.state());
    const sum = (count: (state: ReflectorState) => number): number =>
      states.reduce((total, state) => total + count(state), 0);
    return {
      resource,
      mirrors: members.length,
      objects: sum(({ objects }) => objects),
      lastListMs: Math.min(...states.map(({ lastListMs }) => lastListMs)),
      lastContactMs: Math.min(...states.map(({ lastContactMs }) => lastContactMs)),
      isStale: states.some(({ isStale }) => isStale),
      isRefused: states.some(({ isRefused }) => isRefused),
      relists: sum(({ relists }) => relists),
      listErrors: sum(({ listErrors }) => listErrors),
      watchErrors: sum(({ watchErrors }) => watchErrors),
      staleWatches: sum(({ staleWatches }) => staleWatches),
    };
  });
}
