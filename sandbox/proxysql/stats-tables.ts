import type { AdminDatabase } from './admin-database.ts';
import { type ClientSession, processRow } from './client-sessions.ts';
import { globalStatusNames } from './global-status-names.ts';
import type { Hostgroups } from './hostgroups.ts';

export type StatsSource = {
  readonly hostgroups: Hostgroups;
  readonly sessions: readonly ClientSession[];
  /** Whether `mysql-show_processlist_extended` is not 0. */
  readonly isExtended: boolean;
  /** Values by name of `stats_mysql_global`; what is missing is shown as 0. */
  readonly globalStatus: () => Readonly<Record<string, number | boolean>>;
};

/** Rewrites the `stats_` tables that `text` names. */
export function refreshStatsTables(db: AdminDatabase, text: string, source: StatsSource): void {
  if (/processlist/i.test(text)) {
    const rows = source.sessions.map((session) => processRow(session, source.isExtended));
    db.replaceRows('stats.stats_mysql_processlist', rows);
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
