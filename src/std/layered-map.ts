// Immutable maps that are cheap to derive from one another: a change of one entry among ten thousand copies neither the ten
// thousand nor a tree. A derived map is a shared base and a small layer of changes over it; when the layer has grown to about
// the square root of the base, both become one plain Map again. So a lookup is one `Map.get`, or two soon after a change.
// Never compare two such maps with a deep-equality function: their entries are private. Compare `[...map]`.

/** In a layer: the base has this key, the map does not. */
const removed = Symbol('removed');

type Layer<Key, Value> = ReadonlyMap<Key, Value | typeof removed>;

/** A base of at most this size is copied at once. */
const smallBaseSize = 64;

/** A base and a layer of changes. Made by `deriveMap` only. Iteration: the base's order, then what the layer added. */
export class LayeredMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #base: ReadonlyMap<Key, Value>;
  readonly #layer: Layer<Key, Value>;
  readonly size: number;

  constructor(base: ReadonlyMap<Key, Value>, layer: Layer<Key, Value>) {
    this.#base = base;
    this.#layer = layer;
    let size = base.size;
    for (const [key, value] of layer) {
      if (value === removed) size -= 1;
      else if (!base.has(key)) size += 1;
    }
    this.size = size;
  }

  get(key: Key): Value | undefined {
    const changed = this.#layer.get(key);
    if (changed === undefined) return this.#base.get(key);
    return changed === removed ? undefined : changed;
  }

  has(key: Key): boolean {
    const changed = this.#layer.get(key);
    return changed === undefined ? this.#base.has(key) : changed !== removed;
  }

  *entries(): Generator<[Key, Value], undefined> {
    for (const [key, value] of this.#base) {
      const changed = this.#layer.get(key);
      if (changed === undefined) yield [key, value];
      else if (changed !== removed) yield [key, changed];
    }
    for (const [key, value] of this.#layer) {
      if (value !== removed && !this.#base.has(key)) yield [key, value];
    }
    return undefined;
  }

  *keys(): Generator<Key, undefined> {
    for (const [key] of this.entries()) yield key;
    return undefined;
  }

  *values(): Generator<Value, undefined> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  [Symbol.iterator](): Generator<[Key, Value], undefined> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** The next map: see `deriveMap`. */
  derive(set: Iterable<readonly [Key, Value]>, gone: Iterable<Key>): ReadonlyMap<Key, Value> {
    return settle(this.#base, extendLayer(this.#base, new Map(this.#layer), set, gone));
  }
}

/**
 * A map with some entries set and some removed; the one given stays as it is, and must never be changed afterwards. A key that
 * is both removed and set is set. Values may not be `undefined`. Time: the number of changes, plus on average the square root of the size.
 */
export function deriveMap<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  set: Iterable<readonly [Key, Value]>,
  gone: Iterable<Key>,
): ReadonlyMap<Key, Value> {
  if (map instanceof LayeredMap) return (map as LayeredMap<Key, Value>).derive(set, gone);
  return settle(map, extendLayer(map, new Map(), set, gone));
}

function extendLayer<Key, Value>(
  base: ReadonlyMap<Key, Value>,
  layer: Map<Key, Value | typeof removed>,
  set: Iterable<readonly [Key, Value]>,
  gone: Iterable<Key>,
): Layer<Key, Value> {
  for (const key of gone) {
    if (base.has(key)) layer.set(key, removed);
    else layer.delete(key);
  }
  for (const [key, value] of set) layer.set(key, value);
  return layer;
}

/** Keeps the layer while it is small, else folds it into a copy of its base. */
function settle<Key, Value>(
  base: ReadonlyMap<Key, Value>,
  layer: Layer<Key, Value>,
): ReadonlyMap<Key, Value> {
  if (layer.size === 0) return base;
  if (base.size > smallBaseSize && layer.size <= 2 * Math.sqrt(base.size))
    return new LayeredMap<Key, Value>(base, layer);
  const folded = new Map(base);
  for (const [key, value] of layer) {
    if (value === removed) folded.delete(key);
    else folded.set(key, value);
  }
  return folded;
}
