import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { SnapshotFollower } from '../../../coordinator/loops/snapshot-follower.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeFanout } from '../../fakes/fake-fanout.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { published } from '../builders.ts';

const settings = (revision: number) => ({
  ...{ kind: 'fleet' as const, group: 'fleet:main', fleet: 'main', revision, hash: `h${revision}`, committedAtMs: 0 },
  variables: {},
});

function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const fanout = new FakeFanout();
  const ahead: string[] = [];
  const noteRevisionAhead = (group: string, revision: number) => {
    ahead.push(`${group} ${revision}`);
    return Promise.resolve();
  };
  const log = createLogger('test', 'silent');
  const follower = new SnapshotFollower({ store, clock, log, fanout, facts: { noteRevisionAhead } });
  const offered = () => fanout.offered.splice(0).map(({ group, revision }) => `${group} ${revision}`);
  const put = async (revision: number) => {
    await store.commit({
      writes: [
        { key: keys.snapshot('orders'), value: published({ revision }), ifRevision: null },
        { key: keys.settings('main'), value: settings(revision), ifRevision: null },
      ],
    });
    await settled();
  };
  return { store, clock, follower, fanout, offered, ahead, put };
}

describe('SnapshotFollower', () => {
  it('hands out what is stored when it starts, then what any coordinator commits, until it stops', async () => {
    const { follower, offered, put } = setUp();
    await put(7);
    assert.deepEqual(offered(), []);
    await follower.start();
    assert.deepEqual(offered(), ['orders 7', 'fleet:main 7']);
    await put(8);
    assert.deepEqual(offered().sort(), ['fleet:main 8', 'orders 8']);
    await follower.stop();
    await put(9);
    assert.deepEqual(offered(), []);
  });

  it('tries again when the store fails, and hands out nothing for what is gone', async () => {
    const { store, clock, follower, offered, put } = setUp();
    await follower.start();
    const get = store.get.bind(store);
    store.get = () => Promise.reject(new Error('disk'));
    await put(2);
    assert.deepEqual(offered(), []);
    store.get = get;
    await clock.advance(1000);
    assert.deepEqual(offered().sort(), ['fleet:main 2', 'orders 2']);
    await store.commit({ writes: [{ key: keys.snapshot('orders'), value: null, ifRevision: null }] });
    await settled();
    assert.deepEqual(offered(), []);
    await follower.stop();
  });

  it('says so when the store holds less than was handed out here, and then hands out nothing', async () => {
    const { follower, fanout, ahead, put } = setUp();
    await put(5);
    await follower.start();
    await put(9);
    await put(8);
    assert.deepEqual(ahead.sort(), ['fleet:main 9', 'orders 9']);
    assert.equal(fanout.revisionOf('orders'), 9);
    await follower.stop();
  });

  it('has the agents of a frozen group compared', async () => {
    const { store, follower, fanout } = setUp();
    await follower.start();
    const freeze = { group: 'orders', aboveRevision: 9, sinceMs: 1, reason: 'it went back', isListed: false };
    await store.commit({ writes: [{ key: keys.freeze('orders'), value: freeze, ifRevision: 0 }] });
    await settled();
    assert.deepEqual(fanout.recompared, ['orders']);
    await store.commit({
      writes: [{ key: keys.freeze('orders'), value: { ...freeze, isListed: true }, ifRevision: null }],
    });
    await settled();
    assert.deepEqual(fanout.recompared, ['orders'], 'once for each freeze');
    await store.commit({
      writes: [{ key: keys.freeze('orders'), value: { ...freeze, sinceMs: 2 }, ifRevision: null }],
    });
    await settled();
    assert.deepEqual(fanout.recompared, ['orders', 'orders']);
    await follower.stop();
  });
});
