// The schemas of an OpenAPI document, made of the shapes by which objects are decoded: what is published is what is checked.
import type { ListMerge, Member, ScalarShape, Schema, StructSchema } from '../../kube/index.ts';
import { customSchema } from './custom-schema.ts';
import {
  customDefinitionName,
  definitionName,
  patchDefinitionName,
  scalarDefinitionNames,
} from './definition-names.ts';
import { type Dialect, type JsonSchema, refTo } from './dialect.ts';
import { enumOf } from './field-enums.ts';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const scalars: Readonly<Record<Exclude<ScalarShape, 'free'>, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bytes: { type: 'string', format: 'byte' },
  intOrString: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
};

const scalarDocs: Readonly<Record<keyof typeof scalarDefinitionNames, string>> = {
  time: 'A moment in whole seconds, RFC 3339, e.g. `2026-03-01T12:00:00Z`.',
  microTime: 'A moment in microseconds, RFC 3339, e.g. `2026-03-01T12:00:00.000001Z`.',
  quantity: 'A number with an optional unit, e.g. `500m`, `2`, `1.5Gi`.',
  intOrString: 'A whole number or a text, e.g. `80` or `http`.',
};

/** Swagger 2 has no `oneOf`. */
const swaggerScalars: Readonly<Partial<Record<ScalarShape, JsonSchema>>> = {
  intOrString: { type: 'string', format: 'int-or-string' },
  quantity: { type: 'string' },
};

