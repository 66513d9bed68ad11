// Mirror: one reflector of a KubeSource with its resource, its namespace and its place in readiness, log and metrics.
import type { ApiClient } from './api-client.ts';
import type { ObjectIntake } from './object-intake.ts';
import { Reflector } from './reflector.ts';
import type { ReflectorState } from './reflector-record.ts';
import type { ContactLog } from './source-log.ts';
import type { Timing } from './timing.ts';
import { collectionPath, type WatchedResource } from './watched-resources.ts';

/** Where the objects of a mirror go: the intake, or what decides about namespaces. */
export type ObjectSink = Pick<ObjectIntake, 'set' | 'removed'>;

export interface MirrorParts {
  readonly client: ApiClient;
  readonly timing: Timing;
  readonly objects: ObjectSink;
  readonly contact: ContactLog;
  /** A list was taken or refused, or an object answered for: readiness and ways of reading may change. */
  readonly onProgress: (of: 'list' | 'object') => void;
}

export interface MirrorOptions {
  readonly resource: WatchedResource;
  /** Null: all, or no namespaced resource. */
  readonly namespace: string | null;
  /** Selectors besides the resource's own; a field selector takes the place of its. */
  readonly query?: Readonly<Record<string, string>>;
  /** True: 403 and 404 are ordinary. */
  readonly isOptional?: boolean;
  readonly onRefused?: (status: 403 | 404, message: string) => void;
}

export class Mirror {
  readonly resource: WatchedResource;
  readonly namespace: string | null;
  readonly #reflector: Reflector;
  readonly #parts: MirrorParts;
  #isRefused = false;
  #isStopped = false;

  constructor(parts: MirrorParts, options: MirrorOptions) {
    const { resource, namespace, query = {}, isOptional = false, onRefused } = options;
    const { client, timing, objects, contact, onProgress } = parts;
    this.resource = resource;
    this.namespace = namespace;
    this.#parts = parts;
    this.#reflector = new Reflector({
      client,
      timing,
      path: collectionPath(resource, namespace),
      query: { ...resource.query, ...query },
      isOptional,
      sink: {
        set: (key, object) => objects.set(resource, key, object),
        removed: (key) => objects.removed(resource, key),
        listed: () => {
          this.#isRefused = false;
          onProgress('list');
        },
        refused: (status, message) => {
          this.#isRefused = true;
          onRefused?.(status, message);
          onProgress('list');
        },
        trouble: (reason, status) => contact.tell(this, { resource: resource.plural, reason, status }),
      },
    });
  }

  start(): this {
    this.#reflector.start();
    return this;
  }

  /** Nothing is told after this; what was told stays. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#parts.contact.forget(this);
    await this.#reflector.stop();
  }

  /** What was refused may be there now. */
  poke(): void {
    this.#reflector.poke();
  }

  /** Stops, and tells that its objects are gone. */
  async end(): Promise<void> {
    const keys = this.#reflector.keys();
    const stopped = this.stop();
    for (const key of keys) this.#parts.objects.removed(this.resource, key);
    await stopped;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Everything that can be known at first is known. */
  get isSettled(): boolean {
    return this.#reflector.isListed || this.#isRefused;
  }

  /** It could be read at some time, whatever is said of it now. */
  get wasListed(): boolean {
    return this.#reflector.isListed;
  }

  /** What is known is kept up to date by the server's word. */
  get isReading(): boolean {
    return this.#reflector.isListed && !this.#isRefused;
  }

  has(key: string): boolean {
    return this.#reflector.has(key);
  }

  state(): ReflectorState {
    return this.#reflector.state();
  }
}
