import { attributesTable } from './hostgroup-attributes.ts';
import type { Failure } from './messages.ts';
import { queryRulesTable } from './query-rules.ts';
import type { GroupTarget } from './snapshot.ts';
import type { TableDescription, TableName, TableRow } from './table.ts';
import { needsTlsParams, tlsParamsTable } from './tls-params.ts';
import { usersTable } from './users.ts';

/** The columns of those of our tables that a proxy has; ProxySQL 2.5 to 3.x differ in both. */
export type Capabilities = ReadonlyMap<TableName, readonly string[]>;

/** Says which table or column a group needs that the proxy does not have; `null`: none. */
export function findLacking({ body }: Pick<GroupTarget, 'body'>, capabilities: Capabilities): Failure | null {
  if (body.kind === 'removed') return null;
  const demands: readonly (readonly [TableDescription, readonly TableRow[]])[] = [
    [usersTable, body.users],
    [queryRulesTable, body.queryRules],
    [attributesTable, body.hostgroupAttributes],
    [tlsParamsTable, needsTlsParams(body) ? [{}] : []],
  ];
  for (const [table, rows] of demands) {
    const lacking = rows.length === 0 ? null : findLackingColumn(table, rows, capabilities.get(table.name));
    if (lacking !== null) {
      const message = `${lacking}, which this group needs, is not in this version of ProxySQL`;
      return { code: 'PROXYSQL_LACKS', message };
    }
  }
  return null;
}

/** A column that is named with the value it would have anyway is not needed. */
function findLackingColumn(
  table: TableDescription,
  rows: readonly TableRow[],
  columns: readonly string[] | undefined,
): string | null {
  if (columns === undefined) return `table ${table.name}`;
  const needed = rows.flatMap((row) =>
    Object.entries(row).filter(([column, value]) => value !== table.columns[column]),
  );
  const lacking = needed.find(([column]) => !columns.includes(column));
  return lacking === undefined ? null : `column ${lacking[0]} of ${table.name}`;
}
