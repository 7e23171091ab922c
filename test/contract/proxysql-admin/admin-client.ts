import assert from 'node:assert/strict';

import { type Connection, createConnection, type QueryError, type QueryOptions } from 'mysql2';

import type { Answer } from './recording.ts';

const untilMs = 30_000;
const pollMs = 20;

/** One admin session that reports answers in the form of the recordings. */
export class AdminClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws {QueryError} when the login is refused. */
  static connect(address: string, login = { user: 'radmin', password: 'radmin' }): Promise<AdminClient> {
    const [host, port] = address.split(':');
    const connection = createConnection({ host: host!, port: Number(port), ...login, multipleStatements: true });
    // A connection that its server cuts says so to whoever waits for an answer; nobody else needs to know.
    connection.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      connection.connect((error) => {
        if (error === null) resolve(new AdminClient(connection));
        else reject(error);
      });
    });
  }

  query(sql: string): Promise<Answer> {
    const options: QueryOptions = { sql, rowsAsArray: true, typeCast: (field) => field.string() };
    return new Promise((resolve, reject) => {
      this.#connection.query(options, (error: QueryError | null, result, fields: { name: string }[] | undefined) => {
        if (error?.fatal === true) reject(error);
        else if (error !== null) resolve(errorAnswer(error));
        else if (Array.isArray(result)) resolve(rowsAnswer(result, fields ?? []));
        else resolve({ ok: { affectedRows: result.affectedRows, info: 'info' in result ? result.info : '' } });
      });
    });
  }

  /** Only ever refused: there is no answer to a statement that is prepared. */
  prepare(sql: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#connection.prepare(sql, (error) => {
        if (error === null) reject(new Error('the statement was prepared'));
        else resolve(errorAnswer(error));
      });
    });
  }

  /** Rows of a query that has to succeed. */
  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const answer = await this.query(sql);
    if (!('rows' in answer)) throw new Error(`no rows but ${JSON.stringify(answer)} for ${sql}`);
    return answer.rows;
  }

  /** Runs statements that have to succeed, one after the other. */
  async run(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) {
      const answer = await this.query(sql);
      if ('error' in answer) throw new Error(`${answer.error.message} for ${sql}`);
    }
  }

  /** The text of the error that a statement has to end with, without what all of them begin with. */
  async failure(sql: string): Promise<string> {
    const answer = await this.query(sql);
    if (!('error' in answer)) throw new Error(`no error but ${JSON.stringify(answer)} for ${sql}`);
    assert.deepEqual([answer.error.errno, answer.error.sqlState], [1045, '28000']);
    return answer.error.message.replace('ProxySQL Admin Error: ', '');
  }

  /** Asks until the rows are these. */
  async until(sql: string, expected: readonly (readonly (string | null)[])[]): Promise<void> {
    const deadlineMs = Date.now() + untilMs;
    for (;;) {
      const rows = await this.rows(sql);
      if (JSON.stringify(rows) === JSON.stringify(expected)) return;
      if (Date.now() > deadlineMs) assert.deepEqual(rows, expected);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Sends a ping and waits for its answer. */
  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.ping((error: QueryError | null) => {
        // mysql2 leaves out the argument where its types promise null.
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }

  close(): void {
    this.#connection.destroy();
  }
}

function rowsAnswer(result: unknown[], fields: readonly { readonly name: string }[]): Answer {
  return { columns: fields.map(({ name }) => name), rows: result as (string | null)[][] };
}

function errorAnswer(error: QueryError): Answer {
  return { error: { errno: error.errno ?? 0, sqlState: error.sqlState ?? '', message: error.message } };
}
