import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { attributesTable } from '../../../agent/core/hostgroup-attributes.ts';
import { queryRulesTable } from '../../../agent/core/query-rules.ts';
import type { SnapshotBody } from '../../../agent/core/snapshot.ts';
import type { TableDescription, TableRow } from '../../../agent/core/table.ts';
import { tlsParamsTable } from '../../../agent/core/tls-params.ts';
import { usersTable } from '../../../agent/core/users.ts';
import { AgentError } from '../../../agent/errors.ts';
import { type SideDemand, SideModules } from '../../../agent/loops/side-modules.ts';
import { startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { login } from './admin-world.ts';
import { onEveryTarget, type StartTarget, type Target } from '../../contract/proxysql-admin/targets.ts';
import { AdminClient } from '../fakes/admin-client.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeLog, FakeMetrics } from '../fakes/fake-ports.ts';
import { renderSorted } from '../fakes/fake-table.ts';
import { desired, plainPolicy, removed, target } from '../fakes/targets.ts';

const hash = `*${'0AF9'.repeat(10)}`;
const saltedHash = `$A$005$it's a "salt"\u0001\u007f; --\\${'b'.repeat(43)}`;

function user(username: string, more: TableRow = {}): TableRow {
  return { username, password: hash, default_hostgroup: '10', comment: 'chester orders user', ...more };
}

function rule(id: number, more: TableRow = {}): TableRow {
  return { rule_id: String(id), active: '1', destination_hostgroup: '20', comment: 'chester orders rule', ...more };
}

function wish(hostgroups: Partial<SnapshotBody>, more: Partial<SideDemand> = {}): SideDemand {
  return { proxyBoot: 'boot-1', targets: [target([], [], { hostgroups })], fleet: null, ...more };
}

function fleet(variables: TableRow): SideDemand {
  const body = { kind: 'fleet', variables } as const;
  return { proxyBoot: 'boot-1', targets: [], fleet: { group: 'fleet:shop', revision: 1, hash: 'f', epoch: 1, body } };
}

/** What an agent relies on, shown on a proxy. */
function describeModules(start: StartTarget): void {
  let proxy: Target;
  let person: AdminClient;
  let admin: ProxysqlAdmin;
  let clock: FakeClock;
  let side: SideModules;

  before(async () => {
    proxy = await start();
  });
  after(async () => {
    await proxy.close();
  });
  beforeEach(async () => {
    const port = Number(proxy.address.split(':')[1]);
    person = await AdminClient.connect(port);
    admin = new ProxysqlAdmin({ ...login, port });
    await admin.createSentinel({ proxyBoot: 'p', agentId: 'a', bootId: login.bootId });
    clock = new FakeClock();
    side = new SideModules({ modules: admin.modules, clock, log: new FakeLog(), metrics: new FakeMetrics() });
  });
  afterEach(async () => {
    for (const { name, module } of [usersTable, queryRulesTable, attributesTable, tlsParamsTable]) {
      await person.run(`DELETE FROM ${name}`);
      await person.run(`LOAD ${module} TO RUNTIME`);
    }
    await person.run('DROP TABLE main.chester_agent');
    person.close();
    await admin.close();
  });
  const converge = async (demand: SideDemand) =>
    (await side.converge(demand)).get(demand.fleet?.group ?? demand.targets[0]?.group ?? '');
  const settles = async (demand: SideDemand): Promise<void> => {
    assert.deepEqual(await converge(demand), { isSettled: true, failure: null, hasChanged: true });
  };
  const loads = async (name: string): Promise<number> => {
    const rows = await person.run(`SELECT version FROM runtime_checksums_values WHERE name = '${name}'`);
    return Number(rows[0]?.[0]);
  };

  it('has the columns that we know, and shows in runtime what we think it shows', async () => {
    const { modules } = admin;
    const capabilities = await modules.readCapabilities();
    const samples: readonly (readonly [TableDescription, readonly TableRow[]])[] = [
      [
        usersTable,
        [
          user("it's", { default_schema: null, attributes: '{"a": 1}' }),
          user('sha', { password: saltedHash }),
          user('off', { active: '0' }),
          user('client', { backend: '0', password: null }),
          user('server', { frontend: '0', default_schema: 'x' }),
        ],
      ],
      [
        queryRulesTable,
        [
          rule(1, { digest: '0xab', re_modifiers: 'GLOBAL,CASELESS' }),
          rule(2, { active: '0' }),
          rule(3, { digest: '0123', re_modifiers: 'caseless ,global', destination_hostgroup: '-1', comment: null }),
          rule(4, { digest: 'zzz', re_modifiers: null, mirror_hostgroup: '0', match_digest: '' }),
          rule(5, { digest: '123', re_modifiers: ' caseless', gtid_from_hostgroup: '-1', log: '1', multiplex: '2' }),
          rule(6, { digest: '0xFFFFFFFFFFFFFFFF', re_modifiers: 'GLOBAL, CASELESS', error_msg: '', cache_ttl: '5' }),
        ],
      ],
      [
        attributesTable,
        [{ hostgroup_id: '10', init_connect: "SET x='1'", hostgroup_settings: '{"handle_warnings": 1}' }],
      ],
      [tlsParamsTable, [{ hostname: 'a', port: '3306', ssl_ca: '/tls/ca.pem', comment: 'chester orders tls' }]],
    ];
    for (const [table, rows] of samples) {
      const columns = capabilities.get(table.name) ?? [];
      assert.deepEqual(columns.toSorted(), Object.keys(table.columns).toSorted());
      const full = rows.map((row) => ({ ...table.columns, ...row }));
      await modules.replaceRows(table, full);
      await modules.loadModule(table.module);
      const view = await modules.readTable(table, columns);
      assert.deepEqual(renderSorted(view.memory), renderSorted(full));
      assert.deepEqual(renderSorted(view.runtime), renderSorted(full.flatMap(table.inRuntime)));
      await modules.deleteRows(table, full.slice(0, 1));
      assert.deepEqual(renderSorted((await modules.readTable(table, columns)).memory), renderSorted(full.slice(1)));
    }
  });

  it('brings users and rules in, changes them, and takes them out', async () => {
    const ruleIds = { first: 1, last: 9 };
    await settles(
      wish({ users: [user('app'), user('sha', { password: saltedHash })], ruleIds, queryRules: [rule(1), rule(2)] }),
    );
    const before = [await loads('mysql_users'), await loads('mysql_query_rules')];
    await clock.advance(30_000);
    const same = wish({
      users: [user('app'), user('sha', { password: saltedHash })],
      ruleIds,
      queryRules: [rule(1), rule(2)],
    });
    assert.equal((await converge(same))?.hasChanged, false);
    await settles(wish({ users: [user('app')], ruleIds, queryRules: [rule(2, { match_digest: '^SELECT' }), rule(3)] }));
    assert.deepEqual(
      [await loads('mysql_users'), await loads('mysql_query_rules')],
      before.map((version) => version + 1),
    );
    assert.deepEqual(await person.run('SELECT rule_id FROM mysql_query_rules ORDER BY 1'), [['2'], ['3']]);
    const after = await side.withdraw({ proxyBoot: 'boot-1', targets: [removed([])] });
    assert.deepEqual(after.get('orders'), { isSettled: true, failure: null, hasChanged: true });
    assert.deepEqual(await person.run('SELECT * FROM runtime_mysql_users UNION SELECT * FROM mysql_users'), []);
    assert.deepEqual(await person.run('SELECT rule_id FROM mysql_query_rules'), []);
  });

  it('sees an edit in memory and a LOAD of somebody else, and puts back only its own', async () => {
    const demand = wish({ users: [user('app')] });
    await settles(demand);
    await person.run("UPDATE mysql_users SET active = 0 WHERE username = 'app'");
    await clock.advance(30_000);
    await settles(demand);
    await person.run("INSERT INTO mysql_users (username, password) VALUES ('dba', 'plain')");
    await clock.advance(30_000);
    assert.equal((await converge(demand))?.isSettled, true);
    await person.run("DELETE FROM mysql_users WHERE username = 'app'");
    await person.run('LOAD MYSQL USERS TO RUNTIME');
    await clock.advance(30_000);
    await settles(demand);
    assert.deepEqual(await person.run("SELECT password FROM mysql_users WHERE username = 'dba'"), [['plain']]);
  });

  it("waits for somebody's edit, and adopts half an account when told", async () => {
    await person.run(
      "INSERT INTO mysql_users (username, password, backend, frontend) VALUES ('app', 'p', 0, 1), ('app', 'p', 1, 0)",
    );
    const policy = { ...plainPolicy, adoptExisting: true };
    assert.equal((await converge(wish({ users: [user('app')] })))?.failure?.code, 'ADOPTION_REQUIRED');
    await person.run("INSERT INTO mysql_users (username) VALUES ('dba')");
    assert.equal((await converge(wish({ users: [user('app')], policy })))?.failure?.code, 'FOREIGN_PENDING');
    await person.run('LOAD MYSQL USERS TO RUNTIME');
    await clock.advance(1000);
    await settles(wish({ users: [user('app')], policy }));
    assert.deepEqual(await person.run("SELECT backend, frontend FROM mysql_users WHERE username = 'app'"), [
      ['1', '1'],
    ]);
  });

  it("waits for somebody's edit of a table that the same LOAD publishes", async () => {
    const routing = 'mysql_query_rules_fast_routing';
    await person.run(`INSERT INTO ${routing} VALUES ('u', 's', 0, 5, 'it''s'), ('v', 's', 0, 5, '')`);
    await person.run('LOAD MYSQL QUERY RULES TO RUNTIME');
    await settles(wish({ ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] }));
    await person.run(`UPDATE ${routing} SET destination_hostgroup = 6 WHERE username = 'u'`);
    await person.run(`DELETE FROM ${routing} WHERE username = 'v'`);
    const held = await converge(wish({ ruleIds: { first: 1, last: 9 }, queryRules: [rule(2)] }));
    assert.match(
      held?.failure?.message ?? '',
      /fast_routing changed: username u schemaname s flagIN 0, .*removed: username v/,
    );
    await person.run(`DELETE FROM ${routing}`);
    await person.run('LOAD MYSQL QUERY RULES TO RUNTIME');
    await clock.advance(1000);
    await settles(wish({ ruleIds: { first: 1, last: 9 }, queryRules: [rule(2)] }));
  });

  it('leaves an administrator his account', async () => {
    await person.run(
      "UPDATE global_variables SET variable_value = 'watcher' WHERE variable_name = 'mysql-monitor_username'",
    );
    await person.run('LOAD MYSQL VARIABLES TO RUNTIME');
    for (const name of ['radmin', 'watcher']) {
      assert.equal((await converge(wish({ users: [user(name)] })))?.failure?.code, 'USER_RESERVED');
    }
    assert.deepEqual(await person.run('SELECT username FROM mysql_users'), []);
  });

  it('tells what ProxySQL says of a row that it refuses, and no password', async () => {
    const demand = wish({ users: [user('app', { attributes: '{no json' })] });
    const outcome = await converge(demand);
    assert.equal(outcome?.failure?.isPermanent, true);
    assert.match(outcome.failure.message, /^mysql_users refused a row among username app: .*CHECK constraint failed/);
    const broken = { ...usersTable.columns, ...user("x'", { active: '9' }) };
    await assert.rejects(admin.modules.replaceRows(usersTable, [broken]), (error) => {
      assert.ok(error instanceof AgentError);
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /0AF9/);
      return true;
    });
  });

  it('sets variables of the fleet, and refuses what ProxySQL does not keep', async () => {
    await settles(
      fleet({ 'mysql-max_connections': '3000', 'mysql-multiplexing': '1', 'mysql-default_schema': 'shop' }),
    );
    const read = (name: string) =>
      person.run(`SELECT variable_value FROM runtime_global_variables WHERE variable_name = '${name}'`);
    assert.deepEqual(await read('mysql-max_connections'), [['3000']]);
    const refused = await converge(
      fleet({ 'mysql-max_connections': '4000', 'mysql-threads': '64', 'mysql-default_query_timeout': '1' }),
    );
    assert.equal(refused?.failure?.code, 'VARIABLE_NOT_TAKEN');
    assert.match(
      refused.failure.message,
      /mysql-threads wanted "64", kept "2", mysql-default_query_timeout wanted "1", kept "86400000"$/,
    );
    assert.deepEqual(await read('mysql-max_connections'), [['3000']]);
    assert.deepEqual(
      await person.run("SELECT variable_value FROM global_variables WHERE variable_name = 'mysql-max_connections'"),
      [['3000']],
    );
    assert.equal((await converge(fleet({ 'mysql-nosuch': '1' })))?.failure?.code, 'UNKNOWN_VARIABLE');
    await person.run(
      "UPDATE global_variables SET variable_value = '7' WHERE variable_name = 'mysql-threshold_query_length'",
    );
    const pending = await converge(fleet({ 'mysql-max_connections': '4000' }));
    assert.match(pending?.failure?.message ?? '', /global_variables changed: mysql-threshold_query_length$/);
    await person.run('LOAD MYSQL VARIABLES TO RUNTIME');
    await clock.advance(1000);
    assert.deepEqual((await converge(fleet({ 'mysql-max_connections': '4000' })))?.isSettled, true);
  });
}

