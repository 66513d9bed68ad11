// ReplicaCount: how many replicas of this program are ready, by the EndpointSlices of their Service. Limits of clients are divided by it.
import { effectiveConditions, type EndpointSlice, serviceOfSlice } from '../kube/index.ts';
import { type ObjectKey, objectKey } from '../model/index.ts';
import type { ObjectChange } from '../sources/index.ts';

export class ReplicaCount {
  readonly #service: ObjectKey;
  /** Of the Service, by their names. */
  readonly #slices = new Map<ObjectKey, EndpointSlice>();

  constructor(service: ObjectKey) {
    this.#service = service;
  }

  /** At least one: this replica serves, whether it is told as ready or not. */
  get current(): number {
    const byFamily = new Map<string, Set<string>>();
    for (const { addressType, endpoints } of this.#slices.values()) {
      const ready = byFamily.get(addressType) ?? new Set();
      byFamily.set(addressType, ready);
      for (const { addresses, conditions } of endpoints) {
        const [address] = addresses;
        if (address !== undefined && effectiveConditions(conditions).ready) ready.add(address);
      }
    }
    // A replica of two families is in a slice of each.
    return Math.max(1, ...[...byFamily.values()].map((ready) => ready.size));
  }

  take(changes: readonly ObjectChange[]): void {
    for (const change of changes) {
      if (change.kind === 'set') {
        const { object } = change;
        if (object.kind === 'EndpointSlice') this.#set(object);
      } else if (change.ref.kind === 'EndpointSlice') {
        this.#slices.delete(objectKey(change.ref.namespace ?? '', change.ref.name));
      }
    }
  }

  #set(slice: EndpointSlice): void {
    const { namespace = '', name } = slice.metadata;
    const key = objectKey(namespace, name);
    const service = serviceOfSlice(slice);
    // A slice may be given to another Service by its label.
    if (service !== undefined && objectKey(namespace, service) === this.#service)
      this.#slices.set(key, slice);
    else this.#slices.delete(key);
  }
}
