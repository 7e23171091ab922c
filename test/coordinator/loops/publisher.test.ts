import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Key, keys } from '../../../coordinator/core/records.ts';
import { settled } from '../../fakes/fake-clock.ts';
import { groupSpec, published, replica, voter } from '../builders.ts';
import { setUpPublisher as setUp } from './publisher-fixture.ts';

describe('Publisher', () => {
  it('publishes every change that matters, only after the store has it', async () => {
    const { publisher, put, serve, revisions, wasStored, offered } = await setUp();
    await publisher.start();
    await put();
    await settled();
    await serve('r1');
    await settled();
    assert.deepEqual(revisions(), [1, 2]);
    assert.deepEqual(wasStored, [true, true]);
    assert.deepEqual(
      offered[1]?.servers.map(({ hostname }) => hostname),
      ['10.0.1.1', '10.0.0.1'],
    );
    await publisher.stop();
    await serve('r2');
    await settled();
    assert.deepEqual(revisions(), [1, 2]);
  });

  it('publishes nothing for equal content', async () => {
    const { store, publisher, put, revisions } = await setUp();
    await put();
    await publisher.publish('orders');
    await publisher.publish('orders');
    await put(groupSpec({ policy: { replicasMax: 9 } }));
    await publisher.publish('orders');
    assert.deepEqual(revisions(), [1]);
    const events = await store.readEvents({ afterSequence: 0, limit: 9 });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['SNAPSHOT_PUBLISHED'],
    );
  });

  it('withdraws once more what a proxy came back with, until everybody has proven it absent', async () => {
    const { store, publisher, put, offered } = await setUp();
    await publisher.start();
    await put();
    await settled();
    const [writer] = offered[0]?.servers ?? [];
    assert(writer !== undefined);
    const value = {
      addresses: [
        { hostname: '10.0.0.7', port: 3306 },
        { hostname: writer.hostname, port: writer.port },
      ],
    };
    const voterKey = keys.voter('orders', 'a');
    const write = async <T>(key: Key<T>, put: T) => store.commit({ writes: [{ key, value: put, ifRevision: null }] });
    await write(voterKey, voter('a'));
    await write(keys.returned('orders'), value);
    await settled();
    assert.deepEqual(offered.at(-1)?.leaving, [{ hostname: '10.0.0.7', port: 3306, sinceRevision: 2 }]);
    assert.equal(await store.get(keys.returned('orders')), null);
    await write(voterKey, voter('a', { absent: [{ hostname: '10.0.0.7', port: 3306, revision: 2 }] }));
    await settled();
    assert.deepEqual(offered.at(-1)?.leaving, []);
    await publisher.stop();
  });

  it('waits for a verified primary', async () => {
    const { store, publisher, revisions } = await setUp();
    await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
    await publisher.publish('orders');
    assert.deepEqual(revisions(), []);
  });

  it('hands out a tombstone, and never builds over it', async () => {
    const { store, publisher, put, revisions, offered } = await setUp();
    await publisher.start();
    await put();
    await settled();
    const tombstone = published({ kind: 'removed', revision: 2 });
    await store.commit({
      writes: [
        { key: keys.group('orders'), value: null, ifRevision: null },
        { key: keys.topology('orders'), value: null, ifRevision: null },
        { key: keys.snapshot('orders'), value: tombstone, ifRevision: null },
      ],
    });
    await settled();
    assert.deepEqual(revisions(), [1, 2]);
    assert.equal(offered[1]?.kind, 'removed');
    await publisher.stop();
  });

  it('goes above a revision that agents have and the store lost, also with equal content', async () => {
    const { publisher, put, freeze, revisions } = await setUp();
    await publisher.start();
    await put();
    await settled();
    await freeze(50, false);
    await settled();
    assert.deepEqual(revisions(), [1], 'published before Cloud SQL was asked');
    await freeze(50, true);
    await settled();
    assert.deepEqual(revisions(), [1, 51]);
    await publisher.publish('orders');
    assert.deepEqual(revisions(), [1, 51]);
    await publisher.stop();
  });

  it('goes above the revision that is stored when the store lost other commits than that: a freeze would never end', async () => {
    const { publisher, put, freeze, revisions } = await setUp();
    await publisher.start();
    await put();
    await settled();
    await freeze(1, true);
    await settled();
    assert.deepEqual(revisions(), [1, 2]);
    await publisher.publish('orders');
    assert.deepEqual(revisions(), [1, 2]);
    await publisher.stop();
  });

  it('withdraws at the raised revision: what agents said of the lost ones does not count', async () => {
    const { store, publisher, put, serve, freeze, offered } = await setUp();
    await put();
    await serve('r1');
    await publisher.publish('orders');
    await freeze(50, true);
    await store.commit({
      writes: [{ key: keys.replica('orders', 'r1'), value: replica.draining('r1'), ifRevision: null }],
    });
    await publisher.publish('orders');
    assert.deepEqual(offered.at(-1)?.leaving, [{ hostname: '10.0.0.1', port: 3306, sinceRevision: 51 }]);
  });

  it('has agents end the sessions that hold a draining replica, for as long as that is ordered', async () => {
    const { store, publisher, put, serve, offered } = await setUp();
    await publisher.start();
    await put();
    await serve('r1');
    await settled();
    const record = { key: keys.replica('orders', 'r1'), value: replica.draining('r1'), ifRevision: null };
    await store.commit({ writes: [record] });
    await settled();
    const graces = () => offered.map(({ parts }) => parts?.policy.endPinnedAfterSeconds);
    const key = keys.removal('orders', 'r1');
    const order = {
      group: 'orders',
      server: 'r1',
      owner: 'ada',
      reason: 'a batch job',
      atMs: 0,
      isForced: true,
    } as const;
    await store.commit({ writes: [{ key, value: order, ifRevision: 0 }] });
    await settled();
    assert.equal(graces().at(-1), 1);
    await store.commit({ writes: [{ key, value: null, ifRevision: null }] });
    await settled();
    assert.equal(graces().at(-1), 0);
    await publisher.stop();
  });

  it('offers nothing once another coordinator holds a newer term', async () => {
    const { store, clock, term, publisher, put, revisions } = await setUp();
    await put();
    await store.beginTerm('c2', clock.nowMs());
    await publisher.publish('orders');
    assert.deepEqual(revisions(), []);
    assert.equal(term.isHeld, false);
    assert.equal(await store.get(keys.snapshot('orders')), null);
  });

  it('decides again when somebody was faster', async () => {
    const { store, publisher, put, offered } = await setUp();
    await publisher.start();
    store.beforeCommit = async () => {
      await store.commit({
        writes: [{ key: keys.snapshot('orders'), value: published({ revision: 8 }), ifRevision: null }],
      });
    };
    await put();
    for (let turns = 0; turns < 5; turns += 1) await settled();
    assert(offered.every(({ revision }, index) => index === 0 || revision > (offered[index - 1]?.revision ?? 0)));
    assert.equal((await store.get(keys.snapshot('orders')))?.value.revision, offered.at(-1)?.revision);
    await publisher.stop();
  });

  it('does not publish a group that was deleted while it was on its way', async () => {
    const { store, publisher, put, offered } = await setUp();
    await put();
    store.beforeCommit = async () => {
      const tombstone = published({ kind: 'removed', revision: 1 });
      await store.commit({
        writes: [
          { key: keys.snapshot('orders'), value: tombstone, ifRevision: 0 },
          { key: keys.group('orders'), value: null, ifRevision: null },
        ],
      });
    };
    await publisher.publish('orders');
    await settled();
    assert(offered.every(({ kind }) => kind === 'removed'));
    assert.equal((await store.get(keys.snapshot('orders')))?.value.kind, 'removed');
    await publisher.stop();
  });
});