await onEveryTarget('side modules', describeModules);

describe('side modules on releases before 2.7', { timeout: 300_000 }, () => {
  const on = async (version: '2.5.2' | '3.0.1', look: (side: SideModules) => Promise<void>): Promise<void> => {
    const emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none', version });
    const admin = new ProxysqlAdmin({ ...login, port: emulator.port });
    await admin.createSentinel({ proxyBoot: 'p', agentId: 'a', bootId: login.bootId });
    await look(
      new SideModules({
        modules: admin.modules,
        clock: new FakeClock(),
        log: new FakeLog(),
        metrics: new FakeMetrics(),
      }),
    );
    await admin.close();
    await emulator.close();
  };

  it('do what can be done there, and name what cannot', async () => {
    const params = wish({
      servers: [desired(20, 'a', { useSsl: true, caId: 'aa00aa00' })],
      certificates: [{ id: 'aa00aa00', pem: '-----BEGIN CERTIFICATE-----' }],
    });
    const settings = { hostgroup_id: '20', hostgroup_settings: '{"a":1}', comment: 'chester orders attributes' };
    const attributes = wish({ hostgroupAttributes: [settings] });
    await on('2.5.2', async (side) => {
      const lacks = async ({ targets }: SideDemand) => (await side.findRefusal('boot-1', targets[0]!))?.message;
      assert.match((await lacks(params)) ?? '', /^table mysql_servers_ssl_params,/);
      assert.match((await lacks(attributes)) ?? '', /^column hostgroup_settings of mysql_hostgroup_attributes,/);
      const demand = wish({ users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] });
      assert.equal((await side.converge(demand)).get('orders')?.isSettled, true);
    });
    await on('3.0.1', async (side) => {
      for (const { targets } of [params, attributes]) assert.equal(await side.findRefusal('boot-1', targets[0]!), null);
    });
  });
});
