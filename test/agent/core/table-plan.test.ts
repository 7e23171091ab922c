import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queryRulesTable } from '../../../agent/core/query-rules.ts';
import { hasTableWork, type TableDemand, type TableName, type TableRow } from '../../../agent/core/table.ts';
import { planTable, readMark } from '../../../agent/core/table-plan.ts';
import { describeUsers, usersTable } from '../../../agent/core/users.ts';
import { FakeTable } from '../fakes/fake-table.ts';

const hash = `*${'A'.repeat(40)}`;

function user(username: string, more: TableRow = {}): TableRow {
  return { username, password: hash, default_hostgroup: '10', comment: 'chester orders user', ...more };
}

function rule(id: number, more: TableRow = {}): TableRow {
  return { rule_id: String(id), active: '1', comment: 'chester orders rule', ...more };
}

function demand(rows: readonly TableRow[], more: Partial<TableDemand> = {}): TableDemand {
  const nowhere = () => false;
  return { group: 'orders', rows, adoptExisting: false, claims: nowhere, keeps: nowhere, ...more };
}

function plan(world: FakeTable, ...demands: readonly TableDemand[]) {
  return planTable(demands, world.view, { table: world.table, columns: Object.keys(world.table.columns) });
}

function onlyPlan(world: FakeTable, one: TableDemand) {
  return plan(world, one).groups[0]!;
}

