// Plain JSON values: copying, comparing and growing them without harm from hostile names, depths and sizes.
import { isJsonObject } from '../../kube/index.ts';
import { PatchError } from './patch-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A private copy that its owner may change. */
export type MutableObject = Record<string, unknown>;

/** Far above what any kind nests, far below what the call stack bears. */
export const maxDepth = 500;

/** Defines an own member even for a name such as `__proto__`, which an assignment would take for something else. */
export function setMember(target: MutableObject, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else target[name] = value;
}

/** An own member; undefined when absent. */
export function memberOf(target: JsonObject, name: string): unknown {
  return Object.hasOwn(target, name) ? target[name] : undefined;
}

function tooDeep(): PatchError {
  return new PatchError('malformed', `nested more than ${maxDepth} levels deep, at most ${maxDepth} wanted`);
}

/** @throws {PatchError} when it is nested too deeply. */
export function checkDepth(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw tooDeep();
  for (const member of Object.values(value)) checkDepth(member, depth + 1);
}

/** A deep copy; absent (undefined) members are left out. @throws {PatchError} when it is nested too deeply. */
export function copyJson(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => copyJson(item, depth + 1));
  if (!isJsonObject(value)) return value;
  return copyMembers(value, depth);
}

function copyMembers(value: JsonObject, depth: number): MutableObject {
  const out: MutableObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) setMember(out, name, copyJson(member, depth + 1));
  }
  return out;
}

/** @throws {PatchError} when it is nested too deeply. */
export function copyObject(value: JsonObject): MutableObject {
  return copyMembers(value, 0);
}

/** Equal as JSON: members in any order; absent and undefined are the same. */
export function equalJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item, b[index], depth + 1));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  return equalMembers(a, b, depth);
}

function equalMembers(a: JsonObject, b: JsonObject, depth: number): boolean {
  let count = 0;
  for (const [name, member] of Object.entries(a)) {
    if (member === undefined) continue;
    count += 1;
    if (!Object.hasOwn(b, name) || !equalJson(member, b[name], depth + 1)) return false;
  }
  for (const member of Object.values(b)) if (member !== undefined) count -= 1;
  return count === 0;
}
