import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { GroupAdmin } from '../../../coordinator/api/group-admin.ts';
import { HistoryAdmin } from '../../../coordinator/api/history-admin.ts';
import { pastDeclarationsMax, pastOfDeletedMax } from '../../../coordinator/core/history.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupInput } from '../builders.ts';
import { TestServer } from './server.ts';

const ada = { who: 'ada', reason: 'test' };
const order = { group: 'orders', revision: 0, version: 0, expectedVersion: 0, owner: '', reason: '' };

describe("a group's history", () => {
  let store: FakeStore;
  let admin: GroupAdmin;
  let history: HistoryAdmin;
  const put = async (replicasMax: number) => {
    const result = await admin.putGroup({ ...groupInput, policy: { replicasMax } }, 0, ada);
    assert(result.ok, JSON.stringify(result));
    return result.value.revision;
  };

  beforeEach(async () => {
    store = new FakeStore();
    admin = new GroupAdmin({ store, clock: new FakeClock(), hash: contentHash });
    history = new HistoryAdmin({ store, admin });
    await admin.putFleet({ name: 'main' });
  });

  it('tells who declared what and why, and goes back as a new version', async () => {
    const first = await put(1);
    const second = await put(2);
    assert.equal(await put(2), second, 'the same again is no new declaration');
    const result = await history.rollBack({ ...order, version: first, reason: 'slow' }, ada);
    assert.deepEqual(result, { ok: true, value: null });
    const listed = await history.list('orders', { pageSize: 0, pageToken: '' });
    assert(listed.ok);
    assert.deepEqual(
      (listed.value.entries ?? []).map(({ change, who, reason, summary }) => [change, who, reason, summary]),
      [
        ['ROLLED_BACK', 'ada', `back to version ${first}: slow`, 'policy.replicasMax'],
        ['CHANGED', 'ada', 'test', 'policy.replicasMax'],
        ['CREATED', 'ada', 'test', ''],
      ],
    );
    assert.equal((await store.get(keys.group('orders')))?.value.policy.replicasMax, 1);
  });

  it('refuses to go back over the head of somebody else, and to what is not kept', async () => {
    const first = await put(1);
    const second = await put(2);
    await put(3);
    const late = await history.rollBack({ ...order, version: first, expectedVersion: second }, ada);
    assert(!late.ok && late.code === 'CONFLICT');
    const unknown = await history.rollBack({ ...order, version: 999 }, ada);
    assert(!unknown.ok && unknown.problems?.[0]?.field === 'version');
  });

  it('lets one of many in that build on the same version', async () => {
    const version = await put(1);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        admin.putGroup({ ...groupInput, policy: { scaleInCooldownSeconds: 60 + index } }, version, ada),
      ),
    );
    assert.equal(answers.filter(({ ok }) => ok).length, 1);
    assert(answers.every((one) => one.ok || one.code === 'CONFLICT'));
    const back = await Promise.all(
      Array.from({ length: 10 }, () => history.rollBack({ ...order, version, expectedVersion: version + 1 }, ada)),
    );
    assert.equal(back.filter(({ ok }) => ok).length, 1);
  });

  it('brings back a group that was deleted', async () => {
    const first = await put(1);
    assert((await admin.deleteGroup('orders', ada)).ok);
    assert((await history.rollBack({ ...order, version: first }, ada)).ok);
    assert.equal((await store.get(keys.group('orders')))?.value.policy.replicasMax, 1);
  });

  it('keeps as much as it says, and less of what was deleted', async () => {
    for (let max = 0; max < pastDeclarationsMax + 5; max += 1) await put(1 + (max % 2));
    assert.equal((await store.list(prefixes.pastDeclarations('orders'))).length, pastDeclarationsMax);
    await admin.deleteGroup('orders', ada);
    const left = await store.list(prefixes.pastDeclarations('orders'));
    assert.equal(left.length, pastOfDeletedMax);
    assert.equal(left.at(-1)?.value.change, 'DELETED');
  });
});

describe('declarations of many', () => {
  const set = (...groups: object[]) => ({
    fleets: [],
    groups: groups.map((spec) => ({ spec: { ...groupInput, ...spec }, expectedVersion: null })),
  });
  const users = { name: 'users', primary: 'users-primary', writerHostgroup: 6, readerHostgroup: 11 };

  it('stores all of a set or nothing, and finds what overlaps within it', async () => {
    const store = new FakeStore();
    const admin = new GroupAdmin({ store, clock: new FakeClock(), hash: contentHash });
    await admin.putFleet({ name: 'main' });
    const refused = await admin.declare(set({}, { ...users, readerHostgroup: 10 }), ada);
    assert(!refused.ok);
    assert.deepEqual(
      refused.problems?.map(({ field }) => field),
      ['groups.0.readerHostgroup', 'groups.1.readerHostgroup'],
    );
    assert.equal((await store.list(prefixes.groups)).length, 0);
    const done = await admin.declare(set({}, users), ada);
    assert(done.ok);
    const versions = (await store.list(prefixes.groups)).map(({ revision }) => revision);
    assert.equal(new Set(versions).size, 1, 'one commit');
  });

  it('finds an overlap with what another coordinator declared a moment ago', async () => {
    const store = new FakeStore();
    const deps = { store, clock: new FakeClock(), hash: contentHash };
    const [here, there] = [new GroupAdmin(deps), new GroupAdmin(deps)];
    await here.putFleet({ name: 'main' });
    await here.list();
    store.watch = () => () => undefined;
    const deaf = new GroupAdmin(deps);
    await deaf.list();
    assert((await there.putGroup(groupInput, 0)).ok);
    const overlapping = await deaf.putGroup({ ...groupInput, ...users, readerHostgroup: 10 }, 0);
    assert(!overlapping.ok && overlapping.code === 'INVALID');
  });
});

describe('a rollback across what is gone', () => {
  it('brings a user back whose secret was deleted, and holds that user alone until the secret is there', async () => {
    const world = await new TestServer().start();
    try {
      const { store, clock, secrets, groups, publisher, board } = world;
      const users = ['app', 'report'].map((username) => ({ username, passwordSecret: username }));
      for (const { username } of users) secrets.values.set(username, `*${username}`);
      await groups.putFleet({ name: 'main' });
      const first = await groups.putGroup({ ...groupInput, users }, 0);
      assert(first.ok);
      const topology = { primaryAddress: '10.0.1.1', serverCa: null };
      await store.commit({ writes: [{ key: keys.topology('orders'), value: topology, ifRevision: null }] });
      await publisher.publish('orders');
      assert((await groups.putGroup({ ...groupInput, users: users.slice(0, 1) }, 0)).ok);
      await publisher.publish('orders');
      secrets.values.delete('report');
      const history = new HistoryAdmin({ store, admin: groups });
      assert((await history.rollBack({ ...order, revision: 1 }, ada)).ok);
      await publisher.publish('orders');
      const told = async () => JSON.stringify((await store.get(keys.snapshot('orders')))?.value ?? '');
      assert.match(JSON.stringify(board.of('orders')), /SECRET_MISSING.*report|report.*SECRET_MISSING/);
      assert.match(await told(), /\*app/);
      assert.doesNotMatch(await told(), /\*report/);
      secrets.values.set('report', '*again');
      // Secrets are read again within a minute.
      await clock.advance(60_000);
      await publisher.publish('orders');
      assert.match(await told(), /\*again/);
    } finally {
      await world.stop();
    }
  });
});
