import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import assert from 'node:assert/strict';
import type { EventKind, Key, Prefix, StoredEvent, Term } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import type { Commit, CommitResult, LeaseRequest, LeaseResult, Store, Stored, StoreHead, Write } from '../ports.ts';
import { ReadCache, type StoredText } from './read-cache.ts';
import { ProcessLease } from './process-lease.ts';
import { headAfterLoad, lastSequenceAfterLoad, type StoreDump } from './store-dump.ts';
import { checkFile, createFile, release, setModes, translated } from './store-embedded-file.ts';
import { loadEmbedded } from './store-embedded-load.ts';
import { migrateStore } from './store-schema.ts';
import { StoreWatchers } from './store-watchers.ts';
import { assertDistinctKeys, jsonOf } from './store-writes.ts';

export type EmbeddedStoreOptions = {
  /** The database file. Its folder is made when it is missing (mode 0700), the file too (0600). */
  readonly file: string;
  /** A clock that never goes back, by which leases run. */
  readonly monotonicMs?: () => number;
};

/**
 * The store of a single coordinator: SQLite in one file, flushed to disk by every commit. It holds the file's exclusive
 * lock until it is closed; the operating system drops the lock of a killed process at once. The lock is this process's,
 * and closing any other descriptor of the file would drop it (POSIX), so nothing else here ever opens the file.
 *
 * @see https://sqlite.org/pragma.html#pragma_locking_mode
 */
export class EmbeddedStore implements Store {
  readonly tellsAtOnce = true;
  readonly #database: DatabaseSyncInstance;
  readonly #file: string;
  readonly #sql: Statements;
  readonly #cache = new ReadCache();
  readonly #watchers = new StoreWatchers();
  readonly #lease: ProcessLease;

  private constructor(database: DatabaseSyncInstance, { file, monotonicMs }: EmbeddedStoreOptions) {
    this.#database = database;
    this.#file = file;
    this.#lease = new ProcessLease(monotonicMs ?? (() => performance.now()));
    this.#sql = prepareStatements(database);
  }

  /** @throws {CoordinatorError} STORE_IN_USE when another process holds the file, STORE_UNAVAILABLE */
  static open(options: EmbeddedStoreOptions): EmbeddedStore {
    const { file } = options;
    let database: DatabaseSyncInstance | null = null;
    try {
      createFile(file);
      database = new DatabaseSync(file);
      setModes(database, file);
      database.exec('BEGIN EXCLUSIVE; COMMIT'); // takes the lock now, not at the first use
      checkFile(database, file);
      migrateStore(database, file);
      return new EmbeddedStore(database, options);
    } catch (error) {
      if (database !== null) release(database);
      throw translated(error, file);
    }
  }

