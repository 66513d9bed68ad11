// A handler over a store in memory and two small kinds, with a clock, timers and names that tests set.
import assert from 'node:assert/strict';
import { invalidError, validateObjectMeta, validateObjectMetaUpdate } from '../../kube/index.ts';
import { always, int32, listOf, pointer, structOf, text, textList, textMap } from '../../kube/schema.ts';
import { objectMeta } from '../../kube/schemas/meta.ts';
import { checkSubdomainName } from '../../kube/names.ts';
import type { ApiObject } from '../api-object.ts';
import type { Registry, Resource, ResourceVersion, Strategy } from '../registry/resource.ts';
import { memoryPath, type ObjectStore, openStore, type StoreOptions } from '../storage/index.ts';
import type { ApiRequest, ApiResponse, ValueResponse, WatchFrame } from './api-request.ts';
import { createApiHandler } from './handler.ts';
import type { RestParts, StartTimer } from './parts.ts';
import { sameValue } from './same-value.ts';

function widgetSchema(sizeField: string) {
  const spec = structOf('v1.WidgetSpec', {
    [sizeField]: pointer(1, int32),
    color: text,
    tags: textList,
    parts: listOf(structOf('v1.Part', { name: always(text), count: int32 }), {
      listType: 'map',
      mapKeys: ['name'],
      patchMergeKey: 'name',
    }),
  });
  return structOf('v1.Widget', {
    apiVersion: always(text),
    kind: always(text),
    metadata: always(objectMeta),
    spec: always(spec),
    status: structOf('v1.WidgetStatus', { phase: text, notes: textMap }),
  });
}

function renameSize(object: ApiObject, from: string, to: string, apiVersion: string): ApiObject {
  const spec = Object.fromEntries(
    Object.entries(object['spec'] ?? {}).map(([name, value]) => [name === from ? to : name, value]),
  );
  return { ...object, apiVersion, spec };
}

/** v1 is stored; v1beta1 calls `size` `width`. Color defaults to red. */
function widgetVersions(group: string): ResourceVersion[] {
  const colored = (object: ApiObject): ApiObject => ({
    ...object,
    spec: { color: 'red', ...(object['spec'] as object) },
  });
  return [
    {
      version: 'v1',
      schema: widgetSchema('size'),
      deprecation: null,
      toStorage: colored,
      fromStorage: (object) => object,
    },
    {
      version: 'v1beta1',
      schema: widgetSchema('width'),
      deprecation: `${group}/v1beta1 Widget is deprecated`,
      toStorage: (object) => colored(renameSize(object, 'width', 'size', `${group}/v1`)),
      fromStorage: (object) => renameSize(object, 'size', 'width', `${group}/v1beta1`),
    },
  ];
}

const specOf = (object: ApiObject): Readonly<Record<string, unknown>> =>
  (object['spec'] ?? {}) as Readonly<Record<string, unknown>>;

function colorOf(object: ApiObject): string {
  const { color } = specOf(object);
  return typeof color === 'string' ? color : '';
}

/** A size below zero is invalid; status belongs to /status; generations count the spec. */
export function widgetStrategy(namespaced: boolean, traits: Partial<Strategy> = {}): Strategy {
  const rules = { namespaced, checkName: checkSubdomainName };
  const validateSpec = (object: ApiObject) => {
    const { size = 0 } = specOf(object);
    return Number(size) < 0 ? [invalidError('spec.size', size, 'must not be negative')] : [];
  };
  return {
    prepareCreate: ({ status: _status, ...object }) => object,
    prepareUpdate: (next, old, { subresource }) =>
      subresource === 'status' ? { ...next, spec: old['spec'] } : { ...next, status: old['status'] },
    validateCreate: (object) => [...validateObjectMeta(object.metadata, rules), ...validateSpec(object)],
    validateUpdate: (next, old) => [
      ...validateObjectMetaUpdate(next.metadata, old.metadata),
      ...validateSpec(next),
    ],
    warnings: (object) => (specOf(object)['color'] === 'beige' ? ['beige is out of fashion'] : []),
    countsGeneration: (next, old) => !sameValue(next['spec'], old['spec']),
    allowsCreateOnUpdate: false,
    allowsUnconditionalUpdate: true,
    resetFields: { '': ['status'], status: ['spec'] },
    ...traits,
  };
}

export function widgetResource(traits: Partial<Resource> = {}): Resource {
  const { namespaced = true, plural = 'widgets', group = 'example.com' } = traits;
  return {
    group,
    plural,
    singular: plural.slice(0, -1),
    kind: 'Widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced,
    storage: `${group}/${plural}`,
    storageApiVersion: `${group}/v1`,
    versions: widgetVersions(group),
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: ['status'],
    strategy: widgetStrategy(namespaced),
    selectableFields: new Map([['spec.color', colorOf]]),
    printer: {
      columns: [
        { name: 'Name', type: 'string', format: 'name', description: 'Name.', priority: 0 },
        { name: 'Color', type: 'string', format: '', description: 'Color.', priority: 0 },
      ],
      cells: (object) => [object.metadata.name, colorOf(object)],
    },
    doc: 'A widget.',
    ...traits,
  };
}

