import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { translateAdminError } from '../../../agent/adapters/admin-errors.ts';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { AgentError } from '../../../agent/errors.ts';
import { row } from '../fakes/fake-admin.ts';
import { login, startRelay, useAdminWorld } from './admin-world.ts';

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
  const world = useAdminWorld();

  it('writes, loads, reads and deletes rows', async () => {
    const rows = [row(20, 'a', { comment: "it's \\ \n fine", useSsl: true }), row(20, 'b', { weight: 7 })];
    const sentinel = { proxyBoot: 'p', ...owner };
    await world.proxy.createSentinel(sentinel);
    await world.proxy.replaceServers(rows);
    await world.proxy.loadServers();
    const created = await world.proxy.createSentinel(sentinel);
    const read = await world.proxy.readState();
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
    await world.proxy.deleteServers([rows[0]!]);
    await world.proxy.loadServers();
    assert.deepEqual((await world.proxy.readState())?.runtime, [rows[1]]);
    await world.proxy.close();
  });

  it('saves to disk, and counts what is not there', async () => {
    const rows = [row(20, 'a'), row(20, 'b')];
    await world.proxy.createSentinel({ proxyBoot: 'p', ...owner });
    await world.proxy.replaceServers(rows);
    assert.equal(await world.proxy.countUnsaved(['MYSQL SERVERS', 'MYSQL USERS']), 2);
    await world.proxy.saveToDisk('MYSQL SERVERS');
    assert.equal(await world.proxy.countUnsaved(['MYSQL SERVERS', 'MYSQL USERS', 'MYSQL VARIABLES']), 0);
    await world.proxy.deleteServers(rows);
    assert.equal(await world.proxy.countUnsaved(['MYSQL SERVERS']), 2);
    await world.proxy.saveToDisk('MYSQL SERVERS');
    await world.proxy.close();
  });

  it('reads connections, disk, version and clients', async () => {
    assert.equal(await world.proxy.readGate(), null);
    await world.proxy.createSentinel({ proxyBoot: 'p', ...owner });
    await world.proxy.replaceServers([row(20, 'a')]);
    await world.proxy.loadServers();
    world.emulator.setConnections({ hostgroup: 20, hostname: 'a', port: 3306, used: 4, free: 2 });
    world.emulator.setClientConnections(9);
    const [pool] = await world.proxy.readConnectionPool();
    assert.deepEqual([pool?.hostname, pool?.status, pool?.connUsed, pool?.connFree], ['a', 'ONLINE', 4, 2]);
    assert.deepEqual(await world.proxy.readDiskServers(), []);
    assert.match(await world.proxy.readVersion(), /^2\.7/);
    assert.equal((await world.proxy.readGate())?.clients, 9);
    await world.proxy.close();
  });

  it('finds its sentinel until the memory is rebuilt, and connects again by itself', async () => {
    assert.equal(await world.proxy.readState(), null);
    const first = await world.proxy.createSentinel({ proxyBoot: 'p1', ...owner });
    assert.deepEqual(await world.proxy.createSentinel({ proxyBoot: 'p2', ...owner }), first);
    await world.proxy.claimSentinel({ agentId: 'proxy-0', bootId: 'c' }, 'not b');
    assert.equal((await world.proxy.readState())?.sentinel.bootId, 'b');
    await world.proxy.claimSentinel({ agentId: 'proxy-0', bootId: 'c' }, 'b');
    assert.equal((await world.proxy.readState())?.sentinel.bootId, 'c');
    await world.proxy.beatSentinel('b', 'ended');
    assert.ok(((await world.proxy.readState())?.sentinel.silentSeconds ?? 1e9) < 60, 'only its owner ends it');
    await world.proxy.beatSentinel('c', 'ended');
    assert.ok(((await world.proxy.readState())?.sentinel.silentSeconds ?? 0) > 1e9);
    const lost = new Promise<void>((resolve) => {
      world.proxy.onConnectionLost(resolve);
    });
    await world.emulator.restart();
    await lost;
    assert.equal(await world.proxy.readState(), null);
    await world.proxy.close();
  });

  it('closes the door for clients, opens it, and knows who did', async () => {
    await world.proxy.createSentinel({ proxyBoot: 'p', ...owner });
    await world.proxy.markPause('b', 'paused');
    await world.proxy.pause();
    await assert.rejects(world.proxy.pause(), code('ADMIN_ALREADY_PAUSED'));
    const gate = await world.proxy.readGate();
    assert.deepEqual([gate?.isPaused, gate?.sentinel.pause], [true, 'paused']);
    await world.proxy.resume();
    await assert.rejects(world.proxy.resume(), code('ADMIN_NOT_PAUSED'));
    await world.proxy.markPause('not b', 'left');
    const after = await world.proxy.readGate();
    assert.deepEqual([after?.isPaused, after?.sentinel.pause], [false, 'paused']);
    await world.proxy.close();
  });

  it('tells a refused row from a refused login and an absent proxy', async () => {
    await world.proxy.createSentinel({ proxyBoot: 'p', ...owner });
    await assert.rejects(world.proxy.replaceServers([row(20, 'a', { weight: -1 })]), code('ADMIN_ROW_REFUSED'));
    assert.deepEqual((await world.proxy.readState())?.memory, []);
    await world.proxy.close();
    const stranger = new ProxysqlAdmin({ ...login, password: 'wrong', port: world.emulator.port });
    await assert.rejects(stranger.readVersion(), code('ADMIN_LOGIN_REFUSED'));
    const nobody = new ProxysqlAdmin({ ...login, port: 1 });
    await assert.rejects(nobody.readVersion(), code('ADMIN_UNREACHABLE'));
  });

  it('gives up on a proxy that never answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const frozen = new ProxysqlAdmin({ ...login, port: (silent.address() as AddressInfo).port, deadlineMs: 50 });
    await assert.rejects(frozen.readVersion(), code('ADMIN_UNREACHABLE'));
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('gives up on a statement that takes too long, and opens another connection for the next', async () => {
    const relay = await freeze(world.emulator.port);
    const frozen = new ProxysqlAdmin({ ...login, port: relay.port, deadlineMs: 5000 });
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
  let isFrozen = false;
  const pass = (bytes: Buffer): Buffer => (isFrozen ? Buffer.alloc(0) : bytes);
  const relay = await startRelay(port, pass, pass);
  return {
    ...relay,
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
    },
  };
}
