// Stored objects as JSON texts, each made once: objects never change after they were handed over, and one event goes to many watches.
import type { ApiObject } from '../api-object.ts';

/** Characters that are kept; then all are forgotten and the cache begins anew. */
const maxKeptCharacters = 64 * 1024 * 1024;

let texts = new WeakMap<object, string>();
let keptCharacters = 0;

/** `JSON.stringify`, remembered for objects that carry a resource version. Undefined for what JSON does not know. */
export function serialize(value: unknown): string | undefined {
  if (!isStored(value)) return JSON.stringify(value);
  let text = texts.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    keptCharacters += text.length;
    if (keptCharacters > maxKeptCharacters) {
      texts = new WeakMap();
      keptCharacters = text.length;
    }
    texts.set(value, text);
  }
  return text;
}

/** Others (rows of tables, statuses) are made for one answer. */
function isStored(value: unknown): value is ApiObject {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  const { metadata } = value;
  return (
    typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata && 'uid' in metadata
  );
}
