// TypedObject: an object with the schema of its version; and how the versions of a kind are reached from each other.
import { isJsonObject, type StructSchema } from '../../kube/index.ts';
import { checkDepth, type JsonObject, memberOf, PatchError } from '../patch/index.ts';
import { renderTypedErrors, validateTyped } from './validate-typed.ts';

/** The versions of a kind. Managers name their fields in the version that they wrote in. */
export interface KindVersions {
  /** Null: not a version of the kind, or no longer. */
  readonly schemaOf: (apiVersion: string) => StructSchema | null;
  /** The object, of whatever version its apiVersion says, in another one; null: impossible. */
  readonly toVersion: (object: JsonObject, apiVersion: string) => JsonObject | null;
}

export interface TypedObject {
  readonly object: JsonObject;
  readonly apiVersion: string;
  readonly schema: StructSchema;
}

function apiVersionOf(object: JsonObject): string {
  const apiVersion = memberOf(object, 'apiVersion');
  return typeof apiVersion === 'string' ? apiVersion : '';
}

/** Null: the version is not known or the object has no form in it. */
export function convertObject(
  object: JsonObject,
  apiVersion: string,
  versions: KindVersions,
): TypedObject | null {
  const schema = versions.schemaOf(apiVersion);
  if (schema === null) return null;
  const converted = apiVersionOf(object) === apiVersion ? object : versions.toVersion(object, apiVersion);
  return converted === null ? null : { object: converted, apiVersion, schema };
}

/** The same object in another version; null: as above, or it does not fit that version's schema. */
export function convertTyped(
  typed: TypedObject,
  apiVersion: string,
  versions: KindVersions,
): TypedObject | null {
  if (typed.apiVersion === apiVersion) return typed;
  const converted = convertObject({ ...typed.object, apiVersion: typed.apiVersion }, apiVersion, versions);
  if (converted === null) return null;
  return validateTyped(converted.object, converted.schema, 'refused').length === 0 ? converted : null;
}

/** A stored object, which may repeat keys. @throws {PatchError} `internal` when it does not fit the schema. */
export function typeStored(
  object: JsonObject,
  apiVersion: string,
  versions: KindVersions,
  role: 'live' | 'new',
): TypedObject {
  checkDepth(object);
  const typed = convertObject(object, apiVersion, versions);
  const what = `failed to convert ${role} object (${describeObject(object)})`;
  if (typed === null) throw new PatchError('internal', `${what} to proper version (${apiVersion})`);
  const errors = validateTyped(typed.object, typed.schema, 'allowed');
  if (errors.length > 0)
    throw new PatchError('internal', `${what} to smd typed: ${renderTypedErrors(errors)}`);
  return typed;
}

/** `group/version, Kind=kind`, as Go prints a GroupVersionKind. */
export function describeKind(object: JsonObject): string {
  const apiVersion = apiVersionOf(object);
  const kind = memberOf(object, 'kind');
  // Go reads nothing at all where there are more than two parts.
  if (apiVersion.split('/').length > 2) return '/, Kind=';
  const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return `${groupVersion}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** `namespace/name; kind`, as messages name an object. */
export function describeObject(object: JsonObject): string {
  const metadata = memberOf(object, 'metadata');
  const text = (name: string): string => {
    const value = isJsonObject(metadata) ? memberOf(metadata, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return `${text('namespace')}/${text('name')}; ${describeKind(object)}`;
}
