// What deleting a definition does to its objects: they are deleted, those with finalizers are marked, and when none is left the
// definition goes (apiextensions-apiserver pkg/controller/finalizer).
import type { Mutation, ObjectStore } from '../../storage/store.ts';
import { renderTime } from '../definition/definition-status.ts';
import { terminating } from '../definition/definition-strategy.ts';
import { cleanupFinalizer, type Definition, definitionStorage } from '../definition/definition-types.ts';
import { sameJson } from '../schema/json-value.ts';
import { customStorage } from './custom-resource.ts';

/** Objects that are deleted in one write. */
const pageSize = 500;

/** One step: true when the definition itself is done with. Calling it again changes nothing until an object goes. */
export function cleanUp(definition: Definition, store: ObjectStore, nowMs: number): boolean {
  deleteObjects(customStorage(definition), store, nowMs);
  const key = { resource: definitionStorage, namespace: '', name: definition.metadata.name };
  if (store.count(customStorage(definition)) > 0) {
    const message = 'CustomResource deletion is in progress';
    const status = terminating(definition.status, 'InstanceDeletionInProgress', message, nowMs);
    if (!sameJson(status, definition.status)) {
      store.write([{ kind: 'put', key, object: { ...definition, status } }]);
    }
    return false;
  }
  const { finalizers: before = [], ...metadata } = definition.metadata;
  const finalizers = before.filter((name) => name !== cleanupFinalizer);
  const mutation: Mutation =
    finalizers.length === 0
      ? { kind: 'delete', key }
      : { kind: 'put', key, object: { ...definition, metadata: { ...metadata, finalizers } } };
  store.write([mutation]);
  return true;
}

function deleteObjects(resource: string, store: ObjectStore, nowMs: number): void {
  let after: { readonly namespace: string; readonly name: string } | undefined;
  for (;;) {
    const page = store.list({
      resource,
      namespace: null,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    const mutations = page.objects.flatMap((object): Mutation[] => {
      const { name, namespace = '', finalizers = [], deletionTimestamp } = object.metadata;
      const key = { resource, namespace, name };
      if (finalizers.length === 0) return [{ kind: 'delete', key }];
      if (deletionTimestamp !== undefined) return [];
      const marked = {
        ...object.metadata,
        deletionTimestamp: renderTime(nowMs),
        deletionGracePeriodSeconds: 0,
      };
      return [{ kind: 'put', key, object: { ...object, metadata: marked } }];
    });
    if (mutations.length > 0) store.write(mutations);
    const last = page.objects.at(-1);
    if (last === undefined || page.remaining === 0) return;
    after = { namespace: last.metadata.namespace ?? '', name: last.metadata.name };
  }
}
