import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import type { Hello } from '../../../proto/gen/chester/v1/Hello.ts';
import { groupSpec, published, startMs } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

const address = { hostname: '10.0.0.9', port: 3306 };
let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
});
afterEach(() => server.stop());

/** Puts a snapshot into the store and hands it out, as the publisher does. */
async function publish(revision: number, change: Partial<PublishedSnapshot> = {}): Promise<PublishedSnapshot> {
  const snapshot = published({ revision, hash: `hash-${revision}`, ...change });
  await server.store.commit({ writes: [{ key: keys.snapshot(snapshot.group), value: snapshot, ifRevision: null }] });
  server.streams.offer(snapshot);
  return snapshot;
}

function failRosterWrites(): void {
  const { store } = server;
  const commit = store.commit.bind(store);
  store.commit = (change) =>
    change.writes.some(({ key }) => key.startsWith('roster/')) ? Promise.reject(new Error('disk')) : commit(change);
}

const voterOf = async (agentId = 'a') => (await server.store.get(keys.voter('orders', agentId)))?.value ?? null;
const agentEvents = async () =>
  (await server.store.readEvents({ afterSequence: 0, limit: 100 }))
    .filter(({ kind }) => kind === 'AGENT')
    .map(({ reason }) => reason);

describe('AgentStreams, Hello', () => {
  const refused: readonly (readonly [name: string, hello: Hello, message: RegExp])[] = [
    ['no id', { agentId: '' }, /agent_id is ""/],
    ['an id that would be a key', { agentId: 'a/b' }, /agent_id is "a\/b"/],
    ['a huge id', { agentId: 'x'.repeat(254) }, /allowed: 1 to 253/],
    ['a fleet that is no name', { fleet: 'Main fleet' }, /fleet is "Main fleet"; allowed: a lower-case/],
    ['no cell', { cell: '' }, /cell is ""/],
    ['no boot of the proxy', { proxyBoot: '' }, /proxy_boot is empty/],
    ['an epoch a day and more ahead', { maxEpoch: startMs + 25 * 3_600_000 }, /max_epoch is .* 24 hours/],
    [
      'a revision that nobody can have reached',
      { known: [{ group: 'orders', revision: 2 ** 60, hash: 'x' }] },
      /known revision is/,
    ],
  ];
  for (const [name, hello, message] of refused) {
    it(`refuses ${name}`, async () => {
      const agent = server.agent();
      agent.hello(hello);
      const { code, details } = await agent.ended;
      assert.equal(code, status.INVALID_ARGUMENT);
      assert.match(details, message);
      assert.deepEqual(server.streams.connected, []);
    });
  }

  it('refuses another first message', async () => {
    const agent = server.agent();
    agent.send({ goodbye: { clients: 0, paused: true } });
    assert.equal((await agent.ended).code, status.INVALID_ARGUMENT);
  });

  it('ends a stream that says nothing', async () => {
    const before = server.clock.pendingTimers;
    const agent = server.agent();
    await eventually(() => server.clock.pendingTimers === before + 1, 'the stream arrives');
    await server.clock.advance(10_000);
    assert.equal((await agent.ended).code, status.DEADLINE_EXCEEDED);
    assert.equal(server.clock.pendingTimers, before);
  });

  it('welcomes, and begins a term above an epoch that the agent has seen', async () => {
    const first = server.agent();
    first.hello();
    const welcome = await first.next('welcome');
    assert.deepEqual(welcome, {
      coordinatorId: 'c1',
      epoch: server.term.fencingToken,
      reportIntervalMs: 10_000,
      applyDeadlineMs: 1000,
      reconnectWindowMs: 500,
    });
    await first.next('syncDone');
    const maxEpoch = server.term.fencingToken + 5;
    const second = server.agent();
    second.hello({ agentId: 'b', maxEpoch });
    assert((await second.next('welcome')).epoch > maxEpoch);
  });

  it('tells the agent to come again when the store fails, and forgets the stream', async () => {
    await publish(1);
    failRosterWrites();
    const agent = server.agent();
    agent.hello();
    assert.equal((await agent.ended).code, status.UNAVAILABLE);
    await eventually(() => server.streams.connected.length === 0, 'the stream is forgotten');
    assert.deepEqual(agent.updates(), []);
  });
});

