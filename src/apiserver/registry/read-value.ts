// Readings of objects whose shape is not trusted: a member of the wrong type reads as absent. Inherited members are none.
import { isJsonObject } from '../../kube/index.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const nothing: JsonObject = Object.freeze({});

/** The value at a path of member names; undefined where the path leads nowhere. */
export function readValue(from: unknown, ...path: readonly string[]): unknown {
  let value = from;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A text; empty when there is none. */
export function readText(from: unknown, ...path: readonly string[]): string {
  const value = readValue(from, ...path);
  return typeof value === 'string' ? value : '';
}

/** A number; 0 when there is none. */
export function readNumber(from: unknown, ...path: readonly string[]): number {
  const value = readValue(from, ...path);
  return typeof value === 'number' ? value : 0;
}

export function readFlag(from: unknown, ...path: readonly string[]): boolean {
  return readValue(from, ...path) === true;
}

/** A list; empty when there is none. */
export function readList(from: unknown, ...path: readonly string[]): readonly unknown[] {
  const value: unknown = readValue(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** An object; empty when there is none. */
export function readObject(from: unknown, ...path: readonly string[]): JsonObject {
  const value = readValue(from, ...path);
  return isJsonObject(value) ? value : nothing;
}

/** The first text that is not empty, or the last. */
export function firstText(...texts: readonly string[]): string {
  return texts.find((text) => text !== '') ?? '';
}
