import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readGroup } from '../../../coordinator/api/admin-view.ts';
import { listAgents, readAgent } from '../../../coordinator/api/agent-view.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { groupSpec, voter } from '../builders.ts';
import { TestServer } from './server.ts';

describe('listAgents', () => {
  let server: TestServer;
  before(async () => {
    server = await new TestServer().start();
  });
  after(() => server.stop());

  it('shows one that is gone beside a connected one of the same id in another cell', async () => {
    await server.joined();
    const gone = [voter('a', { cell: 'us', fleet: 'us' }), voter('a', { cell: 'asia', fleet: 'asia' })];
    const writes = gone.map((value) => ({ key: keys.voter(`of-${value.fleet}`, 'a'), value, ifRevision: 0 }));
    await server.store.commit({ writes });
    const { store, clock, board: holds, streams } = server;
    const deps = { store, clock, holds, agents: () => streams.connected };
    const seen: string[] = [];
    for (let pageToken = ''; seen.length === 0 || pageToken !== '';) {
      const request = { fleet: '', cell: '', state: '', pageSize: 1, pageToken };
      const page = await listAgents(deps, request, () => true);
      assert(page.ok);
      for (const { cell = '', connected } of page.value.agents ?? []) seen.push(`${cell} ${String(connected)}`);
      pageToken = page.value.nextPageToken ?? '';
    }
    assert.deepEqual(seen, ['asia false', 'default true', 'us false']);
    const one = await readAgent(deps, 'a');
    assert.equal(one.ok && one.value.connected, true);
  });
});

describe('readGroup', () => {
  it('counts agents of one id in two cells as two: both have to converge', async (test) => {
    const server = await new TestServer().start();
    test.after(() => server.stop());
    await server.joined();
    const { store, clock, board: holds, streams } = server;
    await store.commit({
      writes: [
        { key: keys.group('orders'), value: groupSpec(), ifRevision: 0 },
        { key: keys.voter('orders', 'a', 'us'), value: voter('a', { cell: 'us' }), ifRevision: 0 },
      ],
    });
    const group = await readGroup({ store, clock, holds, agents: () => streams.connected }, 'orders');
    assert.equal(group?.agentsTotal, 2);
  });
});
