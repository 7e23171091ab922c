import type { ServerView } from './mysql-answers.ts';
import type { SqlRows, SqlValue } from './mysql-wire.ts';

/**
 * The row of SHOW REPLICA STATUS, or with the old words of SHOW SLAVE STATUS; no row on a primary.
 * When replication is stopped both threads say No and the lag is NULL. ProxySQL's monitor believes no answer of 30
 * columns or fewer.
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
    ['Relay_Source_Log_File', 'mysql-bin.000001'],
    ['Replica_IO_Running', thread],
    ['Replica_SQL_Running', thread],
    ...emptyFields(['Replicate_Do_DB', 'Replicate_Ignore_DB', 'Replicate_Do_Table', 'Replicate_Ignore_Table']),
    ...emptyFields(['Replicate_Wild_Do_Table', 'Replicate_Wild_Ignore_Table']),
    ['Last_Errno', 0],
    ['Last_Error', ''],
    ['Skip_Counter', 0],
    ['Exec_Source_Log_Pos', 157],
    ['Relay_Log_Space', 373],
    ['Until_Condition', 'None'],
    ['Until_Log_File', ''],
    ['Until_Log_Pos', 0],
    ['Source_SSL_Allowed', 'Yes'],
    ...emptyFields(['Source_SSL_CA_File', 'Source_SSL_CA_Path', 'Source_SSL_Cert', 'Source_SSL_Cipher']),
    ['Source_SSL_Key', ''],
    ['Seconds_Behind_Source', lagSeconds],
    ['Source_SSL_Verify_Server_Cert', 'No'],
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

function emptyFields(names: readonly string[]): (readonly [string, SqlValue])[] {
  return names.map((name) => [name, '']);
}

function oldName(name: string): string {
  return name.replace('Source', 'Master').replace('Replica', 'Slave');
}
