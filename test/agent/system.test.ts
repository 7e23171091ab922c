import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AgentConfig } from '../../agent/config.ts';
import { type Agent, createAgent } from '../../agent/main.ts';
import { Lifecycle } from '../../process/lifecycle.ts';
import { createLogger } from '../../process/log.ts';
import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { GroupReport__Output } from '../../proto/gen/chester/v1/GroupReport.ts';
import type { LeavingServer } from '../../proto/gen/chester/v1/LeavingServer.ts';
import type { Server } from '../../proto/gen/chester/v1/Server.ts';
import type { Update } from '../../proto/gen/chester/v1/Update.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../sandbox/proxysql/emulator.ts';
import { AdminClient } from './fakes/admin-client.ts';
import { type AgentCall, TestCoordinator } from './fakes/coordinator.ts';

const log = createLogger('agent', 'silent');

function server(hostgroup: number, hostname: string, more: Partial<Server> = {}): Server {
  return {
    hostgroup,
    hostname,
    port: 3306,
    status: 'SERVER_STATUS_ONLINE',
    weight: 1000,
    maxConnections: 100,
    comment: 'chester orders replica',
    ...more,
  };
}

const writer = server(10, '10.0.0.1', { comment: 'chester orders primary' });
const [readerA, readerB] = [server(20, '10.0.0.2', { owned: true }), server(20, '10.0.0.3', { owned: true })];
const hostgroups = { writerHostgroup: 10, readerHostgroup: 20 };

function leaving({ hostname, port }: Server, sinceRevision: number): LeavingServer {
  return { hostname: hostname ?? '', port: port ?? 0, sinceRevision };
}

function snapshot(revision: number, readers: readonly Server[], gone: readonly LeavingServer[] = []): Update {
  const body = { group: 'orders', ...hostgroups, servers: [writer, ...readers], leaving: [...gone] };
  return { nonce: `n${revision}`, group: 'orders', revision, hash: `h${revision}`, snapshot: body };
}

/** Picks the answer to a nonce that has this status. */
function ack(nonce: string, status = 'APPLIED') {
  return (message: AgentMessage__Output): Ack__Output | null =>
    message.ack?.nonce === nonce && message.ack.status === `ACK_STATUS_${status}` ? message.ack : null;
}

/** Picks a group's report for which `wants` holds. */
function groupReport(wants: (report: GroupReport__Output) => boolean) {
  return (message: AgentMessage__Output): GroupReport__Output | undefined => message.report?.groups.find(wants);
}

const isAbsent =
  ({ hostname }: Server, revision: number) =>
  (report: GroupReport__Output): boolean =>
    report.absent.some((address) => address.hostname === hostname && address.revision === revision);

