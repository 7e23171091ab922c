import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { Intake } from '../../../coordinator/loops/intake.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, incident } from '../builders.ts';
import { closedNotification, notification, testNotification } from '../notifications.ts';

const incidentKey = keys.incident('orders', '0.q7x2m9k4t1ab');

async function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const metrics = new FakeMetrics();
  const resynced: string[] = [];
  const resync = (group: string) => void resynced.push(group);
  await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
  const intake = new Intake({ store, clock, log: createLogger('test', 'silent'), hash: contentHash, metrics, resync });
  const accept = (text: string) => intake.accept({ source: 'test', text });
  const events = async () =>
    (await store.readEvents({ afterSequence: 0, limit: 100 })).map(
      ({ kind, reason }) => `${kind} ${reason.split(' ')[0] ?? ''}`,
    );
  return { store, clock, metrics, intake, resynced, accept, events };
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

  const unlabelled = { policy_user_labels: undefined, documentation: 'Call somebody.' };

  it('closes an incident by its id when the close says nothing else, whichever comes first', async () => {
    const open = notification();
    const close = closedNotification(unlabelled);
    const ends: unknown[] = [];
    for (const texts of [
      [open, close],
      [close, open],
      [close, close, open, open, close],
      [open, close, notification(unlabelled)],
    ]) {
      const { store, accept, events } = await setUp();
      for (const text of texts) await accept(text);
      ends.push((await store.get(incidentKey))?.value);
      assert.equal((await store.get(incidentKey))?.value.state, 'closed');
      assert.deepEqual(await store.list(prefixes.setAside), [], 'what came too early is used');
      assert.equal((await events()).filter((one) => one === 'INCIDENT closed').length, 1);
    }
    for (const end of ends) assert.deepEqual(end, ends[0]);
  });

  it('finds incidents that an earlier version stored without an index', async () => {
    const { store, accept } = await setUp();
    const value = incident({ id: '0.q7x2m9k4t1ab' });
    await store.commit({ writes: [{ key: incidentKey, value, ifRevision: 0 }] });
    assert.equal((await accept(closedNotification(unlabelled))).kind, 'incident');
    assert.equal((await store.get(incidentKey))?.value.state, 'closed');
  });

  it('sets aside what names no incident that is known', async () => {
    const { store, accept } = await setUp();
    assert.match((await accept(closedNotification(unlabelled))).reason, /^nothing says what to do/);
    assert.match((await accept(notification(unlabelled))).reason, /^nothing says what to do/);
    assert.equal((await store.list(prefixes.setAside)).length, 2);
    assert.equal((await store.list(prefixes.allIncidents)).length, 0);
  });

  it('orders a resync once for an incident', async () => {
    const { store, accept, resynced } = await setUp();
    const restart = (id: string, state = 'open') =>
      notification({
        incident_id: id,
        state,
        policy_user_labels: { 'chester-group': 'orders', 'chester-action': 'restart' },
      });
    assert.equal((await accept(restart('0.1'))).kind, 'incident');
    assert.equal((await accept(restart('0.1'))).kind, 'ignored');
    assert.equal((await accept(restart('0.1', 'closed'))).kind, 'ignored');
    await accept(restart('0.2'));
    assert.deepEqual(resynced, ['orders', 'orders']);
    assert.equal((await store.list(prefixes.allIncidents)).length, 0, 'it asks for no count');
  });

  it('keeps the whole text of what it set aside, and takes it when somebody repaired the cause', async () => {
    const { store, clock, intake, accept } = await setUp();
    const text = notification({
      policy_user_labels: { 'chester-group': 'billing', 'chester-action': 'scale-out' },
      started_at: undefined,
      summary: 'x'.repeat(9000),
    });
    await accept(text);
    await accept(text);
    const cameAtMs = clock.nowMs();
    const [kept] = await store.list(prefixes.setAside);
    assert.equal(kept?.value.times, 2);
    const { id } = kept.value;
    assert.equal((await store.get(keys.setAsideText(id)))?.value, text);
    await clock.advance(60_000);
    assert.equal((await intake.replay(id))?.kind, 'unusable');
    assert.equal((await store.list(prefixes.setAside)).length, 1, 'it stays while it cannot be used');
    await store.commit({
      writes: [{ key: keys.group('billing'), value: groupSpec({ name: 'billing' }), ifRevision: 0 }],
    });
    assert.equal((await intake.replay(id))?.kind, 'incident');
    const taken = (await store.get(keys.incident('billing', '0.q7x2m9k4t1ab')))?.value;
    assert.equal(taken?.openedAtMs, cameAtMs, 'as of the time when it came');
    assert.equal(taken.lastSeenAtMs, cameAtMs);
    assert.deepEqual(await store.list(prefixes.setAside), []);
    assert.equal(await store.get(keys.setAsideText(id)), null);
    assert.equal(await intake.replay(id), null);
  });

  it('lets a person close an incident, which then stays closed', async () => {
    const { store, intake, accept, events } = await setUp();
    await accept(notification());
    assert.deepEqual(await intake.close('0.q7x2m9k4t1ab', 'the policy is gone'), ['orders']);
    assert.deepEqual(await intake.close('0.q7x2m9k4t1ab', 'again'), ['orders']);
    assert.deepEqual(await intake.close('0.other', 'why'), []);
    await accept(notification());
    assert.equal((await store.get(incidentKey))?.value.state, 'closed');
    assert.deepEqual(await events(), ['INCIDENT open', 'INCIDENT closed']);
  });

  it('comes to the same with 1,000 messages, half of them repeats, in any order, and shares commits', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `0.i${index}`);
    const clean = ids.flatMap((incident_id, index) => [
      notification({ incident_id }),
      closedNotification({ incident_id, ...(index % 3 === 0 ? unlabelled : {}) }),
    ]);
    const shuffled = [...clean, ...clean].map((text, index) => ({ text, order: (index * 7919) % 1009 }));
    shuffled.sort((one, other) => one.order - other.order);
    const ends: unknown[] = [];
    for (const texts of [clean, shuffled.map(({ text }) => text)]) {
      const { store, accept } = await setUp();
      let commits = 0;
      const commit = store.commit.bind(store);
      store.commit = (one) => {
        commits += 1;
        return commit(one);
      };
      await Promise.all(texts.map(accept));
      const incidents = (await store.list(prefixes.allIncidents)).map(({ value }) => value);
      assert(incidents.every(({ state }) => state === 'closed'));
      ends.push({ incidents, setAside: (await store.list(prefixes.setAside)).length });
      assert(commits <= texts.length / 50, `${commits} commits for ${texts.length} messages`);
    }
    assert.deepEqual(ends[1], ends[0]);
  });

  it('takes the others when the store will not have one of those that came together', async () => {
    const { store, accept } = await setUp();
    const commit = store.commit.bind(store);
    store.commit = (one) =>
      JSON.stringify(one).includes('0.bad') ? Promise.reject(new Error('will not')) : commit(one);
    const results = await Promise.allSettled(
      ['0.a', '0.bad', '0.b'].map((id) => accept(notification({ incident_id: id }))),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((await store.list(prefixes.allIncidents)).length, 2);
  });

  it('sends away what would wait too long', async () => {
    const { accept } = await setUp();
    const results = await Promise.allSettled(Array.from({ length: 2001 }, () => accept(notification())));
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 1);
  });
});