export class Definitions {
  readonly #dialect: Dialect;
  readonly #definitions = new Map<string, JsonSchema>();
  /** Names of the structs that were met, by the group in which they were. */
  readonly #names = new Map<string, Map<StructSchema, string>>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** By name, sorted. */
  entries(): readonly (readonly [string, JsonSchema])[] {
    return [...this.#definitions].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** A kind with all that it is made of; the name under which it is found. */
  addKind(schema: StructSchema, kind: GroupVersionKind, doc: string): string {
    const name = this.#addStruct(schema, kind.group);
    this.#tag(name, kind, doc);
    return name;
  }

  /** A kind with a published schema of its own. */
  addCustomKind(
    raw: Readonly<Record<string, unknown>>,
    shape: StructSchema,
    kind: GroupVersionKind,
    doc: string,
  ): string {
    const name = customDefinitionName(kind.group, kind.version, kind.kind);
    const meta: Record<string, JsonSchema> = {};
    for (const member of ['apiVersion', 'kind', 'metadata']) {
      const found = shape.members.get(member);
      if (found !== undefined) meta[member] = this.#member(found, kind.group);
    }
    this.#definitions.set(name, customSchema(raw, meta, this.#dialect));
    this.#tag(name, kind, doc);
    return name;
  }

  /** The list of the objects that the definition `item` describes; `shape` is that of the list. */
  addList(item: string, shape: StructSchema, kind: GroupVersionKind): string {
    const name = `${item.slice(0, item.lastIndexOf('.') + 1)}${kind.kind}`;
    const properties = Object.fromEntries(
      [...shape.members].map(([member, found]) => [
        member,
        member === 'items'
          ? { description: found.doc, type: 'array', items: refTo(this.#dialect, item) }
          : this.#member(found, kind.group),
      ]),
    );
    this.#definitions.set(name, { type: 'object', properties, required: ['items'] });
    this.#tag(name, kind, `A list of objects of kind ${item.slice(item.lastIndexOf('.') + 1)}.`);
    return name;
  }

  /** A struct that belongs to no group of its own, e.g. DeleteOptions. */
  addShared(schema: StructSchema): string {
    return this.#addStruct(schema, '');
  }

  /** The body of a PATCH: any object. */
  addPatch(): string {
    const doc = 'A change of an object, in the form that the Content-Type names.';
    this.#definitions.set(patchDefinitionName, { description: doc, type: 'object' });
    return patchDefinitionName;
  }

  #tag(name: string, kind: GroupVersionKind, doc: string): void {
    const { description, ...rest } = this.#definitions.get(name) ?? {};
    const known = rest['x-kubernetes-group-version-kind'];
    this.#definitions.set(name, {
      description: typeof description === 'string' && description !== '' ? description : doc,
      ...rest,
      'x-kubernetes-group-version-kind': [...(Array.isArray(known) ? known : []), { ...kind }],
    });
  }

  #addStruct(schema: StructSchema, group: string): string {
    let names = this.#names.get(group);
    if (names === undefined) this.#names.set(group, (names = new Map<StructSchema, string>()));
    const known = names.get(schema);
    if (known !== undefined) return known;
    // Two shapes of one name would be one of them wrong.
    let name = definitionName(schema, group);
    const taken = this.#definitions.get(name);
    names.set(schema, name);
    const rendered = this.#struct(schema, group);
    if (taken !== undefined && !isSameShape(taken, rendered)) {
      name = `${name}In${group.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
      names.set(schema, name);
    } else if (taken !== undefined) {
      return name;
    }
    this.#definitions.set(name, rendered);
    return name;
  }

  #struct(schema: StructSchema, group: string): JsonSchema {
    const isOpen = schema.isOpen === true;
    // kubectl before 1.27 refuses members that are not listed, so that it is given no list where others are allowed.
    if (isOpen && this.#dialect === 'v2') return { type: 'object' };
    const properties: Record<string, JsonSchema> = {};
    for (const [name, member] of schema.members) {
      const values = this.#dialect === 'v3' ? enumOf(schema.goName, name) : undefined;
      properties[name] = {
        ...this.#member(member, group),
        ...(values === undefined ? {} : { enum: values }),
      };
    }
    const required = [...schema.members].filter(([, { isRequired }]) => isRequired === true);
    return {
      type: 'object',
      ...(schema.members.size === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required: required.map(([name]) => name).sort() }),
      ...(schema.isAtomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(isOpen ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    };
  }

  #member({ schema, doc }: Member, group: string): JsonSchema {
    const value = this.#value(schema, group);
    if (doc === undefined) return value;
    // A reference in OpenAPI 3.0 has no siblings.
    if ('$ref' in value && this.#dialect === 'v3') return { description: doc, allOf: [value] };
    return { description: doc, ...value };
  }

  #value(schema: Schema, group: string): JsonSchema {
    if (schema.shape === 'scalar') return this.#scalar(schema.scalar);
    if (schema.shape === 'struct') return refTo(this.#dialect, this.#addStruct(schema, group));
    if (schema.shape === 'list') {
      const items = this.#value(schema.items, group);
      return { type: 'array', items, ...mergeExtensions(schema.merge) };
    }
    const additionalProperties = this.#value(schema.values, group);
    const atomic = schema.isAtomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {};
    return { type: 'object', additionalProperties, ...atomic };
  }

  #scalar(shape: ScalarShape): JsonSchema {
    if (shape === 'free')
      return this.#dialect === 'v3' ? { 'x-kubernetes-preserve-unknown-fields': true } : {};
    const plain = (this.#dialect === 'v2' ? swaggerScalars[shape] : undefined) ?? scalars[shape];
    if (!isNamedScalar(shape)) return plain;
    const name = scalarDefinitionNames[shape];
    this.#definitions.set(name, { description: scalarDocs[shape], ...plain });
    return refTo(this.#dialect, name);
  }
}

function isNamedScalar(shape: ScalarShape): shape is keyof typeof scalarDefinitionNames {
  return Object.hasOwn(scalarDefinitionNames, shape);
}

/** How server-side apply and strategic merge treat a list. */
function mergeExtensions(merge: ListMerge | undefined): JsonSchema {
  if (merge === undefined) return {};
  const { listType, mapKeys, patchMergeKey } = merge;
  return {
    'x-kubernetes-list-type': listType,
    ...(mapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': mapKeys }),
    ...(patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-strategy': 'merge' }),
    ...(patchMergeKey === undefined || patchMergeKey === ''
      ? {}
      : { 'x-kubernetes-patch-merge-key': patchMergeKey }),
  };
}

/** Apart from the kinds that carry it and their description. */
function isSameShape(one: JsonSchema, other: JsonSchema): boolean {
  const bare = ({
    description: _doc,
    'x-kubernetes-group-version-kind': _kinds,
    ...rest
  }: JsonSchema): string => JSON.stringify(rest);
  return bare(one) === bare(other);
}
