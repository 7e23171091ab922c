import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { translateAdminError } from '../../../agent/adapters/admin-errors.ts';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { AgentError } from '../../../agent/errors.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { row } from '../fakes/fake-admin.ts';

const admin = { user: 'admin', password: 'admin', host: '127.0.0.1', deadlineMs: 20_000 };
const owner = { agentId: 'proxy-0', bootId: 'b' };
const code = (wanted: string) => (error: unknown) => error instanceof AgentError && error.code === wanted;

describe('translateAdminError', () => {
  const mysql = (message: string, errno: number, more: object = {}) =>
    Object.assign(new Error(message), { errno, code: 'ER_ACCESS_DENIED_ERROR', ...more });
  const cases = [
    {
      error: mysql('ProxySQL Admin Error: CHECK constraint failed: weight >= 0', 1045),
      phase: 'statement',
      code: 'ADMIN_ROW_REFUSED',
    },
    {
      error: mysql('ProxySQL Admin Error: NOT NULL constraint failed: mysql_servers.hostname', 1045),
      phase: 'statement',
      code: 'ADMIN_ROW_REFUSED',
    },
    {
      error: mysql('ProxySQL Admin Error: near "FOO": syntax error', 1045),
      phase: 'statement',
      code: 'ADMIN_STATEMENT_FAILED',
    },
    {
      error: mysql('ProxySQL Admin Error: attempt to write a readonly database', 1045),
      phase: 'statement',
      code: 'ADMIN_STATEMENT_FAILED',
    },
    { error: mysql("ProxySQL Error: Access denied for user 'x'", 1045), phase: 'connect', code: 'ADMIN_LOGIN_REFUSED' },
    { error: mysql("User 'admin' can only connect locally", 1040), phase: 'connect', code: 'ADMIN_LOGIN_REFUSED' },
    {
      error: mysql('ProxySQL Admin Error: ProxySQL MySQL module is already paused, impossible to pause', 1045),
      phase: 'statement',
      code: 'ADMIN_ALREADY_PAUSED',
    },
    {
      error: mysql('ProxySQL Admin Error: ProxySQL MySQL module is not paused, impossible to resume', 1045),
      phase: 'statement',
      code: 'ADMIN_NOT_PAUSED',
    },
    {
      error: mysql('ProxySQL Admin Error: ProxySQL MySQL module not running, impossible to pause', 1045),
      phase: 'statement',
      code: 'ADMIN_STATEMENT_FAILED',
    },
    {
      error: mysql('Connection lost', 0, { code: 'PROTOCOL_CONNECTION_LOST' }),
      phase: 'statement',
      code: 'ADMIN_CONNECTION_LOST',
    },
    {
      error: mysql('read ECONNRESET', -104, { code: 'ECONNRESET' }),
      phase: 'statement',
      code: 'ADMIN_CONNECTION_LOST',
    },
    {
      error: mysql('Query inactivity timeout', 0, { code: 'PROTOCOL_SEQUENCE_TIMEOUT' }),
      phase: 'statement',
      code: 'ADMIN_TIMED_OUT',
    },
    { error: mysql('connect ETIMEDOUT', -110, { code: 'ETIMEDOUT' }), phase: 'connect', code: 'ADMIN_UNREACHABLE' },
    {
      error: mysql('connect ECONNREFUSED', -111, { code: 'ECONNREFUSED' }),
      phase: 'connect',
      code: 'ADMIN_UNREACHABLE',
    },
    { error: 'nothing to hold on to', phase: 'statement', code: 'ADMIN_CONNECTION_LOST' },
  ] as const;
  for (const { error, phase, code: expected } of cases) {
    it(`calls ${JSON.stringify(typeof error === 'string' ? error : error.message)} ${expected}`, () => {
      assert.equal(translateAdminError(error, phase).code, expected);
    });
  }
});

