import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import type { Agent } from '../../../proto/gen/chester/v1/Agent.ts';
import type { Group } from '../../../proto/gen/chester/v1/Group.ts';
import { groupSpec, published, replica, voter } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

const address = { hostname: '10.0.0.1', port: 3306 };
const refusal = { code: 'PROXYSQL_UNSUPPORTED', message: 'ProxySQL 2.4.8 is too old; 2.5 or newer is needed' };
/** What an agent says that could not look at its proxy. */
const refusing = { agentId: 'r', refusal, proxyBoot: '', proxysqlVersion: '' };
let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
});
afterEach(() => server.stop());

async function publish(change: Partial<PublishedSnapshot> = {}): Promise<void> {
  const snapshot = published(change);
  await server.store.commit({ writes: [{ key: keys.snapshot('orders'), value: snapshot, ifRevision: null }] });
  server.streams.offer(snapshot);
}

async function ask<Answer>(method: 'listAgents' | 'getGroup', request: object): Promise<Answer> {
  const admin = server.admin();
  const call = promisify(
    (admin[method] as (request: object, done: (error: Error | null, answer: unknown) => void) => void).bind(admin),
  );
  return (await call(request)) as Answer;
}

const agents = async () => (await ask<{ agents: Agent[] }>('listAgents', {})).agents;
const group = async () => {
  await server.store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: null }] });
  return ask<Group>('getGroup', { name: 'orders' });
};
const voterOf = async (agentId: string) => (await server.store.get(keys.voter('orders', agentId)))?.value;

describe('AgentStreams, an agent that refuses its proxy', () => {
  it('is welcomed, gets no update and joins no roster', async () => {
    await publish();
    const agent = server.agent();
    agent.hello(refusing);
    await agent.next('welcome');
    await agent.next('syncDone');
    await publish({ revision: 2 });
    await server.clock.advance(500);
    await agent.next('bookmark');
    assert.deepEqual(agent.updates(), []);
    assert.deepEqual(await server.store.list(prefixes.allVoters), []);
  });

  it('is listed with its reason, in the list of agents and with each group of its fleet', async () => {
    await publish();
    await server.joined(refusing);
    const [agent] = await agents();
    assert.deepEqual([agent?.agentId, agent?.connected, agent?.refusal, agent?.groups], ['r', true, refusal, []]);
    assert.deepEqual((await group()).agentNotices, [
      { state: 'REFUSED', subject: refusal.code, agents: 1, agentIds: ['r'], detail: refusal.message },
    ]);
    const events = await server.store.readEvents({ afterSequence: 0, limit: 9 });
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'AGENT').map(({ reason, message }) => [reason, message]),
      [['REFUSED', `${refusal.code}: ${refusal.message}`]],
    );
  });

  it('neither counts among those that have to converge nor holds the others up', async () => {
    await publish();
    const [, working] = [await server.joined(refusing), await server.joined()];
    working.ack(working.received.find(({ update }) => update)!.update!);
    await eventually(() => server.metrics.convergenceSeconds.length === 1, 'the group has converged');
    const { agentsConverged, agentsTotal } = await group();
    assert.deepEqual([agentsConverged, agentsTotal], [1, 1]);
  });

  it('stays a voter where it is one, its earlier votes are void, and it can take back but not vote', async () => {
    const leaving = [{ ...address, sinceRevision: 1 }];
    const absent = [{ ...address, revision: 1 }];
    await server.store.commit({
      writes: [{ key: keys.voter('orders', 'r'), value: voter('r', { absent }), ifRevision: 0 }],
    });
    await publish({ leaving });
    const agent = await server.joined(refusing);
    await eventually(async () => (await voterOf('r'))?.absent.length === 0, 'its vote is void');
    agent.send({ report: { groups: [{ group: 'orders', revision: 1, removing: [], absent }] } });
    agent.send({ report: { clientsConnected: 1 } });
    await eventually(() => server.streams.connected[0]?.reports.clientsConnected === 1, 'the reports arrive');
    await server.streams.connected[0]?.settle();
    assert.deepEqual((await voterOf('r'))?.absent, []);
    const record = { key: keys.replica('orders', 'r1'), value: replica.draining('r1'), ifRevision: 0 };
    await server.store.commit({ writes: [record] });
    const { replicas, agentsTotal } = await group();
    assert.deepEqual(replicas?.[0]?.outstandingVoters, ['r']);
    assert.equal(agentsTotal, 0);
  });

  it('works as any other once it comes without a refusal', async () => {
    await publish();
    await server.joined(refusing);
    const agent = await server.joined({ agentId: 'r' });
    assert.equal(agent.updates().length, 1);
    assert.equal((await voterOf('r'))?.proxyBoot, 'boot-1');
    assert.equal((await agents())[0]?.refusal, null);
  });
});

