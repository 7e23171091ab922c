import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { AdminClient } from '../../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../../sandbox/demo/alerts.ts';
import type { Instance } from '../../../sandbox/cloudsql/instance.ts';
import type { ProxyPod, World } from '../../../sandbox/demo/world.ts';
import { type CrashDesk, type CrashPoint, type CrashRecord, partOf } from './points.ts';

/** Generous: a busy machine takes seconds to start a process, and what is checked here is no question of time. */
const deadlineMs = 300_000;
/** A part of the story is over when nothing was written for so long. */
const quietMs = 700;
/** A point that only time brings is waited for so long once everything else is done. */
const patienceMs = 4000;

type Action = 'scale-out' | 'scale-in';
/** Nobody dies in the declaration. */
type Part = 'declaration' | Action;
type CloudOperation = { readonly operationType: string; readonly targetId: string };

/** One group that is scaled out and in once, with at most one death of the coordinator in each of the two. */
export class Cycle {
  readonly group: string;
  readonly #primary: string;
  readonly #hostgroups: { readonly writerHostgroup: number; readonly readerHostgroup: number };
  readonly #world: World;
  readonly #desk: CrashDesk;
  readonly #points: readonly CrashPoint[];
  readonly #violations: string[] = [];
  #client: AdminClient;
  #part: Part = 'declaration';
  #address = '';
  /** Names of replicas whose deletion has begun. */
  readonly #deleted = new Set<string>();
  /** Looks at who has a replica that is being deleted. */
  readonly #looks: Promise<void>[] = [];
  /** Whether a client is logged in to the replica. */
  #isInUse = false;
  /** How many deaths there were before the present part. */
  #deathsBefore = 0;
  #revivals = 0;
  #isWatching = true;

  /** `number` chooses the primary, of `primariesOf`, and the hostgroups. `points`: at most one of each part. */
  constructor(world: World, desk: CrashDesk, number: number, points: readonly CrashPoint[]) {
    this.#world = world;
    this.#desk = desk;
    this.#hostgroups = { writerHostgroup: 1000 + 2 * number, readerHostgroup: 1001 + 2 * number };
    this.#points = points;
    this.group = `orders-${number}`;
    this.#primary = primaryOf(number);
    this.#client = world.adminClient();
  }

