import type { AdminDatabase, SqlRow } from './admin-database.ts';
import { variableDefaults } from './variable-defaults.ts';

/** Modules of variables, by the prefix of their names. */
export const variablePrefixes = { 'MYSQL VARIABLES': 'mysql-', 'ADMIN VARIABLES': 'admin-' } as const;

/** The running values of `admin-` and `mysql-` variables. */
export class RuntimeVariables {
  readonly #values = new Map(variableDefaults);

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

  /** Takes over memory's values. A bad one is silently reset to the running one, an unknown name is dropped. */
  readFromMemory(db: AdminDatabase, prefix: string): void {
    for (const [name, value] of db.rows(`SELECT * FROM main.global_variables WHERE variable_name LIKE '${prefix}%'`)) {
      this.#take(db, String(name), String(value));
    }
  }

  writeToMemory(db: AdminDatabase, prefix: string): void {
    for (const [name, value] of this.#values) {
      if (name.startsWith(prefix)) db.run('REPLACE INTO main.global_variables VALUES (?, ?)', name, value);
    }
  }

  #take(db: AdminDatabase, name: string, value: string): void {
    const running = this.#values.get(name);
    const allowed = allowedValue(name, value);
    if (running === undefined) db.run('DELETE FROM main.global_variables WHERE variable_name = ?', name);
    else if (allowed === null) db.run('REPLACE INTO main.global_variables VALUES (?, ?)', name, running);
    else this.#values.set(name, allowed);
  }
}

/** Judges by the default's form: a switch or a whole number stays one. */
function allowedValue(name: string, value: string): string | null {
  const fallback = variableDefaults.get(name);
  if (fallback === undefined || name === 'admin-version') return null;
  if (fallback === 'true' || fallback === 'false') {
    const isTrue = /^(true|1)$/i.test(value);
    return isTrue || /^(false|0)$/i.test(value) ? String(isTrue) : null;
  }
  return /^\d+$/.test(fallback) && !/^\d+$/.test(value) ? null : value;
}
