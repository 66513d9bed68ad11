// Balancer: the choice of one endpoint for one request. What may be chosen is decided elsewhere (readiness, health, zone) and
// read from `Candidates`; a balancer is told the clock and draws from the randomness it was given, so a test can play both.

/** What a balancer sees of an endpoint. */
export interface Balanced {
  /** Tells it from others of its set, and stays when it comes back: what hash rings are made of. */
  readonly label: string;
  /** Requests of this worker that are under way there. */
  readonly active: number;
  /** Above 0; 1 is the ordinary one. */
  readonly weight: number;
  /** `weight`, or less while the endpoint warms up. */
  weightAt(nowMs: number): number;
}

/** The endpoints that may be chosen now. */
export interface Candidates<Endpoint extends Balanced> {
  /** Another number whenever `eligible` is another one. */
  readonly version: number;
  /** In a stable order, without duplicates. */
  readonly eligible: readonly Endpoint[];
  /** From this time on (of the monotonic clock) all weights are the same: 0 from the start, Infinity never. */
  readonly evenFromMs: number;
  /** Requests of this worker that are under way at all of them. */
  readonly active: number;
}

export interface Balancer<Endpoint extends Balanced> {
  /**
   * Null when there is no endpoint, or all are in `tried`. `key`: a 32-bit hash, for those that choose by it. `nowMs`: the
   * monotonic clock.
   */
  select(key: number, tried: readonly Endpoint[] | null, nowMs: number): Endpoint | null;
  /** A response took this long to begin. Absent: the balancer does not want to know. */
  readonly observe?: (endpoint: Endpoint, latencyMs: number, nowMs: number) => void;
}

/** A number in [0, 1). */
export type Random = () => number;

/** Those of the list that were not tried; the list itself in the common case. */
export function untried<Endpoint>(
  list: readonly Endpoint[],
  tried: readonly Endpoint[] | null,
): readonly Endpoint[] {
  return tried === null ? list : list.filter((endpoint) => !tried.includes(endpoint));
}
