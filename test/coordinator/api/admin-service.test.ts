import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import type { ElsewhereAgent } from '../../../coordinator/api/stream-digests.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { Group__Output } from '../../../proto/gen/chester/v1/Group.ts';
import type { GroupSpec } from '../../../proto/gen/chester/v1/GroupSpec.ts';
import { groupInput, groupSpec, incident, published, replica, richInput, voter } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;
let admin: ReturnType<TestServer['admin']>;
/** Agents of other coordinators. */
const elsewhere = new Map<string, ElsewhereAgent>();

beforeEach(async () => {
  elsewhere.clear();
  server = await new TestServer(1000, undefined, () => ({ elsewhere: () => Promise.resolve(elsewhere) })).start();
  admin = server.admin();
});
afterEach(() => server.stop());

type Unary = (this: Client, request: object, callback: (error: ServiceError | null, answer: unknown) => void) => void;

/** Calls a method and waits for its answer. */
async function call<Answer>(method: string, request: object = {}): Promise<Answer> {
  const handler = (admin as unknown as Record<string, Unary>)[method];
  assert(handler);
  return (await promisify(handler.bind(admin))(request)) as Answer;
}

async function refused(method: string, request: object): Promise<{ code: number; details: string }> {
  try {
    await call(method, request);
  } catch (error) {
    const { code, details } = error as ServiceError;
    return { code, details };
  }
  throw new Error(`${method} was not refused`);
}

const put = (change: GroupSpec = {}, expectedVersion = 0) =>
  call<Group__Output>('putGroup', { spec: { ...groupInput, ...change }, expectedVersion });

async function declare(change: GroupSpec = {}): Promise<Group__Output> {
  await call('putFleet', { fleet: { name: 'main' } });
  return put(change);
}

