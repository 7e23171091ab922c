import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { keys } from '../../../coordinator/core/records.ts';
import type { PublishedSnapshot, SnapshotServer } from '../../../coordinator/core/snapshot.ts';
import { StreamOutlet } from '../../../coordinator/api/stream-outlet.ts';
import { published } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;

const fleetSize = 21;
const reader: SnapshotServer = {
  ...{ hostgroup: 10, hostname: '10.0.0.1', port: 3306, status: 'ONLINE', weight: 1, maxConnections: 1 },
  ...{
    maxReplicationLagSeconds: 0,
    useSsl: false,
    comment: '',
    instance: '',
    owned: false,
    servingSinceMs: 0,
    caId: '',
  },
};
type Agents = Awaited<ReturnType<TestServer['joined']>>[];

beforeEach(async () => {
  server = await new TestServer().start();
});
afterEach(() => server.stop());

async function publish(revision: number, change: Partial<PublishedSnapshot> = {}): Promise<void> {
  const snapshot = published({ revision, hash: `hash-${revision}`, ...change });
  await server.store.commit({ writes: [{ key: keys.snapshot(snapshot.group), value: snapshot, ifRevision: null }] });
  server.streams.offer(snapshot);
}

/** A fleet that is large enough for a first wave. */
async function fleet(count = fleetSize): Promise<Agents> {
  const agents: Agents = [];
  for (let index = 0; index < count; index += 1) agents.push(await server.joined({ agentId: `a${index}` }));
  return agents;
}

/** Those that were sent this revision. */
const having = (agents: Agents, revision: number): Agents =>
  agents.filter((agent) => agent.updates().some(([, sent]) => sent === revision));

const events = async (reason: string) =>
  (await server.store.readEvents({ afterSequence: 0, limit: 500 })).filter((event) => event.reason === reason);

async function firstOf(agents: Agents, revision: number): Promise<Agents[number]> {
  await eventually(() => having(agents, revision).length > 0, `somebody gets revision ${revision}`);
  return having(agents, revision)[0]!;
}

