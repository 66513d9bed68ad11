// The schema of a version as the tables of all kinds have it: for managed fields, merging and documentation. Values are decoded and
// validated by the OpenAPI schema itself.
import type { ListMerge, Member, Schema, StructSchema } from '../../../kube/index.ts';
import { objectMetaSchema } from '../schema/embedded-meta.ts';
import { additionalSchema, type JsonSchema } from '../schema/json-schema.ts';

function scalar(shape: 'string' | 'boolean' | 'int32' | 'int64' | 'intOrString' | 'free'): Schema {
  return { shape: 'scalar', scalar: shape, goType: shape };
}

const metaMembers: readonly (readonly [string, Member])[] = [
  ['apiVersion', { schema: scalar('string'), isAlways: true }],
  ['kind', { schema: scalar('string'), isAlways: true }],
  ['metadata', { schema: objectMetaSchema, isAlways: true }],
];

/** `goType`: version and kind, e.g. `v1alpha1.Widget`. */
export function mergeSchemaOf(schema: JsonSchema | null, goType: string): StructSchema {
  const root = schema === null ? openStruct(goType) : structOfObject(schema, goType);
  const own = [...root.members].filter(([name]) => !metaMembers.some(([meta]) => meta === name));
  return { ...root, members: new Map([...metaMembers, ...own]) };
}

function openStruct(goType: string): StructSchema {
  return { shape: 'struct', goType, goName: goNameOf(goType), members: new Map(), isOpen: true };
}

function goNameOf(goType: string): string {
  return goType.slice(goType.indexOf('.') + 1);
}

function structOfObject(schema: JsonSchema, goType: string): StructSchema {
  const required = new Set(schema.required);
  const members = [...schema.properties].map(([name, property]): [string, Member] => [
    name,
    {
      schema: schemaOf(property, `${goType}.${name}`),
      isAlways: false,
      ...(property.description === '' ? {} : { doc: property.description }),
      ...(required.has(name) ? { isRequired: true } : {}),
    },
  ]);
  return {
    shape: 'struct',
    goType,
    goName: goNameOf(goType),
    members: new Map(schema.isEmbeddedResource ? [...metaMembers.slice(0, 2), ...members] : members),
    ...(schema.mapType === 'atomic' ? { isAtomic: true } : {}),
    ...(schema.preservesUnknown === true || schema.additional === true ? { isOpen: true } : {}),
  };
}

function schemaOf(schema: JsonSchema, goType: string): Schema {
  if (schema.isIntOrString) return scalar('intOrString');
  switch (schema.type) {
    case 'string':
      return scalar('string');
    case 'boolean':
      return scalar('boolean');
    case 'integer':
      return scalar(schema.format === 'int32' ? 'int32' : 'int64');
    case 'array':
      return listOfItems(schema, goType);
    case 'object':
      return objectOf(schema, goType);
    default:
      // Numbers with a fraction, and what the schema lets be anything.
      return scalar('free');
  }
}

function listOfItems(schema: JsonSchema, goType: string): Schema {
  const items = schema.items === null ? scalar('free') : schemaOf(schema.items, `${goType}.items`);
  return { shape: 'list', items, goType: `[]${items.goType}`, merge: listMergeOf(schema) };
}

function listMergeOf({ listType, mapKeys }: JsonSchema): ListMerge {
  if (listType === 'map') return { listType, mapKeys };
  return { listType: listType === 'set' ? 'set' : 'atomic' };
}

function objectOf(schema: JsonSchema, goType: string): Schema {
  const others = additionalSchema(schema);
  if (others === null || schema.properties.size > 0) return structOfObject(schema, goType);
  const values = schemaOf(others, `${goType}.additionalProperties`);
  return {
    shape: 'map',
    values,
    goType: `map[string]${values.goType}`,
    ...(schema.mapType === 'atomic' ? { isAtomic: true } : {}),
  };
}
