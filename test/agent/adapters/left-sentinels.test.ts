import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { ProxyWatch } from '../../../agent/loops/proxy-watch.ts';
import { AdminClient } from '../fakes/admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from '../../contract/proxysql-admin/targets.ts';
import { row } from '../fakes/fake-admin.ts';
import { fakeEntropy, FakeLog } from '../fakes/fake-ports.ts';
import { login } from './admin-world.ts';

const timeout = 60_000;
const [a, b] = [row(20, 'a'), row(20, 'b')];
const owner = { agentId: 'proxy-0', bootId: login.bootId };
/** As the first builds made it. */
const withoutConnection =
  'CREATE TABLE main.chester_agent (id INTEGER PRIMARY KEY CHECK (id = 1), ' +
  'proxy_boot VARCHAR NOT NULL, agent_id VARCHAR NOT NULL, boot_id VARCHAR NOT NULL, ' +
  "heartbeat_at INTEGER NOT NULL, pause VARCHAR NOT NULL DEFAULT 'none')";
const insert = (agentId: string, bootId: string): string =>
  'INSERT INTO main.chester_agent (id, proxy_boot, agent_id, boot_id, heartbeat_at, pause) ' +
  `VALUES (1, 'p', '${agentId}', '${bootId}', strftime('%s', 'now'), 'left')`;

/** What an agent makes of the table that another build of it left in a ProxySQL that went on running. */
function describeLeftSentinels(start: StartTarget): void {
  let target: Target;
  let person: AdminClient;
  let admin: ProxysqlAdmin;
  let watch: ProxyWatch;
  const look = () => watch.look(() => undefined);

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
    watch = new ProxyWatch({ admin, entropy: fakeEntropy(), log: new FakeLog(), owner });
    await person.run(withoutConnection);
  });
  afterEach(async () => {
    await person.runAll(['DELETE FROM mysql_servers', 'DROP TABLE main.chester_agent']);
    person.close();
    await admin.close();
  });

  it('takes over what an agent without numbered connections left, and knows the proxy again', { timeout }, async () => {
    await person.run(insert('proxy-0', 'earlier'));
    const found = await look();
    assert.ok('state' in found);
    const { proxyBoot, pause, bootId } = found.state.sentinel;
    assert.deepEqual([proxyBoot, pause, bootId], ['p', 'left', login.bootId]);
    await admin.replaceServers([a]);
    assert.deepEqual((await admin.readState())?.memory, [a]);
  });

  it('keeps its hands off what such an agent still watches, which goes on as before', { timeout }, async () => {
    await person.run(insert('proxy-1', 'other'));
    assert.ok('refusal' in (await look()));
    const [sentinel] = await person.run('SELECT agent_id, boot_id, pause FROM main.chester_agent');
    assert.deepEqual(sentinel, ['proxy-1', 'other', 'left']);
  });

  it('marks the proxy where such a table is empty', { timeout }, async () => {
    assert.ok('state' in (await look()));
    await admin.replaceServers([b]);
    assert.deepEqual((await admin.readState())?.memory, [b]);
  });

  it('leaves a table in which an agent without numbered connections finds all it writes', { timeout }, async () => {
    await person.run('DROP TABLE main.chester_agent');
    await admin.createSentinel({ proxyBoot: 'p', ...owner });
    await person.run('DELETE FROM main.chester_agent');
    await person.run(insert('proxy-0', 'earlier'));
    assert.ok('state' in (await look()));
  });
}

await onEveryTarget('a sentinel that was left', describeLeftSentinels);
