import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { CallKind } from '../../sandbox/cloudsql/faults.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import { bundledProgram } from '../bundled-program.ts';

/** An agent that lost several coordinators in a row waits up to 5 s before it calls again; the machine may be slow. */
const deadlineMs = 60_000;
const handMade = ['orders-primary', 'orders-primary-static'];

/** An event of the coordinator, or a call that Cloud SQL got: its answer may then be lost. */
type Moment =
  | { readonly what: string; readonly is: (event: Event__Output) => boolean }
  | { readonly what: string; readonly call: CallKind };

const state = (name: string) => ({
  what: `the replica is ${name}`,
  is: ({ kind, reason }: Event__Output) => kind === 'REPLICA_STATE' && reason === name,
});
const event = (kind: string, reason?: string) => ({
  what: `${kind} ${reason ?? ''}`.trim(),
  is: (seen: Event__Output) => seen.kind === kind && (reason === undefined || seen.reason === reason),
});

const called = (call: CallKind) => ({ what: `Cloud SQL got ${call}`, call });

/** Where not all are tried: what only a call shows, what a record shows, and what was published. */
const few: readonly string[] = [
  called('instances.insert'),
  state('gating'),
  event('SNAPSHOT_PUBLISHED'),
  event('VOTE', 'ABSENT'),
  called('instances.delete'),
].map(({ what }) => what);
const isAll = process.env['KILL_ORDERS'] === 'all';

const scaleOutMoments: readonly Moment[] = [
  event('INCIDENT', 'open'),
  event('SCALING_DECISION', 'SCALE_OUT'),
  state('creating'),
  called('instances.insert'),
  state('gating'),
  state('serving'),
  event('SNAPSHOT_PUBLISHED'),
];
const scaleInMoments: readonly Moment[] = [
  event('INCIDENT', 'open'),
  event('SCALING_DECISION', 'SCALE_IN'),
  state('draining'),
  event('SNAPSHOT_PUBLISHED'),
  event('VOTE', 'ABSENT'),
];
const deletionMoments: readonly Moment[] = [state('deleting'), called('instances.delete')];

