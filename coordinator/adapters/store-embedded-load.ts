import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { StoreHead } from '../ports.ts';
import type { StoreDump } from './store-dump.ts';
import { jsonOf } from './store-writes.ts';

/** Where the loaded store goes on. */
export type LoadedHead = StoreHead & { readonly lastSequence: number };

/** Puts a dump in place of what the database holds, in one transaction. */
export function loadEmbedded(database: DatabaseSyncInstance, dump: StoreDump, head: LoadedHead): void {
  const putEntry = database.prepare('INSERT INTO entries VALUES (?, ?, ?)');
  const putEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec('DELETE FROM entries; DELETE FROM events');
    for (const { key, value, revision } of dump.entries) putEntry.run(Buffer.from(key), jsonOf(key, value), revision);
    for (const { sequence, atMs, group, kind, subject, reason, message } of dump.events) {
      putEvent.run(sequence, atMs, group, kind, subject, reason, message);
    }
    database.exec("DELETE FROM sqlite_sequence WHERE name = 'events'");
    database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(head.lastSequence);
    const setHead = database.prepare('UPDATE meta SET store_id = ?, revision = ?, fencing_token = ?');
    setHead.run(head.storeId, head.revision, head.fencingToken);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
