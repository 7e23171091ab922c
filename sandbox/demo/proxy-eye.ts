import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

/** One row of runtime_mysql_servers. */
export type RuntimeServer = { readonly hostgroup: number; readonly hostname: string; readonly status: string };

const deadlineMs = 20_000;

/** Looks into one proxy's admin interface by itself, so that what the demo claims does not rest on the agent's word. */
export class ProxyEye {
  readonly #host: string;
  readonly #port: number;
  #connection: Promise<Connection> | null = null;

  constructor(address: string) {
    const [host = '', port = ''] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  /** The servers that the proxy runs now. */
  async runtimeServers(): Promise<RuntimeServer[]> {
    const rows = await this.#query('SELECT hostgroup_id, hostname, status FROM runtime_mysql_servers');
    return rows.map((row) => ({
      hostgroup: Number(row['hostgroup_id']),
      hostname: String(row['hostname']),
      status: String(row['status']),
    }));
  }

  /** Whether an address stands in runtime, memory or disk of this proxy. */
  async knows(hostname: string): Promise<boolean> {
    for (const table of ['runtime_mysql_servers', 'mysql_servers', 'disk.mysql_servers']) {
      const rows = await this.#query(`SELECT hostname FROM ${table}`);
      if (rows.some((row) => row['hostname'] === hostname)) return true;
    }
    return false;
  }

  /** Runs one admin statement. */
  async execute(sql: string): Promise<void> {
    await this.#query(sql);
  }

  /** Rows of one admin query, their values in the order of its columns. */
  async select(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#query(sql)).map((row): unknown[] => Object.values(row));
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await connection.then(
      (open) => {
        open.destroy();
      },
      () => undefined, // It never opened, so there is nothing to close.
    );
  }

  async #query(sql: string): Promise<RowDataPacket[]> {
    const opening = (this.#connection ??= this.#connect());
    try {
      const [rows] = await (await opening).query<RowDataPacket[]>({ sql, timeout: deadlineMs });
      return rows;
    } catch (error) {
      // The proxy may have been restarted: the next look connects anew.
      if (this.#connection === opening) await this.close();
      throw error;
    }
  }

  async #connect(): Promise<Connection> {
    const login = { user: 'radmin', password: 'radmin', connectTimeout: deadlineMs };
    const connection = await createConnection({ host: this.#host, port: this.#port, ...login });
    // Whoever asks next learns that it is lost.
    connection.on('error', () => undefined);
    return connection;
  }
}
