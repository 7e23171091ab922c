import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import type { ProxyEye } from '../../sandbox/demo/proxy-eye.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import { bundledProgram } from '../bundled-program.ts';
import { askRedis, type RedisServer, startRedis, withoutRedis } from '../redis-servers.ts';
import { type CellProcesses, startWest } from './cell-west.ts';

const deadlineMs = 120_000;
const handMade = ['orders-primary', 'orders-primary-static'];
const long = process.env['CELLS'] === 'all' ? false : 'takes a minute of waiting: make cells';
const by = { owner: 'ann', reason: 'the cluster is gone' };

/** Real processes: two cells with a coordinator, an agent and a proxy each, on one Redis. */
describe('two cells', { timeout: 600_000, skip: withoutRedis }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-cells-'));
  const redisOptions = ['--dir', folder, '--dbfilename', 'now.rdb'];
  let redis: RedisServer;
  let world: World;
  let client: AdminClient;
  let west: CellProcesses;
  let watcher: EventWatcher;
  let alerts = 0;
  let isWatching = true;
  let inspection: Promise<void>;
  /** From when on an operator answers for the proxies of the west. */
  let isWestGivenUp = false;
  const violations: string[] = [];

  before(async () => {
    redis = await startRedis(redisOptions);
    world = new World({
      program: bundledProgram,
      proxysql: null,
      proxies: 1,
      cloudSql: { createMs: 500, deleteMs: 1000 },
      agentEnv: { CELL: 'east' },
      coordinatorEnv: coordinatorEnv('east', true),
    });
    await world.start();
    west = await startWest(world, coordinatorEnv('west', false));
    client = world.adminClient();
    watcher = new EventWatcher(client, '');
    await declareGroup(world, client, { scaleOutCooldownSeconds: 1, replicasMax: 1 });
    await until(
      'both proxies to serve',
      async () => (await client.getGroup(groupName)).agentsTotal === 2 && everyone('127.'),
    );
    inspection = inspect();
  });

  after(async () => {
    isWatching = false;
    await inspection;
    watcher.close();
    client.close();
    await west.stop();
    await world.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('delete a replica only when the voters of both have proven it gone', async () => {
    const { name, address } = await scaleOut();
    await assert.rejects(client.retireCell('west', by), /gives signs of life/);
    west.agent.signal('SIGSTOP');
    const sequence = lastSequence();
    await alert('scale-in', 'open');
    await event(sequence, 'VOTERS_OUTSTANDING', /proxysql-west/);
    await until('the east to be done', async () => !(await eastEye().knows(address)));
    assert.equal(await west.eye.knows(address), true);
    assert.equal(world.cloudSql.instance(name)?.state, 'RUNNABLE', 'it is held for the west');
    west.agent.signal('SIGCONT');
    await until('it to be deleted', () => Promise.resolve(owned().length === 0));
    assert.equal(await west.eye.knows(address), false);
    await alert('scale-in', 'closed');
    assert.deepEqual(violations, []);
  });

  it('hold while one is silent, until an operator gives it up; and count it again', { skip: long }, async () => {
    const { name, address } = await scaleOut();
    west.coordinator.signal('SIGSTOP');
    const sequence = lastSequence();
    await alert('scale-in', 'open');
    await event(sequence, 'VOTERS_OUTSTANDING', /proxysql-west/);
    await until('the west to be silent', async () => /chester_cell_silent\{cell="west"\} 1/.test(await metrics()));
    assert.equal(world.cloudSql.instance(name)?.state, 'RUNNABLE');
    assert.equal(await west.eye.knows(address), true);
    const { revision: withdrawn } = await client.getGroup(groupName);
    isWestGivenUp = true;
    await client.retireCell('west', by);
    await until('it to be deleted', () => Promise.resolve(owned().length === 0));
    await until('its withdrawal to be over', async () => (await client.getGroup(groupName)).revision > withdrawn);
    west.coordinator.signal('SIGCONT');
    await event(sequence, 'BACK', /counts again/);
    // Nobody waited for it, so that it is named once more.
    await until('the west to let it go', async () => !(await west.eye.knows(address)));
    isWestGivenUp = false;
    await alert('scale-in', 'closed');
    assert.deepEqual(violations, []);
  });

  it(
    'freeze when Redis is put back to an older copy, and wait for every voter or an operator',
    { skip: long },
    async () => {
      const { name } = await scaleOut();
      await askRedis(redis.port, 'SAVE');
      copyFileSync(path.join(folder, 'now.rdb'), path.join(folder, 'older.rdb'));
      const declared = await client.getGroup(groupName);
      await alert('scale-out', 'open');
      await west.agent.kill();
      const { port } = redis;
      await redis.stop();
      copyFileSync(path.join(folder, 'older.rdb'), path.join(folder, 'now.rdb'));
      redis = await startRedis(redisOptions, port);
      // The older copy counts its events from an earlier number: who watches begins again.
      watcher.close();
      watcher = new EventWatcher(client, '');
      const { sequence } = await event(0, 'STORE_WENT_BACK', /nothing is deleted meanwhile/);
      await alert('scale-in', 'open');
      await event(sequence, 'FROZEN', /proxysql-west/);
      assert.equal(world.cloudSql.instance(name)?.state, 'RUNNABLE');
      assert.deepEqual(
        reasonsSince(sequence).filter((reason) => reason === 'THAWED'),
        [],
      );
      // From here on an operator vouches for that proxy, which lives on here without its agent.
      isWestGivenUp = true;
      // The older copy says that it is connected, until the coordinator of the west has said otherwise.
      await until('it to be forgotten', () => client.forgetAgent('proxysql-west', 'its pod is gone').then(() => true));
      await event(sequence, 'THAWED', /agents were compared/);
      await until('it to be deleted', () => Promise.resolve(owned().length === 0));
      assert((await client.getGroup(groupName)).revision > declared.revision);
      assert.deepEqual(violations, []);
    },
  );

  it('empty no proxy when Redis was wiped', { skip: long }, async () => {
    const before = await eastEye().runtimeServers();
    await askRedis(redis.port, 'FLUSHALL');
    await until(
      'the coordinator to end: it served another store',
      async () => (await metrics().catch(() => '')) === '',
    );
    await pause(2000);
    assert.deepEqual(await eastEye().runtimeServers(), before);
    await world.startCoordinator();
    await pause(3000);
    assert.deepEqual(await eastEye().runtimeServers(), before);
  });

  function coordinatorEnv(cell: string, mayDecide: boolean): Record<string, string> {
    return {
      ...{ POLL_INTERVAL_MS: '250', IDLE_INTERVAL_MS: '1000', SAMPLE_INTERVAL_MS: '200', REPORT_INTERVAL_MS: '1000' },
      ...{ STATE_FILE: '', REDIS_URL: `redis://127.0.0.1:${redis.port}`, LEASE_TTL_MS: '2000', CELL: cell },
      ...{ COORDINATOR_ID: cell, MAY_DECIDE: String(mayDecide), CHESTER_SECRET_GATE: 'gate' },
    };
  }

  async function scaleOut(): Promise<{ readonly name: string; readonly address: string }> {
    await alert('scale-out', 'open');
    await until('a replica to serve in both cells', async () => {
      const address = owned()[0]?.address ?? null;
      return address !== null && everyone(address);
    });
    await alert('scale-out', 'closed');
    const [replica] = owned();
    return { name: replica?.name ?? '', address: replica?.address ?? '' };
  }

  async function alert(action: 'scale-out' | 'scale-in', state: 'open' | 'closed'): Promise<void> {
    if (state === 'open') alerts += 1;
    const incident = { incidentId: `0.cells-${alerts}`, group: groupName, action, state };
    await until('an alert to be taken', () => postAlert(world.coordinator.http, incident, Date.now()).then(() => true));
  }

  function event(after: number, reason: string, message: RegExp): Promise<Event__Output> {
    const isWanted = (one: Event__Output) => one.sequence > after && one.reason === reason && message.test(one.message);
    return watcher.next(`${reason} ${message.source}`, isWanted, deadlineMs);
  }

  function lastSequence(): number {
    return Math.max(0, ...watcher.events.map(({ sequence }) => sequence));
  }

  function reasonsSince(sequence: number): string[] {
    return watcher.events.filter((one) => one.sequence > sequence).map(({ reason }) => reason);
  }

  function eastEye(): ProxyEye {
    const [pod] = world.pods;
    assert(pod !== undefined);
    return pod.eye;
  }

  /** Whether both proxies have a server ONLINE whose address begins so. */
  async function everyone(address: string): Promise<boolean> {
    const all = await Promise.all([eastEye().runtimeServers(), west.eye.runtimeServers()]);
    return all.every((servers) =>
      servers.some(({ hostname, status }) => status === 'ONLINE' && hostname.startsWith(address)),
    );
  }

  function owned() {
    return world.cloudSql.instances().filter(({ name }) => !handMade.includes(name));
  }

  async function metrics(): Promise<string> {
    const signal = AbortSignal.timeout(5000);
    return (await fetch(`http://${world.coordinator.http}/metrics`, { signal })).text();
  }

  /** From outside, all the time: nothing goes while a proxy of any cell that counts has it. */
  async function inspect(): Promise<void> {
    while (isWatching) {
      for (const { name, state, address } of owned()) {
        if (state !== 'PENDING_DELETE' || address === null) continue;
        const eyes = isWestGivenUp ? [eastEye()] : [eastEye(), west.eye];
        for (const eye of eyes) if (await eye.knows(address)) violations.push(`${name} goes while a proxy has it`);
      }
      await pause(50);
    }
  }
});

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isSo().catch(() => false))) {
    assert(performance.now() < endMs, `waited in vain for ${what}`);
    await pause(50);
  }
}
