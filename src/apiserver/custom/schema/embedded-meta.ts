// apiVersion, kind and metadata of embedded resources (`x-kubernetes-embedded-resource`): decoded with the types of every
// object's metadata, and validated. The metadata of the object itself is decoded and validated by the same functions.
import {
  checkDns1035Label,
  checkPathSegment,
  decodeStructure,
  type FieldError,
  goJson,
  invalidError,
  isJsonObject,
  lookupKind,
  nameCheck,
  type ObjectMeta,
  requiredError,
  type StructSchema,
  validateObjectMeta,
} from '../../../kube/index.ts';
import type { DecodeFindings } from './decode-schema.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import { type JsonObject, kindOfJson, memberOf, sameJson } from './json-value.ts';

function findMetaSchema(): StructSchema {
  // All kinds share one schema of metadata; any kind that is always there gives it.
  const schema = lookupKind('v1', 'ConfigMap')?.schema.members.get('metadata')?.schema;
  if (schema?.shape !== 'struct') throw new Error('the schema of v1 ConfigMap has no struct "metadata"');
  return schema;
}

/** `meta/v1 ObjectMeta`. */
export const objectMetaSchema: StructSchema = findMetaSchema();

/** Decodes metadata as Go decodes an ObjectMeta; null when it cannot be one. */
export function decodeMeta(value: unknown, path: string, findings: DecodeFindings): JsonObject | null {
  if (!isJsonObject(value)) {
    const kind = kindOfJson(value);
    const goKind = kind === 'boolean' ? 'bool' : kind === 'integer' ? 'number' : kind;
    findings.typeErrors.push(`json: cannot unmarshal ${goKind} into Go value of type v1.ObjectMeta`);
    return null;
  }
  const decoded = decodeStructure(value, objectMetaSchema);
  findings.typeErrors.push(...decoded.typeErrors);
  findings.unknownFields.push(...decoded.unknownFields.map((name) => `${path}.${name}`));
  return decoded.typeErrors.length > 0 ? null : decoded.value;
}

/** Decodes the metadata of every embedded resource in `value`; unknown members of it are dropped, wrong types reported. */
export function coerceEmbedded(
  value: unknown,
  schema: JsonSchema | null,
  path: string,
  findings: DecodeFindings,
): unknown {
  if (schema === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) =>
      coerceEmbedded(item, schema.items, `${path}[${index}]`, findings),
    );
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  return isJsonObject(value) ? coerceMembers(value, schema, path, findings) : value;
}

function coerceMembers(
  object: JsonObject,
  schema: JsonSchema,
  path: string,
  findings: DecodeFindings,
): JsonObject {
  let hasChanged = false;
  const entries = Object.entries(object).map(([name, member]): [string, unknown] => {
    const memberPath = path === '' ? name : `${path}.${name}`;
    const coerced =
      schema.isEmbeddedResource && name === 'metadata'
        ? coerceMeta(member, memberPath, findings)
        : coerceEmbedded(member, childOf(schema, name), memberPath, findings);
    const isType = schema.isEmbeddedResource && (name === 'apiVersion' || name === 'kind');
    if (isType && typeof member !== 'string') {
      findings.typeErrors.push(`${memberPath}: Invalid value: ${goJson(member)}: must be a string`);
    }
    hasChanged ||= coerced !== member;
    return [name, coerced];
  });
  return hasChanged ? Object.fromEntries(entries) : object;
}

function coerceMeta(value: unknown, path: string, findings: DecodeFindings): unknown {
  const own: DecodeFindings = { typeErrors: [], unknownFields: findings.unknownFields };
  const meta = decodeMeta(value, path, own);
  findings.typeErrors.push(
    ...own.typeErrors.map((text) => `${path}: Invalid value: ${goJson(value)}: ${text}`),
  );
  if (meta === null) return value;
  // The decoder always gives a name; an embedded object may have none.
  const coerced = Object.fromEntries(
    Object.entries(meta).filter(([name, member]) => name !== 'name' || member !== ''),
  );
  return sameJson(coerced, value) ? value : coerced;
}

function childOf(schema: JsonSchema, name: string): JsonSchema | null {
  return schema.properties.get(name) ?? additionalSchema(schema);
}

/** Validates the embedded resources in `value`. */
export function validateEmbedded(value: unknown, schema: JsonSchema | null, path: string): FieldError[] {
  if (schema === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => validateEmbedded(item, schema.items, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  const nested = Object.entries(value).flatMap(([name, member]) => {
    const property = schema.properties.get(name);
    const memberPath = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return validateEmbedded(member, property ?? additionalSchema(schema), memberPath);
  });
  return schema.isEmbeddedResource ? [...validateResource(value, path), ...nested] : nested;
}

const checkEmbeddedName = nameCheck(checkPathSegment);

function validateResource(object: JsonObject, path: string): FieldError[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const apiVersion = memberOf(object, 'apiVersion');
  const kind = memberOf(object, 'kind');
  const errors = [
    ...(apiVersion === undefined ? [requiredError(at('apiVersion'))] : []),
    ...(kind === undefined ? [requiredError(at('kind'))] : []),
    ...(apiVersion === undefined ? [] : validateApiVersion(at('apiVersion'), apiVersion)),
    ...(kind === undefined ? [] : validateKind(at('kind'), kind)),
  ];
  const metadata = memberOf(object, 'metadata');
  return metadata === undefined ? errors : [...errors, ...validateMeta(metadata, at('metadata'))];
}

function validateApiVersion(field: string, value: unknown): FieldError[] {
  if (typeof value !== 'string') return [invalidError(field, value, 'must be a string')];
  if (value === '') return [invalidError(field, value, 'must not be empty')];
  if (value.split('/').length <= 2) return [];
  return [invalidError(field, value, `unexpected GroupVersion string: ${value}`)];
}

function validateKind(field: string, value: unknown): FieldError[] {
  if (typeof value !== 'string') return [invalidError(field, value, 'must be a string')];
  if (value === '') return [invalidError(field, value, 'must not be empty')];
  const messages = checkDns1035Label(value.toLowerCase());
  if (messages.length === 0) return [];
  const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
  return [invalidError(field, value, detail)];
}

function validateMeta(value: unknown, path: string): FieldError[] {
  const findings: DecodeFindings = { typeErrors: [], unknownFields: [] };
  const decoded = decodeMeta(value, path, findings);
  if (decoded === null) return [invalidError(path, value, findings.typeErrors[0] ?? 'must be an object')];
  // The schema of metadata and the type ObjectMeta describe one thing.
  const meta = decoded as unknown as ObjectMeta;
  const named = meta.name === '' ? { ...meta, name: 'fakename' } : meta;
  const rules = { namespaced: (meta.namespace ?? '') !== '', checkName: checkEmbeddedName };
  return withoutBareFinalizers(validateObjectMeta(named, rules)).map((error) => ({
    ...error,
    field: error.field.replace(/^metadata/, () => path),
  }));
}

/**
 * Without the demand for domains in names of finalizers, which is core's alone: its errors are the only ones that name a
 * finalizer by its index. Custom resources are warned instead.
 */
export function withoutBareFinalizers(errors: readonly FieldError[]): FieldError[] {
  return errors.filter((error) => !error.field.startsWith('metadata.finalizers['));
}
