// What the storage tests share: folders that are removed, small objects, and a record of what a watch was told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import type { Mutation, ObjectStore, StoredKey, StoreEvent } from './index.ts';

export const services = 'core/services';
export const leases = 'coordination.k8s.io/leases';

/** Removed when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'storage-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function statePath(): string {
  return join(temporaryFolder(), 'state.db');
}

/** `shop/web`, or `web` for a cluster-scoped object. */
export function keyOf(path: string, resource: string = services): StoredKey {
  const [first = '', second] = path.split('/');
  return second === undefined
    ? { resource, namespace: '', name: first }
    : { resource, namespace: first, name: second };
}

export function sampleObject(key: StoredKey, value: unknown): ApiObject {
  const { namespace, name } = key;
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { value } };
}

export function put(key: StoredKey, value: unknown = 0): Mutation {
  return { kind: 'put', key, object: sampleObject(key, value) };
}

export function remove(key: StoredKey): Mutation {
  return { kind: 'delete', key };
}

export function valueOf(object: ApiObject | null): unknown {
  const spec = object?.['spec'];
  return typeof spec === 'object' && spec !== null && 'value' in spec ? spec.value : undefined;
}

/** `shop/web=1` of each object. */
export function shownObjects(objects: readonly ApiObject[]): string[] {
  return objects.map((object) => {
    const { namespace, name } = object.metadata;
    return `${namespace}/${name}=${String(valueOf(object))}`;
  });
}

/** `MODIFIED shop/web 1→2 @7`. */
export function shownEvent({ type, revision, key, object, previous }: StoreEvent): string {
  const change = type === 'MODIFIED' ? `${String(valueOf(previous))}→` : '';
  return `${type} ${key.namespace}/${key.name} ${change}${String(valueOf(object))} @${revision}`;
}

/** Everything that a watch is told, as text, while it runs. */
export function recordEvents(
  store: ObjectStore,
  fromRevision: number,
  resource: string = services,
  namespace: string | null = null,
): string[] {
  const told: string[] = [];
  store.watch(resource, namespace, fromRevision, (event) => told.push(shownEvent(event)));
  return told;
}
