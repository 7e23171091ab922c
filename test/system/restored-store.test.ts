import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import { bundledProgram } from '../bundled-program.ts';

const deadlineMs = 120_000;
const handMade = ['orders-primary', 'orders-primary-static'];

/** Real processes: somebody puts back a copy of the state file of before a replica was deleted. */
describe('an older copy of the state file', { timeout: 400_000 }, () => {
  let world: World;
  let client: AdminClient;

  before(async () => {
    world = new World({
      program: bundledProgram,
      proxysql: null,
      proxies: 2,
      cloudSql: { createMs: 500, deleteMs: 500 },
    });
    await world.start();
    client = world.adminClient();
    // No second step within the test: the copy has to want exactly one.
    await declareGroup(world, client, { scaleOutCooldownSeconds: 600 });
    await until('two proxies to serve', async () => (await client.getGroup(groupName)).agentsConverged === 2);
  });

  after(async () => {
    client.close();
    await world.stop();
  });

  it('brings nothing back, deletes nothing, and every proxy converges above what it had seen', async () => {
    await alert('scale-out', 'open');
    await until('a replica to serve', async () => {
      const { replicas, agentsConverged } = await client.getGroup(groupName);
      return replicas[0]?.state === 'serving' && agentsConverged === 2;
    });
    await alert('scale-out', 'closed');
    const { name, address } = ownedInstances()[0] ?? { name: '', address: '' };
    const state = path.join(world.folder, 'coordinator');
    const copy = path.join(world.folder, 'copy');
    await world.killCoordinator();
    cpSync(state, copy, { recursive: true });
    await world.startCoordinator();
    await alert('scale-in', 'open');
    await until('the replica to be deleted', () => Promise.resolve(ownedInstances().length === 0));
    await until('its record to go', async () => (await client.getGroup(groupName)).replicas.length === 0);
    const seen = (await client.getGroup(groupName)).revision;
    const before = world.cloudSql.calls();

    await world.killCoordinator();
    rmSync(state, { recursive: true });
    cpSync(copy, state, { recursive: true });
    await world.startCoordinator();
    await awaitEvent('STORE_WENT_BACK');
    await awaitEvent('THAWED');
    await until('the group to come to rest', async () => {
      const { replicas, revision, agentsConverged, agentsTotal } = await client.getGroup(groupName);
      // The copy says that one is wanted: it is made anew, under another name.
      const isAtRest = replicas.length === 1 && replicas[0]?.state === 'serving' && replicas[0].name !== name;
      return isAtRest && revision > seen && agentsConverged === 2 && agentsTotal === 2;
    });
    const calls = world.cloudSql.calls();
    assert.equal(calls['instances.delete'], before['instances.delete'], 'something was deleted');
    assert.equal(ownedInstances().length, 1);
    const isReused = ownedInstances().some((instance) => instance.address === address);
    for (const { eye } of world.pods) {
      assert.equal(await eye.knows(address ?? ''), isReused, 'a proxy has the address of the one that is gone');
    }
    assert.notEqual(world.cloudSql.instance('orders-primary-static'), null);
  });

  function ownedInstances() {
    return world.cloudSql.instances().filter(({ name }) => !handMade.includes(name));
  }

  async function awaitEvent(reason: string): Promise<Event__Output> {
    const watcher = new EventWatcher(client, groupName, 0);
    try {
      return await watcher.next(reason, (event) => event.reason === reason, deadlineMs);
    } finally {
      watcher.close();
    }
  }

  async function alert(action: 'scale-out' | 'scale-in', state: 'open' | 'closed'): Promise<void> {
    const incident = { incidentId: `0.restored-${action}`, group: groupName, action, state };
    await until('an alert to be taken', () => postAlert(world.coordinator.http, incident, Date.now()).then(() => true));
  }
});

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isDone().catch(() => false))) {
    assert.ok(performance.now() < endMs, `waited ${deadlineMs / 1000} s for: ${what}`);
    await pause(100);
  }
}
