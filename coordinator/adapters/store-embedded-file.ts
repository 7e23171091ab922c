import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { CoordinatorError } from '../errors.ts';
import { pragma } from './store-schema.ts';

/** Makes folder and file, and flushes both: else a commit could outlive a power cut while its file's name does not. */
export function createFile(file: string): void {
  if (existsSync(file)) return;
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'wx', 0o600));
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const modes = [
  { name: 'locking_mode', value: 'EXCLUSIVE', reads: 'exclusive' },
  { name: 'journal_mode', value: 'WAL', reads: 'wal' },
  { name: 'synchronous', value: 'FULL', reads: 2 },
] as const;

/** Sets how the file is locked and flushed, and reads it back: SQLite ignores a mode that the file system lacks. */
export function setModes(database: DatabaseSyncInstance, file: string): void {
  for (const { name, value, reads } of modes) {
    database.exec(`PRAGMA ${name} = ${value}`);
    const found = pragma(database, name);
    if (found === reads) continue;
    throw new CoordinatorError('STORE_UNAVAILABLE', `the store ${file} cannot have ${name} ${value}: ${String(found)}`);
  }
}

/**
 * Closes a database and lets its lock go. Its statements live until they are collected, and as long as they do SQLite
 * keeps the connection and an exclusive lock with it; so the lock is given up first, for which WAL mode has to end.
 */
export function release(database: DatabaseSyncInstance): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    database.exec('PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema');
  } catch {
    // What cannot be read has no lock worth giving up, and the end of the process frees it in any case.
  } finally {
    database.close();
  }
}

export function checkFile(database: DatabaseSyncInstance, file: string): void {
  const found = pragma(database, 'quick_check');
  if (found === 'ok') return;
  throw new CoordinatorError('STORE_UNAVAILABLE', `the store ${file} is damaged: ${String(found)}`);
}

const primaryCodeMask = 0xff;
const sqliteCodes = { busy: 5, corrupt: 11, notDatabase: 26 };

/** Says what SQLite or the file system reported in our codes; anything else is a bug and passes. */
export function translated(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof CoordinatorError) return error;
  const options = { cause: error };
  if ('syscall' in error)
    return new CoordinatorError('STORE_UNAVAILABLE', `the store ${file}: ${error.message}`, options);
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error;
  switch (error.errcode & primaryCodeMask) {
    case sqliteCodes.busy:
      return new CoordinatorError('STORE_IN_USE', `the store ${file} is in use by another process`, options);
    case sqliteCodes.corrupt:
    case sqliteCodes.notDatabase:
      return new CoordinatorError('STORE_UNAVAILABLE', `the store ${file} is damaged: ${error.message}`, options);
    default:
      return new CoordinatorError('STORE_UNAVAILABLE', `the store ${file}: ${error.message}`, options);
  }
}
