import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ack__Output } from '../../../proto/gen/chester/v1/Ack.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { Update } from '../../../proto/gen/chester/v1/Update.ts';
import { ack, groupReport, hostgroups, isAbsent, leaving, readerA, readerB, snapshot } from '../fakes/updates.ts';
import { onEveryTarget } from '../../contract/proxysql-admin/targets.ts';
import { AdminClient } from '../fakes/admin-client.ts';
import { useWorld } from '../fakes/world.ts';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';

const hash = `*${'ABCDEF01'.repeat(5)}`;

/** Picks an answer in shadow that says this. */
const shadow = (nonce: string, says: RegExp) => (message: AgentMessage__Output) =>
  message.ack?.nonce === nonce && message.ack.error?.code === 'SHADOW' && says.test(message.ack.error.message)
    ? message.ack
    : null;

/** What somebody else has configured: the writer, one reader with other limits, one that the snapshot does not name. */
const theirs = [
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port, max_connections, comment) VALUES (10, '10.0.0.1', 3306, 1000, 'theirs')",
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port, max_connections, comment) VALUES (20, '10.0.0.3', 3306, 1000, 'theirs')",
  "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'planted-password', 10)",
  'LOAD MYSQL SERVERS TO RUNTIME',
  'LOAD MYSQL USERS TO RUNTIME',
];

const tables = ['mysql_servers', 'runtime_mysql_servers', 'mysql_users', 'mysql_query_rules', 'global_variables'];

async function everything(world: ReturnType<typeof useWorld>): Promise<unknown> {
  const rows = [];
  for (const table of tables) rows.push(await world.person.run(`SELECT * FROM ${table}`));
  return rows;
}

function withPolicy(update: Update, policy: Record<string, unknown>): Update {
  return { ...update, snapshot: { ...update.snapshot, policy } };
}

const user = (password: string) => ({
  columns: Object.entries({ username: 'app', password, default_hostgroup: '10', comment: 'chester orders user' }).map(
    ([name, value]) => ({ name, value }),
  ),
});

