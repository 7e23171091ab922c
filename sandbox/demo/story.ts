import { setTimeout as pause } from 'node:timers/promises';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { ScalingPolicy } from '../../proto/gen/chester/v1/ScalingPolicy.ts';
import { type Alert, postAlert } from './alerts.ts';
import type { AdminClient } from './admin-client.ts';
import type { ClientLoad } from './client-load.ts';
import type { Display } from './display.ts';
import { EventWatcher } from './watcher.ts';
import type { World } from './world.ts';

export const groupName = 'orders';
const writerHostgroup = 5;
const readerHostgroup = 10;
/** A new replica serves once the proxy's own monitor has reached it; by default that looks every 8 seconds. */
const monitorPingMs = '500';
export const monitorVariables = { 'mysql-monitor_ping_interval': monitorPingMs };
const stepDeadlineMs = 45_000;
const lookMs = 25;

/** What the demo saw, for the table at its end. */
export type Outcome = {
  readonly replica: string;
  readonly address: string;
  /** From the commit of the snapshot to the last agent's APPLIED, as the coordinator's events say. */
  readonly publishToLastAckMs: number;
  readonly alertToServingMs: number;
  readonly drainMs: number;
  readonly alertToDeletedMs: number;
};

/** Declares the fleet and the group that the demo scales: a primary, and one replica made by hand. */
export async function declareGroup(world: World, client: AdminClient, policy: ScalingPolicy = {}): Promise<void> {
  const fixed = world.cloudSql.mysqlAddress('orders-primary-static');
  if (fixed === null) throw new Error('the hand-made replica does not answer');
  await client.putFleet(world.fleet, monitorVariables);
  await client.putGroup({
    name: groupName,
    fleet: world.fleet,
    project: world.project,
    primary: 'orders-primary',
    port: fixed.port,
    writerHostgroup,
    readerHostgroup,
    staticReaders: [{ hostname: fixed.host, port: fixed.port }],
    policy: { replicasMin: 0, replicasMax: 2, scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 1, ...policy },
    gate: { username: 'chester-gate', passwordSecret: 'gate', samples: 2, lagSecondsMax: 5 },
  });
}

/** Plays one scale-out and one scale-in, and shows each stage when it is seen. */
export class Story {
  readonly #world: World;
  readonly #client: AdminClient;
  readonly #display: Display;
  readonly #load: ClientLoad | null;
  readonly #watcher: EventWatcher;

  constructor(deps: { world: World; client: AdminClient; display: Display; load: ClientLoad | null }) {
    this.#world = deps.world;
    this.#client = deps.client;
    this.#display = deps.display;
    this.#load = deps.load;
    this.#watcher = new EventWatcher(deps.client, groupName);
  }

  close(): void {
    this.#watcher.close();
  }

