// What the server itself does to `metadata` of a written object (apiserver pkg/registry/rest/{create,meta,update}.go).
import type { ObjectMeta, OwnerReference } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { Scope } from './parts.ts';
import { sameValue } from './same-value.ts';

export function withMeta(object: ApiObject, metadata: ObjectMeta): ApiObject {
  return { ...object, metadata };
}

type MetaChange = { readonly [Key in keyof ObjectMeta]?: ObjectMeta[Key] | undefined };

/** The object with some members of its metadata replaced; undefined takes one away. */
export function changeMeta(object: ApiObject, change: MetaChange): ApiObject {
  const entries = Object.entries({ ...object.metadata, ...change }).filter(
    ([, value]) => value !== undefined,
  );
  return withMeta(object, Object.fromEntries(entries) as unknown as ObjectMeta);
}

/** RFC 3339 in whole seconds. */
export function renderTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** A new object has nothing of what only the server says. */
export function wipeSystemFields(object: ApiObject): ApiObject {
  return changeMeta(object, {
    uid: undefined,
    creationTimestamp: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  });
}

/** The namespace of the request, where the object names none. @throws {ApiError} 400 for another one. */
export function placeInNamespace(object: ApiObject, { resource, target }: Scope): ApiObject {
  const wanted = resource.namespaced ? target.namespace : '';
  const said = object.metadata.namespace ?? '';
  if (said === wanted) return said === '' ? changeMeta(object, { namespace: undefined }) : object;
  if (said === '') return changeMeta(object, { namespace: wanted });
  if (wanted === '') return changeMeta(object, { namespace: undefined });
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** @throws {ApiError} 400 when the object is not the one of the path. */
export function expectPathName(object: ApiObject, name: string): void {
  const said = object.metadata.name;
  if (said === name) return;
  throw badRequest(
    said === ''
      ? `the name of the object (${name} based on URL) was undeterminable: name must be provided`
      : `the name of the object (${said}) does not match the name on the URL (${name})`,
  );
}

/** Owner references without those that are there already, and a warning of them. */
export function dropRepeatedOwners(object: ApiObject, scope: Scope, isAfterAdmission: boolean): ApiObject {
  const references = object.metadata.ownerReferences ?? [];
  const kept: OwnerReference[] = [];
  const keptByUid = new Map<string, OwnerReference[]>();
  const repeated: string[] = [];
  for (const reference of references) {
    const same = keptByUid.get(reference.uid) ?? [];
    if (same.some((other) => sameValue(other, reference))) repeated.push(reference.uid);
    else {
      kept.push(reference);
      keptByUid.set(reference.uid, [...same, reference]);
    }
  }
  if (repeated.length === 0) return object;
  const when = isAfterAdmission ? ' after mutating admission happens' : '';
  scope.warnings.add(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  );
  return changeMeta(object, { ownerReferences: kept });
}

/** Longest base of a generated name: five characters follow, and names of many kinds are labels. */
const maxBaseCharacters = 58;

export function generateName(base: string, suffix: string): string {
  return `${base.slice(0, maxBaseCharacters)}${suffix}`;
}
