// Who owns what after a change of an object: fields that changed hands, that are gone, and that conflict
// (structured-merge-diff merge/update.go).
import { type Comparison, compareTyped, withoutFields } from './compare-typed.ts';
import { type FieldSet, fieldSetOfNames } from './field-set.ts';
import type { Manager, Managers } from './managers.ts';
import { reconcileFields } from './reconcile.ts';
import { convertTyped, type KindVersions, type TypedObject } from './versions.ts';

export interface Ownership {
  readonly managers: Managers;
  /** In the version of the change, without the fields that the endpoint does not track. */
  readonly comparison: Comparison;
  /** What others own and the change sets to another value, by manager. */
  readonly contested: ReadonlyMap<string, FieldSet>;
}

export interface Scope {
  readonly versions: KindVersions;
  /** Fields that the endpoint does not track. */
  readonly reset: FieldSet;
}

export function scopeOf(versions: KindVersions, resetFields: readonly string[]): Scope {
  return { versions, reset: fieldSetOfNames(resetFields) };
}

/** The managers in today's schema; those of versions that are gone are left out. */
export function reconcileManagers(managers: Managers, live: TypedObject, scope: Scope): Map<string, Manager> {
  const out = new Map<string, Manager>();
  for (const [identity, manager] of managers) {
    const schema =
      manager.apiVersion === live.apiVersion ? live.schema : scope.versions.schemaOf(manager.apiVersion);
    if (schema === null) continue;
    out.set(identity, { ...manager, fields: reconcileFields(manager.fields, schema) });
  }
  return out;
}

/**
 * What the step from `old` to `next` by the manager `actor` does to the other managers: they lose what it adds, changes and
 * removes. Both objects are in the version of the change.
 */
export function shiftOwnership(
  old: TypedObject,
  next: TypedObject,
  managers: Managers,
  actor: string,
  scope: Scope,
): Ownership {
  const compare = (a: TypedObject, b: TypedObject): Comparison =>
    withoutFields(compareTyped(a.object, b.object, b.schema), scope.reset);
  const comparison = compare(old, next);
  const byVersion = new Map<string, Comparison | null>([[next.apiVersion, comparison]]);
  const shifted = new Map<string, Manager>();
  const contested = new Map<string, FieldSet>();
  for (const [identity, manager] of managers) {
    if (identity === actor) {
      if (!manager.fields.isEmpty) shifted.set(identity, manager);
      continue;
    }
    let change = byVersion.get(manager.apiVersion);
    if (change === undefined) {
      const from = convertTyped(old, manager.apiVersion, scope.versions);
      const to = convertTyped(next, manager.apiVersion, scope.versions);
      change = from === null || to === null ? null : compare(from, to);
      byVersion.set(manager.apiVersion, change);
    }
    if (change === null) continue;
    const taken = manager.fields.intersection(change.modified.union(change.added));
    if (!taken.isEmpty) contested.set(identity, taken);
    const fields = manager.fields.difference(taken).difference(change.removed);
    if (!fields.isEmpty) shifted.set(identity, { ...manager, fields });
  }
  return { managers: shifted, comparison, contested };
}