describe('AgentStreams, reports', () => {
  const state = {
    removing: [{ ...address, connUsed: 2, reason: 'PINNED', detail: 'GET_LOCK of app' }],
    warming: [{ hostname: '10.0.0.2', port: 3306, detail: 'no ping yet' }],
    cordoned: [{ ...address, hostgroup: 10, status: 'OFFLINE_SOFT', expiresAtMs: Date.UTC(2030, 0, 1) }],
    unmanaged: [{ hostname: 'x', port: 3306 }],
    writerFallback: true,
  };
  const report = { group: 'orders', revision: 1, absent: [], ...state };
  const load = { hostgroup: 10, ...address, status: 'ONLINE', connUsed: 1, connFree: 2 };

  it('keeps what an agent tells of its proxy, and lists it', async () => {
    await publish();
    const agent = await server.joined();
    agent.send({
      report: {
        groups: [report],
        servers: [
          { ...load, lagMs: 1200 },
          { ...load, hostgroup: 5 },
        ],
      },
    });
    agent.send({ report: { clientsConnected: 4 } });
    await eventually(() => server.streams.connected[0]?.reports.clientsConnected === 4, 'the reports arrive');
    const [listed] = await agents();
    assert.deepEqual(
      listed?.servers?.map(({ hostgroup, lagMs }) => [hostgroup, lagMs]),
      [
        [10, 1200],
        [5, undefined],
      ],
    );
    assert.equal(listed.clientsConnected, 4);
    const { removing, warming, cordoned, unmanaged, writerFallback } = listed.groups?.[0] ?? {};
    assert.deepEqual({ removing, warming, cordoned, unmanaged, writerFallback }, state);
  });

  it('tells each thing once for all proxies of a group', async () => {
    await publish();
    for (const agentId of ['a', 'b']) (await server.joined({ agentId })).send({ report: { groups: [report] } });
    await eventually(
      () => server.streams.connected.every(({ reports }) => reports.group('orders').writerFallback),
      'the reports arrive',
    );
    const notices = (await group()).agentNotices?.map(({ state: word, subject, agents: count, detail }) =>
      [word, subject, count, detail].join(' | '),
    );
    assert.deepEqual(notices, [
      'WRITER_FALLBACK |  | 2 | no reader is ONLINE, the writer stands in',
      'WARMING | 10.0.0.2:3306 | 2 | no ping yet',
      'CORDONED | 10.0.0.1:3306 | 2 | OFFLINE_SOFT until 2030-01-01T00:00:00.000Z',
      'PINNED | 10.0.0.1:3306 | 2 | GET_LOCK of app',
      'UNMANAGED | x:3306 | 2 | ',
    ]);
  });

  it('follows a drain through answers too, forgets what is over, and all of a rebuilt proxy', async () => {
    await publish();
    const agent = await server.joined();
    const told = () => server.streams.connected[0]?.reports.group('orders');
    agent.send({ report: { groups: [report] } });
    await eventually(() => told()?.writerFallback === true, 'the report arrives');
    agent.ack(agent.received.find(({ update }) => update)!.update!, 'ACK_STATUS_APPLIED', { removing: [] });
    await eventually(() => told()?.removing.length === 0, 'the answer arrives');
    assert.equal(told()?.warming.length, 1);
    agent.send({ report: { groups: [{ group: 'orders', revision: 1 }] } });
    await eventually(() => told()?.warming.length === 0, 'the next report arrives');
    agent.send({ report: { groups: [report] } });
    await eventually(() => told()?.warming.length === 1, 'the report arrives');
    agent.send({ report: { proxyBoot: 'boot-2' } });
    await eventually(() => told()?.warming.length === 0, 'the proxy was rebuilt');
  });

  it('keeps no more than it can show, whatever an agent sends', async () => {
    await publish();
    const agent = await server.joined();
    const warming = Array.from({ length: 1000 }, (_, index) => ({
      ...address,
      port: index + 1,
      detail: 'x'.repeat(999),
    }));
    const cordoned = [{ ...address, hostgroup: 1, status: 'OFFLINE_HARD', expiresAtMs: 2 ** 60 }];
    agent.send({ report: { groups: [{ group: 'orders', warming, cordoned }] } });
    await eventually(() => server.streams.connected[0]?.reports.group('orders').cordoned.length === 1, 'it arrives');
    const kept = server.streams.connected[0]?.reports.group('orders').warming ?? [];
    assert.equal(kept.length, 100);
    assert(kept.every(({ detail }) => detail.length === 300));
    assert.equal((await group()).agentNotices?.length, 100);
  });
});
