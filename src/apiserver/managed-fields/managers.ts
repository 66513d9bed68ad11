// Managers: metadata.managedFields as a table of who owns what, read and written as the API server does.
import { goJson, isJsonObject, type ManagedFieldsEntry } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';
import { type JsonObject, memberOf } from '../patch/index.ts';
import type { FieldSet } from './field-set.ts';
import { parseFieldsV1, renderFieldsV1 } from './fields-v1.ts';

export type ManagerOperation = 'Apply' | 'Update';

export interface ManagerName {
  readonly manager: string;
  readonly operation: ManagerOperation;
  /** In which the fields are named. */
  readonly apiVersion: string;
  /** Empty: the object itself. */
  readonly subresource: string;
}

export interface Manager extends ManagerName {
  /** RFC 3339, whole seconds; null: never told. */
  readonly time: string | null;
  readonly fields: FieldSet;
}

/** By `identityOf`. */
export type Managers = ReadonlyMap<string, Manager>;

/** What tells managers apart; those that apply keep one entry whatever version they apply in. */
export function identityOf({ manager, operation, apiVersion, subresource }: ManagerName): string {
  return goJson({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

function textOf(entry: JsonObject, name: string): string {
  const value = memberOf(entry, name);
  return typeof value === 'string' ? value : '';
}

/** Null: not what managedFields may be; the API server then does as if there were none. */
export function parseManagers(entries: unknown): Managers | null {
  if (entries === undefined || entries === null) return new Map();
  if (!Array.isArray(entries)) return null;
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    const manager = parseEntry(entry);
    if (manager === null) return null;
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

function parseEntry(entry: unknown): Manager | null {
  if (!isJsonObject(entry)) return null;
  const operation = memberOf(entry, 'operation');
  if (operation !== 'Apply' && operation !== 'Update') return null;
  const apiVersion = textOf(entry, 'apiVersion');
  if (apiVersion === '' || memberOf(entry, 'fieldsType') !== 'FieldsV1') return null;
  const fields = parseFieldsV1(memberOf(entry, 'fieldsV1'));
  if (fields === null) return null;
  const time = textOf(entry, 'time');
  const manager = textOf(entry, 'manager');
  const subresource = textOf(entry, 'subresource');
  return { manager, operation, apiVersion, subresource, time: time === '' ? null : time, fields };
}

/** Seconds since 1970; 0 when there is none. */
export function secondsOf(time: string | null): number {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** Appliers first, then by age. */
export function renderManagers(managers: Managers): readonly ManagedFieldsEntry[] {
  return [...managers.values()].toSorted(compareManagers).map(renderEntry);
}

function renderEntry({
  manager,
  operation,
  apiVersion,
  time,
  fields,
  subresource,
}: Manager): ManagedFieldsEntry {
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === null ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: renderFieldsV1(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** As metadata carries times. */
export function renderTime(nowMs: number): string {
  return `${new Date(Math.floor(nowMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** How many managers that only update an object may have of their own. */
export const maxUpdateManagers = 10;

/** The oldest updaters beyond the cap become one `ancient-changes` for each version that they wrote in. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers.entries()].filter(([, { operation }]) => operation === 'Update');
  if (updaters.length <= maxUpdateManagers) return managers;
  updaters.sort(([a, x], [b, y]) => secondsOf(x.time) - secondsOf(y.time) || compareText(a, b));
  const capped = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  let count = updaters.length;
  for (const [identity, { apiVersion, time, fields }] of updaters) {
    if (count <= maxUpdateManagers) break;
    const name = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' } as const;
    const bucket = identityOf(name);
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined || identity === bucket) {
      firstOfVersion.set(apiVersion, identity);
      continue;
    }
    const gathered = capped.get(bucket) ?? capped.get(first);
    if (!capped.has(bucket)) capped.delete(first);
    capped.delete(identity);
    // The time of the youngest that went into it.
    capped.set(bucket, {
      ...name,
      time,
      fields: gathered === undefined ? fields : fields.union(gathered.fields),
    });
    count -= 1;
  }
  return capped;
}