describe('planTable', () => {
  it('writes all rows of a group in one statement and loads once', () => {
    const one = onlyPlan(new FakeTable(usersTable), demand([user('app'), user('report')]));
    assert.deepEqual(
      one.writes.map((row) => row['username']),
      ['app', 'report'],
    );
    assert.deepEqual(one.writes[0], { ...usersTable.columns, ...user('app') });
    assert.deepEqual(one.changes, ['username app added', 'username report added']);
    assert.equal(one.needsLoad, true);
  });

  it('does not load what only memory has otherwise', () => {
    const world = new FakeTable(usersTable, [user('app')]);
    world.replace([user('app', { max_connections: '5' })]);
    const { writes, needsLoad, isSettled } = onlyPlan(world, demand([user('app')]));
    assert.deepEqual([writes.length, needsLoad, isSettled], [1, false, false]);
  });

  it('loads what only runtime has otherwise', () => {
    const world = new FakeTable(usersTable);
    world.replace([user('app')]);
    const { writes, needsLoad, changes } = onlyPlan(world, demand([user('app')]));
    assert.deepEqual([writes, needsLoad, changes], [[], true, ['username app loaded']]);
  });

  it('takes a row out of service together with the change, and deletes it when runtime shows it no more', () => {
    const world = new FakeTable(queryRulesTable, [rule(1), rule(2)]);
    const first = onlyPlan(world, demand([rule(1, { match_digest: 'x' })]));
    assert.deepEqual(
      first.writes.map((row) => [row['rule_id'], row['active'], row['match_digest']]),
      [
        ['1', '1', 'x'],
        ['2', '0', null],
      ],
    );
    assert.deepEqual([first.deletes, first.needsLoad], [[], true]);
    world.replace(first.writes);
    world.load();
    const second = onlyPlan(world, demand([rule(1, { match_digest: 'x' })]));
    assert.deepEqual(
      [second.writes, second.needsLoad, second.deletes.map((row) => row['rule_id'])],
      [[], false, ['2']],
    );
  });

  it('holds where somebody else has the row, and says what an adoption would make of it', () => {
    const world = new FakeTable(usersTable, [user('app', { password: 'plain', default_hostgroup: '5', comment: '' })]);
    const one = onlyPlan(world, demand([user('app')]));
    assert.deepEqual(one.writes, []);
    assert.deepEqual(one.hold, {
      code: 'ADOPTION_REQUIRED',
      message:
        'mysql_users: username app stands with password (hidden) default_hostgroup 5 comment "", ' +
        'and would have password (hidden) default_hostgroup 10 comment "chester orders user"; ' +
        'set policy.adoptExisting to take these rows over',
    });
    assert.equal(onlyPlan(world, demand([user('app')], { adoptExisting: true })).writes.length, 1);
  });

  it('holds where somebody else has the row in runtime only', () => {
    const world = new FakeTable(usersTable, [user('app', { comment: '' })]);
    world.memory = [];
    assert.equal(onlyPlan(world, demand([user('app')])).hold?.code, 'ADOPTION_REQUIRED');
  });

  it('holds where strangers stand in its range, and takes them out once it may', () => {
    const world = new FakeTable(queryRulesTable, [rule(7, { comment: null }), rule(99, { comment: null })]);
    const claims = (row: TableRow) => Number(row['rule_id']) < 10;
    const one = onlyPlan(world, demand([rule(1)], { claims }));
    assert.match(
      one.hold?.message ?? '',
      /^mysql_query_rules: rule_id 7 stands where only the group's own rows may be/,
    );
    const adopted = onlyPlan(world, demand([rule(1)], { claims, adoptExisting: true }));
    assert.deepEqual(
      adopted.writes.map((row) => [row['rule_id'], row['active']]),
      [
        ['1', '1'],
        ['7', '0'],
      ],
    );
  });

  it('gives a row that two groups want to the first', () => {
    const [first, second] = plan(
      new FakeTable(usersTable),
      demand([user('app')]),
      demand([user('app', { comment: 'chester shop user' })], { group: 'shop' }),
    ).groups;
    assert.equal(first?.writes.length, 1);
    assert.deepEqual(second?.hold, {
      code: 'ROW_TAKEN',
      message: 'mysql_users: username app belongs to group orders on this proxy',
    });
  });

  it('hands a row over from one group to the other at once', () => {
    const world = new FakeTable(usersTable, [user('app')]);
    const moved = user('app', { comment: 'chester shop user' });
    const { groups } = plan(world, demand([]), demand([moved], { group: 'shop' }));
    assert.deepEqual(
      groups.map(({ writes, deletes }) => [writes.length, deletes.length]),
      [
        [0, 0],
        [1, 0],
      ],
    );
  });

  it('leaves rows of a group that this agent does not hold', () => {
    const world = new FakeTable(usersTable, [user('app', { comment: 'chester gone user' })]);
    const all = plan(world, demand([]));
    assert.equal(hasTableWork(all), false);
    assert.deepEqual([...all.marked], ['gone']);
  });

  it('keeps a row that has to stay for now', () => {
    const world = new FakeTable(usersTable, [user('app')]);
    assert.equal(onlyPlan(world, demand([], { keeps: () => true })).isSettled, true);
  });

  const pending = [
    {
      name: 'an added row',
      edit: (world: FakeTable) => {
        world.replace([user('dba', { comment: '' })]);
      },
      wouldBe: 'added',
    },
    {
      name: 'a changed row',
      edit: (world: FakeTable) => {
        world.replace([user('old', { comment: '', active: '1', use_ssl: '1' })]);
      },
      wouldBe: 'changed',
    },
    {
      name: 'a removed row',
      edit: (world: FakeTable) => {
        world.delete([{ username: 'old', backend: '1' }]);
      },
      wouldBe: 'removed',
    },
  ];
  for (const { name, edit, wouldBe } of pending) {
    it(`finds ${name} of somebody else that waits for a LOAD`, () => {
      const world = new FakeTable(usersTable, [user('old', { comment: '' })]);
      edit(world);
      const [found, ...more] = plan(world, demand([user('app')])).foreignPending;
      assert.deepEqual([found?.table, found?.wouldBe, more], ['mysql_users', wouldBe, []]);
    });
  }

  it('finds nothing pending in what it takes over or takes out itself', () => {
    const world = new FakeTable(queryRulesTable, [rule(1, { comment: null }), rule(2, { comment: null })]);
    world.replace([rule(1, { comment: null, log: '1' }), rule(2, { comment: null, log: '1' })]);
    const claims = (row: TableRow) => Number(row['rule_id']) < 10;
    assert.deepEqual(plan(world, demand([rule(1)], { claims, adoptExisting: true })).foreignPending, []);
    assert.equal(plan(world, demand([rule(1)], { claims })).foreignPending.length, 2);
  });

  it('finds nothing pending where runtime only spells a row in its own way', () => {
    const rules = [
      { digest: '0xab', re_modifiers: 'caseless ,global', destination_hostgroup: '-1' },
      { digest: '0123', re_modifiers: null },
      { digest: 'zzz', re_modifiers: 'bogus', active: '0' },
    ].map((more, index) => rule(index + 1, { comment: null, ...more }));
    const accounts = [
      user('a', { comment: '', password: null }),
      user('b', { comment: '', active: '0' }),
      user('c', { comment: '', default_hostgroup: '-1' }),
    ];
    for (const world of [new FakeTable(queryRulesTable, rules), new FakeTable(usersTable, accounts)]) {
      assert.deepEqual(plan(world, demand([])).foreignPending, []);
    }
  });

  it('knows that older proxies hash a plain password at the LOAD, and that newer ones do not', () => {
    const memory = [{ ...usersTable.columns, ...user('dba', { comment: '', password: 'plain' }) }];
    const runtime = memory.flatMap((row) => usersTable.inRuntime({ ...row, password: hash }));
    const pendingWith = (tables: readonly TableName[], row = memory[0]!) => {
      const table = describeUsers(new Map(tables.map((name) => [name, []])));
      const options = { table, columns: Object.keys(usersTable.columns) };
      return planTable([demand([])], { memory: [row], runtime }, options).foreignPending.length;
    };
    assert.equal(pendingWith([]), 0);
    assert.equal(pendingWith([], { ...memory[0], password: '' }), 1);
    assert.equal(pendingWith([], { ...memory[0], use_ssl: '1' }), 1);
    assert.equal(pendingWith(['mysql_servers_ssl_params']), 1);
  });

  it('does without columns that the proxy does not have', () => {
    const columns = Object.keys(usersTable.columns).filter((column) => column !== 'attributes');
    const { groups } = planTable([demand([user('app')])], { memory: [], runtime: [] }, { table: usersTable, columns });
    assert.equal(Object.keys(groups[0]?.writes[0] ?? {}).includes('attributes'), false);
  });

  it('holds back on a column that it does not know, when somebody edits it', () => {
    const columns = [...Object.keys(usersTable.columns), 'newer'];
    const row: TableRow = { ...usersTable.columns, ...user('dba', { comment: '' }), newer: 'x' };
    const view = { memory: [row], runtime: usersTable.inRuntime({ ...row, newer: 'y' }) };
    const { foreignPending } = planTable([demand([user('app')])], view, { table: usersTable, columns });
    assert.deepEqual(
      foreignPending.map(({ row: name }) => name),
      ['username dba'],
    );
  });
});

describe('readMark', () => {
  const cases = [
    ['chester orders user', 'orders'],
    ['chester orders', null],
    ['by hand', null],
    [' chester orders user', null],
    [null, null],
  ] as const;
  for (const [comment, group] of cases) {
    it(`reads ${String(group)} from ${JSON.stringify(comment)}`, () => {
      assert.equal(readMark({ comment }), group);
    });
  }
});
