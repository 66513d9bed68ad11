// Small readings of objects that several callers need: what an absent condition means, which Service a slice belongs to,
// when an object was made, what a label says.
import type { EndpointConditions, EndpointSlice } from './endpoint-slice-types.ts';
import type { ObjectMeta } from './object-meta.ts';

/** The label that ties a slice to its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

export interface EffectiveConditions {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** Conditions with the absent ones filled in (api discovery/v1): ready is true, serving is as ready, terminating is false. */
export function effectiveConditions(conditions: EndpointConditions | undefined): EffectiveConditions {
  const ready = conditions?.ready ?? true;
  return {
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
  };
}

/** Name of the Service that the slice belongs to, in the slice's namespace; undefined for a slice of no Service. */
export function serviceOfSlice(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name === '' ? undefined : name;
}

/** `creationTimestamp` in milliseconds since the epoch; 0 when it is absent or unreadable, which sorts as the oldest. */
export function cleanTimestamp(metadata: Pick<ObjectMeta, 'creationTimestamp'>): number {
  const atMs = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** A member of a text map (labels, annotations, data) by a key that need not be a constant; inherited members are none. */
export function lookupText(
  map: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
