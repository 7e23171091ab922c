import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerAdmin } from '../../../coordinator/api/server-admin.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { groupSpec, install } from '../builders.ts';
import { Harness } from './harness.ts';

const by = { group: 'orders', owner: 'ann', reason: 'because' };

/** Brings a group to one serving replica, with one proxy that has voted for nothing yet. */
async function serving(spec = groupSpec()): Promise<Harness> {
  const harness = await Harness.start(spec, 1);
  await harness.until('creating');
  await harness.step();
  harness.cloudSql.finishOperations();
  await harness.until('gating');
  harness.answer();
  await harness.until('serving');
  await harness.vote('a', false);
  await harness.step();
  return harness;
}

function adminOf({ store, clock, cloudSql }: Harness): ServerAdmin {
  return new ServerAdmin({ store, clock, install, cloud: new CloudView({ cloudSql, clock }, 0) });
}

async function step(harness: Harness, times: number): Promise<void> {
  for (let steps = 0; steps < times; steps += 1) await harness.step();
}

async function hostgroup(harness: Harness, id: number): Promise<string[]> {
  const snapshot = await harness.store.get(keys.snapshot('orders'));
  const servers = snapshot?.value.servers ?? [];
  return servers.filter((server) => server.hostgroup === id).map(({ hostname }) => hostname);
}

/** What a switchover by hand to a replica of ours leaves; or, with the old primary lost, its promotion. */
function promote({ cloudSql }: Harness, name: string, isOldLost: boolean): void {
  const [replica, primary] = [cloudSql.instances.get(name), cloudSql.instances.get('orders-primary')];
  assert(replica && primary);
  cloudSql.instances.set(name, { ...replica, instanceType: 'CLOUD_SQL_INSTANCE', primary: null });
  if (isOldLost) cloudSql.instances.delete('orders-primary');
  else cloudSql.instances.set('orders-primary', { ...primary, instanceType: 'READ_REPLICA_INSTANCE', primary: name });
}

describe('Scaler and a replica of ours that a person makes the primary', () => {
  for (const isOldLost of [false, true]) {
    it(`lets go of it, so that it can be accepted as the writer${isOldLost ? ', also when the old one is lost' : ''}`, async () => {
      const harness = await serving();
      const address = (await hostgroup(harness, 10))[0] ?? '';
      promote(harness, 'orders-ro-1', isOldLost);
      await step(harness, 3);
      assert.deepEqual(await hostgroup(harness, 10), [], 'it is no reader any more');
      assert.deepEqual(await hostgroup(harness, 5), ['10.0.1.1'], 'the writer stays until a person names another');
      const order = { ...by, instance: 'orders-ro-1', oldIsGone: false };
      assert.equal((await adminOf(harness).acceptPrimary(order)).ok, false, 'a proxy may still read from it');
      await harness.vote('a', true);
      await step(harness, 3);
      assert.deepEqual(await harness.states(), []);
      assert.deepEqual(await adminOf(harness).acceptPrimary(order), { ok: true, value: null });
      await step(harness, 3);
      await harness.vote('a', true);
      await step(harness, 3);
      assert.deepEqual(await hostgroup(harness, 5), [address]);
      assert.deepEqual(harness.deleted(), []);
    });
  }
});

describe('Scaler and a cordon that comes at the last moment', () => {
  it('does not give up a replica that is cordoned while it is asked for its sessions', async () => {
    const harness = await serving();
    await harness.order(0);
    await harness.until('draining');
    const { probe } = harness;
    const ask = probe.sampleSessions.bind(probe);
    let asked = 0;
    probe.sampleSessions = async (target) => {
      asked += 1;
      const sample = await ask(target);
      const order = { ...by, server: 'orders-ro-1', seconds: null };
      if (asked === 2) assert((await adminOf(harness).cordon(order)).ok);
      return sample;
    };
    await step(harness, 1);
    await harness.vote('a', true);
    await step(harness, 10);
    assert.equal(asked, 2);
    assert.deepEqual(await harness.states(), ['draining']);
    assert.deepEqual(harness.deleted(), []);
    assert((await adminOf(harness).uncordon({ ...by, server: 'orders-ro-1' })).ok);
    await harness.until('deleting');
  });
});

describe('Scaler and a replica that waits for two things', () => {
  it('tells each of them once, not both with every look', async () => {
    const harness = await serving();
    await harness.order(0);
    await harness.until('draining');
    assert((await adminOf(harness).cordon({ ...by, server: 'orders-ro-1', seconds: null })).ok);
    await step(harness, 20);
    const waits = (await harness.events('WAIT')).filter((event) => event.startsWith('orders-ro-1 '));
    assert.deepEqual(waits.slice(-2).sort(), ['orders-ro-1 CORDONED', 'orders-ro-1 VOTERS_OUTSTANDING']);
    assert.equal(waits.filter((event) => event.endsWith('CORDONED')).length, 1);
  });
});
