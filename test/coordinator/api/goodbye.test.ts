import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { Commit } from '../../../coordinator/ports.ts';
import { published } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

const farewell = { goodbye: { clients: 0, paused: true } };
let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
  server.streams.offer(published());
});
afterEach(() => server.stop());

const rosters = async () => (await server.store.list(prefixes.allVoters)).map(({ key }) => key);

/** Holds the commits that a test names until it lets them go. */
function hold(isHeld: (commit: Commit) => boolean): { readonly release: () => void; readonly count: () => number } {
  const { store } = server;
  const commit = store.commit.bind(store);
  let count = 0;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  store.commit = async (change) => {
    if (isHeld(change)) {
      count += 1;
      await held;
    }
    return commit(change);
  };
  return { release, count: () => count };
}

const leaves = ({ writes }: Commit) => writes.some(({ key, value }) => key.startsWith('roster/') && value === null);
const enrolsIn = (group: string) => (commit: Commit) =>
  commit.writes.some(({ key, value }) => key.startsWith(`roster/${group}/`) && value !== null);

describe('AgentStreams, Goodbye', () => {
  it('takes a paused agent without clients off the rosters, and only then ends its call with OK', async () => {
    const agent = await server.joined();
    const leaving = hold(leaves);
    agent.send({ goodbye: { clients: 3, paused: true } });
    agent.send({ goodbye: { clients: 0, paused: false } });
    agent.send(farewell);
    let hasEnded = false;
    void agent.ended.then(() => (hasEnded = true));
    await eventually(() => leaving.count() === 1, 'the agent is being taken off');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(hasEnded, false, 'ended before it was durable');
    leaving.release();
    assert.equal((await agent.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
    server.streams.offer(published({ revision: 2 }));
    await eventually(() => server.streams.connected.length === 0, 'the stream is forgotten');
    assert.deepEqual(await rosters(), []);
    assert.equal(agent.updates().length, 1);
  });

  it('keeps an agent that is not paused, or has clients', async () => {
    const agent = await server.joined();
    agent.send({ goodbye: { clients: 3, paused: true } });
    agent.send({ goodbye: { clients: 0, paused: false } });
    agent.end();
    assert.equal((await agent.ended).code, status.CANCELLED);
    assert.deepEqual(await rosters(), ['roster/orders/default/a']);
  });

  it('ends otherwise when that could not be stored, and takes it when it is said again', async () => {
    const agent = await server.joined();
    const { store } = server;
    const commit = store.commit.bind(store);
    store.commit = (change) => (leaves(change) ? Promise.reject(new Error('disk')) : commit(change));
    agent.send(farewell);
    assert.equal((await agent.ended).code, status.UNAVAILABLE);
    assert.deepEqual(await rosters(), ['roster/orders/default/a']);
    store.commit = commit;
    const again = await server.joined();
    again.send(farewell);
    assert.equal((await again.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
  });

  it('hears a Goodbye behind which the agent ends its side at once', async () => {
    const agent = await server.joined();
    agent.send(farewell);
    agent.end();
    assert.equal((await agent.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
  });

  it('hears a Goodbye that came before the agent was taken in, after that', async () => {
    const enrolling = hold(enrolsIn('orders'));
    const agent = server.agent();
    agent.hello();
    await agent.next('welcome');
    agent.send(farewell);
    agent.end();
    let hasEnded = false;
    void agent.ended.then(() => (hasEnded = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(hasEnded, false, 'ended while its enrolment was under way');
    enrolling.release();
    assert.equal((await agent.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
  });

  it('waits for an enrolment that is under way: it would outlive the leave', async () => {
    const agent = await server.joined();
    const enrolling = hold(enrolsIn('billing'));
    server.streams.offer(published({ group: 'billing' }));
    await eventually(() => enrolling.count() === 1, 'the enrolment is under way');
    agent.send(farewell);
    await new Promise((resolve) => setTimeout(resolve, 20));
    enrolling.release();
    assert.equal((await agent.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
    assert.deepEqual(
      agent.updates().map(([group]) => group),
      ['orders'],
    );
  });

  it('lets a stream in only when what the earlier one left is done, so that it stays on its roster', async () => {
    const older = await server.joined();
    const leaving = hold(leaves);
    older.send(farewell);
    await eventually(() => leaving.count() === 1, 'the agent is being taken off');
    older.cancel();
    await eventually(() => server.streams.connected.length === 0, 'the older stream is forgotten');
    const newer = server.agent();
    newer.hello({ bootId: 'b2' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(newer.received, []);
    leaving.release();
    await newer.next('syncDone');
    assert.deepEqual(await rosters(), ['roster/orders/default/a']);
  });

  it('never ends with OK because the coordinator stops, but lets a leave come to its end', async () => {
    const staying = await server.joined({ agentId: 'b' });
    const going = await server.joined();
    const leaving = hold(leaves);
    going.send(farewell);
    await eventually(() => leaving.count() === 1, 'the agent is being taken off');
    const stopped = server.streams.stop();
    leaving.release();
    await stopped;
    assert.equal((await going.ended).code, status.OK);
    assert.equal((await staying.ended).code, status.UNAVAILABLE);
    assert.deepEqual(await rosters(), ['roster/orders/default/b']);
  });

  it('takes an agent off the rosters of every fleet that it was in', async () => {
    const agent = await server.joined();
    const { key } = { key: keys.voter('legacy', 'a') };
    const [own] = await server.store.list(prefixes.allVoters);
    await server.store.commit({ writes: [{ key, value: { ...own!.value, fleet: 'old' }, ifRevision: 0 }] });
    agent.send(farewell);
    assert.equal((await agent.ended).code, status.OK);
    assert.deepEqual(await rosters(), []);
  });
});