describe('AdminService, fleets and groups', () => {
  it('declares fleets and lists them', async () => {
    const fleet = { name: 'main', cell: 'eu', variables: {} };
    assert.deepEqual(await call('putFleet', { fleet: { name: 'main', cell: 'eu' } }), fleet);
    assert.deepEqual(await call('listFleets'), { fleets: [fleet], nextPageToken: '' });
    for (const request of [{}, { fleet: {} }, { fleet: { name: 'Main' } }]) {
      assert.equal((await refused('putFleet', request)).code, status.INVALID_ARGUMENT);
    }
  });

  it('forgets no fleet of which another coordinator has an agent', async () => {
    await call('putFleet', { fleet: { name: 'old' } });
    elsewhere.set('default/a', { coordinator: 'c2', fleet: 'old' });
    const { code, details } = await refused('deleteFleet', { name: 'old' });
    assert.equal(code, status.FAILED_PRECONDITION);
    assert.match(details, /fleet old still has agents that are connected/);
    elsewhere.clear();
    assert.deepEqual(await call('deleteFleet', { name: 'old' }), {});
  });

  it("declares a fleet's variables, also empty ones, and says so once", async () => {
    const variables = { 'mysql-max_connections': '2000', 'mysql-init_connect': '' };
    const fleet = { name: 'main', cell: 'eu', variables };
    assert.deepEqual(await call('putFleet', { fleet }), fleet);
    assert.deepEqual(await call('putFleet', { fleet }), fleet);
    const events = await server.store.readEvents({ afterSequence: 0, limit: 9 });
    assert.deepEqual(
      events.map(({ group, kind, reason, message }) => [group, kind, reason, message]),
      [['fleet:main', 'FLEET', 'CREATED', 'cell eu, 2 variables']],
    );
    const secret = { ...fleet, variables: { 'mysql-monitor_password': 'hunter2' } };
    const { code, details } = await refused('putFleet', { fleet: secret });
    assert.equal(code, status.INVALID_ARGUMENT);
    assert.match(details, /^variables\.mysql-monitor_password is \(hidden\); allowed: a variable that is no secret/);
  });

  it('declares a group with its defaults, reads it, lists it', async () => {
    const group = await declare({ staticReaders: [{ hostname: 'legacy' }] });
    assert.equal(group.spec?.port, 3306);
    assert.equal(group.spec.policy?.replicasMax, 3);
    assert.deepEqual(
      group.spec.staticReaders.map(({ hostname, port }) => [hostname, port]),
      [['legacy', 3306]],
    );
    assert.deepEqual({ ...(await call<Group__Output>('getGroup', { name: 'orders' })), live: null }, group);
    assert.deepEqual(await call('listGroups'), { groups: [group], nextPageToken: '' });
  });

  it('takes what it returned: a put of it changes nothing', async () => {
    const group = await declare({ template: { tier: 'db-small' }, staticReaders: [{ hostname: 'legacy', weight: 0 }] });
    const again = await put(group.spec ?? {}, group.version);
    assert.deepEqual(again.spec, group.spec);
    assert.equal(again.version, group.version);
  });

  it('takes and returns all that can be declared, also an empty text that was set', async () => {
    const group = await declare(richInput);
    const stored = (await server.store.get(keys.group('orders')))?.value;
    assert.deepEqual(stored, JSON.parse(JSON.stringify(groupSpec(richInput))));
    assert.equal((await put(group.spec ?? {}, group.version)).version, group.version);
    assert.equal(group.spec?.queryRules[2]?.replacePattern, '');
  });

  it('refuses every bad field by name', async () => {
    await declare();
    const { code, details } = await refused('putGroup', {
      spec: { ...groupInput, policy: { replicasMax: -1, step: 0 }, staticReaders: [{ hostname: "x';DROP TABLE" }] },
    });
    assert.equal(code, status.INVALID_ARGUMENT);
    for (const expected of [
      'policy.replicasMax is -1; allowed: at least 0',
      'policy.step is 0',
      `staticReaders.0.hostname is "x';DROP TABLE"`,
    ]) {
      assert(details.includes(expected), details);
    }
  });

  it('names every problem also when there are many', async () => {
    await declare();
    const staticReaders = Array.from({ length: 50 }, (_, index) => ({
      hostname: `bad host ${index} ${'ö'.repeat(200)}`,
    }));
    const { code, details } = await refused('putGroup', { spec: { ...groupInput, staticReaders } });
    assert.equal(code, status.INVALID_ARGUMENT);
    assert(details.includes('staticReaders.0.hostname'), details.slice(0, 300));
  });

  it('refuses a group of an unknown fleet, an overlap, and a change of what may not change', async () => {
    assert.match(
      (await refused('putGroup', { spec: groupInput })).details,
      /^fleet is "main"; allowed: the name of a declared fleet$/,
    );
    await declare();
    const overlap = await refused('putGroup', { spec: { ...groupInput, name: 'billing', primary: 'billing-primary' } });
    assert.match(
      overlap.details,
      /writerHostgroup is 5; allowed: a hostgroup that group orders of fleet main does not use/,
    );
    assert.match(
      (await refused('putGroup', { spec: { ...groupInput, primary: 'other' } })).details,
      /^primary is "other"; allowed: "orders-primary"/,
    );
    assert.equal((await refused('putGroup', {})).code, status.INVALID_ARGUMENT);
  });

  it('lets only one of two overlapping groups in that come at once', async () => {
    await call('putFleet', { fleet: { name: 'main' } });
    const results = await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        server.groups.putGroup({ ...groupInput, name, primary: `${name}-primary` }, 0),
      ),
    );
    assert.deepEqual(results.map(({ ok }) => ok).sort(), [false, false, true]);
  });

  it('refuses a put that would lose an update', async () => {
    const first = await declare();
    await put({ policy: { replicasMax: 5 } }, first.version);
    const { code, details } = await refused('putGroup', { spec: groupInput, expectedVersion: first.version });
    assert.equal(code, status.ABORTED);
    assert.match(details, /is at version \d+, not \d+/);
  });

  it('says that a group is not declared, in a few words', async () => {
    for (const [method, request] of [
      ['getGroup', { name: 'x'.repeat(100_000) }],
      ['deleteGroup', { name: 'nope' }],
      ['scale', { group: 'nope', replicas: 1 }],
    ] as const) {
      const { code, details } = await refused(method, request);
      assert.equal(code, status.NOT_FOUND);
      assert(details.length < 200);
    }
  });

  it('deletes a group: a tombstone for its proxies, nothing left for one of the same name', async () => {
    await declare();
    const { store } = server;
    const topology = {
      key: keys.topology('orders'),
      value: { primaryAddress: '10.0.1.1', serverCa: null },
      ifRevision: null,
    };
    const seen = { key: keys.incident('orders', 'i'), value: incident({ id: 'i' }), ifRevision: null };
    await store.commit({ writes: [topology, seen] });
    await server.publisher.publish('orders');
    await call('deleteGroup', { name: 'orders' });
    const tombstone = (await store.get(keys.snapshot('orders')))?.value;
    assert.deepEqual([tombstone?.kind, tombstone?.revision, tombstone?.leaving.length], ['removed', 2, 1]);
    for (const key of [
      keys.group('orders'),
      keys.scaling('orders'),
      keys.topology('orders'),
      keys.incident('orders', 'i'),
    ]) {
      assert.equal(await store.get(key as never), null, key);
    }
    await put();
    assert.equal((await call<Group__Output>('getGroup', { name: 'orders' })).primaryAddress, '');
  });

  it('leaves a tombstone also of a group that was never published', async () => {
    await declare();
    await call('deleteGroup', { name: 'orders' });
    assert.equal((await server.store.get(keys.snapshot('orders')))?.value.kind, 'removed');
  });

  it('does not delete a group that owns replicas', async () => {
    await declare();
    await server.store.commit({
      writes: [{ key: keys.replica('orders', 'r1'), value: replica.serving('r1'), ifRevision: 0 }],
    });
    const { code, details } = await refused('deleteGroup', { name: 'orders' });
    assert.equal(code, status.FAILED_PRECONDITION);
    assert.match(details, /still owns r1/);
    assert.notEqual(await server.store.get(keys.group('orders')), null);
  });

  it('scales by hand within min and max', async () => {
    await declare({ policy: { replicasMin: 1, replicasMax: 4 } });
    const group = await call<Group__Output>('scale', { group: 'orders', replicas: 3, reason: 'sale' });
    assert.deepEqual([group.desired, group.desiredReason], [3, 'MANUAL sale']);
    for (const replicas of [0, 5, -1]) {
      const { code, details } = await refused('scale', { group: 'orders', replicas });
      assert.equal(code, status.INVALID_ARGUMENT);
      assert.equal(details, `replicas is ${replicas}; allowed: a whole number from 1 to 4, the group's min and max`);
    }
  });

  it('says nothing of its insides when it fails', async () => {
    server.store.nextError = new Error('/secret/path: disk full');
    const { code, details } = await refused('listGroups', {});
    assert.equal(code, status.INTERNAL);
    assert(!details.includes('secret'));
  });
});

