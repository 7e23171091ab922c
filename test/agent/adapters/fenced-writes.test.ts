import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import * as mark from '../../../agent/core/sentinel.ts';
import * as sql from '../../../agent/core/statements.ts';
import * as tables from '../../../agent/core/table-statements.ts';
import { usersTable } from '../../../agent/core/users.ts';
import { AgentError } from '../../../agent/errors.ts';
import { AdminClient } from '../fakes/admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from '../../contract/proxysql-admin/targets.ts';
import { row } from '../fakes/fake-admin.ts';
import { login } from './admin-world.ts';

const timeout = 60_000;
const [a, b] = [row(20, 'a'), row(20, 'b')];
const sentinel = { proxyBoot: 'p', agentId: 'proxy-0', bootId: login.bootId };
const isCode = (code: string) => (error: unknown) => error instanceof AgentError && error.code === code;

/** What becomes of a statement that the agent gave up, and that a proxy carries out after all. */
function describeFencedWrites(start: StartTarget): void {
  let target: Target;
  let person: AdminClient;
  let admin: ProxysqlAdmin;
  const memory = async () => (await admin.readState())?.memory;
  /** Closes its connection; the one after it is its next. */
  const reconnect = () => admin.close();

  before(async () => {
    target = await start();
  });
  after(async () => {
    await target.close();
  });
  beforeEach(async () => {
    const port = Number(target.address.split(':')[1]);
    person = await AdminClient.connect(port);
    admin = new ProxysqlAdmin({ ...login, port });
    await admin.createSentinel(sentinel);
    await admin.replaceServers([a]);
  });
  afterEach(async () => {
    for (const statement of ['DELETE FROM mysql_servers', 'DELETE FROM mysql_users']) await person.run(statement);
    await person.run('DROP TABLE IF EXISTS main.chester_agent');
    person.close();
    await admin.close();
  });

  it('writes nothing once a later connection has looked', { timeout }, async () => {
    await reconnect();
    await memory();
    const writer = { bootId: login.bootId, connection: 1 };
    const user = { username: 'app', password: 'x', default_hostgroup: '20' };
    const late = [
      sql.replaceServers([b], writer),
      sql.replaceServers([{ ...a, status: 'OFFLINE_SOFT' }], writer),
      sql.deleteServers('mysql_servers', [a], writer),
      sql.deleteServers('disk.mysql_servers', [a], writer),
      tables.replaceRows('mysql_users', [user], writer),
      tables.deleteRows(usersTable, [user], writer),
      tables.writeVariables({ 'mysql-max_connections': '77' }, writer),
    ];
    for (const statement of late) await person.run(statement);
    assert.deepEqual(await memory(), [a]);
    assert.deepEqual(await person.run('SELECT * FROM mysql_users'), []);
    const variable =
      "SELECT 1 FROM global_variables WHERE variable_name = 'mysql-max_connections' AND variable_value = '77'";
    assert.deepEqual(await person.run(variable), []);
    for (const statement of late) await person.run(statement.replaceAll('connection = 1', 'connection = 2'));
    assert.deepEqual(await memory(), [b], 'the connection that serves writes the same');
    assert.equal((await person.run(variable)).length, 1);
  });

  it('does not let an earlier connection write again by what it sent to be let in', { timeout }, async () => {
    await reconnect();
    await memory();
    const writer = { bootId: login.bootId, connection: 1 };
    await person.run(mark.fenceWriters(writer));
    await person.run(mark.insertSentinel(sentinel, 1));
    await person.run(sql.replaceServers([b], writer));
    assert.deepEqual(await memory(), [a]);
    await admin.publishServers([b]);
    assert.deepEqual(await memory(), [a, b]);
  });

  it('writes also where an earlier connection took the sentinel over behind the look', { timeout }, async () => {
    const [before, ours] = ['x', { agentId: 'proxy-0', bootId: login.bootId }];
    await person.run(mark.claimSentinel({ agentId: 'proxy-0', bootId: before, connection: 1 }, login.bootId));
    await reconnect();
    assert.equal((await admin.readState())?.sentinel.bootId, before);
    await person.run(mark.claimSentinel({ ...ours, connection: 1 }, before));
    await admin.claimSentinel(ours, before);
    assert.equal((await admin.readState())?.sentinel.bootId, login.bootId);
    await admin.replaceServers([b]);
    assert.deepEqual(await memory(), [a, b]);
    await person.run(sql.replaceServers([{ ...a, weight: 7 }], { bootId: login.bootId, connection: 1 }));
    assert.deepEqual(await memory(), [a, b]);
  });

  it('writes nothing on a connection that has not looked', { timeout }, async () => {
    await reconnect();
    await admin.readVersion();
    await admin.countUnsaved(['MYSQL SERVERS']);
    await assert.rejects(admin.publishServers([b]), isCode('ADMIN_CONNECTION_LOST'));
    await assert.rejects(admin.modules.deleteRows(usersTable, [{ username: 'app' }]), isCode('ADMIN_CONNECTION_LOST'));
    assert.deepEqual(await memory(), [a]);
    await admin.publishServers([b]);
    assert.deepEqual(await memory(), [a, b]);
  });

  it('writes nothing once another process has taken the sentinel over', { timeout }, async () => {
    const next = new ProxysqlAdmin({ ...login, bootId: 'c', port: Number(target.address.split(':')[1]) });
    assert.equal((await next.readState())?.sentinel.bootId, login.bootId);
    await next.replaceServers([b]);
    assert.deepEqual(await memory(), [a]);
    await next.claimSentinel({ agentId: 'proxy-0', bootId: 'c' }, login.bootId);
    await admin.publishServers([{ ...a, weight: 7 }]);
    await next.replaceServers([b]);
    assert.deepEqual(await memory(), [a, b]);
    await next.close();
  });

  it('writes nothing on a proxy that was rebuilt and not marked yet', { timeout }, async () => {
    await person.run('DROP TABLE main.chester_agent');
    await assert.rejects(admin.publishServers([b]), isCode('ADMIN_STATEMENT_FAILED'));
    assert.equal(await memory(), undefined);
    assert.deepEqual((await admin.createSentinel(sentinel)).memory, [a]);
    await admin.publishServers([b]);
    assert.deepEqual(await memory(), [a, b]);
  });
}

await onEveryTarget('writes of an agent', describeFencedWrites);
