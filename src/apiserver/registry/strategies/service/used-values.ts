// Which cluster addresses and node ports are taken: an index of the Services that are stored, made once per store and kept in step by
// a watch, so that choosing a value costs the same with ten Services and with ten thousand. What was given in this turn of the event
// loop and is not committed yet (a batch) counts too, and is compared with the store when the turn ends.
import { parseIpSloppy, type Service } from '../../../../kube/index.ts';
import type { ApiObject } from '../../../api-object.ts';
import type { ObjectStore, StoredKey } from '../../../storage/store.ts';

export const serviceStorage = 'core/services';

/** Numbers that are taken by others. */
export interface TakenNumbers {
  /** At least as many as there are. */
  readonly size: number;
  readonly has: (value: number) => boolean;
}

export interface UsedValues {
  /** IPv4 addresses as numbers. */
  readonly addresses: TakenNumbers;
  /** Of nodes, those of health checks among them. */
  readonly ports: ReadonlySet<number>;
}

interface HeldValues {
  readonly addresses: readonly number[];
  readonly ports: readonly number[];
}

const indexes = new WeakMap<ObjectStore, UsedIndex>();

/** The index of a store, which lives as long as the store. */
export function usedIndexOf(store: ObjectStore): UsedIndex {
  const known = indexes.get(store);
  if (known !== undefined) return known;
  const index = new UsedIndex(store);
  indexes.set(store, index);
  return index;
}

export class UsedIndex {
  readonly #store: ObjectStore;
  readonly #addresses = new Map<number, string>();
  readonly #ports = new Map<number, string>();
  readonly #held = new Map<string, HeldValues>();
  /** Services whose values were given in this turn. */
  readonly #given = new Map<string, StoredKey>();

  constructor(store: ObjectStore) {
    this.#store = store;
    const { objects, revision } = store.list({ resource: serviceStorage, namespace: null });
    for (const object of objects) this.#set(ownerOf(object), object);
    store.watch(serviceStorage, null, revision, ({ key }) => this.#refresh(key));
  }

  /** What all Services but `self` have. */
  othersThan(self: Service): UsedValues {
    const owner = ownerOf(self);
    const addresses = this.#addresses;
    return {
      addresses: {
        size: addresses.size,
        has: (address) => (addresses.get(address) ?? owner) !== owner,
      },
      ports: new Set([...this.#ports].flatMap(([port, holder]) => (holder === owner ? [] : [port]))),
    };
  }

  /** These values are given away, though nothing of them is stored yet. */
  give(service: Service): void {
    const { namespace = '', name } = service.metadata;
    if (this.#given.size === 0) queueMicrotask(() => this.#settle());
    this.#given.set(ownerOf(service), { resource: serviceStorage, namespace, name });
    this.#set(ownerOf(service), service);
  }

  /** A write that was refused, or was only tried, gave nothing. */
  #settle(): void {
    for (const key of this.#given.values()) this.#refresh(key);
    this.#given.clear();
  }

  #refresh(key: StoredKey): void {
    this.#set(`${key.namespace}/${key.name}`, this.#store.get(key));
  }

  #set(owner: string, object: ApiObject | Service | null): void {
    const before = this.#held.get(owner);
    release(this.#addresses, before?.addresses, owner);
    release(this.#ports, before?.ports, owner);
    if (object === null) {
      this.#held.delete(owner);
      return;
    }
    // Objects of this storage were written through the strategy of Services.
    const values = valuesOf(object as Service);
    for (const address of values.addresses) this.#addresses.set(address, owner);
    for (const port of values.ports) this.#ports.set(port, owner);
    this.#held.set(owner, values);
  }
}

function release(taken: Map<number, string>, values: readonly number[] = [], owner: string): void {
  for (const value of values) if (taken.get(value) === owner) taken.delete(value);
}

function ownerOf({ metadata }: Pick<Service, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function valuesOf({ spec }: Service): HeldValues {
  const ports = [...(spec.ports ?? []).map(({ nodePort = 0 }) => nodePort), spec.healthCheckNodePort ?? 0];
  return {
    addresses: (spec.clusterIPs ?? []).map(parseAddress).filter((address) => address !== null),
    ports: ports.filter((port) => port !== 0),
  };
}

/** An IPv4 address as a number; null for `None` and everything else. */
export function parseAddress(text: string): number | null {
  const bytes = parseIpSloppy(text);
  return bytes?.length === 4 ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : null;
}

export function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