describe('AdminService, agents and incidents', () => {
  it('lists agents that are connected and voters that are not, with what a replica waits for', async () => {
    await declare();
    const gone = voter('gone', { fleet: 'main' });
    const leaving = [{ hostname: '10.0.0.1', port: 3306, sinceRevision: 1 }];
    await server.store.commit({
      writes: [
        { key: keys.voter('orders', 'gone'), value: gone, ifRevision: 0 },
        { key: keys.replica('orders', 'r1'), value: replica.draining('r1'), ifRevision: 0 },
        { key: keys.snapshot('orders'), value: published({ leaving }), ifRevision: 0 },
      ],
    });
    server.streams.offer(published({ leaving }));
    const agent = await server.joined();
    agent.ack(await Promise.resolve(agent.received.find(({ update }) => update)!.update!));
    await eventually(
      () => server.streams.connected[0]?.subscription('orders').state === 'APPLIED',
      'the answer arrives',
    );
    const { agents } = await call<{ agents: { agentId: string; connected: boolean; groups: { state: string }[] }[] }>(
      'listAgents',
    );
    assert.deepEqual(
      agents.map(({ agentId, connected, groups }) => [agentId, connected, groups.map(({ state }) => state)]),
      [
        ['a', true, ['APPLIED']],
        ['gone', false, []],
      ],
    );
    const group = await call<Group__Output>('getGroup', { name: 'orders' });
    assert.deepEqual(group.replicas[0]?.outstandingVoters, ['a', 'gone']);
    assert.equal(group.agentsConverged, 1);
  });

  it('forgets an agent that an operator vouches for, never one that is connected', async () => {
    await server.joined();
    await server.store.commit({ writes: [{ key: keys.voter('orders', 'gone'), value: voter('gone'), ifRevision: 0 }] });
    assert.equal((await refused('forgetAgent', { agentId: 'gone' })).code, status.INVALID_ARGUMENT);
    assert.equal((await refused('forgetAgent', { agentId: 'a', reason: 'x' })).code, status.FAILED_PRECONDITION);
    assert.equal((await refused('forgetAgent', { agentId: 'nobody', reason: 'x' })).code, status.NOT_FOUND);
    assert.deepEqual(await call('forgetAgent', { agentId: 'gone', reason: 'node died' }), { groups: ['orders'] });
    assert.deepEqual(await server.store.list(prefixes.allVoters), []);
  });

  it('takes a connected agent off the rosters of a fleet that it left', async () => {
    await server.joined();
    const old = voter('a', { fleet: 'old' });
    await server.store.commit({ writes: [{ key: keys.voter('legacy', 'a'), value: old, ifRevision: 0 }] });
    const told = await call('forgetAgent', { agentId: 'a', reason: 'moved to fleet main' });
    assert.deepEqual(told, { groups: ['legacy'] });
    assert.equal((await refused('forgetAgent', { agentId: 'a', reason: 'x' })).code, status.FAILED_PRECONDITION);
  });

  it('lists incidents and what was set aside', async () => {
    const aside = { id: 's', source: 'webhook', reason: 'no JSON', receivedAtMs: 5, excerpt: '{' };
    await server.store.commit({
      writes: [
        { key: keys.incident('orders', 'i'), value: incident({ id: 'i' }), ifRevision: 0 },
        { key: keys.setAside('s'), value: aside, ifRevision: 0 },
      ],
    });
    const { incidents, setAside } = await call<{ incidents: { incidentId: string }[]; setAside: object[] }>(
      'listIncidents',
    );
    assert.deepEqual(
      incidents.map(({ incidentId }) => incidentId),
      ['i'],
    );
    assert.deepEqual(setAside, [{ ...aside, times: 1, bytes: 0, text: '' }]);
  });
});
