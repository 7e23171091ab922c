/**
 * A recording is what a real ProxySQL 2.7.1 answered, one JSON object a line: statements of sessions `a` and `b` with
 * their answers, restarts, and notes for the reader. Values that differ from run to run are marked: `<epoch>` is a Unix
 * time in seconds; `<checksum N>` stands for one hash per N, equal marks for equal values and different for different;
 * `<datadir>` is the data folder. Everything else has to be answered to the letter.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an admin interface answered; every value is text. */
export type Answer =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly ok: { readonly affectedRows: number; readonly info: string } }
  | { readonly error: { readonly errno: number; readonly sqlState: string; readonly message: string } };

export type Step =
  | ({ readonly session: string } & ({ readonly sql: string } | { readonly prepare: string }) & Answer)
  | { readonly restart: 'SIGKILL' }
  | { readonly note: string };

export type Recording = { readonly name: string; readonly steps: readonly Step[] };

// Compiled tests run from one folder below the project, where only TypeScript is copied to.
const folder = join(import.meta.dirname, '../../../../test/contract/proxysql-admin/recordings');

/** Reads all recordings, in alphabetical order. */
export function readRecordings(): Recording[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .map((file) => ({ name: file.replace('.jsonl', ''), steps: readSteps(join(folder, file)) }));
}

function readSteps(file: string): Step[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Step);
}
