// A small language for the shapes of API objects: what decoding checks, in which Go type's name it complains, and which
// members are always present in the typed form. Members are listed in the order in which the API server prints them.

export type ScalarShape =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  /** A number or a text. */
  | 'intOrString'
  /** Base64 text. */
  | 'bytes'
  /** RFC 3339 text in whole seconds. */
  | 'time'
  /** RFC 3339 text with microseconds (`MicroTime`). */
  | 'microTime'
  /** A text or a number such as `500m` (`resource.Quantity`), carried as text. */
  | 'quantity'
  /** Anything, carried as it came. */
  | 'free';

/** How the lists of a field are merged: by server-side apply (`listType`) and by strategic merge (`patchMergeKey`). */
export interface ListMerge {
  /** `x-kubernetes-list-type`. */
  readonly listType: 'atomic' | 'set' | 'map';
  /** `x-kubernetes-list-map-keys`, for `map`. */
  readonly mapKeys?: readonly string[];
  /** The Go tag `patchMergeKey` with `patchStrategy=merge`; an empty text merges a list of scalars as a set. */
  readonly patchMergeKey?: string;
}

export interface ListSchema {
  readonly shape: 'list';
  readonly items: Schema;
  readonly goType: string;
  /** Absent: the list is replaced whole. */
  readonly merge?: ListMerge;
}

export type Schema =
  | { readonly shape: 'scalar'; readonly scalar: ScalarShape; readonly goType: string }
  | ListSchema
  | { readonly shape: 'map'; readonly values: Schema; readonly goType: string; readonly isAtomic?: boolean }
  | StructSchema;

export interface StructSchema {
  readonly shape: 'struct';
  /** With its package, e.g. `v1.IngressSpec`. */
  readonly goType: string;
  /** Without it, as error texts name the struct of a field. */
  readonly goName: string;
  readonly members: ReadonlyMap<string, Member>;
  /** `x-kubernetes-map-type: atomic`: owned and replaced as one value by server-side apply. */
  readonly isAtomic?: boolean;
  /** Members that are not in the table are carried as they came and are no error: for kinds that are only stored. */
  readonly isOpen?: boolean;
}

export interface Member {
  readonly schema: Schema;
  /** Filled with its zero value (empty text, 0, empty list, empty struct) when absent. */
  readonly isAlways: boolean;
  /** Field number in the protobuf form (`generated.proto` of the API); absent: the member does not travel in protobuf. */
  readonly proto?: number;
  /**
   * A pointer in Go: zero (`false`, 0, an empty text) is told apart from absence. Other scalars that are zero in a protobuf
   * message are absent, because such messages carry all of them.
   */
  readonly isPointer?: boolean;
  /** For `kubectl explain`: what the field is for, in our own words. */
  readonly doc?: string;
  /** `required` in the published OpenAPI schema. */
  readonly isRequired?: boolean;
  /** The member travels inside a message of this number, which the JSON form does not have (a struct inlined in Go). */
  readonly protoWithin?: number;
  /** Go's name of the struct that is inlined here; the decoder's messages have it in their paths. */
  readonly goInline?: string;
  /** The published default of a text; it stands for an absent key in lists of type `map`. */
  readonly defaultText?: string;
}

function scalar(shape: ScalarShape, goType: string): Schema {
  return { shape: 'scalar', scalar: shape, goType };
}

export const text: Schema = scalar('string', 'string');
export const boolean: Schema = scalar('boolean', 'bool');
export const int32: Schema = scalar('int32', 'int32');
export const int64: Schema = scalar('int64', 'int64');
export const intOrString: Schema = scalar('intOrString', 'int32');
export const bytes: Schema = scalar('bytes', '[]uint8');
export const time: Schema = scalar('time', 'string');
export const microTime: Schema = scalar('microTime', 'string');
export const quantity: Schema = scalar('quantity', 'resource.Quantity');
export const free: Schema = scalar('free', 'interface {}');

/** A text of a named Go type, e.g. `v1.PathType`. */
export function textOf(goType: string): Schema {
  return scalar('string', goType);
}

