// pruneDropped: a merged object without what its applier applied last time, does not apply now and nobody else owns.
import { isJsonObject } from '../../kube/index.ts';
import { allFieldsOf } from './fields-of.ts';
import { emptyFieldSet, type FieldSet } from './field-set.ts';
import type { Managers } from './managers.ts';
import type { Scope } from './ownership.ts';
import { removeItems, withNamedFields } from './remove-typed.ts';
import { convertTyped, type TypedObject } from './versions.ts';

function without({ object, apiVersion, schema }: TypedObject, fields: FieldSet): TypedObject {
  const left = removeItems(object, fields, schema);
  return { object: isJsonObject(left) ? left : {}, apiVersion, schema };
}

function namedFields(typed: TypedObject): FieldSet {
  return withNamedFields(allFieldsOf(typed.object, typed.schema), typed.schema);
}

/**
 * `managers` has the applier's new fields already; `last`: what it owned before, in the version `lastVersion`. The result is in
 * the version of `merged`.
 */
export function pruneDropped(
  merged: TypedObject,
  managers: Managers,
  last: FieldSet,
  lastVersion: string,
  scope: Scope,
): TypedObject {
  if (last.isEmpty) return merged;
  const atLast = convertTyped(merged, lastVersion, scope.versions);
  if (atLast === null) return merged;
  const bare = without(atLast, withNamedFields(last, atLast.schema));
  const owned = addBackOwned(atLast, bare, managers, scope);
  const kept = addBackUnowned(atLast, owned, last, scope);
  return convertTyped(kept, merged.apiVersion, scope.versions) ?? merged;
}

/** What was removed but is owned: by others, or by the applier still. */
function addBackOwned(merged: TypedObject, bare: TypedObject, managers: Managers, scope: Scope): TypedObject {
  const byVersion = new Map<string, FieldSet>([[merged.apiVersion, emptyFieldSet]]);
  for (const { apiVersion, fields } of managers.values()) {
    byVersion.set(apiVersion, (byVersion.get(apiVersion) ?? emptyFieldSet).union(fields));
  }
  let whole = merged;
  let pruned = bare;
  for (const [apiVersion, owned] of byVersion) {
    const wholeThere = convertTyped(whole, apiVersion, scope.versions);
    const prunedThere = convertTyped(pruned, apiVersion, scope.versions);
    if (wholeThere === null || prunedThere === null) continue;
    const kept = namedFields(prunedThere).union(withNamedFields(owned, wholeThere.schema));
    whole = wholeThere;
    pruned = without(wholeThere, namedFields(wholeThere).difference(kept));
  }
  return pruned;
}

/** What was removed with its parent but was never the applier's. */
function addBackUnowned(merged: TypedObject, pruned: TypedObject, last: FieldSet, scope: Scope): TypedObject {
  const there = convertTyped(pruned, merged.apiVersion, scope.versions);
  if (there === null) return merged;
  const gone = namedFields(merged).difference(namedFields(there));
  return without(merged, gone.intersection(withNamedFields(last, merged.schema)));
}
