import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSiblingPending } from '../../../agent/core/foreign.ts';
import { findController, type SiblingRow } from '../../../agent/core/siblings.ts';
import type { TableRow } from '../../../agent/core/table.ts';
import { FakeAdmin } from '../fakes/fake-admin.ts';
import { planOne, served, writes } from '../fakes/planning.ts';
import { desired, gone, removed, target } from '../fakes/targets.ts';

const sibling = (table: string, row: TableRow, where: SiblingRow['where'] = 'memory'): SiblingRow => ({
  table,
  where,
  row,
});

describe('findController', () => {
  const cases: readonly (readonly [table: string, column: string])[] = [
    ['mysql_replication_hostgroups', 'writer_hostgroup'],
    ['mysql_replication_hostgroups', 'reader_hostgroup'],
    ['mysql_group_replication_hostgroups', 'backup_writer_hostgroup'],
    ['mysql_group_replication_hostgroups', 'offline_hostgroup'],
    ['mysql_galera_hostgroups', 'reader_hostgroup'],
    ['mysql_galera_hostgroups', 'offline_hostgroup'],
    ['mysql_aws_aurora_hostgroups', 'writer_hostgroup'],
  ];
  for (const [table, column] of cases) {
    it(`finds our hostgroup as ${column} of ${table}`, () => {
      const hold = findController(target([]), [sibling(table, { [column]: '20' })]);
      assert.equal(hold?.code, 'HOSTGROUP_CONTROLLED');
      assert.match(hold.message, new RegExp(`^hostgroup 20 stands in ${table} as ${column}: `));
      assert.equal(findController(target([]), [sibling(table, { [column]: '99' })]), null);
    });
  }

  it('finds what only runtime still has', () => {
    const row = sibling('mysql_replication_hostgroups', { writer_hostgroup: '10', reader_hostgroup: '99' }, 'runtime');
    assert.match(findController(target([]), [row])?.message ?? '', /stands in runtime_mysql_replication_hostgroups/);
  });

  it('minds no other column and no other table', () => {
    const others = [
      sibling('mysql_hostgroup_attributes', { hostgroup_id: '20' }),
      sibling('mysql_replication_hostgroups', { writer_hostgroup: '98', reader_hostgroup: '99', comment: '20' }),
      sibling('mysql_galera_hostgroups', { writer_hostgroup: '98', max_writers: '20' }),
    ];
    assert.equal(findController(target([]), others), null);
  });
});

describe('planServers, hostgroups that ProxySQL moves', () => {
  const admin = new FakeAdmin().serve(served(20, 'a'));
  admin.siblings = [sibling('mysql_replication_hostgroups', { writer_hostgroup: '10', reader_hostgroup: '20' })];

  it('are not touched', () => {
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual([group.hold?.code, group.changes], ['HOSTGROUP_CONTROLLED', []]);
  });

  it('are drained when their group is removed', () => {
    assert.deepEqual(writes(planOne(admin, removed([gone('a')]))), ['20 a:3306 OFFLINE_SOFT']);
  });
});

describe('findSiblingPending', () => {
  const attributes = 'mysql_hostgroup_attributes';
  const [row, other] = [
    { hostgroup_id: '30', comment: null },
    { hostgroup_id: '30', comment: '' },
  ];
  const cases: readonly {
    readonly name: string;
    readonly rows: readonly SiblingRow[];
    readonly pending: readonly string[];
  }[] = [
    { name: 'nothing', rows: [], pending: [] },
    { name: 'what is loaded', rows: [sibling(attributes, row), sibling(attributes, row, 'runtime')], pending: [] },
    { name: 'an addition', rows: [sibling(attributes, row)], pending: ['added'] },
    { name: 'a removal', rows: [sibling(attributes, row, 'runtime')], pending: ['removed'] },
    {
      name: 'a change, of NULL to nothing too',
      rows: [sibling(attributes, row), sibling(attributes, other, 'runtime')],
      pending: ['added', 'removed'],
    },
    {
      name: 'an equal row of another table',
      rows: [sibling(attributes, row), sibling('mysql_servers_ssl_params', row, 'runtime')],
      pending: ['added', 'removed'],
    },
  ];
  for (const { name, rows, pending } of cases) {
    it(`of ${name}: ${pending.join(' and ') || 'nothing'}`, () => {
      assert.deepEqual(
        findSiblingPending(rows).map(({ wouldBe }) => wouldBe),
        pending,
      );
    });
  }
});
