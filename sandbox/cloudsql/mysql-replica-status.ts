import type { ServerView } from './mysql-answers.ts';
import type { SqlRows, SqlValue } from './mysql-wire.ts';

/**
 * The row of SHOW REPLICA STATUS, or with the old words of SHOW SLAVE STATUS; no row on a primary.
 * When replication is stopped both threads say No and the lag is NULL.
 *
 * @see https://dev.mysql.com/doc/refman/8.0/en/show-replica-status.html
 */
export function replicaStatus(view: ServerView, isOldWording: boolean): SqlRows {
  const fields = replicaFields(view);
  const columns = fields.map(([name]) => (isOldWording ? oldName(name) : name));
  return { columns, rows: view.isReplica ? [fields.map(([, value]) => value)] : [] };
}

function replicaFields({ lagSeconds, primaryAddress, port, serverId }: ServerView): (readonly [string, SqlValue])[] {
  const isRunning = lagSeconds !== null;
  const thread = isRunning ? 'Yes' : 'No';
  return [
    ['Replica_IO_State', isRunning ? 'Waiting for source to send event' : ''],
    ['Source_Host', primaryAddress],
    ['Source_User', 'cloudsqlreplica'],
    ['Source_Port', port],
    ['Connect_Retry', 60],
    ['Source_Log_File', 'mysql-bin.000001'],
    ['Read_Source_Log_Pos', 157],
    ['Relay_Log_File', 'relay-log.000002'],
    ['Relay_Log_Pos', 373],
    ['Replica_IO_Running', thread],
    ['Replica_SQL_Running', thread],
    ['Last_Errno', 0],
    ['Last_Error', ''],
    ['Exec_Source_Log_Pos', 157],
    ['Seconds_Behind_Source', lagSeconds],
    ['Last_IO_Errno', 0],
    ['Last_IO_Error', ''],
    ['Last_SQL_Errno', 0],
    ['Last_SQL_Error', ''],
    ['Source_Server_Id', 1],
    ['Source_UUID', '00000000-0000-4000-8000-000000000001'],
    ['SQL_Delay', 0],
    ['Replica_SQL_Running_State', isRunning ? 'Replica has read all relay log; waiting for more updates' : ''],
    ['Executed_Gtid_Set', `00000000-0000-4000-8000-000000000001:1-${serverId}`],
    ['Auto_Position', 1],
    ['Channel_Name', ''],
  ];
}

function oldName(name: string): string {
  return name.replace('Source', 'Master').replace('Replica', 'Slave');
}
