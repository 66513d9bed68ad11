// What strategies and admission are told of a write.
import type { ApiObject } from '../api-object.ts';
import type { Subresource, WriteContext } from '../registry/resource.ts';
import { dropRepeatedOwners } from './object-meta.ts';
import { groupVersionOf, type Scope } from './parts.ts';

export function writeContextOf(scope: Scope, isDryRun: boolean): WriteContext {
  const { parts, target, warnings } = scope;
  return {
    store: parts.store,
    nowMs: parts.nowMs(),
    // The path's subresource is one of the resource's: the handler has looked it up.
    subresource: target.subresource as '' | Subresource,
    apiVersion: groupVersionOf(scope),
    isDryRun,
    warn: (text) => warnings.add(text),
  };
}

/** What admission makes of an object. @throws {ApiError} */
export function admitObject(
  scope: Scope,
  candidate: ApiObject,
  old: ApiObject | null,
  context: WriteContext,
): ApiObject {
  const { resource, target, parts } = scope;
  let object = candidate;
  for (const admission of parts.admissions) {
    object = admission({
      resource,
      group: resource.group,
      object,
      old,
      namespace: target.namespace,
      context,
    });
  }
  return dropRepeatedOwners(object, scope, true);
}