describe('AgentStreams, updates', () => {
  it('has the agent on the roster before its first update goes out', async () => {
    const { store } = server;
    const commit = store.commit.bind(store);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    store.commit = async (change) => {
      if (change.writes.some(({ key }) => key.startsWith('roster/'))) await held;
      return commit(change);
    };
    server.streams.offer(published());
    const agent = server.agent();
    agent.hello();
    await agent.next('welcome');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(agent.updates(), []);
    release();
    await agent.next('update');
    assert.equal((await voterOf())?.proxyBoot, 'boot-1');
  });

  it('sends what differs from what the agent knows, then SyncDone', async () => {
    await publish(3);
    await publish(5, { group: 'billing', hash: 'other' });
    await publish(1, { group: 'elsewhere', fleet: 'second' });
    const known = [
      { group: 'orders', revision: 3, hash: 'hash-3' },
      { group: 'billing', revision: 4, hash: 'old' },
      { group: 'lost', revision: 9, hash: 'x' },
    ];
    const agent = await server.joined({ known });
    assert.deepEqual(agent.updates().sort(), [
      ['billing', 5, 'snapshot'],
      ['lost', 0, 'unknown'],
    ]);
    assert.equal((await server.store.list(prefixes.allVoters)).length, 2, 'also for what it already knows');
  });

  it('freezes a declared group of which the store lost every snapshot that agents run, and no other', async () => {
    const { store } = server;
    await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: null }] });
    const known = ['lost', 'orders'].map((group) => ({ group, revision: 9, hash: 'x' }));
    await server.joined({ known });
    const freezes = async () =>
      (await store.list(prefixes.freezes)).map(({ value }) => [value.group, value.aboveRevision]);
    await eventually(async () => (await freezes()).length > 0, 'the group is frozen');
    assert.deepEqual(await freezes(), [['orders', 9]]);
  });

  it('sends a tombstone as removed', async () => {
    await publish(2, { kind: 'removed', leaving: [{ ...address, sinceRevision: 2 }] });
    const agent = await server.joined();
    const update = agent.received.find(({ update: found }) => found)?.update;
    assert.deepEqual(update?.removed?.leaving, [{ ...address, sinceRevision: 2 }]);
  });

  it('has one update un-ACKed at a time; the newest follows', async () => {
    const agent = await server.joined();
    await publish(1);
    const first = await agent.next('update');
    for (const revision of [2, 3, 4]) await publish(revision);
    agent.ack({ ...first, nonce: 'stale' });
    agent.ack(first);
    const second = await agent.next('update');
    assert.equal(second.revision, 4);
    agent.ack(second);
    await eventually(() => server.metrics.convergenceSeconds.length === 1, 'convergence is noted once');
    assert.deepEqual(
      agent.updates().map(([, revision]) => revision),
      [1, 4],
    );
  });

  it('does not send a rejected content again, until another one or a restarted proxy', async () => {
    const agent = await server.joined();
    await publish(1);
    const error = { code: 'ADMIN_STATEMENT_FAILED', message: 'no such column' };
    agent.ack(await agent.next('update'), 'ACK_STATUS_REJECTED', { error });
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').state === 'REJECTED',
      'the refusal arrives',
    );
    assert.deepEqual(server.streams.connected[0]?.subscription('orders').error, error);
    await publish(2, { hash: 'hash-1' });
    await publish(3);
    assert.equal((await agent.next('update')).revision, 3);
    await publish(4);
    agent.ack((await Promise.resolve(agent.received.at(-1)?.update))!, 'ACK_STATUS_REJECTED', { error });
    const fourth = await agent.next('update');
    agent.ack(fourth, 'ACK_STATUS_REJECTED', { error });
    agent.send({ report: { proxyBoot: 'boot-2', servers: [], groups: [] } });
    assert.equal((await agent.next('update')).revision, 4);
  });

  it('waits for an agent that goes on trying', async () => {
    const agent = await server.joined();
    await publish(1);
    const update = await agent.next('update');
    agent.ack(update, 'ACK_STATUS_RETRYING', { error: { code: 'FOREIGN_PENDING', message: '' } });
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').state === 'RETRYING',
      'the answer arrives',
    );
    await server.clock.advance(10_000);
    agent.ack(update);
    await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'APPLIED', 'it is applied');
    assert.equal(agent.updates().length, 1);
  });

  it('sends an unanswered update once more, then ends the stream', async () => {
    const agent = await server.joined();
    await publish(1);
    const first = await agent.next('update');
    await server.clock.advance(1500);
    const again = await agent.next('update');
    assert.equal(again.revision, 1);
    assert.notEqual(again.nonce, first.nonce);
    await server.clock.advance(1500);
    assert.equal((await agent.ended).code, status.DEADLINE_EXCEEDED);
    await eventually(() => server.streams.connected.length === 0, 'the stream is forgotten');
    assert.notEqual(await voterOf(), null);
  });

  it('tells an idle agent that it lives', async () => {
    const agent = await server.joined();
    await server.clock.advance(500);
    assert.equal((await agent.next('bookmark')).epoch, server.term.fencingToken);
  });

  it('asks for a higher revision when the agent has one that the store has not', async () => {
    await publish(3);
    const agent = await server.joined({ known: [{ group: 'orders', revision: 9, hash: 'future' }] });
    assert.deepEqual(await server.frozen(), [['orders', 9]]);
    assert.deepEqual(agent.updates(), []);
    await publish(10);
    assert.equal((await agent.next('update')).revision, 10);
  });
});

