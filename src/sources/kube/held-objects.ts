// HeldObjects: which objects of one resource are known, each with its uid and version. Versions are compared for equality only.
// Tells apart what is new or changed from what is known already, and what has gone.
export type RawObject = Readonly<Record<string, unknown>>;

export interface RawMeta {
  /** `namespace/name`, or the name. */
  readonly key: string;
  readonly uid: string;
  /** Empty: the object has none. */
  readonly resourceVersion: string;
}

type Held = Pick<RawMeta, 'uid' | 'resourceVersion'>;

/** Versions of objects that later ones have replaced; enough for what a confused server or proxy repeats. */
const maxPastVersions = 2_048;

export class HeldObjects {
  readonly #held = new Map<string, Held>();
  readonly #past = new Set<string>();

  /** A list is beginning: whatever it shows is the present, even where a server was restored from a backup. */
  forgetPast(): void {
    this.#past.clear();
  }

  /** True: the object is new, or another version than the known one, and none that was replaced before. */
  take({ key, uid, resourceVersion }: RawMeta): boolean {
    const known = this.#held.get(key);
    const isKnown = known !== undefined && known.uid === uid && known.resourceVersion === resourceVersion;
    if (resourceVersion !== '' && (isKnown || this.#past.has(pastKey(uid, resourceVersion)))) return false;
    if (known !== undefined) this.#remember(known);
    this.#held.set(key, { uid, resourceVersion });
    return true;
  }

  /** False: not known, or its name belongs to another object by now. */
  drop(gone: RawMeta): boolean {
    const known = this.#held.get(gone.key);
    if (known === undefined || (gone.uid !== '' && known.uid !== gone.uid)) return false;
    if (this.#past.has(pastKey(gone.uid, gone.resourceVersion))) return false;
    this.#remember(known);
    this.#remember(gone);
    return this.#held.delete(gone.key);
  }

  /** Drops what is not in `present`, and returns it. */
  keepOnly(present: ReadonlySet<string>): string[] {
    const gone = [...this.#held].filter(([key]) => !present.has(key));
    for (const [key, known] of gone) {
      this.#remember(known);
      this.#held.delete(key);
    }
    return gone.map(([key]) => key);
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  keys(): string[] {
    return [...this.#held.keys()];
  }

  get size(): number {
    return this.#held.size;
  }

  #remember({ uid, resourceVersion }: Held): void {
    if (resourceVersion === '') return;
    this.#past.add(pastKey(uid, resourceVersion));
    if (this.#past.size <= maxPastVersions) return;
    for (const oldest of this.#past) {
      this.#past.delete(oldest);
      return;
    }
  }
}

function pastKey(uid: string, resourceVersion: string): string {
  return `${uid} ${resourceVersion}`;
}

export function isRawObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null: the object has no name. */
export function readMeta(object: RawObject): RawMeta | null {
  const { metadata } = object;
  if (!isRawObject(metadata)) return null;
  const { name, namespace, uid, resourceVersion } = metadata;
  if (typeof name !== 'string' || name === '') return null;
  const hasNamespace = typeof namespace === 'string' && namespace !== '';
  return {
    key: hasNamespace ? `${namespace}/${name}` : name,
    uid: typeof uid === 'string' ? uid : '',
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
  };
}

/** `metadata.resourceVersion` of an object, a list or a bookmark; empty: none. */
export function versionOf(object: RawObject): string {
  const { metadata } = object;
  const version = isRawObject(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : '';
}
