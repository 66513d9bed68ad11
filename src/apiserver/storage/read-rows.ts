// readState: the rows of the state file as objects in memory. Every row is checked; a damaged one stops the reading with its name.
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ApiObject } from '../api-object.ts';
import { EventHistory, firstRevision, type HistoryLimits } from './event-history.ts';
import { ObjectTable } from './object-table.ts';
import { parseFloorMark, revisionMark } from './schema.ts';
import { quotePath, StorageError } from './storage-error.ts';
import type { StoredKey, StoreEvent } from './store.ts';
import {
  eventChecksum,
  type HistoryItem,
  stateChecksum,
  type StoredState,
  withRevision,
} from './stored-state.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;

export interface LoadedState {
  readonly revision: number;
  readonly tables: Map<string, ObjectTable>;
  readonly history: EventHistory;
}

function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

function integer(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : Number.NaN;
}

function keyOf(row: Row): StoredKey {
  return { resource: text(row, 'resource'), namespace: text(row, 'namespace'), name: text(row, 'name') };
}

function shownKey({ resource, namespace, name }: StoredKey): string {
  return `${resource} ${JSON.stringify(namespace === '' ? name : `${namespace}/${name}`)}`;
}

/** `row`, e.g. `row 17 of table "objects" (core/services "shop/web")`. */
function damaged(path: string, row: string, why: string): StorageError {
  const message =
    `reading the state file ${quotePath(path)}: ${row} is damaged: ${why}; ` +
    'restore the file from a backup; it was left as it is';
  return new StorageError(path, 'damaged', message);
}

/** The state in a row: JSON that is what was written for this key at this revision. Throws the reason as text. */
function parseState(key: StoredKey, revision: number, json: string, checksum: number | null): StoredState {
  let object: unknown;
  try {
    object = JSON.parse(json);
  } catch (error) {
    throw new Error(`no JSON (${error instanceof SyntaxError ? error.message : String(error)})`, {
      cause: error,
    });
  }
  const found = stateChecksum(key, revision, json);
  if (checksum !== null && found !== checksum)
    throw new Error(`its checksum is ${found}, and ${checksum} was written`);
  // The checksum says that this is the text of an ApiObject that was stored; only a foreign hand could have made another.
  const stored = object as ApiObject | null;
  const version = stored?.metadata?.resourceVersion;
  if (stored === null || version !== String(revision))
    throw new Error(`its resourceVersion is ${JSON.stringify(version)}, want "${revision}"`);
  return { object: stored, textLength: json.length, checksum: found };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readObjects(database: DatabaseSync, path: string): Map<string, ObjectTable> {
  const tables = new Map<string, ObjectTable>();
  const rows = database.prepare('SELECT * FROM objects ORDER BY resource, namespace, name').iterate();
  for (const row of rows) {
    const key = keyOf(row);
    let table = tables.get(key.resource);
    if (table === undefined) {
      table = new ObjectTable();
      tables.set(key.resource, table);
    }
    try {
      table.set(
        key,
        parseState(key, integer(row, 'revision'), text(row, 'object'), integer(row, 'checksum')),
      );
    } catch (error) {
      const name = `row ${integer(row, 'id')} of table "objects" (${shownKey(key)})`;
      throw damaged(path, name, reasonOf(error));
    }
  }
  return tables;
}

/** An event without the state behind it, which the next event of its key or the table tells. */
interface HalfItem {
  readonly key: StoredKey;
  readonly revision: number;
  readonly type: StoreEvent['type'];
  readonly timeMs: number;
  readonly previous: StoredState | null;
}

function parseType(row: Row): StoreEvent['type'] {
  const type = text(row, 'type');
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return type;
  throw new Error(`its type is ${JSON.stringify(type)}, want ADDED, MODIFIED or DELETED`);
}

function parseEvent(row: Row): HalfItem {
  const key = keyOf(row);
  const revision = integer(row, 'revision');
  const timeMs = integer(row, 'time_ms');
  const type = parseType(row);
  const json = row['previous'];
  const previous =
    typeof json === 'string' ? parseState(key, integer(row, 'previous_revision'), json, null) : null;
  if (eventChecksum(key, revision, type, timeMs, previous?.checksum ?? 0) !== row['checksum'])
    throw new Error('its checksum is not the one that was written');
  return { key, revision, type, timeMs, previous };
}

function eventRow(revision: number, key: StoredKey): string {
  return `row ${revision} of table "history" (${shownKey(key)})`;
}

function readEvents(database: DatabaseSync, path: string): HalfItem[] {
  const items: HalfItem[] = [];
  for (const row of database.prepare('SELECT * FROM history ORDER BY revision').iterate()) {
    try {
      items.push(parseEvent(row));
    } catch (error) {
      throw damaged(path, eventRow(integer(row, 'revision'), keyOf(row)), reasonOf(error));
    }
  }
  return items;
}

/** From the newest event to the oldest: the state behind an event is the state before the next one of its key. */
function completeEvents(
  halves: readonly HalfItem[],
  tables: ReadonlyMap<string, ObjectTable>,
  path: string,
): HistoryItem[] {
  const states = new Map<string, ApiObject | null>();
  const items: HistoryItem[] = [];
  for (const { key, revision, type, timeMs, previous } of halves.toReversed()) {
    const { resource, namespace, name } = key;
    const keyText = `${resource}\0${namespace}\0${name}`;
    const known = states.get(keyText);
    const behind = known === undefined ? (tables.get(resource)?.get(namespace, name)?.object ?? null) : known;
    const before = previous?.object ?? null;
    const object = type === 'DELETED' && before !== null ? withRevision(before, revision) : behind;
    const isFitting = (type === 'DELETED') === (behind === null) && (type === 'ADDED') === (before === null);
    if (!isFitting || object?.metadata.resourceVersion !== String(revision))
      throw damaged(path, eventRow(revision, key), 'the state that it led to is missing');
    states.set(keyText, before);
    items.push({ event: { type, revision, key, object, previous: before }, timeMs, previous });
  }
  return items.reverse();
}

interface Marks {
  readonly revision: number;
  readonly floors: Map<string, number>;
}

function readMarks(database: DatabaseSync, path: string): Marks {
  const floors = new Map<string, number>();
  let revision = 0;
  for (const row of database.prepare('SELECT mark, revision FROM marks').iterate()) {
    const mark = text(row, 'mark');
    const resource = parseFloorMark(mark);
    if (resource !== null) floors.set(resource, integer(row, 'revision'));
    else if (mark === revisionMark) revision = integer(row, 'revision');
  }
  // A revision that is given out twice would show two states of the world under one number.
  const newest = database
    .prepare(
      'SELECT max((SELECT ifnull(max(revision), 0) FROM objects), (SELECT ifnull(max(revision), 0) FROM history)) AS newest',
    )
    .get();
  if (revision < firstRevision || revision < integer(newest ?? {}, 'newest'))
    throw damaged(
      path,
      'the counter in table "marks"',
      `it is ${revision}, smaller than what it has counted`,
    );
  return { revision, floors };
}

/** @throws {StorageError} naming the damaged row. */
export function readState(database: DatabaseSync, path: string, limits: HistoryLimits): LoadedState {
  const { revision, floors } = readMarks(database, path);
  const tables = readObjects(database, path);
  const history = new EventHistory(limits, floors);
  for (const item of completeEvents(readEvents(database, path), tables, path)) history.push(item);
  return { revision, tables, history };
}
