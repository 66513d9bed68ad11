// Schema: the tables of the state file, and how files of earlier versions become files of this one.
import type { DatabaseSync } from 'node:sqlite';

/** `SPRT`: tells our files from other SQLite files. */
export const applicationId = 0x53505254;

/** In table `marks`: the counter. */
export const revisionMark = 'revision';

const floorPrefix = 'floor ';

/** In table `marks`: the revision behind which the history of a resource is complete. */
export function floorMark(resource: string): string {
  return floorPrefix + resource;
}

/** The resource of a floor's mark; null: it is another mark. */
export function parseFloorMark(mark: string): string | null {
  return mark.startsWith(floorPrefix) ? mark.slice(floorPrefix.length) : null;
}

/**
 * `objects`: the current state. `object` is JSON with metadata.resourceVersion in it.
 * `history`: an undo log: `previous` is the state before the event, the state behind it is in `objects` or in the next event of
 * the same key; so creating costs no second copy. Appending to a table by its rowid writes the fewest pages.
 * `marks`: the counter and the floors, see above.
 */
const version1 = `
  CREATE TABLE objects (
    id INTEGER PRIMARY KEY,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    object TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (resource, namespace, name)
  ) STRICT;
  CREATE TABLE history (
    revision INTEGER PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    previous_revision INTEGER,
    previous TEXT,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE marks (
    mark TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO marks VALUES ('revision', 1);
`;

/** From version `index` to the next one. Never changed once released: a new version is a new entry. */
const migrations: readonly string[] = [version1];

export const schemaVersion = migrations.length;

/** Brings a file from `fromVersion` (0: empty) to this version, in one transaction. */
export function migrate(database: DatabaseSync, fromVersion: number): void {
  if (fromVersion === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(fromVersion)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`);
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}