export const widgets: Resource = widgetResource();
/** Cluster-scoped, created by PUT, always with a version on update. */
export const gadgets: Resource = widgetResource({
  plural: 'gadgets',
  kind: 'Gadget',
  listKind: 'GadgetList',
  namespaced: false,
  strategy: widgetStrategy(false, { allowsCreateOnUpdate: true, allowsUnconditionalUpdate: false }),
  selectableFields: new Map(),
});

export function registryOf(resources: readonly Resource[]): Registry {
  const serves = (resource: Resource, version: string): boolean =>
    resource.versions.some((each) => each.version === version);
  return {
    resources: () => resources,
    lookup: (group, version, plural) =>
      resources.find((each) => each.group === group && each.plural === plural && serves(each, version)) ??
      null,
    lookupKind: (group, version, kind) =>
      resources.find((each) => each.group === group && each.kind === kind && serves(each, version)) ?? null,
    version: () => 1,
  };
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export class FakeTime {
  nowMs = Date.parse('2026-01-02T03:04:05.678Z');
  readonly #timers = new Set<Timer>();

  readonly startTimer: StartTimer = (delayMs, run) => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = untilMs;
  }
}

export interface Call {
  readonly query?: string;
  readonly body?: unknown;
  readonly bytes?: string | Uint8Array;
  readonly accept?: string;
  readonly contentType?: string;
  readonly userAgent?: string;
}

export interface OpenWatch {
  readonly frames: WatchFrame[];
  readonly isEnded: () => boolean;
  readonly stop: () => void;
  /** `TYPE name@version` of each frame. */
  readonly lines: () => string[];
}

export class TestApi {
  readonly time = new FakeTime();
  readonly store: ObjectStore;
  readonly logged: unknown[] = [];
  readonly #handle: (request: ApiRequest) => ApiResponse;
  #uids = 0;
  suffixes: string[] = [];

  constructor(
    resources: readonly Resource[] | Registry = [widgets, gadgets],
    parts: Partial<RestParts> = {},
    storeOptions: Partial<StoreOptions> = {},
  ) {
    this.store = openStore({ path: memoryPath, nowMs: () => this.time.nowMs, ...storeOptions });
    const log = (fields: object, message: string): void => void this.logged.push({ ...fields, message });
    this.#handle = createApiHandler({
      registry: 'lookup' in resources ? resources : registryOf(resources),
      store: this.store,
      admissions: [],
      discovery: () => null,
      nowMs: () => this.time.nowMs,
      randomUuid: () => `uid-${(this.#uids += 1)}`,
      randomSuffix: () => this.suffixes.shift() ?? 'zzzzz',
      random: () => 0.5,
      startTimer: this.time.startTimer,
      log: { debug: log, info: log, warn: log, error: log, child: () => assert.fail('no child logger') },
      ...parts,
    });
  }

  respond(method: string, path: string, call: Call = {}): ApiResponse {
    const { query = '', body, bytes, accept = '', contentType, userAgent = 'kubectl/v1.36 (test)' } = call;
    const raw = typeof bytes === 'string' ? Buffer.from(bytes) : (bytes ?? new Uint8Array());
    return this.#handle({
      method: method as ApiRequest['method'],
      path,
      query: new URLSearchParams(query),
      accept,
      contentType: contentType ?? (body === undefined && bytes === undefined ? '' : 'application/json'),
      userAgent,
      user: { name: 'tester', groups: ['system:masters'] },
      body: body === undefined ? raw : { value: body },
    });
  }

  /** The answer as a value; fails for a watch. */
  call(method: string, path: string, call: Call = {}): ValueResponse {
    const response = this.respond(method, path, call);
    assert.ok(response.kind === 'value', `${method} ${path}: got ${response.kind}, want a value`);
    return response;
  }

  /** The value of an answer with this status. */
  expect(status: number, method: string, path: string, call: Call = {}): ApiObject {
    const response = this.call(method, path, call);
    assert.equal(response.status, status, `${method} ${path}: ${JSON.stringify(response.value)}`);
    return response.value as ApiObject;
  }

  watch(path: string, query = '', accept = ''): OpenWatch {
    const response = this.respond('GET', path, { query: `watch=true&${query}`, accept });
    assert.ok(response.kind === 'watch', `watch ${path}: got ${JSON.stringify(response)}`);
    const frames: WatchFrame[] = [];
    let isEnded = false;
    const stop = response.open({
      frame: (frame) => frames.push(frame) > 0,
      end: () => {
        isEnded = true;
      },
    });
    const lines = (): string[] =>
      frames.map(({ type, object }) => {
        const { name = '', resourceVersion = '' } = (object['metadata'] ?? {}) as Record<string, string>;
        return `${type} ${name}@${resourceVersion}`;
      });
    return { frames, stop, lines, isEnded: () => isEnded };
  }
}

export const widgetsPath = '/apis/example.com/v1/namespaces/shop/widgets';
export const gadgetsPath = '/apis/example.com/v1/gadgets';

export function widget(name: string, spec: object = {}, metadata: object = {}): ApiObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec };
}

export function gadget(name: string, spec: object = {}, metadata: object = {}): ApiObject {
  return { ...widget(name, spec, metadata), kind: 'Gadget' };
}
