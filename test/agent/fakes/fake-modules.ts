import type { Capabilities } from '../../../agent/core/capabilities.ts';
import type { ForeignPending } from '../../../agent/core/foreign.ts';
import { attributesTable } from '../../../agent/core/hostgroup-attributes.ts';
import { queryRulesTable } from '../../../agent/core/query-rules.ts';
import type { Module, TableDescription, TableName, TableRow, TableView } from '../../../agent/core/table.ts';
import { readMark } from '../../../agent/core/table-plan.ts';
import type { MarkedTable } from '../../../agent/core/table-statements.ts';
import { type CertificateFile, tlsParamsTable } from '../../../agent/core/tls-params.ts';
import { usersTable } from '../../../agent/core/users.ts';
import type { VariablesView } from '../../../agent/core/variables.ts';
import type { AgentError } from '../../../agent/errors.ts';
import type { CertificateFiles, ModuleAdmin } from '../../../agent/ports.ts';
import { FakeTable } from './fake-table.ts';

const descriptions = [usersTable, queryRulesTable, attributesTable, tlsParamsTable];

/** The tables of a ProxySQL beside mysql_servers, with the effects that an agent has on them. */
export class FakeModules implements ModuleAdmin {
  readonly tables = new Map<TableName, FakeTable>(descriptions.map((table) => [table.name, new FakeTable(table)]));
  readonly capabilities = new Map<TableName, readonly string[]>(
    descriptions.map(({ name, columns }) => [name, Object.keys(columns)]),
  );
  readonly variables = new Map([
    ['mysql-max_connections', '2048'],
    ['mysql-monitor_password', 'monitor'],
    ['mysql-threads', '4'],
  ]);
  readonly runtimeVariables = new Map(this.variables);
  /** Variables that ProxySQL does not change while it runs. */
  readonly fixed = new Set(['mysql-threads']);
  fastRoutingPending: readonly ForeignPending[] = [];
  accounts: ReadonlySet<string> = new Set(['admin', 'radmin', 'watcher']);
  /** Every call, in order; what it does stands behind its name. */
  readonly calls: string[] = [];
  /** Thrown by the next call of that name, then cleared. */
  readonly nextErrors = new Map<string, AgentError>();
  /** Called before each call, so that a test can do something in between. */
  onCall: (name: string) => void = () => undefined;
  readonly #loads = new Map<Module, number>();

  get users(): FakeTable {
    return this.#table('mysql_users');
  }

  get rules(): FakeTable {
    return this.#table('mysql_query_rules');
  }

  /** What the calls since the last time did: writes, deletions and LOADs. */
  takeEffects(): readonly string[] {
    const effects = this.calls.filter((call) => /^(?:replace|delete|write|load) /.test(call));
    this.calls.length = 0;
    return effects;
  }

  /** Publishes a module, as anybody may. */
  load(module: Module): void {
    this.#loads.set(module, (this.#loads.get(module) ?? 0) + 1);
    for (const one of this.tables.values()) if (one.table.module === module) one.load();
    if (module === 'MYSQL VARIABLES') this.#loadVariables();
  }

  readCapabilities(): Promise<Capabilities> {
    return this.#call('readCapabilities', () => this.capabilities);
  }

  readLoads(): Promise<ReadonlyMap<Module, string>> {
    return this.#call('readLoads', () => new Map([...this.#loads].map(([module, loads]) => [module, String(loads)])));
  }

  readMemoryChecksum(module: Module): Promise<string> {
    return this.#call(`checksum ${module}`, () => {
      const memories = [...this.tables.values()]
        .filter(({ table }) => table.module === module)
        .map(({ memory }) => memory);
      return JSON.stringify(module === 'MYSQL VARIABLES' ? [...this.variables] : memories);
    });
  }

  readMarks(): Promise<ReadonlyMap<MarkedTable, ReadonlySet<string>>> {
    return this.#call('readMarks', () => {
      const marksIn = ({ memory, runtime }: FakeTable): ReadonlySet<string> =>
        new Set([...memory, ...runtime].map(readMark).filter((group) => group !== null));
      return new Map([
        ['mysql_users', marksIn(this.users)],
        ['mysql_query_rules', marksIn(this.rules)],
      ] as const);
    });
  }

  readTable({ name }: TableDescription): Promise<TableView> {
    return this.#call(`read ${name}`, () => this.#table(name).view);
  }

  readSiblingPending({ name }: TableDescription): Promise<readonly ForeignPending[]> {
    return this.#call(`siblings ${name}`, () => (name === 'mysql_query_rules' ? this.fastRoutingPending : []));
  }

  readReservedUsers(): Promise<ReadonlySet<string>> {
    return this.#call('readReservedUsers', () => this.accounts);
  }

  readVariables(): Promise<VariablesView> {
    return this.#call('readVariables', () => ({
      memory: new Map(this.variables),
      runtime: new Map(this.runtimeVariables),
    }));
  }

  replaceRows({ name }: TableDescription, rows: readonly TableRow[]): Promise<void> {
    return this.#call(`replace ${name} ${rows.length}`, () => {
      this.#table(name).replace(rows);
    });
  }

  deleteRows({ name }: TableDescription, rows: readonly TableRow[]): Promise<void> {
    return this.#call(`delete ${name} ${rows.length}`, () => {
      this.#table(name).delete(rows);
    });
  }

  writeVariables(variables: TableRow): Promise<void> {
    return this.#call(`write ${Object.keys(variables).join(' ')}`, () => {
      for (const [name, value] of Object.entries(variables)) this.variables.set(name, value ?? '');
    });
  }

  loadModule(module: Module): Promise<void> {
    return this.#call(`load ${module}`, () => {
      this.load(module);
    });
  }

  /** What ProxySQL does not take it puts back, without a word. */
  #loadVariables(): void {
    for (const [name, value] of this.variables) {
      const isNumber = /^\d+$/.test(value);
      const isTaken =
        value === this.runtimeVariables.get(name) ||
        (!this.fixed.has(name) && (isNumber || name.endsWith('_password')));
      if (isTaken) this.runtimeVariables.set(name, value);
      else this.variables.set(name, this.runtimeVariables.get(name) ?? '');
    }
  }

  #table(name: TableName): FakeTable {
    return this.tables.get(name)!;
  }

  #call<Result>(name: string, act: () => Result): Promise<Result> {
    this.calls.push(name);
    this.onCall(name);
    const key = [...this.nextErrors.keys()].find((one) => name.startsWith(one));
    const error = key === undefined ? undefined : this.nextErrors.get(key);
    if (key !== undefined) this.nextErrors.delete(key);
    if (error !== undefined) return Promise.reject(error);
    return new Promise((resolve) => {
      resolve(act());
    });
  }
}

/** A folder that is memory. */
export class FakeCertificateFiles implements CertificateFiles {
  folder: string | null = '/tls';
  readonly written = new Map<string, string>();
  /** Thrown by the next call, then cleared. */
  nextError: AgentError | null = null;

  write(files: readonly CertificateFile[]): Promise<void> {
    return this.#call(() => {
      for (const { name, pem } of files) this.written.set(name, pem);
    });
  }

  list(): Promise<readonly string[]> {
    return this.#call(() => [...this.written.keys()]);
  }

  remove(names: readonly string[]): Promise<void> {
    return this.#call(() => {
      for (const name of names) this.written.delete(name);
    });
  }

  #call<Result>(act: () => Result): Promise<Result> {
    const error = this.nextError;
    this.nextError = null;
    return error === null ? Promise.resolve(act()) : Promise.reject(error);
  }
}
