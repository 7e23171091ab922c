import { type Connection, createConnection } from 'mysql2/promise';

/** An application behind the proxy; it says in each statement which hostgroup it means. */
export class ClientOfProxy {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<ClientOfProxy> {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'app', password: 'app' });
    // Being cut by the proxy is what some tests want.
    connection.on('error', () => undefined);
    return new ClientOfProxy(connection);
  }

  /** Uses a connection for one statement. */
  async select(hostgroup: number): Promise<void> {
    await this.#connection.query(`SELECT /* ;hostgroup=${hostgroup} */ 1`);
  }

  /** Takes a connection for as long as this client lives: a lock belongs to one. */
  async pin(hostgroup: number): Promise<void> {
    await this.#connection.query(`SELECT /* ;hostgroup=${hostgroup} */ GET_LOCK('held', 0)`);
  }

  async close(): Promise<void> {
    await this.#connection.end().catch(() => undefined);
  }
}
