import type { AdminDatabase, SqlRow } from './admin-database.ts';
import { variableDefaults } from './variable-defaults.ts';
import { variableRanges } from './variable-ranges.ts';

/** Modules of variables, by the prefix of their names. */
export const variablePrefixes = { 'MYSQL VARIABLES': 'mysql-', 'ADMIN VARIABLES': 'admin-' } as const;

const nameBySmallLetters = new Map([...variableDefaults.keys()].map((name) => [name.toLowerCase(), name]));
/** Read at the start only. */
const fixed = new Set(['admin-version', 'mysql-threads', 'mysql-interfaces']);
const neverEmpty = new Set([
  'mysql-default_schema',
  'mysql-keep_multiplexing_variables',
  'mysql-monitor_username',
  'mysql-server_version',
]);
const capabilitiesLeast = 11;

/** The running values of `admin-` and `mysql-` variables. */
export class RuntimeVariables {
  readonly #values = new Map(variableDefaults);
  #mysqlLoads = 0;

  /** Counts LOAD MYSQL VARIABLES since the start. */
  get mysqlLoads(): number {
    return this.#mysqlLoads;
  }

  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  /** Sets a running value past memory, as ProxySQL's own commands do. */
  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  rows(): SqlRow[] {
    return [...this.#values];
  }

  /** Fills memory and runtime of a start: the built-in defaults and what `overrides` changes in them. */
  writeDefaults(db: AdminDatabase, overrides: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(overrides)) this.#values.set(name, value);
    db.replaceRows('main.global_variables', this.rows());
  }

  /**
   * Takes over memory's values, whatever letters their names are in. In memory, one that is not allowed is set back to
   * the running one, an unknown name is dropped, and a missing one added.
   */
  readFromMemory(db: AdminDatabase, prefix: string): void {
    for (const [name, value] of db.rows(`SELECT * FROM main.global_variables WHERE variable_name LIKE '${prefix}%'`)) {
      this.#take(db, String(name), String(value));
    }
    for (const [name, value] of this.#values) {
      if (name.startsWith(prefix)) db.run('INSERT OR IGNORE INTO main.global_variables VALUES (?, ?)', name, value);
    }
    if (prefix === variablePrefixes['MYSQL VARIABLES']) this.#mysqlLoads += 1;
  }

  writeToMemory(db: AdminDatabase, prefix: string): void {
    for (const [name, value] of this.#values) {
      if (name.startsWith(prefix)) db.run('REPLACE INTO main.global_variables VALUES (?, ?)', name, value);
    }
  }

  #take(db: AdminDatabase, name: string, value: string): void {
    const known = nameBySmallLetters.get(name.toLowerCase());
    if (known === undefined) {
      db.run('DELETE FROM main.global_variables WHERE variable_name = ?', name);
      return;
    }
    const running = this.get(known);
    const taken = readValue(known, value, running);
    if (taken === null) db.run('REPLACE INTO main.global_variables VALUES (?, ?)', name, running);
    else this.#values.set(known, taken);
  }
}

/** The value as it would run; null when it is not allowed. Judges by the default's form where no range is known. */
function readValue(name: string, value: string, running: string): string | null {
  const fallback = variableDefaults.get(name) ?? '';
  if (fixed.has(name)) return value === running ? running : null;
  if (fallback === 'true' || fallback === 'false') return readSwitch(value);
  const range = variableRanges.get(name.replace(/^mysql-/, '').toLowerCase());
  if (range !== undefined) return readNumber(value, range);
  if (name === 'mysql-server_capabilities') return readNumber(value, [capabilitiesLeast, 2 ** 32 - 1]);
  if (neverEmpty.has(name) && value === '') return null;
  return /^\d+$/.test(fallback) && !/^\d+$/.test(value) ? null : value;
}

function readSwitch(text: string): string | null {
  const isTrue = /^(true|1)$/i.test(text);
  return isTrue || /^(false|0)$/i.test(text) ? String(isTrue) : null;
}

/** Reads as C's atoi does: white space, sign and digits as far as they go, 0 when there are none. */
function readNumber(text: string, [least, greatest]: readonly [number, number]): string | null {
  const number = Number.parseInt(text, 10) || 0;
  return number >= least && number <= greatest ? String(number) : null;
}
