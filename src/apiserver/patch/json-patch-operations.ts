// The operations of a JSON patch (RFC 6902), read from a parsed body with the complaints of the API server's decoder.
import { isJsonObject } from '../../kube/index.ts';
import { jsonTypeOf } from './go-print.ts';
import { type JsonObject, memberOf } from './json-tree.ts';
import { PatchError } from './patch-error.ts';

/** The API server's limit. */
export const maxOperations = 10_000;

/** The members as they came: what is missing is told only when the operation is applied, as the API server does. */
export interface Operation {
  readonly op: string;
  readonly path: string | null;
  readonly from: string | null;
  readonly value: unknown;
}

const knownMembers: readonly string[] = ['op', 'path', 'from', 'value'];

/** @throws {PatchError} `malformed` or `too-many`. */
export function parseOperations(patch: unknown): readonly Operation[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw wrongType(patch, 'Go value of type []handlers.jsonPatchOp');
  const operations = patch.map(parseOperation);
  if (operations.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`;
    throw new PatchError('too-many', message);
  }
  return operations;
}

function wrongType(value: unknown, wanted: string): PatchError {
  return new PatchError(
    'malformed',
    `error decoding patch: json: cannot unmarshal ${jsonTypeOf(value)} into ${wanted}`,
  );
}

function parseOperation(raw: unknown): Operation {
  if (raw === null) return { op: 'unknown', path: null, from: null, value: null };
  if (!isJsonObject(raw)) throw wrongType(raw, 'Go value of type handlers.jsonPatchOp');
  return {
    op: textMember(raw, 'op') ?? 'unknown',
    path: textMember(raw, 'path'),
    from: textMember(raw, 'from'),
    value: memberOf(raw, 'value') ?? null,
  };
}

function textMember(raw: JsonObject, name: string): string | null {
  const value = memberOf(raw, name) ?? null;
  if (value === null || typeof value === 'string') return value;
  throw wrongType(value, `Go struct field jsonPatchOp.${name} of type string`);
}

/** Members that no operation has, for warnings and for strict field validation: `json patch unknown field "[2].foo"`. */
export function unknownOperationFields(patch: unknown): readonly string[] {
  if (!Array.isArray(patch)) return [];
  return patch.slice(0, maxOperations).flatMap((operation: unknown, index) =>
    isJsonObject(operation)
      ? Object.keys(operation)
          .filter((name) => !knownMembers.includes(name))
          .map((name) => `json patch unknown field "[${index}].${name}"`)
      : [],
  );
}
