// HashRing: a ring of 2^32 places on which each endpoint has many points, made of its name alone. A key belongs to the next point
// on the ring: the same endpoint in every worker and replica; when an endpoint comes or goes only the keys of its points move.
import { hashText, mixNumber } from '../../std/murmur-hash.ts';
import type { Balanced, Candidates } from './balancer.ts';

/** Points of an endpoint of the greatest weight, as in ketama; with many endpoints the first of them suffice. */
const maxPointsPerEndpoint = 160;
const minPointsPerEndpoint = 16;
const maxPoints = 16_384;
/** A point is sorted together with its owner: place times this plus index, exact in a double. */
const ownerRoom = 2 ** 20;

export class HashRing<Endpoint extends Balanced> {
  readonly #candidates: Candidates<Endpoint>;
  #version = -1;
  /** Sorted. */
  #points = new Float64Array(0);
  #list: readonly Endpoint[] = [];

  constructor(candidates: Candidates<Endpoint>) {
    this.#candidates = candidates;
  }

  /**
   * Endpoints in the order in which a key meets them, each once, as long as `visit` returns false. The endpoint at which it
   * returned true, or null.
   */
  find(key: number, visit: (endpoint: Endpoint) => boolean): Endpoint | null {
    if (this.#version !== this.#candidates.version) this.#build();
    const count = this.#points.length;
    if (count === 0) return null;
    const start = this.#lowerBound((key >>> 0) * ownerRoom);
    const seen = new Set<Endpoint>();
    for (let step = 0; step < count; step += 1) {
      const endpoint = this.#ownerAt((start + step) % count);
      if (endpoint === undefined || seen.has(endpoint)) continue;
      if (visit(endpoint)) return endpoint;
      seen.add(endpoint);
      if (seen.size === this.#list.length) break;
    }
    return null;
  }

  #ownerAt(at: number): Endpoint | undefined {
    return this.#list[(this.#points[at] ?? 0) % ownerRoom];
  }

  /** The first point at or behind a place; 0 behind the last one. */
  #lowerBound(place: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low === this.#points.length ? 0 : low;
  }

  #build(): void {
    const { version, eligible: list } = this.#candidates;
    this.#version = version;
    this.#list = list.slice(0, ownerRoom);
    const heaviest = this.#list.reduce((most, { weight }) => Math.max(most, weight), 0);
    const share = Math.floor(maxPoints / Math.max(this.#list.length, 1));
    const most = Math.min(Math.max(share, minPointsPerEndpoint), maxPointsPerEndpoint);
    const counts = this.#list.map(({ weight }) => Math.max(1, Math.round((most * weight) / heaviest)));
    const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
    let at = 0;
    for (const [index, endpoint] of this.#list.entries()) {
      const seed = hashText(endpoint.label);
      const end = at + (counts[index] ?? 0);
      for (let n = 1; at < end; n += 1, at += 1)
        points[at] = mixNumber(seed + Math.imul(n, 0x9e3779b1)) * ownerRoom + index;
    }
    this.#points = points.sort();
  }
}
