import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { Intake } from '../../../coordinator/loops/intake.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec } from '../builders.ts';
import { closedNotification, notification, testNotification } from '../notifications.ts';

const incidentKey = keys.incident('orders', '0.q7x2m9k4t1ab');

async function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const metrics = new FakeMetrics();
  await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
  const intake = new Intake({ store, clock, log: createLogger('test', 'silent'), hash: contentHash, metrics });
  const accept = (text: string) => intake.accept({ source: 'test', text });
  const events = async () =>
    (await store.readEvents({ afterSequence: 0, limit: 100 })).map(
      ({ kind, reason }) => `${kind} ${reason.split(' ')[0] ?? ''}`,
    );
  return { store, clock, metrics, accept, events };
}

describe('Intake', () => {
  it('stores an incident once, however often and in whatever order its messages come', async () => {
    const { store, accept, events } = await setUp();
    for (const text of [closedNotification(), notification(), notification(), closedNotification()]) {
      assert.equal((await accept(text)).kind, 'incident');
    }
    assert.equal((await store.get(incidentKey))?.value.state, 'closed');
    assert.equal((await store.list(prefixes.allIncidents)).length, 1);
    assert.deepEqual(await events(), ['INCIDENT closed']);
  });

  it('tells of an incident when it opens and when it closes', async () => {
    const { accept, events } = await setUp();
    await accept(notification());
    await accept(notification());
    await accept(closedNotification());
    assert.deepEqual(await events(), ['INCIDENT open', 'INCIDENT closed']);
  });

  it('does not take a message that the store did not take', async () => {
    for (const text of [notification(), 'no JSON']) {
      const { store, metrics, accept } = await setUp();
      store.nextError = new Error('disk full');
      await assert.rejects(accept(text), /disk full/);
      store.commit = () => Promise.reject(new Error('disk full'));
      await assert.rejects(accept(text), /disk full/);
      Reflect.deleteProperty(store, 'commit');
      assert.deepEqual(metrics.notifications, []);
      assert.notEqual((await accept(text)).kind, 'ignored');
    }
  });

  it('keeps what it cannot use once a distinct text, with the reason', async () => {
    const { store, clock, metrics, accept, events } = await setUp();
    const poison = `no JSON ${'x'.repeat(5000)}`;
    await accept(poison);
    await clock.advance(1000);
    const again = await accept(poison);
    assert.equal(again.kind, 'unusable');
    const kept = await store.list(prefixes.setAside);
    assert.equal(kept.length, 1);
    assert.equal(kept[0]?.value.reason, again.reason);
    assert.equal(kept[0].value.excerpt.length, 2000);
    assert.equal(kept[0].value.receivedAtMs, clock.nowMs());
    assert.deepEqual(await events(), ['SET_ASIDE the']);
    assert.deepEqual(metrics.notifications, ['unusable', 'unusable']);
    assert.equal((await accept(notification())).kind, 'incident', 'poison stops nothing');
  });

  it('sets aside a message of a group that is not declared', async () => {
    const { store, accept } = await setUp();
    const text = notification({ policy_user_labels: { 'chester-group': 'billing', 'chester-action': 'scale-out' } });
    assert.deepEqual(await accept(text), { kind: 'unusable', reason: 'group "billing" is not declared' });
    assert.equal((await store.list(prefixes.setAside)).length, 1);
    assert.equal((await store.list(prefixes.allIncidents)).length, 0);
  });

  it("takes Monitoring's test message and keeps nothing", async () => {
    const { store, accept } = await setUp();
    assert.equal((await accept(testNotification)).kind, 'ignored');
    assert.equal((await store.list(prefixes.setAside)).length, 0);
  });

  it('loses nothing when messages come at once', async () => {
    const { store, accept } = await setUp();
    const texts = Array.from({ length: 10 }, (_, index) => notification({ incident_id: `0.${index % 3}` }));
    await Promise.all(texts.map(accept));
    assert.equal((await store.list(prefixes.allIncidents)).length, 3);
  });
});
