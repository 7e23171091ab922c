import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { CoordinatorError } from '../errors.ts';

/**
 * The embedded store's tables. Step N takes a file from version N to N + 1 (`PRAGMA user_version`); steps are only ever
 * appended. Keys are blobs of UTF-8: SQLite then orders them by bytes and keeps a NUL, which a text would end at.
 */
const steps: readonly string[] = [
  `CREATE TABLE entries (key BLOB PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID, STRICT;
   CREATE TABLE events (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT, at_ms REAL NOT NULL, group_name TEXT NOT NULL, kind TEXT NOT NULL,
     subject TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_of_group ON events (group_name, sequence);
   CREATE TABLE meta (
     id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, fencing_token INTEGER NOT NULL,
     term_holder TEXT NOT NULL
   ) STRICT;
   INSERT INTO meta VALUES (1, 0, 0, '');`,
  `ALTER TABLE meta ADD COLUMN store_id TEXT NOT NULL DEFAULT '';
   UPDATE meta SET store_id = lower(hex(randomblob(8)));`,
];

/**
 * Brings the tables up to what this program knows, all steps in one transaction.
 *
 * @throws {CoordinatorError} STORE_UNAVAILABLE for a file of a newer program or of another one.
 */
export function migrateStore(database: DatabaseSyncInstance, file: string): void {
  const version = Number(pragma(database, 'user_version'));
  if (version > steps.length) {
    throw new CoordinatorError(
      'STORE_UNAVAILABLE',
      `the store ${file} has schema version ${version}; this program knows versions up to ${steps.length}`,
    );
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw new CoordinatorError('STORE_UNAVAILABLE', `${file} is a database of another program`);
  }
  if (version === steps.length) return;
  database.exec('BEGIN IMMEDIATE');
  for (const step of steps.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${steps.length}`);
  database.exec('COMMIT');
}

/** Reads a pragma; of one with several rows the first. */
export function pragma(database: DatabaseSyncInstance, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get() as Readonly<Record<string, unknown>> | undefined;
  return row?.[name];
}
