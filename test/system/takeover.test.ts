import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import { Child } from '../../sandbox/demo/child.ts';
import { ProxyEye } from '../../sandbox/demo/proxy-eye.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { World } from '../../sandbox/demo/world.ts';
import { bundledProgram } from '../bundled-program.ts';
import { type RedisServer, startRedis, withoutRedis } from '../redis-servers.ts';

const deadlineMs = 90_000;
const leaseTtlMs = 2000;
const handMade = ['orders-primary', 'orders-primary-static'];

type Coordinator = { child: Child; http: string; grpc: string };

/** Real processes: two coordinators on one Redis, each with a proxy of its own. */
describe('two coordinators on one store', { timeout: 400_000, skip: withoutRedis }, () => {
  let redis: RedisServer;
  let world: World;
  const children: Child[] = [];
  const coordinators: Record<'first' | 'second', Coordinator | null> = { first: null, second: null };
  const eyes: ProxyEye[] = [];
  const violations: string[] = [];
  let isWatching = true;
  let inspection: Promise<void>;

  before(async () => {
    redis = await startRedis();
    world = new World({
      program: bundledProgram,
      proxysql: null,
      proxies: 1,
      cloudSql: { createMs: 2500, deleteMs: 1500 },
      coordinatorEnv: coordinatorEnv('first'),
    });
    await world.start();
    coordinators.second = await startSecond();
    eyes.push(...world.pods.map(({ eye }) => eye), await startPod('proxysql-second', coordinators.second.grpc));
    const client = world.adminClient();
    await declareGroup(world, client, { scaleOutCooldownSeconds: 600 });
    client.close();
    await until('both proxies to serve the static replica', () => everyProxy((servers) => servers.length >= 2));
    inspection = inspect();
  });

  after(async () => {
    isWatching = false;
    await inspection;
    for (const child of children.reverse()) await child.stop();
    for (const eye of eyes.slice(1)) await eye.close();
    await world.stop();
    await redis.stop();
  });

  it('finish a scale-out whose decider is killed in the middle of it', async () => {
    const name = await decider();
    // An alert may come to any of them.
    await alert(other(name), 'scale-out', 'open');
    await until('Cloud SQL to be asked for a replica', () => Promise.resolve(callsOf('instances.insert') > 0), 1);
    await kill(name);
    await until('the other to decide', async () => (await holder()) === other(name));
    await restart(name);
    await until('one replica to serve in both proxies', servesOne);
    assert.deepEqual(violations, []);
    await alert(name, 'scale-out', 'closed');
  });

  it('leave a decider that was frozen for longer than its lease nothing to do', async () => {
    const name = await decider();
    const frozen = processOf(name);
    frozen.signal('SIGSTOP');
    await until('the other to decide', async () => (await heldBy(other(name))) === true);
    const before = world.cloudSql.calls();
    const changesBefore = before['instances.insert'] + before['instances.delete'] + before['instances.patch'];
    frozen.signal('SIGCONT');
    await until('the thawed one to answer', async () => (await heldBy(name)) !== null);
    await pause(2 * leaseTtlMs);
    const calls = world.cloudSql.calls();
    const changes = calls['instances.insert'] + calls['instances.delete'] + calls['instances.patch'];
    assert.equal(changes, changesBefore, 'Cloud SQL was asked to change something');
    assert.deepEqual(violations, []);
  });

  it('finish a scale-in whose decider is killed in the middle of it, and delete nothing that a proxy knows', async () => {
    const name = await decider();
    const client = new AdminClient(addressOf(name).grpc);
    await alert(name, 'scale-in', 'open');
    await until('the replica to leave', async () => {
      const { replicas } = await client.getGroup(groupName);
      return replicas.some(({ state }) => state === 'draining' || state === 'deleting');
    });
    client.close();
    await kill(name);
    await until('the other to decide', async () => (await holder()) === other(name));
    await restart(name);
    await until('the replica to be deleted', () => Promise.resolve(ownedInstances().length === 0));
    assert.notEqual(world.cloudSql.instance('orders-primary-static'), null, 'the hand-made replica is gone');
    assert.deepEqual(violations, []);
  });

  function coordinatorEnv(id: 'first' | 'second'): Record<string, string> {
    const timing = { POLL_INTERVAL_MS: '250', IDLE_INTERVAL_MS: '1000', SAMPLE_INTERVAL_MS: '200' };
    return {
      ...timing,
      REPORT_INTERVAL_MS: '1000',
      STATE_FILE: '',
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      LEASE_TTL_MS: String(leaseTtlMs),
      COORDINATOR_ID: id,
      CHESTER_SECRET_GATE: 'gate',
    };
  }

  async function startSecond(): Promise<Coordinator> {
    const before = coordinators.second;
    const env = {
      ...coordinatorEnv('second'),
      CLOUDSQL_ROOT_URL: world.cloudSql.url,
      HTTP_PORT: before === null ? '0' : portOf(before.http),
      GRPC_PORT: before === null ? '0' : portOf(before.grpc),
    };
    const child = spawn({ args: ['coordinator'], env, logFile: world.logFile('second') });
    const { http = '', grpc = '' } = await child.ready();
    return { child, http, grpc };
  }

  async function startPod(name: string, grpc: string): Promise<ProxyEye> {
    const proxyEnv = { SANDBOX_PROXYSQL_DATA_FILE: path.join(world.folder, `${name}.db`) };
    const args = ['sandbox', 'proxysql', '--port', '0'];
    const proxy = spawn({ args, env: proxyEnv, logFile: world.logFile(name) });
    const { address = '' } = await proxy.ready();
    const stateDir = path.join(world.folder, name);
    mkdirSync(stateDir, { recursive: true });
    const env = {
      COORDINATOR_ADDRESS: grpc,
      CHESTER_FLEET: world.fleet,
      AGENT_ID: name,
      STATE_DIR: stateDir,
      PROXYSQL_ADMIN_PORT: portOf(address),
      PROXYSQL_ADMIN_USER: 'radmin',
      PROXYSQL_ADMIN_PASSWORD: 'radmin',
      HTTP_PORT: '0',
    };
    spawn({ args: ['agent'], env, logFile: world.logFile(`agent-${name}`) });
    return new ProxyEye(address);
  }

  function spawn(options: Parameters<typeof Child.start>[0]): Child {
    const child = Child.start(options);
    children.push(child);
    return child;
  }

  function addressOf(name: 'first' | 'second'): { readonly http: string; readonly grpc: string } {
    if (name === 'first') return world.coordinator;
    assert(coordinators.second !== null);
    return coordinators.second;
  }

  function processOf(name: 'first' | 'second'): { readonly signal: (signal: NodeJS.Signals) => void } {
    if (name === 'first') return { signal: world.signalCoordinator.bind(world) };
    assert(coordinators.second !== null);
    return coordinators.second.child;
  }

  async function kill(name: 'first' | 'second'): Promise<void> {
    if (name === 'first') await world.killCoordinator();
    else await coordinators.second?.child.kill();
  }

  async function restart(name: 'first' | 'second'): Promise<void> {
    if (name === 'first') await world.startCoordinator();
    else coordinators.second = await startSecond();
  }

  /** Whether a coordinator says that it decides; null: it says nothing. */
  async function heldBy(name: 'first' | 'second'): Promise<boolean | null> {
    try {
      const signal = AbortSignal.timeout(10_000);
      const text = await (await fetch(`http://${addressOf(name).http}/metrics`, { signal })).text();
      const [, value] = /^chester_lease_held (\d)$/m.exec(text) ?? [];
      return value === undefined ? null : value === '1';
    } catch {
      return null;
    }
  }

  async function holder(): Promise<'first' | 'second'> {
    const held = await Promise.all([heldBy('first'), heldBy('second')]);
    if (held[0] === true && held[1] === true) {
      // The lease may have changed hands between the two answers, and does not do so again at once.
      const again = await Promise.all([heldBy('first'), heldBy('second')]);
      if (again[0] === true && again[1] === true) violations.push('both decide');
    }
    if (held[0] !== true && held[1] !== true) throw new Error('nobody decides');
    return held[0] === true ? 'first' : 'second';
  }

  /** A busy machine may keep a decider from its lease for a moment. */
  async function decider(): Promise<'first' | 'second'> {
    await until('somebody to decide', () => holder().then(() => true));
    return holder().catch(decider);
  }

  async function alert(at: 'first' | 'second', action: 'scale-out' | 'scale-in', state: 'open' | 'closed') {
    const incident = { incidentId: `0.takeover-${action}`, group: groupName, action, state };
    await until('an alert to be taken', () => postAlert(addressOf(at).http, incident, Date.now()).then(() => true));
  }

  async function everyProxy(is: (online: readonly string[]) => boolean): Promise<boolean> {
    for (const eye of eyes) {
      const servers = await eye.runtimeServers();
      if (!is(servers.filter(({ status }) => status === 'ONLINE').map(({ hostname }) => hostname))) return false;
    }
    return true;
  }

  function servesOne(): Promise<boolean> {
    const [owned, ...others] = ownedInstances();
    if (owned === undefined || others.length > 0) return Promise.resolve(false);
    return everyProxy((online) => online.includes(owned.address ?? ''));
  }

  function callsOf(call: 'instances.insert'): number {
    return world.cloudSql.calls()[call];
  }

  function ownedInstances() {
    return world.cloudSql.instances().filter(({ name }) => !handMade.includes(name));
  }

  /** Watches from outside all the time: never two replicas, never one that goes while a proxy knows it. */
  async function inspect(): Promise<void> {
    while (isWatching) {
      const owned = ownedInstances();
      if (owned.length > 1) violations.push(`two replicas: ${owned.map(({ name }) => name).join(', ')}`);
      for (const { name, state, address } of owned) {
        if (state !== 'PENDING_DELETE' || address === null) continue;
        for (const eye of eyes) if (await eye.knows(address)) violations.push(`${name} goes while a proxy knows it`);
      }
      await pause(50);
    }
  }
});

function other(name: 'first' | 'second'): 'first' | 'second' {
  return name === 'first' ? 'second' : 'first';
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

async function until(what: string, isDone: () => Promise<boolean>, lookMs = 50): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isDone().catch(() => false))) {
    assert.ok(performance.now() < endMs, `waited ${deadlineMs / 1000} s for: ${what}`);
    await pause(lookMs);
  }
}