describe('an agent in shadow', { timeout: 300_000 }, () => {
  const world = useWorld();

  it('with SHADOW tells what it would change, in words without secrets, and sends no changing statement', async () => {
    await world.person.runAll(theirs);
    const before = await everything(world);
    const changesBefore = world.emulator.changingStatements;
    await world.startAgent({ isShadow: true, driftIntervalMs: 1000 });
    const call = await world.welcome();
    const update = withPolicy(snapshot(1, [readerA]), { adoptExisting: true });
    call.send({ update: { ...update, snapshot: { ...update.snapshot, users: [user(hash)] } } });
    const variables = [{ name: 'mysql-max_connections', value: '4321' }];
    call.send({ update: { nonce: 'f1', group: 'fleet:shop', revision: 1, hash: 'f1', fleet: { variables } } });
    call.send({ syncDone: {} });
    const answer: Ack__Output = await call.next(shadow('n1', /mysql_users/));
    assert.equal(answer.status, 'ACK_STATUS_RETRYING');
    const message = answer.error?.message ?? '';
    assert.match(message, /20 10\.0\.0\.2:3306: memory has no row, wanted status/);
    assert.match(message, /10 10\.0\.0\.1:3306: memory has .*max_connections 1000 .*wanted .*max_connections 100 /);
    assert.match(message, /10\.0\.0\.3:3306: would leave/);
    assert.doesNotMatch(JSON.stringify(call.received), /planted|ABCDEF01/);
    assert.match((await call.next(shadow('f1', /mysql-max_connections/))).error?.message ?? '', /4321/);
    // A drift check more, and the end: neither leaves a trace.
    await world.stopAgent();
    assert.equal(world.emulator.changingStatements, changesBefore);
    assert.deepEqual(await everything(world), before);
  });

  it('refuses to send a changing statement, whatever asks for it', async () => {
    const login = {
      host: '127.0.0.1',
      port: world.emulator.port,
      user: 'admin',
      password: 'admin',
      deadlineMs: 20_000,
      bootId: 'b',
    };
    const admin = new ProxysqlAdmin({ ...login, isShadow: true });
    const before = world.emulator.changingStatements;
    for (const write of [
      () => admin.loadServers(),
      () => admin.pause(),
      () => admin.modules.loadModule('MYSQL USERS'),
    ]) {
      await assert.rejects(async () => write(), /in shadow/);
    }
    assert.equal(world.emulator.changingStatements, before);
    await admin.close();
  });

  it('votes truthfully: present while the address stands anywhere, absent when it is gone', async () => {
    await world.person.runAll(theirs);
    await world.startAgent({ driftIntervalMs: 1000 });
    const call = await world.welcome();
    call.send({ update: withPolicy(snapshot(1, [readerA], [leaving(readerB, 1)]), { shadow: true }) });
    call.send({ syncDone: {} });
    const present = await call.next(shadow('n1', /in shadow/));
    assert.deepEqual(present.absent, []);
    assert.deepEqual(
      present.removing.map(({ hostname, reason }) => [hostname, reason]),
      [['10.0.0.3', 'HELD_BY_FOREIGN_ROW']],
    );
    const rows = await world.person.run('SELECT * FROM mysql_servers');
    assert.equal(rows.length, 2, 'nothing was taken out');

    await world.person.runAll([
      "DELETE FROM mysql_servers WHERE hostname = '10.0.0.3'",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    await call.next(groupReport(isAbsent(readerB, 1)));
  });

  it('is cut over when nothing differs, and rolled back to looking', async () => {
    await world.person.runAll(theirs);
    await world.startAgent({ driftIntervalMs: 1000 });
    const call = await world.welcome();
    call.send({ update: withPolicy(snapshot(1, [readerA]), { shadow: true, adoptExisting: true }) });
    call.send({ syncDone: {} });
    await call.next(shadow('n1', /in shadow: 3 differences/));

    // A person brings the proxy to where the snapshot is; the agent tells it, still without a change of its own.
    await world.person.runAll([
      'DELETE FROM mysql_servers WHERE hostgroup_id = 20',
      "UPDATE mysql_servers SET weight = 1000, max_connections = 100, comment = 'chester orders primary'",
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections, comment) VALUES (20, '10.0.0.2', 3306, 1000, 100, 'chester orders replica')",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    await call.next(shadow('n1', /no difference/));
    const loads = await world.loads();

    call.send({ update: withPolicy(snapshot(2, [readerA]), { adoptExisting: true }) });
    await call.next(ack('n2'));
    assert.equal(await world.loads(), loads, 'nothing had to be loaded');
    call.send({ update: withPolicy(snapshot(3, [readerA, readerB]), { adoptExisting: true }) });
    await call.next(ack('n3'));
    assert.equal((await world.person.servers('runtime_mysql_servers')).length, 3);

    // Rolled back: what a person does from now on stays.
    call.send({ update: withPolicy(snapshot(4, [readerA, readerB]), { shadow: true, adoptExisting: true }) });
    await call.next(shadow('n4', /no difference/));
    await world.person.runAll([
      "DELETE FROM mysql_servers WHERE hostname = '10.0.0.3'",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    await call.next(shadow('n4', /20 10\.0\.0\.3:3306/));
    assert.equal((await world.person.servers('mysql_servers')).length, 2);

    // Also across a restart without any coordinator's word.
    await world.stopAgent();
    await world.startAgent({ driftIntervalMs: 1000 });
    await world.coordinator.call(1);
    assert.equal((await world.person.servers('mysql_servers')).length, 2);
  });

  it('asks for consent after the shadow as it would without one', async () => {
    await world.person.runAll(theirs);
    await world.startAgent();
    const call = await world.welcome();
    call.send({ update: withPolicy(snapshot(1, [readerA]), { shadow: true }) });
    call.send({ syncDone: {} });
    await call.next(shadow('n1', /in shadow/));
    call.send({ update: snapshot(2, [readerA]) });
    const held = await call.next(ack('n2', 'RETRYING'));
    assert.equal(held.error?.code, 'ADOPTION_REQUIRED');
    assert.equal((await world.person.servers('mysql_servers')).length, 2);
  });

  it('takes nothing out of the proxy when a group is deleted that was only looked at', async () => {
    await world.person.runAll(theirs);
    const before = await everything(world);
    await world.startAgent({ driftIntervalMs: 1000 });
    const call = await world.welcome();
    call.send({ update: withPolicy(snapshot(1, [readerB]), { shadow: true, adoptExisting: true }) });
    call.send({ syncDone: {} });
    await call.next(shadow('n1', /in shadow/));
    const removed = { ...hostgroups, group: 'orders', leaving: [leaving(readerA, 2), leaving(readerB, 2)] };
    call.send({ update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', removed } });
    const answer = await call.next(shadow('n2', /in shadow/));
    assert.deepEqual(
      answer.removing.map(({ hostname }) => hostname),
      ['10.0.0.3'],
    );
    assert.deepEqual(await everything(world), before);
  });
});

await onEveryTarget('ProxysqlAdmin in shadow', (start) => {
  it('looks at everything and leaves no trace', { timeout: 300_000 }, async () => {
    const target = await start();
    const port = Number(target.address.split(':')[1]);
    const person = await AdminClient.connect(port);
    const admin = new ProxysqlAdmin({
      host: '127.0.0.1',
      port,
      user: 'radmin',
      password: 'radmin',
      deadlineMs: 5000,
      bootId: 'b',
      isShadow: true,
    });
    const traces = async () => [
      await person.run("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name"),
      await person.run('SELECT name, version, checksum FROM runtime_checksums_values ORDER BY name'),
      await person.run('SELECT * FROM mysql_servers'),
    ];
    try {
      await person.runAll(theirs);
      const before = await traces();
      assert.equal(await admin.readState(), null);
      const state = await admin.createSentinel({ proxyBoot: "it's", agentId: 'a', bootId: 'b' });
      assert.deepEqual([state.sentinel.proxyBoot, state.sentinel.agentId, state.memory.length], ["it's", 'a', 2]);
      assert.deepEqual((await admin.readState())?.runtime.length, 2);
      await admin.readDiskServers();
      await admin.readConnectionPool();
      await admin.modules.readCapabilities();
      await admin.modules.readMarks();
      await admin.modules.readMemoryChecksum('MYSQL USERS');
      assert.deepEqual(await traces(), before);
    } finally {
      await admin.close();
      person.close();
      await target.close();
    }
  });
});
