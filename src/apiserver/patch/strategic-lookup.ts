// How a member of an object is merged by a strategic merge patch: what the Go type of the object says about it.
import type { ListSchema, Schema, StructSchema } from '../../kube/index.ts';
import { PatchError } from './patch-error.ts';

/**
 * What describes an object. `plain`: nothing does; its objects merge member by member and its lists are replaced. A schema that
 * is no struct has no members that could be objects or lists.
 */
export type Shape = Schema | 'plain';

export interface ListRule {
  /** Of the elements. */
  readonly items: Shape;
  /** Null: the list is replaced whole. Empty: its elements are scalars and merge as a set. */
  readonly mergeKey: string | null;
}

const plainList: ListRule = { items: 'plain', mergeKey: null };

/** What strategic merge calls an error of its own and the API server answers with 500. */
export function internalFault(message: string): PatchError {
  return new PatchError('internal', message);
}

function isPlain(shape: Shape): shape is 'plain' | (Schema & { readonly shape: 'scalar' }) {
  return shape === 'plain' || (shape.shape === 'scalar' && shape.scalar === 'free');
}

/** The word that Go has for the kind of a type. */
function kindName(shape: Schema): string {
  if (shape.shape === 'list') return 'slice';
  if (shape.shape !== 'scalar') return shape.shape;
  return shape.goType === 'bool' || shape.goType === 'int32' || shape.goType === 'int64'
    ? shape.goType
    : 'string';
}

/** As messages name the elements of a list. */
export function shapeName(shape: Shape): string {
  return isPlain(shape) ? 'interface' : kindName(shape);
}

function memberShape(shape: Schema, name: string): Shape {
  if (shape.shape !== 'struct') {
    const why = `instead is: ${kindName(shape)}`;
    throw internalFault(`merging an object in json but data type is not struct, ${why}`);
  }
  const member = shape.members.get(name);
  if (member !== undefined) return member.schema;
  if (shape.isOpen === true) return 'plain';
  throw unknownField(shape, name);
}

function unknownField(shape: StructSchema, name: string): PatchError {
  return internalFault(`unable to find api field in struct ${shape.goName} for the json field "${name}"`);
}

/** For a member that is an object on both sides. @throws {PatchError} */
export function lookupObject(shape: Shape, name: string): Shape {
  return isPlain(shape) ? 'plain' : memberShape(shape, name);
}

/** For a member that is a list on both sides, or whose order is told. @throws {PatchError} */
export function lookupList(shape: Shape, name: string): ListRule {
  if (isPlain(shape)) return plainList;
  const member = memberShape(shape, name);
  if (isPlain(member)) return plainList;
  if (member.shape !== 'list') {
    throw internalFault(`expected slice or array type, but got: ${kindName(member)}`);
  }
  return listRule(member);
}

function listRule(list: ListSchema): ListRule {
  if (list.items.shape === 'list') throw internalFault('unexpected slice of slice');
  return { items: list.items, mergeKey: list.merge?.patchMergeKey ?? null };
}
