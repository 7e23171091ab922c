import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { SnapshotBody } from '../../../agent/core/snapshot.ts';
import type { TableRow } from '../../../agent/core/table.ts';
import { AgentError } from '../../../agent/errors.ts';
import { type SideDemand, SideModules, type SideOutcome } from '../../../agent/loops/side-modules.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeModules } from '../fakes/fake-modules.ts';
import { FakeLog, FakeMetrics } from '../fakes/fake-ports.ts';
import { plainPolicy, removed, target } from '../fakes/targets.ts';

const hash = `*${'A'.repeat(40)}`;
const settled: SideOutcome = { isSettled: true, failure: null, hasChanged: false };

function user(username: string, more: TableRow = {}): TableRow {
  return { username, password: hash, default_hostgroup: '10', comment: 'chester orders user', ...more };
}

function rule(id: number, more: TableRow = {}): TableRow {
  return { rule_id: String(id), active: '1', destination_hostgroup: '20', comment: 'chester orders rule', ...more };
}

/** What one group, `orders`, asks for. */
function wish(hostgroups: Partial<SnapshotBody>, more: Partial<SideDemand> = {}): SideDemand {
  return { proxyBoot: 'boot-1', targets: [target([], [], { hostgroups })], fleet: null, ...more };
}

describe('SideModules', () => {
  let modules: FakeModules;
  let clock: FakeClock;
  let log: FakeLog;
  let metrics: FakeMetrics;
  let side: SideModules;
  beforeEach(() => {
    modules = new FakeModules();
    clock = new FakeClock();
    log = new FakeLog();
    metrics = new FakeMetrics();
    side = new SideModules({ modules, clock, log, metrics });
  });
  const converge = async (demand: SideDemand): Promise<SideOutcome | undefined> =>
    (await side.converge(demand)).get('orders');
  const failure = async (demand: SideDemand): Promise<readonly [code: string, isPermanent: boolean] | null> => {
    const outcome = await converge(demand);
    return outcome?.failure == null ? null : [outcome.failure.code, outcome.failure.isPermanent];
  };

  it('looks once for what was left, and sends nothing more when nobody wants anything', async () => {
    assert.deepEqual(await converge(wish({})), settled);
    assert.deepEqual(modules.calls, ['readMarks']);
    await clock.advance(60_000);
    await converge(wish({}));
    assert.deepEqual(modules.calls, ['readMarks']);
    await converge(wish({}, { proxyBoot: 'boot-2' }));
    assert.deepEqual(modules.calls, ['readMarks', 'readMarks']);
  });

  it('sends nothing when this proxy has no groups', async () => {
    await side.converge({ proxyBoot: 'boot-1', targets: [], fleet: null });
    assert.deepEqual(modules.calls, []);
  });

  it('takes out what a group left that wants nothing any more', async () => {
    modules.users.replace([user('old')]);
    modules.users.load();
    assert.deepEqual(await converge(wish({})), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), ['replace mysql_users 1', 'load MYSQL USERS', 'delete mysql_users 1']);
    assert.deepEqual(modules.users.view, { memory: [], runtime: [] });
    await converge(wish({}));
    assert.deepEqual(modules.calls, []);
  });

  it('writes users before rules, and loads each module once', async () => {
    const demand = wish({ users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1), rule(2)] });
    assert.deepEqual(await converge(demand), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), [
      'replace mysql_users 1',
      'load MYSQL USERS',
      'replace mysql_query_rules 2',
      'load MYSQL QUERY RULES',
    ]);
  });

  it('answers from what it proved, and asks counters and checksums first when that is old', async () => {
    const demand = wish({ users: [user('app')] });
    await converge(demand);
    modules.calls.length = 0;
    assert.deepEqual(await converge(demand), settled);
    assert.deepEqual(modules.calls, []);
    await clock.advance(30_000);
    assert.deepEqual(await converge(demand), settled);
    assert.deepEqual(modules.calls, ['readLoads', 'checksum MYSQL USERS']);
  });

  it('does not believe counters and checksums for ever', async () => {
    const demand = wish({ users: [user('app')] });
    await converge(demand);
    await clock.advance(600_000);
    modules.calls.length = 0;
    await converge(demand);
    assert.ok(modules.calls.includes('read mysql_users'));
  });

  it('writes only the module that changed', async () => {
    await converge(wish({ users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] }));
    modules.takeEffects();
    await converge(wish({ users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1, { log: '1' })] }));
    assert.deepEqual(modules.takeEffects(), ['replace mysql_query_rules 1', 'load MYSQL QUERY RULES']);
  });

  it('repairs what drifted, and says so', async () => {
    const demand = wish({ users: [user('app')] });
    await converge(demand);
    modules.users.replace([user('app', { max_connections: '1' })]);
    modules.load('MYSQL USERS');
    await clock.advance(30_000);
    modules.takeEffects();
    assert.deepEqual(await converge(demand), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), ['replace mysql_users 1', 'load MYSQL USERS']);
    assert.equal(metrics.counts.get('repaired orders'), 1);
    assert.ok(log.lines.some(({ message }) => message === 'repairing a row that drifted'));
  });

  it('holds while somebody else edits, loads nothing, and goes on when that is done', async () => {
    const demand = wish({ users: [user('app')] });
    modules.users.replace([user('dba', { comment: '' })]);
    const outcome = await converge(demand);
    assert.equal(outcome?.failure?.code, 'FOREIGN_PENDING');
    assert.match(outcome.failure.message, /mysql_users added: username dba/);
    assert.deepEqual(modules.takeEffects(), []);
    modules.load('MYSQL USERS');
    await clock.advance(1000);
    assert.deepEqual(await converge(demand), { ...settled, hasChanged: true });
  });

  it('holds while somebody edits a table that the same LOAD publishes, until that is done or undone', async () => {
    const demand = wish({ ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] });
    modules.fastRoutingPending = [{ table: 'mysql_query_rules_fast_routing', row: 'username dba', wouldBe: 'added' }];
    assert.deepEqual(await failure(demand), ['FOREIGN_PENDING', false]);
    assert.deepEqual(modules.takeEffects(), []);
    modules.fastRoutingPending = [];
    await clock.advance(1000);
    assert.deepEqual(await converge(demand), { ...settled, hasChanged: true });
  });

  it('does not look again at what waits before its time, and then only whether anything changed', async () => {
    modules.users.replace([user('dba', { comment: '' })]);
    await converge(wish({ users: [user('app')] }));
    modules.calls.length = 0;
    assert.equal((await converge(wish({ users: [user('app')] })))?.failure?.code, 'FOREIGN_PENDING');
    assert.deepEqual(modules.calls, []);
    await clock.advance(1000);
    assert.equal((await converge(wish({ users: [user('app')] })))?.failure?.code, 'FOREIGN_PENDING');
    assert.deepEqual(modules.calls, ['readLoads', 'checksum MYSQL USERS']);
  });

  it('shows the plan where rows stand already, and adopts them when told', async () => {
    modules.users.replace([user('app', { password: 'plain', comment: '' })]);
    modules.load('MYSQL USERS');
    const outcome = await converge(wish({ users: [user('app')] }));
    assert.equal(outcome?.failure?.code, 'ADOPTION_REQUIRED');
    assert.doesNotMatch(outcome.failure.message, /plain|AAAA/);
    const policy = { ...plainPolicy, adoptExisting: true };
    assert.deepEqual(await converge(wish({ users: [user('app')], policy })), { ...settled, hasChanged: true });
  });

  it('never makes an account of ProxySQL itself a user', async () => {
    assert.deepEqual(await failure(wish({ users: [user('watcher')] })), ['USER_RESERVED', true]);
    assert.deepEqual(await failure(wish({ users: [user('monitor')] })), ['INVALID_SNAPSHOT', true]);
    assert.deepEqual(modules.takeEffects(), []);
  });

  it('refuses for good what ProxySQL refuses, without trying it again and without touching other groups', async () => {
    const shop = target([], [], {
      group: 'shop',
      hostgroups: { users: [user('web', { comment: 'chester shop user' })] },
    });
    const demand = wish({ users: [user('app')] });
    const both = { ...demand, targets: [...demand.targets, shop] };
    modules.nextErrors.set('replace', new AgentError('ADMIN_ROW_REFUSED', 'CHECK constraint failed: x'));
    const outcomes = await side.converge(both);
    assert.deepEqual(outcomes.get('orders')?.failure, {
      code: 'ADMIN_ROW_REFUSED',
      message: 'mysql_users refused a row among username app: CHECK constraint failed: x',
      isPermanent: true,
    });
    assert.deepEqual(outcomes.get('shop'), { ...settled, hasChanged: true });
    modules.takeEffects();
    await clock.advance(30_000);
    await side.converge(both);
    assert.deepEqual(modules.takeEffects(), []);
    assert.deepEqual(await converge(wish({ users: [user('app', { use_ssl: '1' })] })), {
      ...settled,
      hasChanged: true,
    });
  });

  it('tries what was refused again on a proxy that was rebuilt', async () => {
    const demand = wish({ users: [user('app')] });
    modules.nextErrors.set('replace', new AgentError('ADMIN_ROW_REFUSED', 'CHECK constraint failed: x'));
    await converge(demand);
    assert.deepEqual(await converge({ ...demand, proxyBoot: 'boot-2' }), { ...settled, hasChanged: true });
  });

  it('tells what is final before what only has to wait', async () => {
    modules.users.replace([user('app', { comment: '' })]);
    modules.load('MYSQL USERS');
    modules.nextErrors.set('replace mysql_query_rules', new AgentError('ADMIN_ROW_REFUSED', 'x'));
    const both = { users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] };
    assert.deepEqual(await failure(wish(both)), ['ADMIN_ROW_REFUSED', true]);
  });

  it('throws what may work later, and finishes then', async () => {
    const demand = wish({ users: [user('app')] });
    modules.nextErrors.set('load', new AgentError('ADMIN_TIMED_OUT', 'late'));
    await assert.rejects(side.converge(demand), { code: 'ADMIN_TIMED_OUT' });
    modules.users.memory = [];
    modules.nextErrors.set('replace', new AgentError('ADMIN_CONNECTION_LOST', 'gone'));
    await assert.rejects(side.converge(demand), { code: 'ADMIN_CONNECTION_LOST' });
    modules.users.replace([user('app')]);
    modules.takeEffects();
    assert.deepEqual(await converge(demand), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), ['load MYSQL USERS']);
  });

  it('gives up on rows that somebody else changes back each time', async () => {
    modules.onCall = (name) => {
      if (name === 'load MYSQL USERS') modules.users.delete([{ username: 'app', backend: '1' }]);
    };
    assert.deepEqual(await failure(wish({ users: [user('app')] })), ['NOT_PROVEN', false]);
    assert.deepEqual(modules.takeEffects(), ['replace mysql_users 1', 'load MYSQL USERS']);
  });

  it('takes the rows of a removed group out before anything else of it', async () => {
    const shop = target([], [], {
      group: 'shop',
      hostgroups: { users: [user('web', { comment: 'chester shop user' })] },
    });
    const orders = wish({ users: [user('app')], ruleIds: { first: 1, last: 9 }, queryRules: [rule(1)] });
    await side.converge({ ...orders, targets: [...orders.targets, shop] });
    modules.takeEffects();
    const more = [user('web', { comment: 'chester shop user', use_ssl: '1' })];
    const after = { ...orders, targets: [removed([]), target([], [], { group: 'shop', hostgroups: { users: more } })] };
    assert.deepEqual([...(await side.withdraw(after))], [['orders', { ...settled, hasChanged: true }]]);
    assert.deepEqual(modules.takeEffects(), [
      'replace mysql_users 1',
      'load MYSQL USERS',
      'delete mysql_users 1',
      'replace mysql_query_rules 1',
      'load MYSQL QUERY RULES',
      'delete mysql_query_rules 1',
    ]);
    assert.deepEqual(
      modules.users.memory.map((row) => row['username']),
      ['web'],
    );
    assert.deepEqual([...(await side.withdraw(after))], [['orders', settled]]);
    assert.deepEqual(modules.calls, []);
  });

  it('withdraws nothing where nothing was removed', async () => {
    assert.equal((await side.withdraw(wish({ users: [user('app')] }))).size, 0);
    assert.deepEqual(modules.calls, []);
  });

  it('knows before anything is done what a proxy lacks', async () => {
    modules.capabilities.delete('mysql_servers_ssl_params');
    const [plain] = wish({}).targets;
    assert.equal(await side.findRefusal('boot-1', plain!), null);
    assert.deepEqual(modules.calls, []);
    const [params] = wish({ users: [user('app')], ruleIds: null }).targets;
    assert.equal(await side.findRefusal('boot-1', params!), null);
    modules.capabilities.set('mysql_users', ['username', 'password', 'comment', 'default_hostgroup']);
    const [wide] = wish({ users: [user('app', { max_connections: '5' })] }).targets;
    assert.deepEqual(await side.findRefusal('boot-1', wide!), {
      code: 'PROXYSQL_LACKS',
      message: 'column max_connections of mysql_users, which this group needs, is not in this version of ProxySQL',
    });
    assert.deepEqual(modules.calls, ['readCapabilities']);
    assert.deepEqual(await failure(wish({ users: [user('app', { max_connections: '5' })] })), ['PROXYSQL_LACKS', true]);
  });

  it('judges the same users anew when the hostgroups of their group change', async () => {
    await converge(wish({ users: [user('app')] }));
    await clock.advance(1000);
    assert.deepEqual(await failure(wish({ users: [user('app')], writerHostgroup: 11 })), ['INVALID_SNAPSHOT', true]);
  });

  it('tells no secret', async () => {
    const secrets = { password: `*${'B'.repeat(40)}` };
    modules.nextErrors.set('replace', new AgentError('ADMIN_ROW_REFUSED', 'x'));
    await converge(wish({ users: [user('app', secrets)] }));
    await converge(wish({ users: [user('app', { ...secrets, use_ssl: '1' })] }));
    modules.users.replace([user('app', { password: 'plain' })]);
    await clock.advance(30_000);
    await converge(wish({ users: [user('app', { ...secrets, use_ssl: '1' })] }));
    assert.doesNotMatch(JSON.stringify(log.lines), /BBBB|plain/);
  });
});
