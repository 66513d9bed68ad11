// A version of a custom resource: its schema, and the way of an object from and to the store. Conversion is "None": only the
// apiVersion changes, and each version keeps what its schema knows.
import { isJsonObject } from '../../../kube/index.ts';
import { failure } from '../../api-error.ts';
import type { ApiObject } from '../../api-object.ts';
import type { ResourceVersion } from '../../registry/resource.ts';
import type { Definition, DefinitionVersion } from '../definition/definition-types.ts';
import { applyDefaults, pruneNulls, TooManyDefaultsError } from '../schema/default-values.ts';
import { type JsonSchema, readSchema } from '../schema/json-schema.ts';
import { pruneObject } from '../schema/prune.ts';
import { customPrinter } from './column-cells.ts';
import { decodeCustom } from './decode-custom.ts';
import { deprecationOf } from './deprecation.ts';
import { mergeSchemaOf } from './merge-schema.ts';
import { openApiOf } from './open-api.ts';

/** Schemas of all versions by apiVersion, served or not; null: a version without a schema. */
export type SchemasByVersion = ReadonlyMap<string, JsonSchema | null>;

export function readVersionSchemas({ spec }: Definition): SchemasByVersion {
  return new Map(
    spec.versions.map((version) => {
      const raw = version.schema?.openAPIV3Schema;
      return [`${spec.group}/${version.name}`, raw === undefined ? null : readSchema(raw)];
    }),
  );
}

export function customVersion(
  definition: Definition,
  version: DefinitionVersion,
  schemas: SchemasByVersion,
  storageApiVersion: string,
): ResourceVersion {
  const { group } = definition.spec;
  const { kind } = definition.status.acceptedNames;
  const apiVersion = `${group}/${version.name}`;
  const schema = schemas.get(apiVersion) ?? null;
  return {
    version: version.name,
    schema: mergeSchemaOf(schema, `${version.name}.${kind}`),
    deprecation: deprecationOf(definition, version),
    toStorage: (object) => {
      const defaulted = withDefaults(object, schema);
      return apiVersion === storageApiVersion ? defaulted : convert(defaulted, storageApiVersion, schemas);
    },
    fromStorage: (object) => {
      // Kept in the version that was the storage version when it was written.
      const stored = schemas.has(object.apiVersion) ? object.apiVersion : storageApiVersion;
      const current = readWithDefaults(convert(object, stored, schemas), schemas.get(stored) ?? null);
      return stored === apiVersion ? current : convert(current, apiVersion, schemas);
    },
    decode: (raw) => decodeCustom(raw, schema),
    openApi: openApiOf(version.schema?.openAPIV3Schema ?? {}, { group, version: version.name, kind }),
    printer: customPrinter(version.additionalPrinterColumns ?? []),
  };
}

/** @throws {ApiError} 413 */
function withDefaults(object: ApiObject, schema: JsonSchema | null): ApiObject {
  try {
    return defaultsIn(object, schema);
  } catch (error) {
    if (!(error instanceof TooManyDefaultsError)) throw error;
    throw failure(413, 'RequestEntityTooLarge', `Request entity too large: ${error.message}`);
  }
}

/** An object that was there before its definition had so many defaults can still be read, and deleted. */
function readWithDefaults(object: ApiObject, schema: JsonSchema | null): ApiObject {
  try {
    return defaultsIn(object, schema);
  } catch (error) {
    if (!(error instanceof TooManyDefaultsError)) throw error;
    return object;
  }
}

function defaultsIn(object: ApiObject, schema: JsonSchema | null): ApiObject {
  const defaulted = applyDefaults(object, schema);
  // Defaults are added to an object, and top-level metadata has none.
  return isJsonObject(defaulted) ? (defaulted as ApiObject) : object;
}

function convert(object: ApiObject, apiVersion: string, schemas: SchemasByVersion): ApiObject {
  const schema = schemas.get(apiVersion) ?? null;
  const { value } = pruneObject(object, schema);
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...rest } = value;
  const clean = pruneNulls(rest, schema);
  if (clean === rest && value === object && object.apiVersion === apiVersion) return object;
  const members = isJsonObject(clean) ? clean : {};
  return { apiVersion, kind: object.kind, metadata: object.metadata, ...members };
}
