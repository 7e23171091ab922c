import { findRowProblems, isWholeText } from './row-checks.ts';
import type { GroupTarget, SnapshotBody } from './snapshot.ts';
import type { PlanTableOptions, TableDescription, TablePlan, TableView } from './table.ts';
import { planTable } from './table-plan.ts';

/** `mysql_hostgroup_attributes`, which LOAD MYSQL SERVERS publishes. Runtime shows the rows as they were written. */
export const attributesTable: TableDescription = {
  name: 'mysql_hostgroup_attributes',
  module: 'MYSQL SERVERS',
  siblings: {},
  primaryKey: ['hostgroup_id'],
  identity: ['hostgroup_id'],
  columns: {
    hostgroup_id: null,
    max_num_online_servers: '1000000',
    autocommit: '-1',
    free_connections_pct: '10',
    init_connect: '',
    multiplex: '1',
    connection_warming: '0',
    throttle_connections_per_sec: '1000000',
    ignore_session_variables: '',
    hostgroup_settings: '',
    servers_defaults: '',
    comment: '',
  },
  secrets: [],
  hasActive: false,
  inRuntime: (row) => [row],
  incomparable: () => [],
};

/**
 * Plans the attributes of all groups' hostgroups. Attributes that somebody gave to a hostgroup of which the snapshot
 * says nothing stay.
 */
export function planAttributes(
  targets: readonly GroupTarget[],
  view: TableView,
  columns: PlanTableOptions['columns'],
): TablePlan {
  const demands = targets.map(({ group, body }) => ({
    group,
    rows: body.kind === 'removed' ? [] : body.hostgroupAttributes,
    adoptExisting: body.kind === 'snapshot' && body.policy.adoptExisting,
    claims: () => false,
    keeps: () => false,
  }));
  return planTable(demands, view, { table: attributesTable, columns });
}

/** Lists what is wrong with a group's attributes. */
export function findAttributeProblems(group: string, body: SnapshotBody): readonly string[] {
  const problems = body.hostgroupAttributes.flatMap((row) => {
    const hostgroup = row['hostgroup_id'] ?? '';
    const name = `mysql_hostgroup_attributes hostgroup_id ${hostgroup}`;
    if (hostgroup !== String(body.writerHostgroup) && hostgroup !== String(body.readerHostgroup)) {
      return [`${name}: is none of the group's`];
    }
    const limit = row['max_num_online_servers'] ?? '1000000';
    const servers = countServers(body, Number(hostgroup));
    // With more servers ONLINE than this, ProxySQL sends queries to none of them.
    return isWholeText(limit, servers, 1_000_000)
      ? []
      : [
          `${name}: max_num_online_servers ${limit} is not ${servers} to 1000000, and the group has ${servers} servers there`,
        ];
  });
  return [...findRowProblems(attributesTable, group, body.hostgroupAttributes), ...problems];
}

/** The writer counts as a reader where it may stand in. */
function countServers(body: SnapshotBody, hostgroup: number): number {
  const servers = body.servers.filter((server) => server.hostgroup === hostgroup).length;
  const isStandIn = hostgroup === body.readerHostgroup && body.policy.writerFallbackConnections > 0;
  return servers + (isStandIn ? 1 : 0);
}
