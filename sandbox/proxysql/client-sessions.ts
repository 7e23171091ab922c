import type { SqlRow } from './admin-database.ts';

/** A connection to a server that a client session holds. */
export type HeldConnection = {
  readonly hostgroup: number;
  readonly hostname: string;
  readonly port: number;
  /** Why no other session may have it; null for one that goes back after the statement. */
  readonly pinnedBy?: 'get_lock' | 'lock_tables' | 'prepared_statement' | 'temporary_table' | 'user_variable' | null;
};

/** One client session of the proxy. */
export type ClientSession = {
  readonly sessionId: number;
  readonly user: string;
  /** The connection that it used last; null while it holds none. */
  readonly server: HeldConnection | null;
  /** Those that it holds besides: `stats_mysql_processlist` shows them in `extended_info` only. */
  readonly pinned?: readonly HeldConnection[];
  readonly command?: string;
  readonly timeMs?: number;
  readonly statement?: string | null;
};

/** Every connection of a session. */
export function heldConnections({ server, pinned = [] }: ClientSession): readonly HeldConnection[] {
  return server === null ? pinned : [...pinned, server];
}

/** A row of `stats_mysql_processlist`. */
export function processRow(session: ClientSession, isExtended: boolean): SqlRow {
  const { sessionId, user, server, command = 'Sleep', timeMs = 0, statement = null } = session;
  const [serverSide, statusFlags] = server === null ? [[null, null, null, null], null] : [serverColumns(server), 0];
  return [
    ...[0, sessionId, user, null, '127.0.0.1', 0, server?.hostgroup ?? -1],
    ...[...serverSide, command, timeMs, statement, statusFlags],
    isExtended ? JSON.stringify(extendedInfo(session)) : null,
  ];
}

function serverColumns({ hostname, port }: HeldConnection): SqlRow {
  return ['127.0.0.1', 0, hostname, port];
}

/** The part of ProxySQL's own account of a session that says which connections it holds, and why. */
function extendedInfo(session: ClientSession): object {
  const held = heldConnections(session);
  return {
    ...(held.length === 0 ? {} : { backends: held.map((connection) => backend(connection, session.user)) }),
    client: { userinfo: { username: session.user } },
    current_hostgroup: session.server?.hostgroup ?? -1,
    thread_session_id: session.sessionId,
  };
}

const reasons = ['get_lock', 'lock_tables', 'prepared_statement', 'temporary_table', 'user_variable'] as const;

function backend({ hostgroup, hostname, port, pinnedBy = null }: HeldConnection, user: string): object {
  const status = Object.fromEntries(reasons.map((reason) => [reason, reason === pinnedBy]));
  const conn = { MultiplexDisabled: pinnedBy !== null, mysql: { host: hostname, port, user }, status };
  return { conn, hostgroup_id: hostgroup };
}
