// The steps of a write as the REST layer takes them, shortened, for tests of what the registry decides: decode, convert, prepare, admit,
// validate, allocate, store. Everything that is handed to a strategy is frozen, so that one that changes its input throws.
import { deepFreeze } from '../../../test/deep-freeze.ts';
import {
  decodeStructure,
  groupOf,
  keepServerMetadata,
  type FieldError,
  type ObjectMeta,
} from '../../kube/index.ts';
import { admissions } from '../admission/index.ts';
import { alreadyExists, ApiError, invalid, notFound } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { StoredKey } from '../storage/store.ts';
import { createRegistry, type CustomRegistry } from './create-registry.ts';
import { MemoryStore } from './memory-store.fixture.ts';
import type { Resource, Subresource, WriteContext } from './resource.ts';

export interface TestAnswer {
  /** In the version of the request. */
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

interface Target {
  readonly resource: Resource;
  readonly version: Resource['versions'][number];
  readonly key: StoredKey;
  readonly context: WriteContext;
  readonly warnings: string[];
}

export class TestServer {
  readonly store = new MemoryStore();
  readonly registry: CustomRegistry;
  nowMs = Date.parse('2026-03-01T12:00:00Z');

  constructor(registry: CustomRegistry = createRegistry()) {
    this.registry = registry;
  }

  /** `path` as in a URL: `/api/v1/namespaces/x/services[/name[/status]]`. */
  #target(path: string): Target {
    const parts = path.split('/').slice(1);
    const group = parts[0] === 'api' ? '' : (parts[1] ?? '');
    const versionName = (group === '' ? parts[1] : parts[2]) ?? '';
    let rest = parts.slice(group === '' ? 2 : 3);
    let namespace = '';
    if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
      namespace = rest[1] ?? '';
      rest = rest.slice(2);
    }
    const [plural = '', name = '', subresource = ''] = rest;
    const resource = this.registry.lookup(group, versionName, plural);
    const version = resource?.versions.find((each) => each.version === versionName);
    if (resource === null || version === undefined) throw new Error(`nothing is served at "${path}"`);
    const warnings: string[] = [];
    const context: WriteContext = {
      store: this.store,
      nowMs: this.nowMs,
      subresource: subresource as '' | Subresource,
      apiVersion: group === '' ? versionName : `${group}/${versionName}`,
      isDryRun: false,
      warn: (text) => void warnings.push(text),
    };
    return { resource, version, key: { resource: resource.storage, namespace, name }, context, warnings };
  }

  #decode({ resource, version, key, context }: Target, body: Readonly<Record<string, unknown>>): ApiObject {
    const { value, typeErrors } = decodeStructure(
      { ...body, apiVersion: context.apiVersion, kind: resource.kind },
      version.schema,
    );
    if (typeErrors[0] !== undefined) throw new Error(typeErrors[0]);
    const object = value as unknown as ApiObject;
    const metadata = resource.namespaced
      ? { ...object.metadata, namespace: object.metadata.namespace ?? key.namespace }
      : object.metadata;
    return deepFreeze(version.toStorage(deepFreeze({ ...object, metadata })));
  }

  #admit(target: Target, object: ApiObject, old: ApiObject | null): ApiObject {
    const { resource, context, key } = target;
    const group = context.apiVersion?.includes('/') === true ? context.apiVersion.split('/')[0] : '';
    return admissions.reduce<ApiObject>(
      (admitted, admission) =>
        deepFreeze(
          admission({
            resource,
            group: group ?? '',
            object: admitted,
            old,
            namespace: key.namespace,
            context,
          }),
        ),
      object,
    );
  }

  create(path: string, body: Readonly<Record<string, unknown>>): TestAnswer {
    const target = this.#target(path);
    const { resource, context } = target;
    const { strategy } = resource;
    const admitted = this.#admit(target, this.#decode(target, body), null);
    const key = { ...target.key, name: admitted.metadata.name };
    const metadata: ObjectMeta = {
      ...admitted.metadata,
      uid: `uid-${this.store.revision}`,
      creationTimestamp: `${new Date(this.nowMs).toISOString().slice(0, 19)}Z`,
      ...(strategy.countsGeneration === undefined ? {} : { generation: 1 }),
    };
    const prepared = deepFreeze(strategy.prepareCreate(deepFreeze({ ...admitted, metadata }), context));
    const errors = strategy.validateCreate(prepared, context);
    if (errors.length > 0) throw invalidObject(resource, key.name, errors);
    const allocated = strategy.allocate?.(prepared, null, context) ?? prepared;
    if (this.store.get(key) !== null) throw alreadyExists(resource, key.name);
    return this.#put(target, key, allocated);
  }

  update(path: string, body: Readonly<Record<string, unknown>>): TestAnswer {
    const target = this.#target(path);
    const { resource, key, context } = target;
    const { strategy } = resource;
    const old = this.store.get(key);
    if (old === null) throw notFound(resource, key.name);
    const decoded = this.#decode(target, body);
    const resourceVersion = old.metadata.resourceVersion ?? '';
    const metadata = { ...keepServerMetadata(decoded.metadata, old.metadata), resourceVersion };
    const admitted = this.#admit(target, deepFreeze({ ...decoded, metadata }), old);
    const prepared = deepFreeze(strategy.prepareUpdate(admitted, old, context));
    const counts = strategy.countsGeneration?.(prepared, old) === true;
    const next = counts
      ? { ...prepared, metadata: { ...prepared.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
      : prepared;
    const errors = strategy.validateUpdate(deepFreeze(next), old, context);
    if (errors.length > 0) throw invalidObject(resource, key.name, errors);
    return this.#put(target, key, strategy.allocate?.(next, old, context) ?? next);
  }

  #put({ resource, version, context, warnings }: Target, key: StoredKey, object: ApiObject): TestAnswer {
    warnings.push(...resource.strategy.warnings(deepFreeze(object), context));
    const [stored] = this.store.write([{ kind: 'put', key, object }]);
    if (stored === null || stored === undefined) throw new Error('the store gave nothing back');
    return { object: version.fromStorage(stored), warnings };
  }

  delete(path: string): ApiObject {
    const { resource, key, context } = this.#target(path);
    const old = this.store.get(key);
    if (old === null) throw notFound(resource, key.name);
    const kept = resource.strategy.beforeDelete?.(old, context) ?? null;
    if (kept === null) {
      this.store.write([{ kind: 'delete', key }]);
      return old;
    }
    return this.store.write([{ kind: 'put', key, object: kept }])[0] ?? kept;
  }

  read(path: string): ApiObject {
    const { resource, version, key } = this.#target(path);
    const found = this.store.get(key);
    if (found === null) throw notFound(resource, key.name);
    return version.fromStorage(found);
  }
}

/** Named after the group in which it is stored, whatever the request's group is. */
function invalidObject(
  { kind, storageApiVersion }: Resource,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  return invalid(kind, groupOf(storageApiVersion), name, errors);
}

/** What a request is refused with. */
export function refusalOf(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}
