import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Capabilities, findLacking } from '../../../agent/core/capabilities.ts';
import { attributesTable } from '../../../agent/core/hostgroup-attributes.ts';
import { queryRulesTable } from '../../../agent/core/query-rules.ts';
import type { SnapshotBody } from '../../../agent/core/snapshot.ts';
import { tlsParamsTable } from '../../../agent/core/tls-params.ts';
import { usersTable } from '../../../agent/core/users.ts';
import { desired, removed, target } from '../fakes/targets.ts';

const tables = [usersTable, queryRulesTable, attributesTable, tlsParamsTable];
const all: Capabilities = new Map(tables.map(({ name, columns }) => [name, Object.keys(columns)]));
const without = (table: string, column?: string): Capabilities =>
  new Map(
    [...all]
      .filter(([name]) => column !== undefined || name !== table)
      .map(([name, columns]) => [name, name === table ? columns.filter((one) => one !== column) : columns]),
  );

const tls: Partial<SnapshotBody> = {
  servers: [desired(20, 'a', { useSsl: true, caId: '00' })],
  certificates: [{ id: '00', pem: '' }],
};
const cases: readonly (readonly [
  name: string,
  hostgroups: Partial<SnapshotBody>,
  capabilities: Capabilities,
  lacks: string | null,
])[] = [
  ['nothing wanted of nothing', {}, new Map(), null],
  ['users where there are users', { users: [{ username: 'a' }] }, all, null],
  ['TLS parameters without their table', tls, without('mysql_servers_ssl_params'), 'table mysql_servers_ssl_params'],
  ['TLS parameters with their table', tls, all, null],
  [
    'attributes without their table',
    { hostgroupAttributes: [{ hostgroup_id: '20' }] },
    without('mysql_hostgroup_attributes'),
    'table mysql_hostgroup_attributes',
  ],
  [
    'a column that is named',
    { hostgroupAttributes: [{ hostgroup_id: '20', servers_defaults: '{}' }] },
    without('mysql_hostgroup_attributes', 'servers_defaults'),
    'column servers_defaults of mysql_hostgroup_attributes',
  ],
  [
    'a column that is named with its default',
    { hostgroupAttributes: [{ hostgroup_id: '20', servers_defaults: '' }] },
    without('mysql_hostgroup_attributes', 'servers_defaults'),
    null,
  ],
  [
    'a column of the second rule',
    { queryRules: [{ rule_id: '1' }, { rule_id: '2', attributes: '{}' }] },
    without('mysql_query_rules', 'attributes'),
    'column attributes of mysql_query_rules',
  ],
];

describe('findLacking', () => {
  for (const [name, hostgroups, capabilities, lacks] of cases) {
    it(`finds ${lacks ?? 'nothing missing'}: ${name}`, () => {
      const message = lacks === null ? null : `${lacks}, which this group needs, is not in this version of ProxySQL`;
      const failure = findLacking(target([], [], { hostgroups }), capabilities);
      assert.deepEqual(failure, message === null ? null : { code: 'PROXYSQL_LACKS', message });
    });
  }

  it('asks nothing of a proxy for a removed group', () => {
    assert.equal(findLacking(removed([]), new Map()), null);
  });
});