  /** Gives the file back. Later calls fail with STORE_UNAVAILABLE. */
  close(): void {
    if (this.#database.isOpen) release(this.#database);
  }

  get<T>(key: Key<T>): Promise<Stored<T> | null> {
    // Hardly anything changes from one look to the next: what is known is given without more ado.
    const known = this.#cache.known(key);
    if (known !== undefined && this.#database.isOpen) return Promise.resolve(known);
    return this.#run(() => {
      return this.#cache.get(key, () => {
        const row = this.#sql.get.get(keyBytes(key)) as EntryRow | undefined;
        return row === undefined ? null : textOf(key, row);
      });
    });
  }

  list<T>(prefix: Prefix<T>): Promise<readonly Stored<T>[]> {
    const known = this.#cache.knownList(prefix);
    if (known !== undefined && this.#database.isOpen) return Promise.resolve(known);
    return this.#run(() => {
      return this.#cache.list(prefix, () => {
        const rows = this.#sql.list.all(...boundsOf(prefix)) as EntryRow[];
        return rows.map((row) => textOf(Buffer.from(row.key).toString() as Key<T>, row));
      });
    });
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#run(() => {
      assertDistinctKeys(commit.writes);
      const changedKeys: string[] = [];
      const result = this.#commitOnce(commit, changedKeys);
      if (result.outcome === 'committed') {
        this.#watchers.announce({ changedKeys, hasEvents: (commit.events ?? []).length > 0 });
      }
      return result;
    });
  }

  acquireLease({ holder, ttlMs, nowMs, tokenMin = 0, replaces }: LeaseRequest): Promise<LeaseResult> {
    return this.#run(() => {
      const { running } = this.#lease;
      if (running !== null && running.term.fencingToken !== replaces) {
        return { outcome: 'taken', holder: running.term.holder, remainingMs: running.remainingMs };
      }
      const term = this.#beginTerm(holder, Math.max(nowMs, tokenMin));
      this.#lease.start(term, ttlMs);
      return { outcome: 'held', term };
    });
  }

  renewLease(term: Term, ttlMs: number): Promise<boolean> {
    return this.#run(() => this.#lease.renew(term, ttlMs));
  }

  releaseLease(term: Term): Promise<void> {
    return this.#run(() => {
      this.#lease.release(term);
    });
  }

  leaseHolder(): Promise<string | null> {
    return this.#run(() => this.#lease.running?.term.holder ?? null);
  }

  head(): Promise<StoreHead> {
    return this.#run(() => {
      const { store_id: storeId, revision, fencing_token: fencingToken } = this.#meta();
      return { storeId, revision, fencingToken };
    });
  }

  /** Nobody is ever told: the file is this process's alone, and what was read from it stays. */
  watchHistory(): () => void {
    return () => undefined;
  }

  watch(prefix: string, onChange: (keys: readonly string[]) => void): () => void {
    return this.#watchers.watch(prefix, onChange);
  }

  readEvents(query: { afterSequence: number; limit: number; group?: string }): Promise<readonly StoredEvent[]> {
    return this.#run(() => {
      const { afterSequence, limit, group } = query;
      const rows =
        group === undefined
          ? this.#sql.events.all(afterSequence, limit)
          : this.#sql.eventsOfGroup.all(group, afterSequence, limit);
      return (rows as EventRow[]).map(eventOf);
    });
  }

  lastEventSequence(): Promise<number> {
    return this.#run(() => this.#lastSequence());
  }

  watchEvents(onEvent: () => void): () => void {
    return this.#watchers.watchEvents(onEvent);
  }

  pruneEvents(keepCount: number, oldestMs = 0): Promise<void> {
    return this.#run(() => {
      this.#sql.pruneEvents.run(keepCount);
      this.#sql.pruneOldEvents.run(oldestMs);
    });
  }

  /** Puts a dump in place of everything, in one transaction. */
  load(dump: StoreDump): Promise<void> {
    return this.#run(() => {
      const { store_id: storeId, revision, fencing_token: fencingToken } = this.#meta();
      const head = headAfterLoad(dump.head, { storeId, revision, fencingToken });
      const lastSequence = lastSequenceAfterLoad(dump.lastSequence, this.#lastSequence());
      loadEmbedded(this.#database, dump, { ...head, lastSequence });
    });
  }

  #lastSequence(): number {
    return (this.#sql.lastSequence.get() as { seq: number } | undefined)?.seq ?? 0;
  }

  #beginTerm(holder: string, tokenMin: number): Term {
    const fencingToken = Math.max(this.#meta().fencing_token + 1, Math.ceil(tokenMin));
    assert(Number.isSafeInteger(fencingToken), 'a fencing token is a whole number');
    this.#sql.setTerm.run(fencingToken, holder);
    return { holder, fencingToken };
  }

  #commit(commit: Commit, changedKeys: string[]): CommitResult {
    const meta = this.#meta();
    // A token that this store never gave out is refused too: then it is the store that lost a term.
    if (commit.fencingToken !== undefined && commit.fencingToken !== meta.fencing_token) {
      return { outcome: 'fenced', fencingToken: meta.fencing_token };
    }
    const revision = meta.revision + 1;
    for (const write of commit.writes) {
      const current = this.#sql.revision.get(keyBytes(write.key)) as { revision: number } | undefined;
      if (write.ifRevision !== null && write.ifRevision !== (current?.revision ?? 0)) {
        return { outcome: 'conflict', key: write.key };
      }
      if (this.#write(write, revision) > 0) changedKeys.push(write.key);
    }
    for (const { atMs, group, kind, subject, reason, message } of commit.events ?? []) {
      this.#sql.addEvent.run(atMs, group, kind, subject, reason, message);
    }
    this.#sql.setRevision.run(revision);
    return { outcome: 'committed', revision };
  }

  #write({ key, value }: Write, revision: number): number {
    if (value === null) return this.#sql.remove.run(keyBytes(key)).changes;
    return this.#sql.put.run(keyBytes(key), jsonOf(key, value), revision).changes;
  }

  #commitOnce(commit: Commit, changedKeys: string[]): CommitResult {
    try {
      return this.#transact(() => this.#commit(commit, changedKeys));
    } finally {
      this.#cache.forget(changedKeys);
    }
  }

  /** Runs `action` in a transaction that only a committed result keeps. */
  #transact(action: () => CommitResult): CommitResult {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = action();
      this.#database.exec(result.outcome === 'committed' ? 'COMMIT' : 'ROLLBACK');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #meta(): MetaRow {
    return this.#sql.meta.get() as MetaRow;
  }

  #run<T>(action: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (!this.#database.isOpen) {
        throw new CoordinatorError('STORE_UNAVAILABLE', `the store ${this.#file} is closed`);
      }
      try {
        resolve(action());
      } catch (error) {
        throw translated(error, this.#file);
      }
    });
  }
}

