// applyConfiguration: server-side apply: a configuration is laid over the live object, what its manager no longer applies goes,
// and what others own with other values is a conflict (apimachinery pkg/util/managedfields).
import { isJsonObject, type ManagedFieldsEntry } from '../../kube/index.ts';
import { checkDepth, equalJson, type JsonObject, memberOf, PatchError } from '../patch/index.ts';
import { type Conflict, conflictsOf } from './conflicts.ts';
import { allFieldsOf, withoutUntracked } from './fields-of.ts';
import { appliedByClient, kubectlManager, renewLastApplied } from './last-applied.ts';
import {
  identityOf,
  type Manager,
  type ManagerName,
  type Managers,
  parseManagers,
  renderManagers,
  renderTime,
} from './managers.ts';
import { mergeTyped } from './merge-typed.ts';
import { managedFieldsOf, withManagedFields } from './metadata-of.ts';
import { reconcileManagers, scopeOf, shiftOwnership } from './ownership.ts';
import { pruneDropped } from './prune.ts';
import { emptyObject, updateManagers, type WriteScope } from './track-update.ts';
import { renderTypedErrors, validateTyped } from './validate-typed.ts';
import { describeKind, describeObject, type TypedObject, typeStored } from './versions.ts';

export interface ApplyRequest extends WriteScope {
  /** As stored; null: the configuration creates the object. */
  readonly live: JsonObject | null;
  /** The body as it was parsed. */
  readonly config: unknown;
  /** Of the endpoint; the configuration must be of it. */
  readonly kind: string;
  /** The `fieldManager` option. */
  readonly manager: string;
  readonly force: boolean;
}

export interface Applied {
  readonly kind: 'applied';
  /**
   * In the request's version, managedFields included, not yet decoded or defaulted: null members mean absence. When nothing
   * changed it is `live` itself.
   */
  readonly object: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
  /** Nothing is to be written. */
  readonly isUnchanged: boolean;
}

export interface Conflicting {
  readonly kind: 'conflicting';
  readonly conflicts: readonly Conflict[];
}

/** Applies, or tells who stands in the way. @throws {PatchError} `malformed` or `internal` */
export function applyConfiguration(request: ApplyRequest): Applied | Conflicting {
  const config = checkConfiguration(request);
  const base = request.live ?? emptyObject(config, request);
  checkDepth(base);
  const managers = managersBefore(base, request);
  const first = applyOnce(base, config, managers, request, request.force);
  if (first.kind === 'applied') return finish(first, base, config, request);
  if (request.manager !== kubectlManager) return first;
  const allowed = appliedByClient(base, request.apiVersion, request.versions);
  if (allowed === null) return first;
  const conflicts = first.conflicts.filter(({ path }) => !allowed.has(path));
  if (conflicts.length > 0) return { kind: 'conflicting', conflicts };
  const forced = applyOnce(base, config, managers, request, true);
  return forced.kind === 'applied' ? finish(forced, base, config, request) : forced;
}

function checkConfiguration({ config, apiVersion, kind }: ApplyRequest): JsonObject {
  const raw = config ?? {};
  if (!isJsonObject(raw)) {
    const what = Array.isArray(raw) ? 'array' : typeof raw === 'boolean' ? 'bool' : typeof raw;
    const fault = `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
    throw new PatchError(
      'malformed',
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: ${fault}`,
    );
  }
  checkDepth(raw);
  if (memberOf(raw, 'apiVersion') !== apiVersion || memberOf(raw, 'kind') !== kind) {
    throw new PatchError('malformed', `invalid object type: ${describeKind(raw)}`);
  }
  if (Array.isArray(managedFieldsOf(raw))) {
    throw new PatchError('malformed', 'metadata.managedFields must be nil');
  }
  return raw;
}

/** An object that nobody tracked yet is owned by `before-first-apply`. */
function managersBefore(live: JsonObject, request: ApplyRequest): Managers {
  const managers = parseManagers(managedFieldsOf(live)) ?? new Map<string, Manager>();
  if (managers.size > 0) return managers;
  const untouched = emptyObject(live, request);
  return updateManagers(untouched, live, managers, 'before-first-apply', request);
}

interface Step {
  readonly kind: 'applied';
  /** Null: the live object has all of it already. */
  readonly merged: JsonObject | null;
  readonly managers: Managers;
}

function applyOnce(
  base: JsonObject,
  config: JsonObject,
  before: Managers,
  request: ApplyRequest,
  force: boolean,
): Step | Conflicting {
  const { apiVersion, versions } = request;
  const scope = scopeOf(versions, request.resetFields);
  const live = typeStored(base, apiVersion, versions, 'live');
  checkTyped(config, live);
  const managers = reconcileManagers(before, live, scope);
  const name = applierName(request);
  const identity = identityOf(name);
  const last = managers.get(identity);
  const fields = allFieldsOf(config, live.schema).recursiveDifference(scope.reset);
  managers.set(identity, { ...name, time: last?.time ?? null, fields });
  const laid = mergeTyped(live.object, config, live.schema);
  const merged: TypedObject = { ...live, object: isJsonObject(laid) ? laid : {} };
  const pruned =
    last === undefined ? merged : pruneDropped(merged, managers, last.fields, last.apiVersion, scope);
  const ownership = shiftOwnership(live, pruned, managers, identity, scope);
  if (!force && ownership.contested.size > 0) {
    return { kind: 'conflicting', conflicts: conflictsOf(managers, ownership.contested) };
  }
  const isSame = equalJson(live.object, pruned.object);
  const settled = settleApplier(ownership.managers, identity, isSame ? null : renderTime(request.nowMs));
  return { kind: 'applied', merged: isSame ? null : pruned.object, managers: settled };
}

function applierName({ manager, apiVersion, subresource }: ApplyRequest): ManagerName {
  return { manager: manager === '' ? 'unknown' : manager, operation: 'Apply', apiVersion, subresource };
}

function checkTyped(config: JsonObject, { schema }: TypedObject): void {
  const errors = validateTyped(config, schema, 'refused');
  if (errors.length === 0) return;
  const what = `failed to create typed patch object (${describeObject(config)})`;
  throw new PatchError('internal', `${what}: ${renderTypedErrors(errors)}`);
}

/** The applier's entry without what nobody owns; its time is new only when it changed the object. */
function settleApplier(managers: Managers, identity: string, time: string | null): Managers {
  const applier = managers.get(identity);
  if (applier === undefined) return managers;
  const out = new Map(managers);
  const fields = withoutUntracked(applier.fields);
  if (fields.isEmpty) out.delete(identity);
  else out.set(identity, { ...applier, time: time ?? applier.time, fields });
  return out;
}

function finish(step: Step, base: JsonObject, config: JsonObject, request: ApplyRequest): Applied {
  const managedFields = renderManagers(step.managers);
  const merged = step.merged ?? base;
  const told = request.manager === kubectlManager ? renewLastApplied(merged, config) : merged;
  const isUnchanged =
    request.live !== null && told === base && equalJson(managedFields, managedFieldsOf(base) ?? []);
  if (isUnchanged) return { kind: 'applied', object: base, managedFields, isUnchanged };
  const inVersion = typeStored(told, request.apiVersion, request.versions, 'new').object;
  return { kind: 'applied', object: withManagedFields(inVersion, managedFields), managedFields, isUnchanged };
}
