import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentStream } from '../../../coordinator/api/agent-stream.ts';
import { StreamDigests } from '../../../coordinator/api/stream-digests.ts';
import type { CoordinatorSign } from '../../../coordinator/core/cells.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { published } from '../builders.ts';

const clock = new FakeClock();
const server = { hostgroup: 10, hostname: '10.0.0.9', port: 3306 };
const snapshot = published({
  revision: 7,
  committedAtMs: clock.nowMs(),
  servers: [{ ...published().servers[0], ...server }] as never,
});

/** What of a stream is told: who it is, whether it runs the snapshot, and what its proxy has not reached. */
function agent(agentId: string, runs: boolean, warming: readonly string[] = []): AgentStream {
  const told = {
    identity: { agentId, cell: 'default', fleet: 'main' },
    fleet: 'main',
    refusal: null,
    runs: () => runs,
    reports: { group: () => ({ warming: warming.map((hostname) => ({ hostname })) }) },
  };
  return told as unknown as AgentStream;
}

describe('StreamDigests', () => {
  it('lets who decides know of agents elsewhere, for as long as their coordinator lives', async () => {
    const store = new FakeStore();
    const log = createLogger('test', 'silent');
    const sign = (id: string): CoordinatorSign => ({ id, cell: '', beat: 1, agents: 1, mayDecide: true, atMs: 0 });
    let alive = [sign('c1'), sign('c2')];
    const cells = { alive: () => alive };
    let away = [agent('b', false), agent('c', false)];
    const here = new StreamDigests(
      { store, clock, log, cells, agents: () => [agent('a', true)], pendingOf: () => 0 },
      'c1',
    );
    const there = new StreamDigests({ store, clock, log, cells, agents: () => away, pendingOf: () => 0 }, 'c2');
    await store.commit({ writes: [{ key: keys.snapshot('orders'), value: snapshot, ifRevision: 0 }] });
    await here.start();
    await there.start();
    await clock.advance(2000);
    assert.deepEqual(here.warming(snapshot), [server.hostname], 'two of three do not run it');
    assert.deepEqual(
      [...(await here.elsewhere())],
      [
        ['default/b', { coordinator: 'c2', fleet: 'main' }],
        ['default/c', { coordinator: 'c2', fleet: 'main' }],
      ],
    );
    away = [agent('b', true), agent('c', true, [server.hostname])];
    await clock.advance(2000);
    assert.deepEqual(here.warming(snapshot), [], 'one of three has not reached it');
    away = [agent('b', true, [server.hostname]), agent('c', true, [server.hostname])];
    await clock.advance(2000);
    assert.deepEqual(here.warming(snapshot), [server.hostname]);
    assert.equal(here.runningElsewhere(snapshot), 2);
    assert.equal(here.runningElsewhere({ ...snapshot, revision: 8 }), 0);
    const told = async () => (await store.get(keys.connectedAgents('c2')))?.revision;
    const before = await told();
    await clock.advance(10_000);
    assert.equal(await told(), before, 'the same streams are told of once');
    away = [...away, agent('d', true)];
    await clock.advance(5000);
    assert.deepEqual([...(await here.elsewhere()).keys()], ['default/b', 'default/c', 'default/d']);
    alive = [sign('c1')];
    assert.deepEqual(here.warming(snapshot), []);
    assert.equal((await here.elsewhere()).size, 0);
    await Promise.all([here.stop(), there.stop()]);
    assert.deepEqual(await store.list(prefixes.digests), []);
    assert.equal(clock.pendingTimers, 0);
  });
});