  /** Waits until every proxy serves the group as it was declared. */
  async settle(): Promise<void> {
    const count = this.#world.pods.length;
    const isServed = async () => {
      const { agentsConverged, agentsTotal } = await this.#client.getGroup(groupName);
      return agentsTotal === count && agentsConverged === count;
    };
    await this.#display.step(
      'the group reaches every proxy',
      () => until('all proxies to serve the group', isServed),
      () => `primary and hand-made replica serve in ${count} of ${count} proxies`,
    );
    await this.#load?.start();
  }

  async play(): Promise<Outcome> {
    const out = await this.#scaleOut();
    const back = await this.#scaleIn(out.replica, out.address);
    return { ...out, ...back };
  }

  async #scaleOut() {
    this.#display.line('\n  Scale-out: Cloud Monitoring opens an incident (CPU above 70 %)');
    const alertedAtMs = await this.#alert({ action: 'scale-out', state: 'open' });
    const created = await this.#stage('creating', 'Cloud SQL creates', (name) => `${name} creating in Cloud SQL`);
    const replica = created.subject;
    await this.#stage(
      'gating',
      'the replica runs, its gate',
      () => `${replica} runs; login, replication and lag are checked`,
      replica,
    );
    const serving = await this.#stage('serving', 'the gate passes', () => `${replica} passed its gate`, replica);
    const { address } = (await this.#client.getGroup(groupName)).replicas.find(({ name }) => name === replica) ?? {
      address: '',
    };
    const published = await this.#published(serving.sequence, 'servers');
    const converged = await this.#watcher.next(
      'every agent to apply the snapshot',
      ({ kind, subject }) => kind === 'SNAPSHOT_CONVERGED' && Number(subject) >= Number(published.subject),
      stepDeadlineMs,
    );
    await this.#awaitProxies(
      (done, all) => `serving in ${done} of ${all} proxies`,
      async (pod) =>
        (await pod.eye.runtimeServers()).some(
          ({ hostgroup, hostname, status }) =>
            hostgroup === readerHostgroup && hostname === address && status === 'ONLINE',
        ),
    );
    const publishToLastAckMs = converged.atMs - published.atMs;
    this.#display.line(`    published as revision ${published.subject}, last ACK ${publishToLastAckMs} ms later`);
    this.#display.line(`    (each proxy's own monitor reaches it first: every ${monitorPingMs} ms here)`);
    await this.#alert({ action: 'scale-out', state: 'closed' });
    this.#display.line('  ✔ incident closed');
    return { replica, address, publishToLastAckMs, alertToServingMs: converged.atMs - alertedAtMs };
  }

  async #scaleIn(replica: string, address: string) {
    this.#display.line('\n  Scale-in: Cloud Monitoring opens an incident (CPU below 20 %)');
    const alertedAtMs = await this.#alert({ action: 'scale-in', state: 'open' });
    const draining = await this.#stage(
      'draining',
      'the cool-down ends',
      () => `${replica} draining: OFFLINE_SOFT in every proxy`,
      replica,
    );
    await this.#awaitProxies(
      (done, all) => `absent from runtime, memory and disk in ${done} of ${all} proxies`,
      async (pod) => !(await pod.eye.knows(address)),
    );
    const deleting = await this.#stage(
      'deleting',
      'every voter proves it absent',
      () => 'every agent voted, no session is left on the replica',
      replica,
    );
    await this.#stage('gone', 'Cloud SQL deletes', () => `${replica} deleted`, replica);
    const isListed = this.#world.cloudSql.instance(replica) !== null;
    if (isListed) throw new Error(`${replica} is still listed by Cloud SQL`);
    await this.#alert({ action: 'scale-in', state: 'closed' });
    return { drainMs: deleting.atMs - draining.atMs, alertToDeletedMs: Date.now() - alertedAtMs };
  }

  async #alert(alert: Pick<Alert, 'action' | 'state'>): Promise<number> {
    const nowMs = Date.now();
    const full = { ...alert, incidentId: `0.demo-${alert.action}`, group: groupName };
    await postAlert(this.#world.coordinator.http, full, nowMs);
    return nowMs;
  }

  /** Waits for a replica to reach a state. */
  #stage(state: string, awaited: string, done: (replica: string) => string, replica?: string): Promise<Event__Output> {
    const wanted = ({ kind, reason, subject }: Event__Output) =>
      kind === 'REPLICA_STATE' && reason === state && (replica === undefined || subject === replica);
    return this.#display.step(
      awaited,
      () => this.#watcher.next(`a replica ${state}`, wanted, stepDeadlineMs),
      ({ subject }) => done(subject),
    );
  }

  #published(afterSequence: number, what: string): Promise<Event__Output> {
    const wanted = ({ kind, sequence }: Event__Output) => kind === 'SNAPSHOT_PUBLISHED' && sequence > afterSequence;
    return this.#watcher.next(`a snapshot with new ${what}`, wanted, stepDeadlineMs);
  }

  /** Looks into every proxy until all show it. */
  async #awaitProxies(
    render: (done: number, all: number) => string,
    isDone: (pod: World['pods'][number]) => Promise<boolean>,
  ) {
    const { pods } = this.#world;
    const seen = async () => (await Promise.all(pods.map(isDone))).filter(Boolean).length;
    await this.#display.step(
      render(0, pods.length),
      (say) =>
        until(render(pods.length, pods.length), async () => {
          const done = await seen();
          say(render(done, pods.length));
          return done === pods.length;
        }),
      () => render(pods.length, pods.length),
    );
  }
}

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + stepDeadlineMs;
  while (!(await isDone())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${stepDeadlineMs / 1000} s for: ${what}`);
    await pause(lookMs);
  }
}