describe('AgentStreams, facts', () => {
  const leaving = { leaving: [{ ...address, sinceRevision: 1 }] };
  const absent = [{ ...address, revision: 1 }];

  it('stores votes from answers and reports, and takes them back', async () => {
    const agent = await server.joined();
    await publish(1, leaving);
    agent.ack(await agent.next('update'), 'ACK_STATUS_APPLIED', { absent });
    await eventually(async () => (await voterOf())?.absent.length === 1, 'the vote is stored');
    agent.send({
      report: { proxyBoot: 'boot-1', groups: [{ group: 'orders', revision: 1, removing: [address], absent: [] }] },
    });
    await eventually(async () => (await voterOf())?.absent.length === 0, 'the vote is taken back');
    agent.send({ report: { groups: [{ group: 'orders', revision: 1, removing: [], absent }] } });
    await eventually(async () => (await voterOf())?.absent.length === 1, 'the vote is stored again');
  });

  it('voids votes of every group when the proxy restarts, also without a word on the group', async () => {
    const agent = await server.joined();
    await publish(1, leaving);
    agent.ack(await agent.next('update'), 'ACK_STATUS_APPLIED', { absent });
    await eventually(async () => (await voterOf())?.absent.length === 1, 'the vote is stored');
    agent.send({ report: { proxyBoot: 'boot-2' } });
    await eventually(async () => (await voterOf())?.absent.length === 0, 'the vote is void');
    assert.equal((await voterOf())?.proxyBoot, 'boot-2');
  });

  it('ends the stream when a vote cannot be stored', async () => {
    const agent = await server.joined();
    await publish(1, leaving);
    const update = await agent.next('update');
    failRosterWrites();
    agent.ack(update, 'ACK_STATUS_APPLIED', { absent });
    assert.equal((await agent.ended).code, status.UNAVAILABLE);
  });

  it('keeps a voter whose stream is cut', async () => {
    const agent = await server.joined();
    await publish(1);
    await agent.next('update');
    agent.cancel();
    await eventually(() => server.streams.connected.length === 0, 'the stream is forgotten');
    assert.notEqual(await voterOf(), null);
    assert.deepEqual(await agentEvents(), ['CONNECTED', 'NO_GROUPS', 'ENROLLED', 'DISCONNECTED']);
    assert.equal(server.metrics.agents, 0);
  });

  it('forgets an agent that ends its side', async () => {
    const agent = await server.joined();
    agent.end();
    assert.equal((await agent.ended).code, status.CANCELLED);
    await eventually(() => server.streams.connected.length === 0, 'the stream is forgotten');
  });

  it('replaces the older of two streams of one agent; what the older one says is void', async () => {
    const older = await server.joined();
    await publish(1, leaving);
    const update = await older.next('update');
    const newer = await server.joined({ proxyBoot: 'boot-2' });
    older.ack(update, 'ACK_STATUS_APPLIED', { absent });
    older.send({ goodbye: { clients: 0, paused: true } });
    assert.equal((await older.ended).code, status.ABORTED);
    newer.send({
      report: { proxyBoot: 'boot-2', groups: [{ group: 'orders', revision: 1, removing: [address], absent: [] }] },
    });
    await server.clock.advance(500);
    await newer.next('bookmark');
    assert.equal(server.streams.connected.length, 1);
    assert.equal((await voterOf())?.proxyBoot, 'boot-2');
    assert.deepEqual((await voterOf())?.absent, []);
    assert((await agentEvents()).includes('REPLACED'));
  });
});
