// trackUpdate: the managers of an object after a create, an update or a patch that is no apply: who writes a field owns it.
import {
  decodeStructure,
  isJsonObject,
  type ManagedFieldsEntry,
  type StructSchema,
} from '../../kube/index.ts';
import { type JsonObject, memberOf, PatchError } from '../patch/index.ts';
import { emptyFieldSet } from './field-set.ts';
import { withoutUntracked } from './fields-of.ts';
import {
  capUpdaters,
  identityOf,
  type Manager,
  type ManagerName,
  type Managers,
  parseManagers,
  renderManagers,
  renderTime,
} from './managers.ts';
import { managedFieldsOf, metadataOf, withManagedFields } from './metadata-of.ts';
import { reconcileManagers, type Scope, scopeOf, shiftOwnership } from './ownership.ts';
import { type KindVersions, type TypedObject, typeStored } from './versions.ts';

export interface WriteScope {
  /** Of the request: the version in which the fields are named. */
  readonly apiVersion: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** Fields that this endpoint does not track, names with dots between them, e.g. `status`. */
  readonly resetFields: readonly string[];
  readonly versions: KindVersions;
  readonly nowMs: number;
}

export interface UpdateRequest extends WriteScope {
  /** As stored; null: the object is created. */
  readonly live: JsonObject | null;
  /** Decoded and defaulted, with the managedFields that the client sent; before the server fills in what it chooses. */
  readonly next: JsonObject;
  /** As `managerNameOf` tells it. */
  readonly manager: string;
}

/** The entries that the object is to be stored with; none: the member is absent. */
export function trackUpdate(request: UpdateRequest): readonly ManagedFieldsEntry[] {
  try {
    const managers = sentManagers(request);
    const live = request.live ?? emptyObject(request.next, request);
    return renderManagers(updateManagers(live, request.next, managers, request.manager, request));
  } catch (error) {
    // An object that does not fit its schema loses its managers, but not its write.
    if (error instanceof PatchError) return [];
    throw error;
  }
}

/** A client may write managedFields, but only as a whole and well-formed; `[]` or one empty entry means to forget them. */
function sentManagers({ live, next, subresource }: UpdateRequest): Managers {
  const stored = live === null ? null : parseManagers(managedFieldsOf(live));
  if (subresource !== '') return stored ?? new Map();
  const sent = managedFieldsOf(next);
  if (isReset(sent)) return new Map();
  const managers = parseManagers(sent);
  return managers === null || managers.size === 0 ? (stored ?? new Map()) : managers;
}

function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries) || entries.length > 1) return false;
  const [only] = entries;
  return only === undefined || (isJsonObject(only) && Object.keys(only).length === 0);
}

/** What an object of this kind is before anything is set: members that are always there at their zero values. */
export function emptyObject(like: JsonObject, { apiVersion, versions }: WriteScope): JsonObject {
  const schema: StructSchema | null = versions.schemaOf(apiVersion);
  const identity = { apiVersion, kind: memberOf(like, 'kind') };
  return schema === null ? identity : decodeStructure(identity, schema).value;
}

function isStored(object: JsonObject): boolean {
  const uid = memberOf(metadataOf(object), 'uid');
  return typeof uid === 'string' && uid !== '';
}

/** @throws {PatchError} `internal` when an object does not fit its schema. */
export function updateManagers(
  live: JsonObject,
  next: JsonObject,
  managers: Managers,
  manager: string,
  scope: WriteScope,
): Managers {
  // Whose managers were cleared stays untracked until it is applied.
  if (managers.size === 0 && isStored(live)) return managers;
  const { apiVersion, subresource, nowMs } = scope;
  const ownership = scopeOf(scope.versions, scope.resetFields);
  const name: ManagerName = {
    manager: manager === '' ? 'unknown' : manager,
    operation: 'Update',
    apiVersion,
    subresource,
  };
  const typedNext = typeStored(withManagedFields(next, []), apiVersion, scope.versions, 'new');
  const typedLive = typeStored(live, apiVersion, scope.versions, 'live');
  const changed = takeChanges(typedLive, typedNext, managers, name, ownership);
  const taken = changed.get(currentOperation);
  if (taken === undefined) return capUpdaters(changed);
  changed.delete(currentOperation);
  const identity = identityOf(name);
  const before = changed.get(identity)?.fields ?? emptyFieldSet;
  changed.set(identity, { ...name, time: renderTime(nowMs), fields: taken.fields.union(before) });
  return capUpdaters(changed);
}

/** Under this name the fields of the write are gathered, so that only a write that changes something renews its entry. */
const currentOperation = 'current-operation';

function takeChanges(
  live: TypedObject,
  next: TypedObject,
  managers: Managers,
  name: ManagerName,
  scope: Scope,
): Map<string, Manager> {
  const reconciled = reconcileManagers(managers, live, scope);
  const ownership = shiftOwnership(live, next, reconciled, currentOperation, scope);
  const { added, modified } = ownership.comparison;
  const fields = withoutUntracked(modified.union(added));
  const out = new Map(ownership.managers);
  if (!fields.isEmpty) out.set(currentOperation, { ...name, time: null, fields });
  return out;
}
