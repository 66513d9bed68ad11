// Decodes an OpenAPI schema inside of a CustomResourceDefinition: type errors and unknown fields by path, members in the order
// of the API. Recursive where `decodeStructure` is not; the caller has bounded the depth of the value.
import { isJsonObject } from '../../../kube/index.ts';
import { externalDocsFields, goTypes, ruleFields, schemaFields, type SchemaField } from './schema-fields.ts';
import { type JsonObject, kindOfJson } from './json-value.ts';

/** What was found wrong, in document order; shared with the decoding of the whole object. */
export interface DecodeFindings {
  readonly typeErrors: string[];
  readonly unknownFields: string[];
}

interface Place {
  /** Go type of the struct that has the field, as its errors name it. */
  readonly goStruct: string;
  /** With indexes and names. */
  readonly path: string;
  /** Without them, as Go names a field in an error of its type. */
  readonly goPath: string;
}

/** The schema at `path`, or undefined when it is none. */
export function decodeSchema(value: unknown, path: string, findings: DecodeFindings): JsonObject | undefined {
  const goPath = path.replace(/\[\d+\]/g, '');
  return decodeNode(value, { goStruct: 'JSONSchemaProps', path, goPath }, findings);
}

function decodeNode(value: unknown, place: Place, findings: DecodeFindings): JsonObject | undefined {
  return decodeFields(value, schemaFields, { ...place, goStruct: 'JSONSchemaProps' }, 'schema', findings);
}

function decodeFields(
  value: unknown,
  fields: ReadonlyMap<string, SchemaField>,
  place: Place,
  wanted: SchemaField,
  findings: DecodeFindings,
): JsonObject | undefined {
  if (!isJsonObject(value)) return refuse(value, place, wanted, findings);
  const found = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    const path = `${place.path}.${name}`;
    const goPath = `${place.goPath}.${name}`;
    if (field === undefined) findings.unknownFields.push(path);
    else if (member !== null && member !== undefined) {
      const decoded = decodeField(member, field, { ...place, path, goPath }, findings);
      if (decoded !== undefined) found.set(name, decoded);
    }
  }
  return Object.fromEntries(
    [...fields.keys()].flatMap((name) => (found.has(name) ? [[name, found.get(name)]] : [])),
  );
}

function refuse(value: unknown, place: Place, wanted: SchemaField, findings: DecodeFindings): undefined {
  const kind = kindOfJson(value);
  const goKind = kind === 'boolean' ? 'bool' : kind === 'integer' ? 'number' : kind;
  findings.typeErrors.push(
    `json: cannot unmarshal ${goKind} into Go struct field ${place.goStruct}.${place.goPath} of type ${goTypes[wanted]}`,
  );
  return undefined;
}

function decodeField(value: unknown, field: SchemaField, place: Place, findings: DecodeFindings): unknown {
  switch (field) {
    case 'text':
      return typeof value === 'string' ? value : refuse(value, place, field, findings);
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value, place, field, findings);
    case 'float':
      return typeof value === 'number' ? value : refuse(value, place, field, findings);
    case 'integer':
      return kindOfJson(value) === 'integer' ? value : refuse(value, place, field, findings);
    case 'json':
      return value;
    case 'jsonList':
      return Array.isArray(value) ? value : refuse(value, place, field, findings);
    case 'textList':
      return decodeList(value, place, field, findings, (item, at) => decodeField(item, 'text', at, findings));
    case 'schemaList':
      return decodeList(value, place, field, findings, (item, at) => decodeNode(item, at, findings));
    case 'rules':
      return decodeList(value, place, field, findings, (item, at) =>
        decodeFields(item, ruleFields, { ...at, goStruct: 'ValidationRule' }, 'rules', findings),
      );
    case 'externalDocs':
      return decodeFields(
        value,
        externalDocsFields,
        { ...place, goStruct: 'ExternalDocumentation' },
        field,
        findings,
      );
    case 'schema':
    case 'schemaMap':
    case 'schemaOrList':
    case 'schemaOrBoolean':
    case 'dependencies':
    default:
      return decodeNested(value, field, place, findings);
  }
}

/** Fields that hold schemas in one form or another. */
function decodeNested(value: unknown, field: SchemaField, place: Place, findings: DecodeFindings): unknown {
  if (field === 'schemaOrBoolean' && typeof value === 'boolean') return value;
  if (field === 'schemaOrList' && Array.isArray(value)) {
    return decodeField(value, 'schemaList', place, findings);
  }
  if (field !== 'schemaMap' && field !== 'dependencies') return decodeNode(value, place, findings);
  if (!isJsonObject(value)) return refuse(value, place, field, findings);
  const entries = Object.entries(value).map(([name, member]) => {
    const path = `${place.path}.${name}`;
    // A list of names is one only in `dependencies`; null is the empty schema, as in Go.
    const isNames = field === 'dependencies' && Array.isArray(member);
    const decoded = isNames ? member : decodeNode(member ?? {}, { ...place, path }, findings);
    return [name, decoded ?? {}] as const;
  });
  return Object.fromEntries(entries);
}

function decodeList(
  value: unknown,
  place: Place,
  field: SchemaField,
  findings: DecodeFindings,
  decodeItem: (item: unknown, place: Place) => unknown,
): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return refuse(value, place, field, findings);
  return value.flatMap((item: unknown, index) => {
    const decoded = decodeItem(item ?? (field === 'textList' ? '' : {}), {
      ...place,
      path: `${place.path}[${index}]`,
    });
    return decoded === undefined ? [] : [decoded];
  });
}
