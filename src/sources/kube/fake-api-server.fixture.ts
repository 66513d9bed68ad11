// FakeApiServer: an API server in memory as an ApiClient: lists with pages and selectors, watches with history, versions,
// permissions, and the faults that a test wants.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { matchesLabels, parseLabelSelector } from '../../kube/index.ts';
import {
  type ApiCall,
  type ApiClient,
  type ApiReply,
  ApiStatusError,
  ApiUnavailableError,
  type ApiWatchFrame,
  expectOk,
} from './api-client.ts';

interface FakeMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface FakeObject {
  readonly metadata: FakeMeta;
  readonly [field: string]: unknown;
}

interface Change {
  readonly version: number;
  readonly collection: string;
  readonly before: FakeObject | null;
  readonly after: FakeObject | null;
}

interface OpenWatch {
  readonly target: Target;
  /** Highest version that it was sent. */
  sentVersion: number;
  readonly onFrame: (frame: ApiWatchFrame) => void;
  readonly end: (error?: Error) => void;
}

/** What a path and its selectors mean. */
interface Target {
  /** e.g. `/api/v1/services`. */
  readonly collection: string;
  readonly matches: (object: FakeObject) => boolean;
}

export type Fault = (call: ApiCall, isWatch: boolean) => ApiReply | Error | null;

export class FakeApiServer implements ApiClient {
  readonly calls: ApiCall[] = [];
  readonly watchCalls: ApiCall[] = [];
  /** First that says something wins. */
  readonly faults: Fault[] = [];
  /** Collections that are served. */
  readonly #objects = new Map<string, Map<string, FakeObject>>();
  readonly #watches = new Set<OpenWatch>();
  #history: Change[] = [];
  #version = 100;
  #forgottenVersion = 0;
  #uids = 0;
  /** False: frames wait until `pump`. */
  isPrompt = true;

  constructor(collections: readonly string[]) {
    for (const collection of collections) this.#objects.set(collection, new Map());
  }

  serve(collection: string): void {
    this.#objects.set(collection, new Map());
  }

