import { type Connection, createConnection, type QueryError } from 'mysql2';

export type Address = { readonly hostname: string; readonly port: number };

/** What the monitor asks a server. */
export type CheckKind = 'ping' | 'connect' | 'replicationLag' | 'readOnly';

/** One answer: how long it took, or why there is none, in ProxySQL's words. */
export type CheckResult =
  { readonly micros: number; readonly error: null; readonly value: CheckValue } | { readonly error: string };

/** Seconds of lag, null while replication stands still; `none` for a server that is no replica, or nothing was asked. */
export type CheckValue = number | null | 'none';

type Login = { readonly user: string; readonly password: string };
type Rows = { readonly rows: readonly (readonly unknown[])[]; readonly columns: readonly string[] };

const lostAtHandshake = "Lost connection to server at 'handshake: reading initial communication packet', system error:";
const timeoutTexts = {
  ping: 'timeout during ping',
  replicationLag: 'timeout check',
  readOnly: 'timeout check',
} as const;
/** A shorter answer to SHOW SLAVE STATUS is not believed. */
const replicaColumnsMin = 31;

/** The monitor's side of MySQL: new connections for connect checks, kept ones for everything else. */
export class MonitorClient {
  readonly #login: () => Login;
  readonly #kept = new Map<string, Connection[]>();

  constructor(login: () => Login) {
    this.#login = login;
  }

  /** Never rejects. A kept connection outlives a change of the monitor's password, as it does there. */
  async check(kind: CheckKind, address: Address, timeoutMs: number): Promise<CheckResult> {
    const startedMs = performance.now();
    const kept = kind === 'connect' ? undefined : this.#kept.get(addressKey(address))?.pop();
    try {
      const connection = kept ?? (await this.#open(address, timeoutMs));
      const value = kind === 'connect' ? 'none' : await this.#ask(kind, connection, timeoutMs);
      if (kind === 'connect') connection.destroy();
      else this.#keep(address, connection);
      return { micros: Math.max(1, Math.round((performance.now() - startedMs) * 1000)), error: null, value };
    } catch (error) {
      return { error: failureText(error, address, kind) };
    }
  }

  close(): void {
    for (const connection of [...this.#kept.values()].flat()) connection.destroy();
    this.#kept.clear();
  }

  #open({ hostname, port }: Address, connectTimeout: number): Promise<Connection> {
    const connection = createConnection({
      host: hostname,
      port,
      connectTimeout,
      ...this.#login(),
      rowsAsArray: true,
      maxPreparedStatements: 1,
    });
    return new Promise((resolve, reject) => {
      connection.on('error', () => {
        connection.destroy();
        this.#forget(connection);
      });
      connection.connect((error) => {
        if (error === null) resolve(connection);
        else reject(error);
      });
    });
  }

  /** Destroys the connection when no answer comes. */
  #ask(kind: Exclude<CheckKind, 'connect'>, connection: Connection, timeoutMs: number): Promise<CheckValue> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(timeoutTexts[kind]));
        connection.destroy();
      }, timeoutMs);
      const finish = (error: QueryError | null | undefined, read: () => CheckValue): void => {
        clearTimeout(timer);
        if (error instanceof Error) reject(error);
        else resolve(read());
      };
      if (kind === 'ping') {
        connection.ping((error) => {
          finish(error, () => 'none');
        });
        return;
      }
      const sql = kind === 'readOnly' ? 'SELECT @@global.read_only read_only' : 'SHOW SLAVE STATUS';
      connection.query(sql, (error, result, fields: readonly { readonly name: string }[] | undefined) => {
        const rows = Array.isArray(result) ? (result as unknown[][]) : [];
        const answer = { rows, columns: (fields ?? []).map(({ name }) => name) };
        finish(error, () => (kind === 'readOnly' ? readNumber(rows[0]?.[0]) : readLag(answer)));
      });
    });
  }

  #keep(address: Address, connection: Connection): void {
    const key = addressKey(address);
    this.#kept.set(key, [...(this.#kept.get(key) ?? []), connection]);
  }

  #forget(connection: Connection): void {
    for (const [key, connections] of this.#kept) {
      this.#kept.set(
        key,
        connections.filter((other) => other !== connection),
      );
    }
  }
}

/** One text for a host and its port. */
export function addressKey({ hostname, port }: Address): string {
  return `${hostname}:${port}`;
}

function readLag({ rows, columns }: Rows): CheckValue {
  const [row] = rows;
  const column = columns.indexOf('Seconds_Behind_Master');
  if (row === undefined || column === -1 || columns.length < replicaColumnsMin) return 'none';
  return readNumber(row[column]);
}

function readNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function failureText(error: unknown, { hostname }: Address, kind: CheckKind): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  const text = connectFailure(code, hostname);
  if (text === null) return message;
  return kind === 'readOnly' ? `timeout on creating new connection: ${text}` : text;
}

function connectFailure(code: string | undefined, hostname: string): string | null {
  switch (code) {
    case 'ECONNREFUSED':
      return `Can't connect to server on '${hostname}' (115)`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `Unknown server host '${hostname}' (-2)`;
    case 'ETIMEDOUT':
      return `${lostAtHandshake} 110`;
    case 'ECONNRESET':
      return `${lostAtHandshake} 104`;
    case 'PROTOCOL_CONNECTION_LOST':
      return `${lostAtHandshake} 11`;
    default:
      return null;
  }
}
