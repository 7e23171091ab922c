import { type Connection, createConnection, type RowDataPacket } from 'mysql2';
import { CoordinatorError } from '../errors.ts';
import type { GateSample, ProbeTarget, ReplicaProbe, SessionSample } from '../ports.ts';
import type { SecretReader } from './secrets.ts';

export type ReplicaProbeDeps = { readonly secrets: SecretReader };

export type ReplicaProbeOptions = {
  /** For one sample: connecting, login and all queries. */
  readonly deadlineMs: number;
  /** Users whose sessions are nobody's use of the replica, such as ProxySQL's monitor. */
  readonly ignoredUsers: readonly string[];
};

/** Threads of the server itself. */
const serverUsers = ['system user', 'event_scheduler'];
/** ER_PARSE_ERROR: a server before 8.0.22 knows only the old words, one from 8.4 on only the new ones. */
const parseError = 1064;

/**
 * Asks a replica about itself over a connection of its own, which is cut as soon as the sample is taken.
 *
 * @see https://dev.mysql.com/doc/refman/8.0/en/show-replica-status.html
 */
export class MysqlReplicaProbe implements ReplicaProbe {
  readonly #secrets: SecretReader;
  readonly #options: ReplicaProbeOptions;

  constructor(deps: ReplicaProbeDeps, options: ReplicaProbeOptions) {
    this.#secrets = deps.secrets;
    this.#options = options;
  }

  sampleGate(target: ProbeTarget): Promise<GateSample> {
    return this.#sample(target, async (connection) => {
      await query(connection, 'SELECT 1');
      const lagSeconds = lagOf(await readReplicaStatus(connection));
      const [tls] = await query(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      return { outcome: 'answered', lagSeconds, isEncrypted: textOf(tls, 'Value') !== '' };
    });
  }

  sampleSessions(target: ProbeTarget): Promise<SessionSample> {
    return this.#sample(target, async (connection) => {
      const sessions = await query(connection, 'SHOW PROCESSLIST');
      const others = sessions.filter((session) => Number(session['Id']) !== connection.threadId);
      // Without the privilege PROCESS a server shows a user only its own sessions; then "nobody" would say nothing.
      const seesOthers = others.some((session) => textOf(session, 'User') !== target.username);
      if (!seesOthers && !mayReadProcesses(await query(connection, 'SHOW GRANTS'))) {
        return { outcome: 'failed', reason: `${target.username} cannot see other sessions: it needs PROCESS` };
      }
      const ignored = [...serverUsers, ...this.#options.ignoredUsers];
      const users = new Set(others.map((session) => textOf(session, 'User')));
      return { outcome: 'answered', users: [...users].filter((user) => !ignored.includes(user)) };
    });
  }

  async #sample<Sample>(
    target: ProbeTarget,
    ask: (connection: Connection) => Promise<Sample>,
  ): Promise<Sample | { readonly outcome: 'failed'; readonly reason: string }> {
    let connection: Connection | null = null;
    try {
      const password = await this.#secrets.read(target.passwordSecret);
      connection = connect(target, password, this.#options.deadlineMs);
      return await underDeadline(connection, this.#options.deadlineMs, ask(connection));
    } catch (error) {
      return { outcome: 'failed', reason: reasonOf(error) };
    } finally {
      connection?.destroy();
    }
  }
}

export function connect(target: ProbeTarget, password: string, deadlineMs: number): Connection {
  const { hostname: host, port, username: user, useSsl } = target;
  return createConnection({
    host,
    port,
    user,
    password,
    connectTimeout: deadlineMs,
    // None is prepared; the client makes room for 16,000, which is half a megabyte a connection.
    maxPreparedStatements: 1,
    // ProxySQL does not verify the certificate either; this asks whether TLS is there, not whose it is.
    ...(useSsl ? { ssl: { rejectUnauthorized: false } } : {}),
  });
}

/** Settles as `work` does, unless the connection fails or the deadline passes first. */
export function underDeadline<T>(connection: Connection, deadlineMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    connection.on('error', reject); // stays: an error after the end must not become an uncaught one
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

export function query(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(sql, (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
  });
}

export async function readReplicaStatus(connection: Connection): Promise<RowDataPacket[]> {
  try {
    return await query(connection, 'SHOW REPLICA STATUS');
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && error.errno === parseError)) throw error;
    return await query(connection, 'SHOW SLAVE STATUS');
  }
}

/** The lag of the slowest channel; null without one, or when a thread of one does not run. */
function lagOf(channels: readonly RowDataPacket[]): number | null {
  const lagSeconds = Math.max(...channels.map(channelLagOf));
  return Number.isFinite(lagSeconds) ? lagSeconds : null;
}

function channelLagOf(channel: RowDataPacket): number {
  const column = (newer: string, older: string): unknown => channel[newer] ?? channel[older] ?? null;
  const threads = [
    column('Replica_IO_Running', 'Slave_IO_Running'),
    column('Replica_SQL_Running', 'Slave_SQL_Running'),
  ];
  const behind = column('Seconds_Behind_Source', 'Seconds_Behind_Master');
  return behind !== null && threads.every((thread) => thread === 'Yes') ? Number(behind) : Number.NaN;
}

/** Whether a global grant holds PROCESS; the grants of active roles are listed with the user's own. */
export function mayReadProcesses(grants: readonly RowDataPacket[]): boolean {
  return grants
    .flatMap((row) => Object.values(row).map(String))
    .some((grant) => /^GRANT .*\b(?:PROCESS|ALL PRIVILEGES)\b.* ON \*\.\* TO /i.test(grant));
}

function textOf(row: RowDataPacket | undefined, field: string): string {
  const value: unknown = row?.[field];
  return typeof value === 'string' ? value : '';
}

export function reasonOf(error: unknown): string {
  if (error instanceof CoordinatorError) return error.message;
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : '';
  const text = `${code}${error instanceof Error ? error.message : 'failed'}`.replaceAll(/\s+/g, ' ');
  return text.slice(0, 200);
}