  /** Creates or changes. `key`: `namespace/name` or a name. */
  put(collection: string, key: string, fields: Readonly<Record<string, unknown>> = {}): FakeObject {
    const before = this.#collection(collection).get(key) ?? null;
    const [name = '', namespace] = key.split('/').toReversed();
    const { labels, annotations, ...rest } = fields;
    const after: FakeObject = {
      ...rest,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(labels === undefined ? {} : { labels: labels as Readonly<Record<string, string>> }),
        ...(annotations === undefined
          ? {}
          : { annotations: annotations as Readonly<Record<string, string>> }),
        uid: before?.metadata.uid ?? `uid-${(this.#uids += 1)}`,
        resourceVersion: String((this.#version += 1)),
      },
    };
    this.#collection(collection).set(key, after);
    this.#changed({ version: this.#version, collection, before, after });
    return after;
  }

  delete(collection: string, key: string): void {
    const before = this.#collection(collection).get(key);
    if (before === undefined) return;
    this.#collection(collection).delete(key);
    this.#changed({ version: (this.#version += 1), collection, before, after: null });
  }

  get(collection: string, key: string): FakeObject | undefined {
    return this.#objects.get(collection)?.get(key);
  }

  all(collection: string): ReadonlyMap<string, FakeObject> {
    return this.#collection(collection);
  }

  /** Forgets what happened until now, also what a watch has not been sent yet. */
  compact(): void {
    this.#forgottenVersion = this.#version;
    this.#history = [];
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    for (const watch of this.#watches) {
      if (watch.sentVersion < this.#version) watch.onFrame({ type: 'ERROR', object });
    }
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Ends the watches of a collection, or all: well, or with an error. */
  endWatches(error?: Error, collection?: string): void {
    for (const watch of this.#watches) {
      if (collection === undefined || watch.target.collection === collection) watch.end(error);
    }
  }

  /** Sends a frame as it is. */
  send(frame: ApiWatchFrame): void {
    for (const watch of this.#watches) watch.onFrame(frame);
  }

  bookmark(): void {
    for (const watch of this.#watches) {
      watch.sentVersion = this.#version;
      watch.onFrame(bookmarkOf(this.#version));
    }
  }

  /** Sends what waits; at most so many frames to each watch. */
  pump(maxFrames = Number.POSITIVE_INFINITY): void {
    for (const watch of this.#watches) {
      let count = 0;
      for (const change of this.#history) {
        if (change.version <= watch.sentVersion) continue;
        if (count >= maxFrames || !this.#watches.has(watch)) break;
        watch.sentVersion = change.version;
        const frame = frameOf(change, watch.target);
        if (frame === null) continue;
        count += 1;
        watch.onFrame(frame);
      }
    }
  }

  async call(call: ApiCall): Promise<ApiReply> {
    await nextTurn();
    if (call.signal?.aborted === true) throw new ApiUnavailableError('the call was cancelled');
    this.calls.push(call);
    return this.#faultOf(call, false) ?? this.#read(call);
  }

  async watch(call: ApiCall, onFrame: (frame: ApiWatchFrame) => void, onOpen?: () => void): Promise<void> {
    await nextTurn();
    if (call.signal?.aborted === true) return;
    this.watchCalls.push(call);
    const fault = this.#faultOf(call, true);
    if (fault !== null) expectOk(fault);
    const target = this.#targetOf(call);
    if (target === null) throw new ApiStatusError(404, 'NotFound', 'not served');
    const version = Number(call.query?.['resourceVersion']);
    if (version < this.#forgottenVersion) throw new ApiStatusError(410, 'Expired', 'too old');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const watch: OpenWatch = {
      target,
      sentVersion: version,
      onFrame,
      end: (error) => {
        this.#watches.delete(watch);
        if (error === undefined) resolve();
        else reject(error);
      },
    };
    const onAbort = (): void => watch.end();
    call.signal?.addEventListener('abort', onAbort);
    this.#watches.add(watch);
    onOpen?.();
    if (this.isPrompt) this.pump();
    try {
      await promise;
    } finally {
      call.signal?.removeEventListener('abort', onAbort);
    }
  }

  #collection(name: string): Map<string, FakeObject> {
    const found = this.#objects.get(name);
    if (found === undefined) throw new Error(`the collection "${name}" is not served`);
    return found;
  }

  #changed(change: Change): void {
    this.#history.push(change);
    if (this.isPrompt) this.pump();
  }

  #faultOf(call: ApiCall, isWatch: boolean): ApiReply | null {
    for (const fault of this.faults) {
      const outcome = fault(call, isWatch);
      if (outcome instanceof Error) throw outcome;
      if (outcome !== null) return outcome;
    }
    return null;
  }

  /** One object by name, or a list. */
  #read(call: ApiCall): ApiReply {
    const target = this.#targetOf(call);
    if (target === null) {
      const [, collection = '', namespace = '', rest = ''] =
        /^(.*?)\/namespaces\/([^/]+)\/(.+)$/.exec(call.path) ?? [];
      const [resource = '', name = ''] = rest.split('/');
      const object = this.get(`${collection}/${resource}`, `${namespace}/${name}`);
      return object === undefined ? refusal(404, 'NotFound') : success(object);
    }
    const items = [...this.#collection(target.collection).values()].filter(target.matches);
    const { limit = '', continue: next = '' } = call.query ?? {};
    if (next === '') return this.#page(items, 0, limit, this.#version);
    const [version = 0, from = 0] = next.split(' ').map(Number);
    if (version < this.#forgottenVersion) return refusal(410, 'Expired');
    // A page shows the state of its version; the fake has only the present one, and so says expired once it is another.
    if (version !== this.#version) return refusal(410, 'Expired');
    return this.#page(items, from, limit, version);
  }

  #page(items: readonly FakeObject[], from: number, limit: string, version: number): ApiReply {
    const until = limit === '' ? items.length : from + Number(limit);
    const hasMore = until < items.length;
    return success({
      metadata: {
        resourceVersion: String(version),
        ...(hasMore ? { continue: `${version} ${until}` } : {}),
      },
      items: items.slice(from, until),
    });
  }

  /** Null: not a collection that is served. */
  #targetOf({ path, query = {} }: ApiCall): Target | null {
    const [, prefix = '', namespace = '', resource = ''] =
      /^(.*?)\/namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const collection = namespace === '' ? path : `${prefix}/${resource}`;
    if (!this.#objects.has(collection)) return null;
    const labels = parseLabelSelector(query['labelSelector'] ?? '');
    if (labels.kind === 'invalid') throw new Error(labels.message);
    const fields = (query['fieldSelector'] ?? '').split(',').filter((item) => item !== '');
    return {
      collection,
      matches: (object) =>
        (namespace === '' || object.metadata.namespace === namespace) &&
        matchesLabels(labels.selector, object.metadata.labels) &&
        fields.every((field) => matchesField(field, object)),
    };
  }
}

function matchesField(field: string, object: FakeObject): boolean {
  const [, name = '', operator = '', wanted = ''] = /^(.*?)(!=|=)(.*)$/.exec(field) ?? [];
  const value = name === 'metadata.name' ? object.metadata.name : object[name];
  const actual = typeof value === 'string' ? value : '';
  return (actual === wanted) === (operator === '=');
}

function frameOf({ version, collection, before, after }: Change, target: Target): ApiWatchFrame | null {
  if (collection !== target.collection) return null;
  const matched = before !== null && target.matches(before);
  const matches = after !== null && target.matches(after);
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', object: after };
  if (!matched) return null;
  // The last state, with the version of its end.
  return {
    type: 'DELETED',
    object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } },
  };
}

export function bookmarkOf(version: number): ApiWatchFrame {
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version) } } };
}

export function success(value: unknown): ApiReply {
  return { status: 200, value, retryAfterMs: null };
}

export function refusal(status: number, reason: string, retryAfterMs: number | null = null): ApiReply {
  return {
    status,
    value: { kind: 'Status', status: 'Failure', code: status, reason, message: `${reason}: refused` },
    retryAfterMs,
  };
}