type EntryRow = { readonly key: Uint8Array; readonly value: string; readonly revision: number };
type MetaRow = { readonly store_id: string; readonly revision: number; readonly fencing_token: number };
type EventRow = {
  readonly sequence: number;
  readonly at_ms: number;
  readonly group_name: string;
  readonly kind: EventKind;
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
};

type Statements = Readonly<Record<keyof typeof statements, StatementSyncInstance>>;

const statements = {
  get: 'SELECT key, value, revision FROM entries WHERE key = ?',
  list: 'SELECT key, value, revision FROM entries WHERE key >= ? AND key < ? ORDER BY key',
  revision: 'SELECT revision FROM entries WHERE key = ?',
  put: 'INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision',
  remove: 'DELETE FROM entries WHERE key = ?',
  meta: 'SELECT store_id, revision, fencing_token FROM meta',
  setRevision: 'UPDATE meta SET revision = ?',
  setTerm: 'UPDATE meta SET fencing_token = ?, term_holder = ?',
  addEvent: 'INSERT INTO events (at_ms, group_name, kind, subject, reason, message) VALUES (?, ?, ?, ?, ?, ?)',
  events: 'SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?',
  eventsOfGroup: 'SELECT * FROM events WHERE group_name = ? AND sequence > ? ORDER BY sequence LIMIT ?',
  lastSequence: "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
  // Events come about in the order of time, so the first that is not old ends what goes: no scan of what stays.
  pruneOldEvents: `DELETE FROM events WHERE sequence < coalesce(
    (SELECT sequence FROM events WHERE at_ms >= ? ORDER BY sequence LIMIT 1), 9223372036854775807)`,
  pruneEvents:
    'DELETE FROM events WHERE sequence <= (SELECT sequence FROM events ORDER BY sequence DESC LIMIT 1 OFFSET ?)',
};

function prepareStatements(database: DatabaseSyncInstance): Statements {
  const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}

function keyBytes(key: string): Buffer {
  return Buffer.from(key);
}

/** The first key of a prefix and the first beyond it. No byte of UTF-8 is 0xFF, so the last one can be raised. */
function boundsOf(prefix: string): [Buffer, Buffer] {
  if (prefix === '') return [Buffer.from([0]), Buffer.from([0xff])];
  const first = keyBytes(prefix);
  const beyond = Buffer.from(first);
  beyond[beyond.length - 1] = (beyond.at(-1) ?? 0) + 1;
  return [first, beyond];
}

function textOf<T>(key: Key<T>, { value: text, revision }: EntryRow): StoredText<T> {
  return { key, text, revision };
}

function eventOf({ sequence, at_ms: atMs, group_name: group, kind, subject, reason, message }: EventRow): StoredEvent {
  return { sequence, atMs, group, kind, subject, reason, message };
}
