import type { Capabilities } from '../core/capabilities.ts';
import type { ForeignPending } from '../core/foreign.ts';
import type { AnswerRow } from '../core/answers.ts';
import type { Module, TableDescription, TableRow, TableView } from '../core/table.ts';
import type { Writer } from '../core/sentinel.ts';
import * as sql from '../core/table-statements.ts';
import { isSecret, type VariablesView } from '../core/variables.ts';
import { AgentError } from '../errors.ts';
import type { ModuleAdmin } from '../ports.ts';

/** The one connection to a proxy. */
export type ModulesConnection = {
  readonly query: (statement: string) => Promise<readonly AnswerRow[]>;
  /** Sends what `render` makes of the connection's right to write. */
  readonly write: (render: (writer: Writer) => string) => Promise<void>;
};

/** The tables beside mysql_servers. */
export class ProxysqlModules implements ModuleAdmin {
  readonly #query: ModulesConnection['query'];
  readonly #send: ModulesConnection['write'];

  constructor({ query, write }: ModulesConnection) {
    this.#query = query;
    this.#send = write;
  }

  async readCapabilities(): Promise<Capabilities> {
    return sql.parseCapabilities(await this.#query(sql.selectCapabilities));
  }

  async readLoads(): Promise<ReadonlyMap<Module, string>> {
    return sql.parseLoads(await this.#query(sql.selectLoads));
  }

  async readMemoryChecksum(module: Module): Promise<string> {
    return sql.parseChecksum(await this.#query(sql.checksumMemory(module)));
  }

  async readMarks(): Promise<ReadonlyMap<sql.MarkedTable, ReadonlySet<string>>> {
    return sql.parseMarks(await this.#query(sql.selectMarks));
  }

  async readTable(table: TableDescription, columns: readonly string[]): Promise<TableView> {
    return sql.parseTable(columns, await this.#query(sql.selectTable(table.name, columns)));
  }

  async readSiblingPending(table: TableDescription): Promise<readonly ForeignPending[]> {
    const pending: ForeignPending[] = [];
    for (const [name, key] of Object.entries(table.siblings)) {
      pending.push(...sql.parsePending(name, key, await this.#query(sql.selectPending(name, key))));
    }
    return pending;
  }

  async readReservedUsers(): Promise<ReadonlySet<string>> {
    return sql.parseAccounts(await this.#query(sql.selectAccounts));
  }

  async readVariables(): Promise<VariablesView> {
    return sql.parseVariables(await this.#query(sql.selectVariables));
  }

  async replaceRows(table: TableDescription, rows: readonly TableRow[]): Promise<void> {
    const secrets = rows.flatMap((row) => table.secrets.map((column) => row[column] ?? ''));
    await this.#write((writer) => sql.replaceRows(table.name, rows, writer), secrets);
  }

  async deleteRows(table: TableDescription, rows: readonly TableRow[]): Promise<void> {
    await this.#write((writer) => sql.deleteRows(table, rows, writer), []);
  }

  async writeVariables(variables: TableRow): Promise<void> {
    const secrets = Object.entries(variables).map(([name, value]) => (isSecret(name) ? (value ?? '') : ''));
    await this.#write((writer) => sql.writeVariables(variables, writer), secrets);
  }

  async loadModule(module: Module): Promise<void> {
    await this.#query(sql.loadModule(module));
  }

  /** A client's error carries the statement, and SQLite's words can quote a part of it. */
  async #write(render: (writer: Writer) => string, secrets: readonly string[]): Promise<void> {
    try {
      await this.#send(render);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      const words = secrets
        .filter((secret) => secret !== '')
        .flatMap((secret) => [secret, secret.replaceAll("'", "''")])
        .reduce((message, secret) => message.replaceAll(secret, '(hidden)'), error.message);
      throw new AgentError(error.code, words);
    }
  }
}
