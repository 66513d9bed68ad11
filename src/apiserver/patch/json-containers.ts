// What a JSON pointer's last step addresses inside an object or a list, with the readings of the library that the API server
// uses: negative indexes count from the end, a missing member of an object reads as null, `-` appends.
import { isJsonObject } from '../../kube/index.ts';
import { type MutableObject, memberOf, setMember } from './json-tree.ts';
import { PatchError } from './patch-error.ts';

export type Container = unknown[] | MutableObject;

const missing = 'missing value';
const invalidIndex = 'invalid index referenced';

export function fail(message: string): PatchError {
  return new PatchError('failed', message);
}

export function failMissing(message: string): PatchError {
  return fail(`${message}: ${missing}`);
}

/** An object or a list of the private copy; null for anything else. */
export function asContainer(value: unknown): Container | null {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? value : null;
}

/** Null: no index. */
function parseIndex(key: string): number | null {
  return /^[+-]?[0-9]{1,15}$/.test(key) ? Number(key) : null;
}

function noIndex(key: string): string {
  return `strconv.Atoi: parsing "${key}": invalid syntax`;
}

/** `size` is one more than the list is long where an element may be put at the end. */
function placeOf(key: string, size: number): number {
  const index = parseIndex(key);
  if (index === null) throw fail(noIndex(key));
  if (index >= size || index < -size) throw fail(`Unable to access invalid index: ${index}: ${invalidIndex}`);
  return index < 0 ? index + size : index;
}

function placeToAdd(key: string, length: number): number {
  if (parseIndex(key) === null) throw fail(`value was not a proper array index: '${key}': ${noIndex(key)}`);
  return placeOf(key, length + 1);
}

/** A missing member of an object is null. @throws {PatchError} */
export function readMember(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[placeOf(key, container.length)];
  return memberOf(container, key) ?? null;
}

/** @throws {PatchError} */
export function addMember(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setMember(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(placeToAdd(key, container.length), 0, value);
}

/** @throws {PatchError} */
export function replaceMember(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[placeOf(key, container.length)] = value;
  else setMember(container, key, value);
}

/** @throws {PatchError} */
export function removeMember(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(placeOf(key, container.length), 1);
  else if (!Object.hasOwn(container, key)) throw failMissing(`Unable to remove nonexistent key: ${key}`);
  else delete container[key];
}

/** The tokens of a JSON pointer without their escapes; what stands before the first slash is not looked at. */
function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~')));
}

/** The container of the place that a pointer names, and the last token; null when something on the way is missing. */
export function findPlace(
  root: Container,
  pointer: string,
): { readonly container: Container; readonly key: string } | null {
  const tokens = tokensOf(pointer);
  const key = tokens.pop();
  if (key === undefined) return null;
  let container = root;
  for (const token of tokens) {
    const next = readStep(container, token);
    if (next === null) return null;
    container = next;
  }
  return { container, key };
}

function readStep(container: Container, token: string): Container | null {
  if (!Array.isArray(container)) return asContainer(memberOf(container, token));
  const index = parseIndex(token);
  return index === null ? null : asContainer(container.at(index));
}