describe('ProxysqlAdmin', { timeout: 300_000 }, () => {
  let emulator: ProxySqlEmulator;
  let proxy: ProxysqlAdmin;
  before(async () => {
    emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
  });
  beforeEach(async () => {
    await emulator.restart();
    proxy = new ProxysqlAdmin({ ...admin, port: emulator.port });
  });
  after(async () => {
    await emulator.close();
  });

  it('writes, loads, reads and deletes rows', async () => {
    const rows = [row(20, 'a', { comment: "it's \\ \n fine", useSsl: true }), row(20, 'b', { weight: 7 })];
    await proxy.replaceServers(rows);
    await proxy.loadServers();
    const sentinel = { proxyBoot: 'p', ...owner };
    const created = await proxy.createSentinel(sentinel);
    const read = await proxy.readState();
    for (const state of [created, read]) {
      assert.ok(state);
      const { silentSeconds, ...mark } = state.sentinel;
      assert.deepEqual(mark, { ...sentinel, pause: 'none' });
      assert.ok(silentSeconds >= 0 && silentSeconds < 60, `beaten just now, not ${silentSeconds} s ago`);
      assert.deepEqual([state.memory, state.runtime, state.siblings], [rows, rows, []]);
      assert.deepEqual(state.columns.get('mysql_galera_hostgroups')?.slice(0, 2), [
        'writer_hostgroup',
        'backup_writer_hostgroup',
      ]);
    }
    await proxy.deleteServers([rows[0]!]);
    await proxy.loadServers();
    assert.deepEqual((await proxy.readState())?.runtime, [rows[1]]);
    await proxy.close();
  });

  it('saves to disk, and counts what is not there', async () => {
    const rows = [row(20, 'a'), row(20, 'b')];
    await proxy.replaceServers(rows);
    assert.equal(await proxy.countUnsaved(['MYSQL SERVERS', 'MYSQL USERS']), 2);
    await proxy.saveToDisk('MYSQL SERVERS');
    assert.equal(await proxy.countUnsaved(['MYSQL SERVERS', 'MYSQL USERS', 'MYSQL VARIABLES']), 0);
    await proxy.deleteServers(rows);
    assert.equal(await proxy.countUnsaved(['MYSQL SERVERS']), 2);
    await proxy.saveToDisk('MYSQL SERVERS');
    await proxy.close();
  });

  it('reads connections, disk, version and clients', async () => {
    await proxy.replaceServers([row(20, 'a')]);
    await proxy.loadServers();
    emulator.setConnections({ hostgroup: 20, hostname: 'a', port: 3306, used: 4, free: 2 });
    emulator.setClientConnections(9);
    const [pool] = await proxy.readConnectionPool();
    assert.deepEqual([pool?.hostname, pool?.status, pool?.connUsed, pool?.connFree], ['a', 'ONLINE', 4, 2]);
    assert.deepEqual(await proxy.readDiskServers(), []);
    assert.match(await proxy.readVersion(), /^2\.7/);
    assert.equal(await proxy.readGate(), null);
    await proxy.createSentinel({ proxyBoot: 'p', ...owner });
    assert.equal((await proxy.readGate())?.clients, 9);
    await proxy.close();
  });

  it('finds its sentinel until the memory is rebuilt, and connects again by itself', async () => {
    assert.equal(await proxy.readState(), null);
    const first = await proxy.createSentinel({ proxyBoot: 'p1', ...owner });
    assert.deepEqual(await proxy.createSentinel({ proxyBoot: 'p2', ...owner }), first);
    await proxy.claimSentinel({ agentId: 'proxy-0', bootId: 'c' }, 'not b');
    assert.equal((await proxy.readState())?.sentinel.bootId, 'b');
    await proxy.claimSentinel({ agentId: 'proxy-0', bootId: 'c' }, 'b');
    assert.equal((await proxy.readState())?.sentinel.bootId, 'c');
    await proxy.beatSentinel('b', 'ended');
    assert.ok(((await proxy.readState())?.sentinel.silentSeconds ?? 1e9) < 60, 'only its owner ends it');
    await proxy.beatSentinel('c', 'ended');
    assert.ok(((await proxy.readState())?.sentinel.silentSeconds ?? 0) > 1e9);
    const lost = new Promise<void>((resolve) => {
      proxy.onConnectionLost(resolve);
    });
    await emulator.restart();
    await lost;
    assert.equal(await proxy.readState(), null);
    await proxy.close();
  });

  it('closes the door for clients, opens it, and knows who did', async () => {
    await proxy.createSentinel({ proxyBoot: 'p', ...owner });
    await proxy.markPause('b', 'paused');
    await proxy.pause();
    await assert.rejects(proxy.pause(), code('ADMIN_ALREADY_PAUSED'));
    const gate = await proxy.readGate();
    assert.deepEqual([gate?.isPaused, gate?.sentinel.pause], [true, 'paused']);
    await proxy.resume();
    await assert.rejects(proxy.resume(), code('ADMIN_NOT_PAUSED'));
    await proxy.markPause('not b', 'left');
    const after = await proxy.readGate();
    assert.deepEqual([after?.isPaused, after?.sentinel.pause], [false, 'paused']);
    await proxy.close();
  });

  it('tells a refused row from a refused login and an absent proxy', async () => {
    await assert.rejects(proxy.replaceServers([row(20, 'a', { weight: -1 })]), code('ADMIN_ROW_REFUSED'));
    assert.deepEqual((await proxy.createSentinel({ proxyBoot: 'p', ...owner })).memory, []);
    await proxy.close();
    const stranger = new ProxysqlAdmin({ ...admin, password: 'wrong', port: emulator.port });
    await assert.rejects(stranger.readVersion(), code('ADMIN_LOGIN_REFUSED'));
    const nobody = new ProxysqlAdmin({ ...admin, port: 1 });
    await assert.rejects(nobody.readVersion(), code('ADMIN_UNREACHABLE'));
  });

  it('gives up on a proxy that never answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const frozen = new ProxysqlAdmin({ ...admin, port: (silent.address() as AddressInfo).port, deadlineMs: 50 });
    await assert.rejects(frozen.readVersion(), code('ADMIN_UNREACHABLE'));
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('gives up on a statement that takes too long, and opens another connection for the next', async () => {
    const relay = await freeze(emulator.port);
    const frozen = new ProxysqlAdmin({ ...admin, port: relay.port, deadlineMs: 1500 });
    await frozen.readVersion();
    relay.freeze();
    await assert.rejects(frozen.loadServers(), code('ADMIN_TIMED_OUT'));
    relay.thaw();
    assert.match(await frozen.readVersion(), /^2\.7/);
    await frozen.close();
    relay.close();
  });
});

/** A relay before a port that can stop passing bytes on. */
async function freeze(port: number) {
  const sockets: Socket[] = [];
  let isFrozen = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    sockets.push(client, upstream);
    client.on('data', (bytes) => {
      if (!isFrozen) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!isFrozen) client.write(bytes);
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
