import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { AgentError } from '../../../agent/errors.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { row } from '../fakes/fake-admin.ts';

const login = { user: 'admin', password: 'admin', host: '127.0.0.1', deadlineMs: 20_000 };
const sentinel = { proxyBoot: 'p', agentId: 'proxy-0', bootId: 'b' };
const [a, b, c] = [row(20, 'a'), row(20, 'b'), row(20, 'c')];
const isRefused = (error: unknown) => error instanceof AgentError && error.code === 'ADMIN_ROW_REFUSED';

describe('ProxysqlAdmin, writing, loading and looking in one go', { timeout: 60_000 }, () => {
  let emulator: ProxySqlEmulator;
  let proxy: ProxysqlAdmin;
  before(async () => {
    emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
  });
  beforeEach(async () => {
    await emulator.restart();
    proxy = new ProxysqlAdmin({ ...login, port: emulator.port });
    await proxy.createSentinel(sentinel);
  });
  after(async () => {
    await emulator.close();
  });

  it('shows in the next look what was loaded', async () => {
    await proxy.publishServers([a]);
    assert.deepEqual((await proxy.readState())?.runtime, [a]);
    await proxy.deleteServers([a]);
    await proxy.loadServers();
    assert.deepEqual((await proxy.readState())?.runtime, []);
    await proxy.close();
  });

  it('takes a look that nobody asked for at once for nothing later', async () => {
    await proxy.publishServers([a]);
    await new Promise((resolve) => setImmediate(resolve));
    const person = new ProxysqlAdmin({ ...login, port: emulator.port });
    await person.replaceServers([b]);
    assert.deepEqual((await proxy.readState())?.memory, [a, b]);
    await proxy.publishServers([a]);
    await proxy.deleteServers([a]);
    assert.deepEqual((await proxy.readState())?.memory, [b]);
    await Promise.all([proxy.close(), person.close()]);
  });

  it('loads also where a row is refused, which changes nothing', async () => {
    await proxy.publishServers([a]);
    const loads = (await proxy.readState())?.loads ?? 0;
    await assert.rejects(proxy.publishServers([c, row(20, 'd', { weight: -1 })]), isRefused);
    const state = await proxy.readState();
    assert.deepEqual([state?.memory, state?.runtime, state?.loads], [[a], [a], loads + 1]);
    await proxy.close();
  });

  it('gets on with a proxy that reads no statement behind another', async () => {
    const relay = await onlyFirsts(emulator.port);
    const slow = new ProxysqlAdmin({ ...login, port: relay.port, deadlineMs: 1000 });
    await slow.readState();
    const isTimedOut = (error: unknown) => error instanceof AgentError && error.code === 'ADMIN_TIMED_OUT';
    await assert.rejects(slow.publishServers([a]), isTimedOut);
    const isDone = (): Promise<boolean> =>
      slow.publishServers([b]).then(
        () => true,
        () => false,
      );
    while (!(await isDone()));
    assert.deepEqual((await proxy.readState())?.runtime, [a, b]);
    await Promise.all([proxy.close(), slow.close()]);
    relay.close();
  });

  it('writes nothing in shadow', async () => {
    const shadow = new ProxysqlAdmin({ ...login, port: emulator.port, isShadow: true });
    const changes = emulator.changingStatements;
    await assert.rejects(async () => shadow.publishServers([a]), /in shadow/);
    assert.equal(emulator.changingStatements, changes);
    await Promise.all([proxy.close(), shadow.close()]);
  });
});

/** A relay to a proxy that passes on the first packet of what a client sends at once, and drops the others. */
async function onlyFirsts(port: number) {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const proxy = connect(port, '127.0.0.1');
    sockets.push(client, proxy);
    proxy.pipe(client);
    client.on('data', (bytes) => proxy.write(bytes.subarray(0, 4 + bytes.readUIntLE(0, 3))));
    for (const socket of [client, proxy]) socket.on('error', () => undefined);
    client.on('close', () => proxy.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
