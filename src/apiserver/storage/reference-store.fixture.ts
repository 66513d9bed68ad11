// ReferenceStore: what an ObjectStore must answer, written for clarity: every event since the beginning, and every state made
// anew from them.
import type { ApiObject } from '../api-object.ts';
import type { ListRange, Mutation, StoredKey, StoreEvent } from './index.ts';

function isSameKey(a: StoredKey, b: StoredKey): boolean {
  return a.resource === b.resource && a.namespace === b.namespace && a.name === b.name;
}

function withVersion(object: ApiObject, revision: number): ApiObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } };
}

function isBehind(object: ApiObject, { namespace, name }: { namespace: string; name: string }): boolean {
  const ownNamespace = object.metadata.namespace ?? '';
  return ownNamespace > namespace || (ownNamespace === namespace && (object.metadata.name ?? '') > name);
}

export class ReferenceStore {
  events: readonly StoreEvent[] = [];

  get revision(): number {
    return this.events.at(-1)?.revision ?? 1;
  }

  get(key: StoredKey): ApiObject | null {
    const last = this.events.findLast((event) => isSameKey(event.key, key));
    return last === undefined || last.type === 'DELETED' ? null : last.object;
  }

  write(mutation: Mutation): ApiObject | null {
    const { key } = mutation;
    const previous = this.get(key);
    const revision = this.revision + 1;
    if (mutation.kind === 'put') {
      const object = withVersion(mutation.object, revision);
      const type = previous === null ? 'ADDED' : 'MODIFIED';
      this.events = [...this.events, { type, revision, key, object, previous }];
      return object;
    }
    if (previous !== null) {
      const object = withVersion(previous, revision);
      this.events = [...this.events, { type: 'DELETED', revision, key, object, previous }];
    }
    return null;
  }

  list(range: ListRange): { objects: readonly ApiObject[]; revision: number; remaining: number } {
    const revision = range.atRevision ?? this.revision;
    const past = new ReferenceStore();
    past.events = this.events.filter((event) => event.revision <= revision);
    const { after, limit = Number.POSITIVE_INFINITY } = range;
    const keys = past.events.map((event) => event.key).filter((key) => key.resource === range.resource);
    const all = keys
      .filter((key, index) => keys.findIndex((other) => isSameKey(other, key)) === index)
      .filter(({ namespace }) => range.namespace === null || namespace === range.namespace)
      .sort((a, b) => (`${a.namespace} ${a.name}` < `${b.namespace} ${b.name}` ? -1 : 1))
      .flatMap((key) => past.get(key) ?? [])
      .filter((object) => after === undefined || isBehind(object, after));
    const objects = all.slice(0, limit);
    return { objects, revision, remaining: all.length - objects.length };
  }

  behind(resource: string, namespace: string | null, revision: number): readonly StoreEvent[] {
    return this.events.filter(
      (event) =>
        event.revision > revision &&
        event.key.resource === resource &&
        (namespace === null || event.key.namespace === namespace),
    );
  }
}