describe('an agent between a coordinator and a proxy', { timeout: 60_000 }, () => {
  let emulator: ProxySqlEmulator;
  let coordinator: TestCoordinator;
  let person: AdminClient;
  let stateDir: string;
  let coordinatorPort = 0;
  let agent: Agent;
  let running: Lifecycle | null = null;

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'chester-agent-'));
    emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
    coordinator = new TestCoordinator();
    coordinatorPort = await coordinator.start();
    person = await AdminClient.connect(emulator.port);
  });
  afterEach(async () => {
    await stopAgent();
    person.close();
    coordinator.stop();
    await emulator.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  async function startAgent(more: Partial<AgentConfig> = {}): Promise<void> {
    agent = createAgent(
      {
        coordinatorAddress: `127.0.0.1:${coordinatorPort}`,
        identity: { agentId: 'proxy-0', cell: 'default', fleet: 'shop', podUid: 'uid-0' },
        admin: { host: '127.0.0.1', port: emulator.port, user: 'admin', password: 'admin', deadlineMs: 5000 },
        http: { host: '127.0.0.1', port: 0 },
        stateDir,
        lastKnownGoodMaxAgeMs: 86_400_000,
        driftIntervalMs: 3_600_000,
        stopDeadlineMs: 5000,
        logLevel: 'silent',
        ...more,
      },
      log,
    );
    running = new Lifecycle(agent.components, { log, stopDeadlineMs: 5000 });
    await running.start();
  }

  async function stopAgent(): Promise<void> {
    await running?.stop();
    running = null;
  }

  async function welcome(index = 0, epoch = 1): Promise<AgentCall> {
    const call = await coordinator.call(index);
    await call.next((message) => message.hello);
    call.send({ welcome: { coordinatorId: 'c', epoch, reportIntervalMs: 3_600_000, applyDeadlineMs: 5000 } });
    return call;
  }

  /** Starts an agent that has applied this and says so. */
  async function startWith(update: Update): Promise<AgentCall> {
    await startAgent();
    const call = await welcome();
    call.send({ update });
    call.send({ syncDone: {} });
    await call.next(ack(update.nonce ?? ''));
    return call;
  }

  /** How often anybody loaded the servers. */
  async function loads(): Promise<number> {
    const rows = await person.run("SELECT version FROM runtime_checksums_values WHERE name = 'mysql_servers_v2'");
    return Number(rows[0]?.[0]);
  }

  async function ready(): Promise<number> {
    return (await fetch(`http://127.0.0.1:${agent.httpPort()}/healthz/ready`)).status;
  }

  describe('applying', () => {
    it('writes a snapshot with one LOAD and answers with the proof', async () => {
      const before = await loads();
      const call = await startWith(snapshot(1, [readerA]));
      const answer = await call.next(ack('n1'));
      assert.match(answer.runtimeHash, /^[0-9a-f]{64}$/);
      assert.ok(answer.applyMicros > 0);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
      assert.equal(await loads(), before + 1);
      assert.equal(await ready(), 200);
    });

    it('says who it is before anything else, with the proxy it reached', async () => {
      await startAgent();
      const call = await coordinator.call(0);
      const hello = await call.next((message) => message.hello);
      assert.equal(call.received[0]?.hello, hello);
      assert.equal(hello.agentId, 'proxy-0');
      assert.equal(hello.fleet, 'shop');
      assert.equal(hello.podUid, 'uid-0');
      assert.match(hello.proxysqlVersion, /^\d+\.\d+/);
      assert.notEqual(hello.proxyBoot, '');
      assert.notEqual(hello.bootId, '');
      assert.deepEqual(hello.known, []);
      assert.equal(await ready(), 503);
    });

    it('answers an equal hash without a LOAD, at the new revision', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const before = await loads();
      call.send({ update: { ...snapshot(2, [readerA]), hash: 'h1' } });
      assert.equal((await call.next(ack('n2'))).revision, 2);
      assert.equal(await loads(), before);
    });

    it('leaves rows that are not its own byte for byte', async () => {
      const foreign =
        "INSERT INTO mysql_servers (hostgroup_id, hostname, port, comment) VALUES (77, 'other', 3306, 'it''s mine')";
      await person.runAll([foreign, 'LOAD MYSQL SERVERS TO RUNTIME']);
      const select = 'SELECT * FROM mysql_servers WHERE hostgroup_id = 77';
      const before = await person.run(select);
      const call = await startWith(snapshot(1, [readerA]));
      call.send({ update: snapshot(2, [], [leaving(readerA, 2)]) });
      await call.next(ack('n2'));
      assert.deepEqual(await person.run(select), before);
    });

    it('keeps what a row has in columns that no snapshot names', async () => {
      await person.runAll([
        "INSERT INTO mysql_servers (hostgroup_id, hostname, port, gtid_port, compression, max_latency_ms) VALUES (20, '10.0.0.2', 3306, 3310, 1, 77)",
        'LOAD MYSQL SERVERS TO RUNTIME',
      ]);
      await startWith(snapshot(1, [readerA]));
      const select =
        'SELECT gtid_port, compression, max_latency_ms, weight FROM runtime_mysql_servers WHERE hostgroup_id = 20';
      assert.deepEqual(await person.run(select), [['3310', '1', '77', '1000']]);
    });

    it("holds while a LOAD would publish a person's pending edit, and goes on under the same nonce", async () => {
      await person.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (77, 'pending')");
      await startAgent();
      const call = await welcome();
      call.send({ update: snapshot(1, [readerA]) });
      const answer = await call.next(ack('n1', 'RETRYING'));
      assert.equal(answer.error?.code, 'FOREIGN_PENDING');
      assert.match(answer.error.message, /added: hostgroup 77 pending:3306/);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), []);
      await person.run("DELETE FROM mysql_servers WHERE hostname = 'pending'");
      await call.next(ack('n1'));
    });

    it('retries what ProxySQL refuses for now', async () => {
      await startAgent();
      const call = await welcome();
      await person.run('PROXYSQL READONLY');
      call.send({ update: snapshot(1, [readerA]) });
      const answer = await call.next(ack('n1', 'RETRYING'));
      assert.equal(answer.error?.code, 'ADMIN_STATEMENT_FAILED');
      assert.match(answer.error.message, /readonly/);
      await person.run('PROXYSQL READWRITE');
      await call.next(ack('n1'));
    });

    it('refuses a snapshot that cannot be right, and says which row', async () => {
      await startAgent();
      const call = await welcome();
      call.send({ update: snapshot(1, [server(20, "10.0.0.2'; DROP", { weight: 1 })]) });
      const answer = await call.next(ack('n1', 'REJECTED'));
      assert.equal(answer.error?.code, 'INVALID_SNAPSHOT');
      assert.match(answer.error.message, /10\.0\.0\.2'; DROP/);
    });

    it('swaps a writer in two loads, the old one out first', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const before = await loads();
      const next = server(10, '10.0.0.9');
      const body = { group: 'orders', ...hostgroups, servers: [next, readerA], leaving: [leaving(writer, 2)] };
      emulator.setConnections({ hostgroup: 10, hostname: '10.0.0.1', port: 3306, used: 1 });
      call.send({ update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', snapshot: body } });
      await call.next(ack('n2'));
      assert.equal(await loads(), before + 2);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 OFFLINE_SOFT',
        '10 10.0.0.9:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
    });
  });

  describe('draining', () => {
    it('waits for the last connection, deletes, and proves the address absent after the file is on disk', async () => {
      const call = await startWith(snapshot(1, [readerA, readerB]));
      emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 3 });
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      const answer = await call.next(ack('n2'));
      assert.deepEqual(answer.removing, [{ hostname: '10.0.0.2', port: 3306, connUsed: 3, reason: 'DRAINING' }]);
      assert.deepEqual(answer.absent, []);
      assert.ok((await person.servers('runtime_mysql_servers')).includes('20 10.0.0.2:3306 OFFLINE_SOFT'));
      emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 1 });
      await call.next(groupReport((report) => report.removing[0]?.connUsed === 1));
      emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 0 });
      const report = await call.next(groupReport(isAbsent(readerA, 2)));
      assert.deepEqual(report.removing, []);
      for (const table of ['runtime_mysql_servers', 'mysql_servers', 'disk.mysql_servers']) {
        assert.equal(
          (await person.servers(table)).some((row) => row.includes('10.0.0.2')),
          false,
          table,
        );
      }
      const file = await readFile(path.join(stateDir, 'last-known-good'), 'utf8');
      assert.match(file, /"revision":2/);
    });

    it('keeps the last reader that is online in runtime, until another one is', async () => {
      const call = await startWith(snapshot(1, [readerA, readerB]));
      emulator.shun({ hostname: '10.0.0.3', port: 3306 }, 'replicationLag');
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      const answer = await call.next(ack('n2'));
      assert.equal(answer.removing[0]?.reason, 'LAST_READER');
      assert.ok((await person.servers('runtime_mysql_servers')).includes('20 10.0.0.2:3306 ONLINE'));
      emulator.unshun({ hostname: '10.0.0.3', port: 3306 });
      await call.next(groupReport(isAbsent(readerA, 2)));
    });

    it('brings a new reader in before the last old one goes', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const before = await loads();
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      await call.next(groupReport(isAbsent(readerA, 2)));
      assert.equal(await loads(), before + 3);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.3:3306 ONLINE',
      ]);
    });

    it('takes the row off the disk too, and no other one', async () => {
      const call = await startWith(snapshot(1, [readerA, readerB]));
      await person.run('SAVE MYSQL SERVERS TO DISK');
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      await call.next(groupReport(isAbsent(readerA, 2)));
      assert.deepEqual(await person.servers('disk.mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.3:3306 ONLINE',
      ]);
    });

    it("never calls an address absent that somebody else's hostgroup still holds", async () => {
      const call = await startWith(snapshot(1, [readerA, readerB]));
      await person.runAll([
        "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (77, '10.0.0.2', 3306)",
        'LOAD MYSQL SERVERS TO RUNTIME',
      ]);
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      assert.equal((await call.next(ack('n2'))).removing[0]?.reason, 'HELD_BY_FOREIGN_ROW');
      await person.runAll(['DELETE FROM mysql_servers WHERE hostgroup_id = 77', 'LOAD MYSQL SERVERS TO RUNTIME']);
      await call.next(groupReport(isAbsent(readerA, 2)));
    });

    it('drains every row of a removed group, its last reader too', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const removed = { ...hostgroups, leaving: [leaving(writer, 2), leaving(readerA, 2)] };
      call.send({ update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', removed } });
      await call.next(groupReport(isAbsent(readerA, 2)));
      await call.next(groupReport(isAbsent(writer, 2)));
      assert.deepEqual(await person.servers('runtime_mysql_servers'), []);
    });

    it('takes a stand-in out of the readers when a reader is back, and keeps it as writer', async () => {
      const standIn = { ...writer, hostgroup: 20, maxConnections: 10, comment: 'chester orders fallback' };
      const call = await startWith(snapshot(1, [standIn]));
      emulator.setConnections({ hostgroup: 10, hostname: '10.0.0.1', port: 3306, used: 5 });
      call.send({ update: snapshot(2, [readerA]) });
      await call.next(ack('n2'));
      call.send({ update: { ...snapshot(3, [readerA]) } });
      await call.next(ack('n3'));
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
    });
  });

  describe('a proxy that restarts', () => {
    it('gets everything again, and the coordinator the new boot', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const { proxyBoot } = await call.next((message) => message.hello);
      await emulator.restart();
      const report = await call.next((message) =>
        message.report !== null && message.report !== undefined && message.report.proxyBoot !== proxyBoot
          ? message.report
          : null,
      );
      assert.notEqual(report.proxyBoot, '');
      call.send({ update: snapshot(2, [readerA]) });
      await call.next(ack('n2'));
      person.close();
      person = await AdminClient.connect(emulator.port);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
    });
  });

  describe('an agent that restarts', () => {
    it('serves its last known good without a coordinator, and is ready', async () => {
      await startWith(snapshot(1, [readerA]));
      await stopAgent();
      coordinator.stop();
      await person.runAll(['DELETE FROM mysql_servers', 'LOAD MYSQL SERVERS TO RUNTIME']);
      await startAgent();
      await waitFor(async () => (await ready()) === 200);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
      assert.equal((await stat(path.join(stateDir, 'last-known-good'))).mode & 0o777, 0o600);
    });

    it('leaves owned servers of a too old file out', async () => {
      const fixed = server(20, '10.0.0.4');
      await startWith(snapshot(1, [readerA, fixed]));
      await stopAgent();
      await person.runAll(['DELETE FROM mysql_servers', 'LOAD MYSQL SERVERS TO RUNTIME']);
      await startAgent({ lastKnownGoodMaxAgeMs: -1 });
      const call = await coordinator.call(1);
      await call.next((message) => message.hello);
      assert.deepEqual(await person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.4:3306 ONLINE',
      ]);
    });

    it('tells a new coordinator what it has proven, and all votes again', async () => {
      const call = await startWith(snapshot(1, [readerA, readerB]));
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      await call.next(groupReport(isAbsent(readerA, 2)));
      call.end();
      const again = await welcome(1);
      const hello = await again.next((message) => message.hello);
      assert.deepEqual(hello.known, [{ group: 'orders', revision: 2, hash: 'h2' }]);
      again.send({ syncDone: {} });
      await again.next(groupReport(isAbsent(readerA, 2)));
    });
  });

  describe('the stream', () => {
    it('refuses a coordinator whose epoch is lower than one it saw, also after its own restart', async () => {
      await startAgent();
      const first = await welcome(0, 7);
      first.send({ syncDone: {} });
      await first.next((message) => message.report);
      await stopAgent();
      await startAgent();
      const second = await welcome(1, 6);
      assert.equal((await second.next((message) => message.hello)).maxEpoch, 7);
      second.send({ update: snapshot(1, [readerA]) });
      await second.ended;
      assert.deepEqual(await person.servers('mysql_servers'), []);
    });

    it('refuses an older revision under the same epoch, takes it under a newer one', async () => {
      const call = await startWith(snapshot(5, [readerA]));
      call.send({ update: snapshot(4, [readerB]) });
      assert.equal((await call.next(ack('n4', 'REJECTED'))).error?.code, 'STALE_REVISION');
      call.end();
      const next = await welcome(1, 2);
      next.send({ update: snapshot(4, [readerB]) });
      await next.next(ack('n4'));
    });

    it('keeps the rows of a group that the coordinator does not know', async () => {
      const call = await startWith(snapshot(1, [readerA]));
      const { runtimeHash } = await call.next(ack('n1'));
      call.send({ update: { nonce: 'u', group: 'orders', revision: 0, hash: '', unknown: {} } });
      assert.equal((await call.next(ack('u'))).runtimeHash, runtimeHash);
      assert.equal((await person.servers('runtime_mysql_servers')).length, 2);
    });

    it('says Goodbye with the clients still connected', async () => {
      emulator.setClientConnections(12);
      const call = await startWith(snapshot(1, [readerA]));
      await stopAgent();
      assert.deepEqual(await call.next((message) => message.goodbye), { clients: 12, paused: false });
    });

    it('names rows in its hostgroups that no snapshot ever named, and leaves them', async () => {
      await person.runAll([
        "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (20, 'legacy', 3306)",
        'LOAD MYSQL SERVERS TO RUNTIME',
      ]);
      const call = await startWith(snapshot(1, [readerA]));
      const report = await call.next(groupReport((one) => one.unmanaged.length > 0));
      assert.deepEqual(report.unmanaged, [{ hostname: 'legacy', port: 3306 }]);
      assert.ok((await person.servers('runtime_mysql_servers')).includes('20 legacy:3306 ONLINE'));
    });
  });
});

/** Polls the outside world; nothing tells a test that a probe's answer changed. */
async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}