/** A list without a published list type: replaced whole by every kind of patch. */
export function listOf(items: Schema, merge?: ListMerge): ListSchema {
  const goType = `[]${items.goType}`;
  return merge === undefined ? { shape: 'list', items, goType } : { shape: 'list', items, goType, merge };
}

/** A list that is owned and replaced as one value. */
export function atomicList(items: Schema): ListSchema {
  return listOf(items, { listType: 'atomic' });
}

/** A list of distinct scalars, each owned by itself; `patches`: strategic merge adds to it instead of replacing it. */
export function setList(items: Schema, patches: 'merge' | 'replace' = 'replace'): ListSchema {
  return listOf(items, patches === 'merge' ? { listType: 'set', patchMergeKey: '' } : { listType: 'set' });
}

/** A list of objects that are told apart by `mapKeys`; `patchMergeKey` is what strategic merge goes by, if it merges. */
export function mapList(items: Schema, mapKeys: readonly string[], patchMergeKey?: string): ListSchema {
  const merge: ListMerge = { listType: 'map', mapKeys };
  return listOf(items, patchMergeKey === undefined ? merge : { ...merge, patchMergeKey });
}

export function mapOf(values: Schema, goType = `map[string]${values.goType}`): Schema {
  return { shape: 'map', values, goType };
}

/** A map that is owned and replaced as one value. */
export function atomicMap(values: Schema): Schema {
  return { shape: 'map', values, goType: `map[string]${values.goType}`, isAtomic: true };
}

export const textMap: Schema = mapOf(text);
export const textList: Schema = listOf(text);

/** What a member is besides its schema; by default none of it. */
export interface MemberTraits {
  readonly isAlways?: boolean;
  readonly isRequired?: boolean;
  readonly isPointer?: boolean;
  readonly defaultText?: string;
}

/** A member: its protobuf number (null: it does not travel in protobuf), its schema and what it is for. */
export function field(proto: number | null, schema: Schema, doc = '', traits: MemberTraits = {}): Member {
  return {
    schema,
    isAlways: false,
    ...traits,
    ...(proto === null ? {} : { proto }),
    ...(doc === '' ? {} : { doc }),
  };
}

/** A member that must be given and is always printed. */
export function required(proto: number | null, schema: Schema, doc = ''): Member {
  return field(proto, schema, doc, { isAlways: true, isRequired: true });
}

/** A member that may be left out and is always printed. */
export function filled(proto: number | null, schema: Schema, doc = ''): Member {
  return field(proto, schema, doc, { isAlways: true });
}

/** A scalar member whose zero value differs from its absence. */
export function pointer(proto: number | null, schema: Schema, doc = ''): Member {
  return field(proto, schema, doc, { isPointer: true });
}

/** A member that is filled with its zero value when absent. */
export function always(schema: Schema): Member {
  return { schema, isAlways: true };
}

/** Members that travel together inside the message `proto`; `goInline` is the name of their struct in Go. */
export function within(
  proto: number,
  goInline: string,
  members: Readonly<Record<string, Member>>,
): Record<string, Member> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, { ...member, protoWithin: proto, goInline }]),
  );
}

function isMember(value: Schema | Member): value is Member {
  return 'isAlways' in value;
}

/** A struct, by its Go type (`package.Name`) and its members. */
export function structOf(goType: string, members: Readonly<Record<string, Schema | Member>>): StructSchema {
  const entries = Object.entries(members).map(
    ([name, value]) => [name, isMember(value) ? value : { schema: value, isAlways: false }] as const,
  );
  return {
    shape: 'struct',
    goType,
    goName: goType.slice(goType.indexOf('.') + 1),
    members: new Map(entries),
  };
}

/** The same struct, owned and replaced as one value. */
export function atomic(schema: StructSchema): StructSchema {
  return { ...schema, isAtomic: true };
}

/** The same struct; members that it does not list are carried as they came. */
export function open(schema: StructSchema): StructSchema {
  return { ...schema, isOpen: true };
}
