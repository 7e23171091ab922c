import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { outstandingVoters } from '../../../coordinator/core/ballots.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import type { Group } from '../../../proto/gen/chester/v1/Group.ts';
import { groupSpec, published } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

const address = { hostname: '10.0.0.9', port: 3306 };
const message = 'in shadow: 1 differences: 10 10.0.0.2:3306: memory has no row';
let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
  await server.store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: null }] });
});
afterEach(() => server.stop());

async function publish(change: Partial<PublishedSnapshot> = {}): Promise<void> {
  const snapshot = published(change);
  await server.store.commit({ writes: [{ key: keys.snapshot('orders'), value: snapshot, ifRevision: null }] });
  server.streams.offer(snapshot);
}

async function getGroup(): Promise<Group> {
  const admin = server.admin();
  const call = promisify((request: object, done: (error: Error | null, answer?: Group) => void) => {
    admin.getGroup(request, (error, answer) => {
      done(error, answer);
    });
  });
  return (await call({ name: 'orders' })) as Group;
}

describe('an agent in shadow, as its coordinator sees it', () => {
  it('is shown with its differences, does not count as converged, and keeps its stream', async () => {
    await publish();
    const agent = await server.joined();
    const { update } = agent.received.find((one) => one.update)!;
    agent.ack(update!, 'ACK_STATUS_RETRYING', { error: { code: 'SHADOW', message } });
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').state === 'RETRYING',
      'the answer arrives',
    );
    const group = await getGroup();
    assert.equal(group.agentsConverged, 0);
    assert.deepEqual(
      group.agentNotices?.map(({ state, agents, detail }) => [state, agents, detail]),
      [['SHADOW', 1, message]],
    );
    // Differences that went away are told, and shown, without another update.
    agent.ack(update!, 'ACK_STATUS_RETRYING', { error: { code: 'SHADOW', message: 'in shadow: no difference' } });
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').error?.message === 'in shadow: no difference',
      'the next answer arrives',
    );
    await server.clock.advance(5000);
    assert.equal(server.streams.connected.length, 1);
  });

  it('is a voter: what its proxy still has is not absent, and nothing is until it says so', async () => {
    const leaving = [{ ...address, sinceRevision: 1 }];
    await publish({ leaving });
    const agent = await server.joined();
    const { update } = agent.received.find((one) => one.update)!;
    const error = { code: 'SHADOW', message };
    const removing = [{ ...address, connUsed: 0, reason: 'HELD_BY_FOREIGN_ROW', detail: 'in shadow: it stays' }];
    agent.ack(update!, 'ACK_STATUS_RETRYING', { error, removing });
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').state === 'RETRYING',
      'the answer arrives',
    );
    const outstanding = async () => {
      const voters = (await server.store.list(prefixes.voters('orders'))).map(({ value }) => value);
      return outstandingVoters(voters, leaving[0]!);
    };
    assert.deepEqual(await outstanding(), ['a']);
    agent.send({
      report: {
        proxyBoot: 'boot-1',
        groups: [{ group: 'orders', revision: 1, absent: [{ ...address, revision: 1 }] }],
      },
    });
    await eventually(async () => (await outstanding()).length === 0, 'the vote is stored');
  });
});
