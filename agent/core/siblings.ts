import type { Hold } from './plan.ts';
import type { GroupTarget } from './snapshot.ts';
import type { TableRow } from './table.ts';

/** Tables in which ProxySQL's monitor is told to move servers between hostgroups, and their columns that name one. */
const controllers: Readonly<Record<string, readonly string[]>> = {
  mysql_replication_hostgroups: ['writer_hostgroup', 'reader_hostgroup'],
  mysql_group_replication_hostgroups: [
    'writer_hostgroup',
    'backup_writer_hostgroup',
    'reader_hostgroup',
    'offline_hostgroup',
  ],
  mysql_galera_hostgroups: ['writer_hostgroup', 'backup_writer_hostgroup', 'reader_hostgroup', 'offline_hostgroup'],
  mysql_aws_aurora_hostgroups: ['writer_hostgroup', 'reader_hostgroup'],
};

export const clusterTables: readonly string[] = Object.keys(controllers);

/** The tables that LOAD MYSQL SERVERS publishes together with mysql_servers. */
export const siblingTables: readonly string[] = [
  ...clusterTables,
  'mysql_hostgroup_attributes',
  'mysql_servers_ssl_params',
];

/** Columns by table. */
export type TableColumns = ReadonlyMap<string, readonly string[]>;

/** One row of such a table, in memory or in runtime. */
export type SiblingRow = { readonly table: string; readonly where: 'memory' | 'runtime'; readonly row: TableRow };

/** Finds the table that lets ProxySQL itself move the group's servers: two controllers on one table fight. */
export function findController({ body }: GroupTarget, siblings: readonly SiblingRow[]): Hold | null {
  for (const { table, where, row } of siblings) {
    for (const column of controllers[table] ?? []) {
      const hostgroup = Number(row[column]);
      if (hostgroup !== body.writerHostgroup && hostgroup !== body.readerHostgroup) continue;
      const message =
        `hostgroup ${hostgroup} stands in ${where === 'runtime' ? 'runtime_' : ''}${table} as ${column}: ProxySQL's ` +
        'monitor moves its servers; delete that row and LOAD MYSQL SERVERS TO RUNTIME, or give the group other hostgroups';
      return { code: 'HOSTGROUP_CONTROLLED', message };
    }
  }
  return null;
}
