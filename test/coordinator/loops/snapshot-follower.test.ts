import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Published } from '../../../coordinator/core/fleet-settings.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { SnapshotFollower } from '../../../coordinator/loops/snapshot-follower.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { published } from '../builders.ts';

const settings = (revision: number) => ({
  ...{ kind: 'fleet' as const, group: 'fleet:main', fleet: 'main', revision, hash: `h${revision}`, committedAtMs: 0 },
  variables: {},
});

function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const offered: string[] = [];
  const offer = ({ group, revision }: Published) => offered.push(`${group} ${revision}`);
  const follower = new SnapshotFollower({ store, clock, log: createLogger('test', 'silent'), fanout: { offer } });
  const put = async (revision: number) => {
    await store.commit({
      writes: [
        { key: keys.snapshot('orders'), value: published({ revision }), ifRevision: null },
        { key: keys.settings('main'), value: settings(revision), ifRevision: null },
      ],
    });
    await settled();
  };
  return { store, clock, follower, offered, put };
}

describe('SnapshotFollower', () => {
  it('hands out what is stored when it starts, then what any coordinator commits, until it stops', async () => {
    const { follower, offered, put } = setUp();
    await put(7);
    assert.deepEqual(offered, []);
    await follower.start();
    assert.deepEqual(offered.splice(0), ['orders 7', 'fleet:main 7']);
    await put(8);
    assert.deepEqual(offered.splice(0).sort(), ['fleet:main 8', 'orders 8']);
    await follower.stop();
    await put(9);
    assert.deepEqual(offered, []);
  });

  it('tries again when the store fails, and hands out nothing for what is gone', async () => {
    const { store, clock, follower, offered, put } = setUp();
    await follower.start();
    store.nextError = null;
    await put(1);
    offered.length = 0;
    const get = store.get.bind(store);
    store.get = () => Promise.reject(new Error('disk'));
    await put(2);
    assert.deepEqual(offered, []);
    store.get = get;
    await clock.advance(1000);
    assert.deepEqual(offered.sort(), ['fleet:main 2', 'orders 2']);
    offered.length = 0;
    await store.commit({ writes: [{ key: keys.snapshot('orders'), value: null, ifRevision: null }] });
    await settled();
    assert.deepEqual(offered, []);
    await follower.stop();
  });
});