describe('AgentStreams, many agents', () => {
  it('sends the others what the first wave took, as the same bytes with the same nonce', async () => {
    const agents = await fleet();
    await publish(1);
    const first = await firstOf(agents, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(having(agents, 1).length, 1);
    first.ack(await first.next('update'));
    await eventually(() => having(agents, 1).length === fleetSize, 'all get it');
    const nonces = new Set(agents.map(({ received }) => received.find(({ update }) => update)?.update?.nonce));
    assert.equal(nonces.size, 1);
    assert.equal(server.metrics.rollouts.get('orders'), 'open');
    for (const agent of agents) if (agent !== first) agent.ack(await agent.next('update'));
    await eventually(async () => (await events('APPLIED')).length === 1, 'all have taken it');
    assert.match((await events('APPLIED'))[0]?.message ?? '', /^21 of 21 agents/);
  });

  it('stops when the first wave refuses, says so, and begins anew with the next snapshot', async () => {
    const agents = await fleet();
    await publish(1);
    const first = await firstOf(agents, 1);
    first.ack(await first.next('update'), 'ACK_STATUS_REJECTED', { error: { code: 'X', message: 'no' } });
    await eventually(async () => (await events('ROLLOUT_STOPPED')).length === 1, 'an alarm is raised');
    await server.clock.advance(60_000);
    assert.equal(having(agents, 1).length, 1);
    assert.equal(server.metrics.rollouts.get('orders'), 'stopped');
    await publish(2);
    const next = await firstOf(agents, 2);
    next.ack(await next.next('update'));
    await eventually(() => having(agents, 2).length === fleetSize, 'the next one reaches all');
  });

  it('gives a new agent even what was stopped: it has nothing else', async () => {
    const agents = await fleet();
    await publish(1);
    const first = await firstOf(agents, 1);
    first.ack(await first.next('update'), 'ACK_STATUS_REJECTED', { error: { code: 'X', message: 'no' } });
    await eventually(() => server.metrics.rollouts.get('orders') === 'stopped', 'it is stopped');
    const newcomer = await server.joined({ agentId: 'new' });
    assert.equal(newcomer.updates().length, 1);
    const known = await server.joined({ agentId: 'old', known: [{ group: 'orders', revision: 0, hash: 'older' }] });
    assert.deepEqual(known.updates(), []);
  });

  it('goes on without a first wave that stays silent', async () => {
    const agents = await fleet();
    await publish(1);
    await firstOf(agents, 1);
    await server.clock.advance(5000);
    await eventually(() => having(agents, 1).length === fleetSize, 'the others get it after a while');
  });

  it('goes on when its first wave goes away', async () => {
    const agents = await fleet();
    await publish(2);
    const second = await firstOf(agents, 2);
    second.cancel();
    await eventually(() => having(agents, 2).length === fleetSize, 'the others get it when it is gone');
  });

  it('sends a change of the writer to all at once', async () => {
    const agents = await fleet();
    const writer = (hostname: string) => ({ ...reader, hostgroup: 5, hostname });
    await publish(1, { servers: [writer('w1')] });
    const first = await firstOf(agents, 1);
    first.ack(await first.next('update'));
    await eventually(() => having(agents, 1).length === fleetSize, 'all have the first writer');
    for (const agent of agents) if (agent !== first) agent.ack(await agent.next('update'));
    await publish(2, { servers: [writer('w2')] });
    await eventually(() => having(agents, 2).length === fleetSize, 'all get the second, with no answer yet');
  });

  it('costs the agents of other fleets nothing', async () => {
    const other = await server.joined({ agentId: 'other', fleet: 'second' });
    const agents = await fleet(3);
    await publish(1);
    await eventually(() => having(agents, 1).length === 3, 'the fleet gets it');
    assert.deepEqual(other.updates(), []);
  });

  it('does not send again what was refused, to the same process on another stream, until somebody asks', async () => {
    await publish(1);
    const error = { code: 'ADMIN_ROW_REFUSED', message: 'no such column' };
    const agent = await server.joined();
    agent.ack(agent.received.find(({ update }) => update)!.update!, 'ACK_STATUS_REJECTED', { error });
    await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'REJECTED', 'it is refused');
    agent.cancel();
    await eventually(() => server.streams.connected.length === 0, 'the stream is gone');
    const again = await server.joined();
    assert.deepEqual(again.updates(), []);
    assert.deepEqual(server.streams.connected[0]?.subscription('orders').error, error);
    again.cancel();
    await eventually(() => server.streams.connected.length === 0, 'the stream is gone again');
    server.streams.resync('orders');
    const asked = await server.joined();
    assert.equal(asked.updates().length, 1);
    asked.ack(asked.received.find(({ update }) => update)!.update!, 'ACK_STATUS_REJECTED', { error });
    await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'REJECTED', 'refused again');
    asked.cancel();
    await eventually(() => server.streams.connected.length === 0, 'that one is gone too');
    const restarted = await server.joined({ bootId: 'b2' });
    assert.equal(restarted.updates().length, 1);
  });

  it('writes below grpc-js: this version still keeps its stream where we look for it', async () => {
    await server.joined();
    const [stream] = server.streams.connected;
    assert.equal(new StreamOutlet(stream!.call).isDirect, true);
  });

  it('asks as many to connect anew as it is told', async () => {
    const agents = await fleet(4);
    assert.equal(server.streams.rebalance(2, 'too many here'), 2);
    const asked = () => agents.filter(({ received }) => received.some(({ reconnect }) => reconnect)).length;
    await eventually(() => asked() === 2, 'two are asked');
    const message = agents.flatMap(({ received }) => received).find(({ reconnect }) => reconnect)?.reconnect;
    assert.deepEqual([message?.minMs, message?.maxMs, message?.reason], [0, 500, 'too many here']);
  });

  it('sends its agents elsewhere when it stops', async () => {
    const [agent] = await fleet(1);
    await server.streams.stop();
    assert.equal((await agent!.ended).code, status.UNAVAILABLE);
    assert(agent!.received.some(({ reconnect }) => reconnect));
  });
});

describe('AgentStreams, admission', () => {
  it('sends away whom it cannot take, and says when to come again', async () => {
    const small = await new TestServer(1).start();
    try {
      await small.joined();
      const second = small.agent();
      second.hello({ agentId: 'b' });
      const { code, metadata } = await second.ended;
      assert.equal(code, status.RESOURCE_EXHAUSTED);
      assert.deepEqual(metadata.get('retry-after-ms'), ['1']);
      assert.deepEqual(small.metrics.admissions, ['admitted', 'sent-away']);
      await small.clock.advance(1);
      await small.joined({ agentId: 'b' });
    } finally {
      await small.stop();
    }
  });
});

describe('AgentStreams, an agent that does not read', () => {
  it('is cut off, and costs no more than one update', async () => {
    const agent = await server.joined();
    agent.pause();
    const text = 'x'.repeat(200_000);
    for (let revision = 1; revision <= 50; revision += 1)
      await publish(revision, { servers: [{ ...reader, comment: text }] });
    await eventually(() => server.streams.connected[0]?.hasUnread === true, 'what is sent waits');
    assert.equal(agent.updates().length, 0);
    for (let times = 0; times < 60 && server.streams.connected.length > 0; times += 1) await server.clock.advance(500);
    await eventually(() => server.streams.connected.length === 0, 'it is cut off');
  });
});
