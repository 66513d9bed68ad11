// Decodes a CustomResourceDefinition with the OpenAPI schemas inside of it, and fills in its defaults.
import { decodeStructure, isJsonObject, type StructureResult } from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import { type DecodeFindings, decodeSchema } from '../schema/decode-schema.ts';
import { maxSchemaLevels } from '../schema/json-schema.ts';
import { isTooDeep, type JsonObject } from '../schema/json-value.ts';
import { definitionSchema } from './definition-schema.ts';
import { type Definition, definitionOf, type DefinitionSpec } from './definition-types.ts';

/** As `decodeStructure`, and below `openAPIV3Schema` too. */
export function decodeDefinition(raw: JsonObject): StructureResult {
  const decoded = decodeStructure(raw, definitionSchema);
  const findings: DecodeFindings = {
    typeErrors: [...decoded.typeErrors],
    unknownFields: [...decoded.unknownFields],
  };
  const { spec } = decoded.value;
  const versions = isJsonObject(spec) ? spec['versions'] : undefined;
  if (!isJsonObject(spec) || !Array.isArray(versions)) return decoded;
  const decodedVersions = versions.map((version: unknown, index) =>
    decodeVersion(version, `spec.versions[${index}].schema.openAPIV3Schema`, findings),
  );
  return { value: { ...decoded.value, spec: { ...spec, versions: decodedVersions } }, ...findings };
}

function decodeVersion(version: unknown, path: string, findings: DecodeFindings): unknown {
  if (!isJsonObject(version) || !isJsonObject(version['schema'])) return version;
  const { openAPIV3Schema: schema, ...rest } = version['schema'];
  if (schema === undefined) return version;
  if (isTooDeep(schema, maxSchemaLevels)) {
    findings.typeErrors.push(`json: "${path}" is nested deeper than ${maxSchemaLevels} levels`);
    return { ...version, schema: rest };
  }
  const decoded = decodeSchema(schema, path, findings);
  return { ...version, schema: decoded === undefined ? rest : { ...rest, openAPIV3Schema: decoded } };
}

/** What the API fills in: names made of the kind, no conversion, the stored versions. */
export function defaultDefinition(object: ApiObject): Definition {
  const definition = definitionOf(object);
  const { status } = definition;
  const storage = definition.spec.versions.find((version) => version.storage);
  const storedVersions =
    status.storedVersions.length > 0 || storage === undefined ? status.storedVersions : [storage.name];
  return { ...definition, spec: defaultSpec(definition.spec), status: { ...status, storedVersions } };
}

function defaultSpec(spec: DefinitionSpec): DefinitionSpec {
  const { names } = spec;
  const singular = (names.singular ?? '') === '' ? names.kind.toLowerCase() : names.singular;
  const isListNamed = (names.listKind ?? '') !== '' || names.kind === '';
  const listKind = isListNamed ? names.listKind : `${names.kind}List`;
  return {
    ...spec,
    names: {
      ...names,
      ...(singular === undefined || singular === '' ? {} : { singular }),
      ...(listKind === undefined ? {} : { listKind }),
    },
    conversion: spec.conversion ?? { strategy: 'None' },
  };
}
