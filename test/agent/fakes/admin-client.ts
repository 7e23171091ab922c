import { type Connection, createConnection } from 'mysql2/promise';

/** Somebody else on the admin port: runs statements as a person would. */
export class AdminClient {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<AdminClient> {
    return new AdminClient(await createConnection({ host: '127.0.0.1', port, user: 'radmin', password: 'radmin' }));
  }

  /** Runs one statement; rows come as arrays of texts. */
  async run(sql: string): Promise<unknown[][]> {
    const [rows] = await this.#connection.query({ sql, rowsAsArray: true });
    return Array.isArray(rows) ? (rows as unknown[][]) : [];
  }

  /** Runs several statements, one packet each. */
  async runAll(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.run(statement);
  }

  /** Rows of a server table as `hostgroup hostname:port status`. */
  async servers(table: string): Promise<string[]> {
    const rows = await this.run(`SELECT hostgroup_id, hostname, port, status FROM ${table} ORDER BY 1, 2, 3`);
    return rows.map(([hostgroup, hostname, port, status]) =>
      [hostgroup, `${hostname as string}:${port as string}`, status].join(' '),
    );
  }

  close(): void {
    this.#connection.destroy();
  }
}