  /** Plays it and looks from outside. */
  async play(): Promise<CrashRecord> {
    const watching = this.#watch();
    // Told, not looked for: a deletion may be over before a busy machine looks again.
    const unwatch = this.#world.cloudSql.watchDeletions((instance) => {
      if (instance.name.startsWith(`${this.#primary}-ro-`)) this.#noteDeletion(instance);
    });
    try {
      await this.#declare();
      await this.#scaleOut();
      await this.#scaleIn();
    } finally {
      this.#isWatching = false;
      unwatch();
      await watching;
      await Promise.all(this.#looks);
      this.#client.close();
    }
    assert.deepEqual(this.#violations, []);
    assert.equal(this.#deleted.size, 1, [...this.#deleted].join());
    const operations = await this.#operations();
    assert.deepEqual(
      operations.map(({ operationType }) => operationType),
      ['CREATE_REPLICA', 'UPDATE', 'DELETE'],
      JSON.stringify(operations),
    );
    assert.equal(new Set(operations.map(({ targetId }) => targetId)).size, 1);
    const { names, deaths } = this.#desk.read(this.group);
    return { names: names.filter((name) => partOf({ name }) !== 'declaration'), deaths };
  }

  async #declare(): Promise<void> {
    this.#begin('declaration');
    const fixed = this.#world.cloudSql.mysqlAddress(`${this.#primary}-static`);
    assert(fixed !== null);
    await this.#client.putGroup({
      name: this.group,
      fleet: this.#world.fleet,
      project: this.#world.project,
      primary: this.#primary,
      port: fixed.port,
      ...this.#hostgroups,
      staticReaders: [{ hostname: fixed.host, port: fixed.port }],
      // No second step within the cycle: whatever appears beside the first replica is a leak.
      policy: { replicasMin: 0, replicasMax: 3, scaleOutCooldownSeconds: 600, scaleInCooldownSeconds: 1 },
      gate: { username: 'chester-gate', passwordSecret: 'gate', samples: 2, lagSecondsMax: 5 },
    });
    await this.#until('the group to be served', () => this.#isServed(false));
    // It is written when there is time, and would be a write of the scale-out in one run and none in the next.
    await this.#until('that to be told', () => {
      const { names } = this.#desk.read(this.group);
      return Promise.resolve(names.some((name) => name.includes('SNAPSHOT_CONVERGED')));
    });
  }

  async #scaleOut(): Promise<void> {
    this.#begin('scale-out');
    await this.#alert('scale-out', 'open');
    await this.#until('one replica to serve', async () => {
      const { replicas } = await this.#client.getGroup(this.group);
      this.#address = replicas[0]?.address ?? '';
      return replicas.length === 1 && replicas[0]?.state === 'serving' && (await this.#isServed(true));
    });
    await this.#alert('scale-out', 'closed');
    await this.#settle();
    await this.#until('one replica to serve in the end', () => this.#isServed(true));
  }

  async #scaleIn(): Promise<void> {
    const session = await this.#openSession();
    this.#begin('scale-in');
    await this.#alert('scale-in', 'open');
    await this.#until('the proxies to let it go', async () => {
      const known = await Promise.all(this.#world.pods.map(({ eye }) => eye.knows(this.#address)));
      return !known.includes(true);
    });
    // Somebody still uses it, past all proxies: it stays.
    await pause(300);
    this.#isInUse = false;
    await session.end().catch(() => undefined); // It was cut: the watch has seen why.
    await this.#until('the replica to be deleted', async () => {
      const { replicas } = await this.#client.getGroup(this.group);
      return replicas.length === 0 && this.#replicas().length === 0;
    });
    await this.#alert('scale-in', 'closed');
    await this.#settle();
    await this.#until('the group to be as before', () => this.#isServed(false));
    assert.equal((await this.#client.getGroup(this.group)).replicas.length, 0);
  }

  async #openSession(): Promise<Connection> {
    const { port } = this.#world.cloudSql.mysqlAddress(this.#primary) ?? {};
    const session = await createConnection({
      host: this.#address,
      ...(port && { port }),
      user: 'app',
      password: 'app',
    });
    session.on('error', () => undefined); // Who cuts it is what the watch is for.
    this.#isInUse = true;
    return session;
  }

  #begin(part: Part): void {
    this.#part = part;
    this.#deathsBefore = this.#revivals;
    this.#desk.order({ group: this.group, part, die: this.#due() });
  }

  /** Where the coordinator has still to die in the present part. */
  #due(): CrashPoint | null {
    if (this.#revivals > this.#deathsBefore) return null;
    return this.#points.find((point) => partOf(point) === this.#part) ?? null;
  }

  /** As Cloud Monitoring does: again and again until it is taken. */
  async #alert(action: Action, state: 'open' | 'closed'): Promise<void> {
    const incidentId = `0.${this.group}-${action}`;
    const alert = { incidentId, group: this.group, action, state };
    await this.#until(`${action} ${state} to be taken`, async () => {
      await postAlert(this.#world.coordinator.http, alert, Date.now());
      return true;
    });
  }

  /** Waits until nothing is written any more, and a while longer for a death that is due. */
  async #settle(): Promise<void> {
    await this.#until('the autoscaler to be at rest', async () => {
      const { scalingDecision } = await this.#client.getGroup(this.group);
      return scalingDecision?.reason === 'STEADY';
    });
    const startMs = performance.now();
    let writes = -1;
    let sinceMs = startMs;
    await this.#until('nothing more to be written', () => {
      const { length } = this.#desk.read(this.group).names;
      if (length !== writes) sinceMs = performance.now();
      writes = length;
      const nowMs = performance.now();
      const isQuiet = this.#points.length > 0 || nowMs - sinceMs >= quietMs;
      return Promise.resolve(isQuiet && (this.#due() === null || nowMs - startMs > patienceMs));
    });
  }

  /** The group's servers, in every proxy's runtime, and every agent's word for it. */
  async #isServed(withReplica: boolean): Promise<boolean> {
    const { pods, cloudSql } = this.#world;
    const writer = cloudSql.mysqlAddress(this.#primary)?.host;
    const fixed = cloudSql.mysqlAddress(`${this.#primary}-static`)?.host ?? '';
    const expected = withReplica ? [fixed, this.#address] : [fixed];
    const { agentsConverged, agentsTotal } = await this.#client.getGroup(this.group);
    if (agentsConverged !== pods.length || agentsTotal !== pods.length) return false;
    const tables = await Promise.all(pods.map(({ eye }) => eye.runtimeServers()));
    return tables.every((rows) => {
      const readers = rows.filter(({ hostgroup }) => hostgroup === this.#hostgroups.readerHostgroup);
      // The writer stands in while no reader can be reached, which a busy machine makes of itself.
      const online = readers.filter(({ hostname, status }) => status === 'ONLINE' && hostname !== writer);
      const isOnline = expected.every((address) => online.some(({ hostname }) => hostname === address));
      return isOnline && readers.every(({ hostname }) => hostname === writer || expected.includes(hostname));
    });
  }

  async #until(what: string, isDone: () => Promise<boolean>): Promise<void> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      await this.#revive();
      const isOver = await isDone().catch(() => false);
      await this.#revive();
      assert.deepEqual(this.#violations, []);
      if (isOver) return;
      if (performance.now() > endMs) assert.fail(`waited ${deadlineMs / 1000} s for ${what}: ${await this.#tell()}`);
      await pause(25);
    }
  }

  /** Starts the coordinator again after it has died by its orders. */
  async #revive(): Promise<void> {
    if (this.#desk.read(this.group).deaths.length === this.#revivals) return;
    this.#revivals += 1;
    this.#desk.order({ group: this.group, part: `${this.#part} after it`, die: null });
    await this.#world.killCoordinator();
    await this.#world.startCoordinator();
    this.#client.close();
    this.#client = this.#world.adminClient();
  }

  /** What is to be known when a wait is over in vain. */
  async #tell(): Promise<string> {
    const group = await this.#client.getGroup(this.group).catch(() => null);
    const tables = await Promise.all(this.#world.pods.map(({ eye }) => eye.runtimeServers()));
    const { names } = this.#desk.read(this.group);
    return JSON.stringify({ names, group: { ...group, spec: null }, tables });
  }

  #replicas() {
    return this.#world.cloudSql.instances().filter(({ name }) => name.startsWith(`${this.#primary}-ro-`));
  }

  /** Never two replicas. */
  async #watch(): Promise<void> {
    while (this.#isWatching) {
      const replicas = this.#replicas();
      if (replicas.length > 1) this.#violations.push(`two replicas: ${replicas.map(({ name }) => name).join(', ')}`);
      await pause(10);
    }
  }

  /** Never one that goes while a proxy knows it or a session is open. */
  #noteDeletion({ name, address }: Instance): void {
    this.#deleted.add(name);
    if (this.#isInUse) this.#violations.push(`${name} is being deleted with a session open`);
    for (const pod of this.#world.pods) this.#looks.push(this.#lookAt(pod, name, address ?? ''));
  }

  async #lookAt({ eye, name: pod }: ProxyPod, replica: string, address: string): Promise<void> {
    try {
      if (await eye.knows(address)) this.#violations.push(`${replica} goes while ${pod} knows it`);
    } catch (error) {
      this.#violations.push(`${pod} did not say whether it knows ${replica}: ${String(error)}`);
    }
  }

  async #operations(): Promise<readonly CloudOperation[]> {
    const url = `${this.#world.cloudSql.url}v1/projects/${this.#world.project}/operations?maxResults=1000`;
    const { items } = (await (await fetch(url)).json()) as { readonly items: readonly CloudOperation[] };
    return items.filter(({ targetId }) => targetId.startsWith(`${this.#primary}-ro-`)).reverse();
  }
}

function primaryOf(number: number): string {
  return `orders-${number}-primary`;
}

/** Primaries for so many cycles, with a replica made by hand each. */
export function primariesOf(count: number) {
  return Array.from({ length: count }, (_, number) => {
    const name = primaryOf(number);
    return { name, replicas: [{ name: `${name}-static` }] };
  });
}
