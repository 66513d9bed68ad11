// Conflicts of server-side apply: fields whose present value somebody else has set. They are taken out of a document, so that the rest
// of it can be applied. Their paths come as text (`.spec.ports[port=80,protocol="TCP"].name`), in which names stand without quotes,
// dots and all; what they mean is found by following them through the document.
import { isJsonObject } from '../../kube/index.ts';
import type { RawManifest } from '../../sources/index.ts';
import { listOf, textOf } from './api-kinds.ts';

export interface FieldConflict {
  /** As the API writes it. */
  readonly path: string;
  /** Who set the present value; empty when the API does not say. */
  readonly manager: string;
}

/** The conflicts that a refused apply tells of; none when it was refused for another reason. */
export function readConflicts(status: unknown): readonly FieldConflict[] {
  const details = isJsonObject(status) ? status['details'] : undefined;
  return listOf(details, 'causes')
    .filter((cause) => textOf(cause, 'reason') === 'FieldManagerConflict')
    .map((cause) => ({ path: textOf(cause, 'field'), manager: managerIn(textOf(cause, 'message')) }));
}

function managerIn(message: string): string {
  const start = 'conflict with "';
  if (!message.startsWith(start)) return '';
  const end = message.indexOf('"', start.length);
  return end < 0 ? '' : message.slice(start.length, end);
}

/** A document without a field, and the field as validation writes it (`spec.ports[0].name`). */
export interface WithoutField {
  readonly body: RawManifest;
  readonly field: string;
}

/** Null: the document does not hold the field. */
export function dropField(body: RawManifest, path: string): WithoutField | null {
  const found = dropIn(body, path);
  if (found === null || !isJsonObject(found.value)) return null;
  return { body: found.value, field: found.field.replace(/^\./, '') };
}

interface Dropped {
  readonly value: unknown;
  readonly field: string;
}

function dropIn(value: unknown, path: string): Dropped | null {
  if (Array.isArray(value)) return dropInList(value, path);
  return isJsonObject(value) ? dropInMap(value, path) : null;
}

/** A name may be the beginning of another one that goes on with a dot, so the longest that leads to the end counts. */
function dropInMap(map: Readonly<Record<string, unknown>>, path: string): Dropped | null {
  const names = Object.keys(map)
    .filter((name) => path.startsWith(`.${name}`) && /^(?:$|[.[])/.test(path.slice(name.length + 1)))
    .sort((a, b) => b.length - a.length);
  for (const name of names) {
    const rest = path.slice(name.length + 1);
    const field = /[./]/.test(name) ? `[${name}]` : `.${name}`;
    if (rest === '') {
      return { value: Object.fromEntries(Object.entries(map).filter(([other]) => other !== name)), field };
    }
    const inner = dropIn(map[name], rest);
    if (inner === null) continue;
    const entries = Object.entries(map).map(([other, item]) => [other, other === name ? inner.value : item]);
    return { value: Object.fromEntries(entries), field: `${field}${inner.field}` };
  }
  return null;
}

function dropInList(list: readonly unknown[], path: string): Dropped | null {
  for (const [index, item] of list.entries()) {
    const end = endOfElement(path, item, index);
    if (end < 0) continue;
    const field = `[${index}]`;
    if (end === path.length) return { value: list.toSpliced(index, 1), field };
    const inner = dropIn(item, path.slice(end));
    if (inner !== null) return { value: list.with(index, inner.value), field: `${field}${inner.field}` };
  }
  return null;
}

/** Where the element `[…]` at the head of the path ends, if it means this item; else -1. */
function endOfElement(path: string, item: unknown, index: number): number {
  const end = endOfBracket(path);
  if (end < 0) return -1;
  const inside = path.slice(1, end - 1);
  if (inside === String(index)) return end;
  if (inside.startsWith('=')) return inside.slice(1) === JSON.stringify(item) ? end : -1;
  const keys = splitKeys(inside);
  const isMeant = isJsonObject(item) && keys.every(([name, text]) => meansSame(item[name], text));
  return keys.length > 0 && isMeant ? end : -1;
}

/** A key that the document leaves out has the default of its type, which the path writes; what else matches decides. */
function meansSame(value: unknown, text: string): boolean {
  return value === undefined || JSON.stringify(value) === text;
}

/** Behind the bracket that closes the one at the head; quotes may hold brackets. -1: there is none. */
function endOfBracket(path: string): number {
  if (!path.startsWith('[')) return -1;
  let isQuoted = false;
  for (let at = 1; at < path.length; at += 1) {
    if (isQuoted && path[at] === '\\') at += 1;
    else if (path[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && path[at] === ']') return at + 1;
  }
  return -1;
}

/** `port=80,protocol="TCP"` in its parts. */
function splitKeys(inside: string): (readonly [name: string, text: string])[] {
  const part = /([A-Za-z0-9_-]+)=("(?:[^"\\]|\\.)*"|[^",]*)(?:,|$)/y;
  const keys: (readonly [string, string])[] = [];
  for (let match = part.exec(inside); match !== null; match = part.exec(inside)) {
    keys.push([match[1] ?? '', match[2] ?? '']);
    if (part.lastIndex >= inside.length) break;
  }
  return keys;
}
