import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { published } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

const name = 'fleet:main';
let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
  await server.fleets.start();
});
afterEach(() => server.stop());

/** Declares variables as an administrator does; resolves when they are published. */
async function declare(variables: Readonly<Record<string, string>>, fleet = 'main'): Promise<void> {
  const before = (await server.store.get(keys.settings(fleet)))?.revision ?? 0;
  assert((await server.groups.putFleet({ name: fleet, variables })).ok);
  await eventually(
    async () => ((await server.store.get(keys.settings(fleet)))?.revision ?? 0) > before,
    'the settings are published',
  );
}

const settingsOf = async () => (await server.store.get(keys.settings('main')))?.value;
const stateOf = () => server.streams.connected[0]?.subscription(name).state;

describe('AgentStreams, fleet settings', () => {
  it("sends a fleet's variables, and only that fleet's, before its groups", async () => {
    server.streams.offer(published());
    await declare({ 'mysql-max_connections': '2000', 'mysql-init_connect': '' });
    await declare({ 'mysql-max_connections': '1' }, 'second');
    const agent = await server.joined();
    assert.deepEqual(
      agent.updates().map(([group, , body]) => [group, body]),
      [
        [name, 'fleet'],
        ['orders', 'snapshot'],
      ],
    );
    const update = agent.received.find(({ update: found }) => found?.group === name)?.update;
    assert.deepEqual(
      update?.fleet?.variables.map(({ name: variable, value }) => [variable, value]),
      [
        ['mysql-init_connect', ''],
        ['mysql-max_connections', '2000'],
      ],
    );
    assert.equal(update.hash, (await settingsOf())?.hash);
  });

  it('puts nobody on a roster, takes no votes, and lets groups converge without it', async () => {
    await declare({ 'mysql-max_connections': '2000' });
    server.streams.offer(published());
    const agent = await server.joined();
    const updates = agent.received.flatMap(({ update }) => (update ? [update] : []));
    const absent = [{ hostname: '10.0.0.9', port: 3306, revision: 1 }];
    agent.ack(updates[0]!, 'ACK_STATUS_REJECTED', { absent, error: { code: 'VARIABLE_UNKNOWN', message: 'no' } });
    agent.ack(updates[1]!);
    await eventually(() => server.metrics.convergenceSeconds.length === 1, 'the group has converged');
    assert.equal(stateOf(), 'REJECTED');
    const voters = await server.store.list(prefixes.allVoters);
    assert.deepEqual(
      voters.map(({ key }) => key),
      ['roster/orders/default/a'],
    );
    assert.deepEqual(server.streams.connected[0]?.subscription(name).error, {
      code: 'VARIABLE_UNKNOWN',
      message: 'no',
    });
  });

  it('does not send again what was refused, or what the agent knows; an empty list follows the last variable', async () => {
    await declare({ 'mysql-a': '1' });
    const { revision, hash } = (await settingsOf())!;
    const agent = await server.joined({ known: [{ group: name, revision, hash }] });
    assert.deepEqual(agent.updates(), []);
    await declare({});
    const update = await agent.next('update');
    assert.deepEqual([update.revision, update.fleet?.variables], [revision + 1, []]);
    agent.ack(update, 'ACK_STATUS_RETRYING', { error: { code: 'FOREIGN_PENDING', message: '' } });
    await eventually(() => stateOf() === 'RETRYING', 'the answer arrives');
    await declare({ 'mysql-a': '2' });
    assert.equal((await agent.next('update')).revision, revision + 2);
  });

  it('calls nothing unknown that a fleet does not have', async () => {
    const known = [
      { group: name, revision: 3, hash: 'x' },
      { group: 'fleet:other', revision: 4, hash: 'x' },
      { group: 'lost', revision: 5, hash: 'x' },
    ];
    const agent = await server.joined({ known });
    assert.deepEqual(agent.updates(), [['lost', 0, 'unknown']]);
    assert.deepEqual(await server.frozen(), [[name, 3]]);
    await declare({ 'mysql-a': '1' });
    assert.equal((await agent.next('update')).revision, 4);
  });

  it('goes above what an agent has when the store went back', async () => {
    await declare({ 'mysql-a': '1' });
    const agent = await server.joined({ known: [{ group: name, revision: 9, hash: 'future' }] });
    const isAbove = () => agent.updates().some(([group, revision]) => group === name && revision === 10);
    await eventually(isAbove, 'a revision above the one that it has arrives');
  });

  it('says in the list of agents what became of it', async () => {
    await declare({ 'mysql-a': '1' });
    const agent = await server.joined();
    agent.ack(agent.received.find(({ update }) => update)!.update!);
    await eventually(() => stateOf() === 'APPLIED', 'the answer arrives');
    const agents = await new Promise<{ groups?: { group?: string; state?: string; revision?: number }[] }[]>(
      (resolve, reject) => {
        server.admin().listAgents({}, (error, answer) => {
          if (error) reject(error);
          else resolve(answer?.agents ?? []);
        });
      },
    );
    assert.deepEqual(
      agents[0]?.groups?.map(({ group, state, revision }) => [group, state, revision]),
      [[name, 'APPLIED', 1]],
    );
    assert.deepEqual(server.metrics.convergenceSeconds, [], 'settings are no group that converges');
  });
});