/** Real processes: a coordinator that is killed at some stages (`make kill`: at every one), agents and proxies that live on. */
describe('a coordinator killed with SIGKILL', { timeout: 400_000 }, () => {
  let world: World;
  let lastSequence = 0;
  const violations: string[] = [];
  let isWatching = true;
  let inspection: Promise<void>;

  before(async () => {
    world = new World({
      program: bundledProgram,
      proxysql: null,
      proxies: 3,
      cloudSql: { createMs: 2500, deleteMs: 1500 },
    });
    await world.start();
    const client = world.adminClient();
    // No second step within the test: whatever appears beside the first replica is a leak.
    await declareGroup(world, client, { scaleOutCooldownSeconds: 600 });
    await until('three proxies to serve', async () => (await client.getGroup(groupName)).agentsConverged === 3);
    client.close();
    inspection = inspect();
  });

  after(async () => {
    isWatching = false;
    await inspection;
    await world.stop();
  });

  it('finishes one scale-out with exactly one replica, killed after its stages', async () => {
    await alert('scale-out', 'open');
    await killAtEach(scaleOutMoments);
    const client = world.adminClient();
    const serving = async () => {
      const { replicas, agentsConverged, agentsTotal } = await client.getGroup(groupName);
      return replicas.length === 1 && replicas[0]?.state === 'serving' && agentsConverged === 3 && agentsTotal === 3;
    };
    await until('one replica to serve in three proxies', serving);
    client.close();
    const [owned, ...others] = ownedInstances();
    assert.deepEqual(others, [], 'a second replica was created');
    for (const { eye } of world.pods) {
      // A proxy of a busy machine may shun it for a moment.
      await until('it to be a reader of each', async () => {
        const rows = (await eye.runtimeServers()).filter(({ hostname }) => hostname === owned?.address);
        return rows.length === 1 && rows[0]?.hostgroup === 10 && rows[0].status === 'ONLINE';
      });
    }
    await alert('scale-out', 'closed');
  });

  it('finishes one scale-in, killed after its stages, and deletes nothing that a proxy still knows', async () => {
    await skipPast();
    // An agent that hangs has not proven anything: its proxy goes on serving, and the deletion has to wait for it.
    const frozen = world.pods[2]?.agent;
    frozen?.signal('SIGSTOP');
    await alert('scale-in', 'open');
    await killAtEach(scaleInMoments);
    await awaitEvent(event('WAIT', 'VOTERS_OUTSTANDING'));
    await pause(2000);
    assert.deepEqual(violations, []);
    assert.equal(callsOf('instances.delete'), 0, 'deleted although one agent has not voted');
    frozen?.signal('SIGCONT');
    await killAtEach(deletionMoments);
    await until('the replica to be deleted', () => Promise.resolve(ownedInstances().length === 0));
    const client = world.adminClient();
    await until('its record to go', async () => (await client.getGroup(groupName)).replicas.length === 0);
    client.close();
    assert.notEqual(world.cloudSql.instance('orders-primary-static'), null, 'the hand-made replica is gone');
    assert.deepEqual(violations, []);
  });

  function ownedInstances() {
    return world.cloudSql.instances().filter(({ name }) => !handMade.includes(name));
  }

  async function alert(action: 'scale-out' | 'scale-in', incidentState: 'open' | 'closed'): Promise<void> {
    const incident = { incidentId: `0.kill-${action}`, group: groupName, action, state: incidentState };
    await until('an alert to be taken', () => postAlert(world.coordinator.http, incident, Date.now()).then(() => true));
  }

  async function killAtEach(moments: readonly Moment[]): Promise<void> {
    for (const moment of moments) if (isAll || few.includes(moment.what)) await killAt(moment);
  }

  /** Waits for a moment that was not there before, kills the coordinator then, and starts it again. */
  async function killAt(moment: Moment): Promise<void> {
    if ('call' in moment) await until(moment.what, () => Promise.resolve(callsOf(moment.call) > 0), 1);
    else await awaitEvent(moment);
    await world.killCoordinator();
    await world.startCoordinator();
  }

  function callsOf(call: CallKind): number {
    return world.cloudSql.calls()[call];
  }

  async function awaitEvent(moment: Extract<Moment, { is: unknown }>): Promise<void> {
    const client = world.adminClient();
    const watcher = new EventWatcher(client, groupName, lastSequence);
    const seen = await watcher.next(moment.what, moment.is, deadlineMs);
    lastSequence = seen.sequence;
    watcher.close();
    client.close();
  }

  /** Leaves the events of the scale-out behind. */
  async function skipPast(): Promise<void> {
    const client = world.adminClient();
    const watcher = new EventWatcher(client, groupName, lastSequence);
    await watcher.next('the incident to be closed', event('INCIDENT', 'closed').is, deadlineMs);
    lastSequence = watcher.events.at(-1)?.sequence ?? lastSequence;
    watcher.close();
    client.close();
  }

  /** Watches the world from outside all the time: never two replicas, never one that goes while a proxy knows it. */
  async function inspect(): Promise<void> {
    while (isWatching) {
      const owned = ownedInstances();
      if (owned.length > 1) violations.push(`two replicas: ${owned.map(({ name }) => name).join(', ')}`);
      for (const { name, state: cloudState, address } of owned) {
        if (cloudState !== 'PENDING_DELETE' || address === null) continue;
        for (const pod of world.pods) {
          if (await pod.eye.knows(address)) violations.push(`${name} is being deleted while ${pod.name} knows it`);
        }
      }
      await pause(20);
    }
  }
});

async function until(what: string, isDone: () => Promise<boolean>, lookMs = 50): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isDone().catch(() => false))) {
    assert.ok(performance.now() < endMs, `waited ${deadlineMs / 1000} s for: ${what}`);
    await pause(lookMs);
  }
}
