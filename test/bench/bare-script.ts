import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { AnswerRow } from '../../agent/core/answers.ts';
import { parseColumns, selectSiblingColumns, selectState } from '../../agent/core/look.ts';
import { renderServer, serverColumns } from '../../agent/core/statements.ts';
import type { ServerRow } from '../../agent/core/rows.ts';

/**
 * The floor: what a careful script does by hand to change one server. It looks with the very statement that the agent
 * looks with, writes one row, loads, and looks again; it decides nothing and compares nothing.
 */
export class BareScript {
  readonly #connection: Connection;
  readonly #look: string;

  private constructor(connection: Connection, look: string) {
    this.#connection = connection;
    this.#look = look;
  }

  /** @param adminAddress `host:port` of a ProxySQL that has the agent's sentinel. */
  static async connect(adminAddress: string): Promise<BareScript> {
    const [host = '', port = ''] = adminAddress.split(':');
    const connection = await createConnection({ host, port: Number(port), user: 'radmin', password: 'radmin' });
    const [columns] = await connection.query<RowDataPacket[][]>({ sql: selectSiblingColumns, rowsAsArray: true });
    return new BareScript(connection, selectState(parseColumns(columns as unknown as AnswerRow[])));
  }

  /** Changes one row; resolves to the milliseconds that it took. */
  async change(row: ServerRow): Promise<number> {
    const startMs = performance.now();
    const write = `REPLACE INTO mysql_servers (${serverColumns}) VALUES ${renderServer(row)}`;
    for (const sql of [this.#look, write, 'LOAD MYSQL SERVERS TO RUNTIME', this.#look]) {
      await this.#connection.query({ sql, rowsAsArray: true });
    }
    return performance.now() - startMs;
  }

  close(): void {
    this.#connection.destroy();
  }
}
