import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Published } from '../../../coordinator/core/fleet-settings.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { FleetPublisher } from '../../../coordinator/loops/fleet-publisher.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const limit = { 'mysql-max_connections': '2000' };

async function setUp(store = new FakeStore()) {
  const clock = new FakeClock();
  const log = createLogger('test', 'silent');
  const term = new TermKeeper({ store, clock, log }, 'c1');
  await term.start();
  const offered: Published[] = [];
  const offer = (published: Published) => offered.push(published);
  const fanout = { offer, revisionOf: () => 0, recompare: () => undefined };
  const freeze = async (aboveRevision: number) => {
    const value = { group: 'fleet:main', aboveRevision, sinceMs: 1, reason: 'it went back', isListed: false };
    await store.commit({ writes: [{ key: keys.freeze('fleet:main'), value, ifRevision: null }] });
    await settled();
  };
  const publisher = new FleetPublisher({ store, clock, log, term, hash: contentHash, fanout });
  const put = async (variables: Readonly<Record<string, string>>, name = 'main') => {
    const value = { name, cell: 'default', variables };
    await store.commit({ writes: [{ key: keys.fleet(name), value, ifRevision: null }] });
    await settled();
  };
  const said = () => offered.map((one) => [one.group, one.revision, one.kind === 'fleet' ? one.variables : null]);
  return { store, clock, publisher, put, freeze, said };
}

describe('FleetPublisher', () => {
  it('publishes nothing for a fleet that never declared a variable', async () => {
    const { publisher, put, said, store } = await setUp();
    await publisher.start();
    await put({});
    assert.deepEqual(said(), []);
    assert.equal(await store.get(keys.settings('main')), null);
    await publisher.stop();
  });

  it('publishes each change once, and an empty list when the last variable is given up', async () => {
    const { publisher, put, said } = await setUp();
    await publisher.start();
    await put(limit);
    await put(limit);
    await put({ 'mysql-b': 'true', 'mysql-a': '' });
    await put({ 'mysql-a': '', 'mysql-b': 'true' });
    await put({});
    assert.deepEqual(said(), [
      ['fleet:main', 1, limit],
      ['fleet:main', 2, { 'mysql-a': '', 'mysql-b': 'true' }],
      ['fleet:main', 3, {}],
    ]);
    await publisher.stop();
  });

  it('goes above a revision that agents have and the store lost, also with equal content', async () => {
    const { store, publisher, put, freeze, said } = await setUp();
    await publisher.start();
    await put(limit);
    await freeze(50);
    await publisher.publish('main');
    assert.equal(await store.get(keys.freeze('fleet:main')), null, 'nobody votes on settings');
    assert.deepEqual(said(), [
      ['fleet:main', 1, limit],
      ['fleet:main', 51, limit],
    ]);
    await publisher.stop();
  });

  it('says nothing for a fleet that it has nothing of, and goes above what agents have when it has', async () => {
    const { publisher, put, freeze, said } = await setUp();
    await publisher.start();
    await freeze(9);
    await put({});
    assert.deepEqual(said(), []);
    await put(limit);
    assert.deepEqual(said(), [['fleet:main', 10, limit]]);
    await publisher.stop();
  });

  it('offers nothing once another coordinator holds a newer term', async () => {
    const { store, clock, publisher, put, said } = await setUp();
    await publisher.start();
    await store.beginTerm('c2', clock.nowMs());
    await put(limit);
    assert.deepEqual(said(), []);
    assert.equal(await store.get(keys.settings('main')), null);
    await publisher.stop();
  });
});
