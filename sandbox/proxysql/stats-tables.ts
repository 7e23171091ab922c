import type { AdminDatabase, SqlRow } from './admin-database.ts';
import { globalStatusNames } from './global-status-names.ts';
import type { Hostgroups } from './hostgroups.ts';

/** One client session of the proxy, as `stats_mysql_processlist` lists it. */
export type ClientSession = {
  readonly sessionId: number;
  readonly user: string;
  /** The server it holds a connection to; null while it holds none. */
  readonly server: { readonly hostgroup: number; readonly hostname: string; readonly port: number } | null;
  readonly command?: string;
  readonly timeMs?: number;
};

export type StatsSource = {
  readonly hostgroups: Hostgroups;
  readonly sessions: readonly ClientSession[];
  /** Values by name of `stats_mysql_global`; what is missing is shown as 0. */
  readonly globalStatus: () => Readonly<Record<string, number | boolean>>;
};

/** Rewrites the `stats_` tables that `text` names. */
export function refreshStatsTables(db: AdminDatabase, text: string, source: StatsSource): void {
  if (/processlist/i.test(text)) {
    db.replaceRows('stats.stats_mysql_processlist', source.sessions.map(processRow));
  }
  if (text.includes('stats_mysql_connection_pool_reset')) {
    db.replaceRows('stats.stats_mysql_connection_pool_reset', source.hostgroups.poolRows());
  } else if (text.includes('stats_mysql_connection_pool')) {
    db.replaceRows('stats.stats_mysql_connection_pool', source.hostgroups.poolRows());
  }
  if (text.includes('stats_mysql_global') || /^SELECT\s+@@|^SHOW MYSQL STATUS/i.test(text)) {
    const status = source.globalStatus();
    db.replaceRows(
      'stats.stats_mysql_global',
      globalStatusNames.map((name) => [name, String(status[name] ?? 0)]),
    );
  }
}

function processRow(session: ClientSession): SqlRow {
  const { sessionId, user, server, command = 'Sleep', timeMs = 0 } = session;
  const proxySide = server === null ? [null, null] : ['127.0.0.1', 0];
  return [
    0,
    sessionId,
    user,
    null,
    '127.0.0.1',
    0,
    server?.hostgroup ?? null,
    ...proxySide,
    server?.hostname ?? null,
    server?.port ?? null,
    command,
    timeMs,
    null,
    0,
    null,
  ];
}
