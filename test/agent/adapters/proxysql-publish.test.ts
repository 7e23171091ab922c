import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { AgentError } from '../../../agent/errors.ts';
import { row } from '../fakes/fake-admin.ts';
import { AdminClient } from '../fakes/admin-client.ts';
import { login, startRelay, useAdminWorld } from './admin-world.ts';

const sentinel = { proxyBoot: 'p', agentId: 'proxy-0', bootId: 'b' };
const [a, b, c] = [row(20, 'a'), row(20, 'b'), row(20, 'c')];
const isRefused = (error: unknown) => error instanceof AgentError && error.code === 'ADMIN_ROW_REFUSED';

describe('ProxysqlAdmin, writing, loading and looking in one go', { timeout: 60_000 }, () => {
  const world = useAdminWorld();
  beforeEach(async () => {
    await world.proxy.createSentinel(sentinel);
  });

  it('shows in the next look what was loaded', async () => {
    await world.proxy.publishServers([a]);
    assert.deepEqual((await world.proxy.readState())?.runtime, [a]);
    await world.proxy.deleteServers([a]);
    await world.proxy.loadServers();
    assert.deepEqual((await world.proxy.readState())?.runtime, []);
    await world.proxy.close();
  });

  it('takes a look that nobody asked for at once for nothing later', async () => {
    await world.proxy.publishServers([a]);
    await new Promise((resolve) => setImmediate(resolve));
    const person = await AdminClient.connect(world.emulator.port);
    await person.run("INSERT INTO mysql_servers (hostgroup_id, hostname, gtid_port) VALUES (20, 'b', 0)");
    assert.deepEqual((await world.proxy.readState())?.memory, [a, b]);
    await world.proxy.publishServers([a]);
    await world.proxy.deleteServers([a]);
    assert.deepEqual((await world.proxy.readState())?.memory, [b]);
    person.close();
    await world.proxy.close();
  });

  it('loads also where a row is refused, which changes nothing', async () => {
    await world.proxy.publishServers([a]);
    const loads = (await world.proxy.readState())?.loads ?? 0;
    await assert.rejects(world.proxy.publishServers([c, row(20, 'd', { weight: -1 })]), isRefused);
    const state = await world.proxy.readState();
    assert.deepEqual([state?.memory, state?.runtime, state?.loads], [[a], [a], loads + 1]);
    await world.proxy.close();
  });

  it('gets on with a proxy that reads no statement behind another', async () => {
    const relay = await startRelay(world.emulator.port, firstPacket, (bytes) => bytes);
    const slow = new ProxysqlAdmin({ ...login, port: relay.port, deadlineMs: 4000 });
    await slow.readState();
    const isTimedOut = (error: unknown) => error instanceof AgentError && error.code === 'ADMIN_TIMED_OUT';
    await assert.rejects(slow.publishServers([a]), isTimedOut);
    const isDone = async (): Promise<boolean> => {
      try {
        await slow.readState();
        await slow.publishServers([b]);
        return true;
      } catch {
        return false;
      }
    };
    while (!(await isDone()));
    assert.deepEqual((await world.proxy.readState())?.runtime, [a, b]);
    await Promise.all([world.proxy.close(), slow.close()]);
    relay.close();
  });

  it('writes nothing in shadow', async () => {
    const shadow = new ProxysqlAdmin({ ...login, port: world.emulator.port, isShadow: true });
    const changes = world.emulator.changingStatements;
    await assert.rejects(async () => shadow.publishServers([a]), /in shadow/);
    assert.equal(world.emulator.changingStatements, changes);
    await Promise.all([world.proxy.close(), shadow.close()]);
  });
});

/** Of what a client sends at once a proxy that reads no statement behind another takes this. */
function firstPacket(bytes: Buffer): Buffer {
  return bytes.subarray(0, 4 + bytes.readUIntLE(0, 3));
}
