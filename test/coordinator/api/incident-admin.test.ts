import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { keys } from '../../../coordinator/core/records.ts';
import type { ExplainResponse__Output } from '../../../proto/gen/chester/v1/ExplainResponse.ts';
import type { SetAsideMessage__Output } from '../../../proto/gen/chester/v1/SetAsideMessage.ts';
import { groupSpec, published, scalingRecord } from '../builders.ts';
import { notification } from '../notifications.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;
let admin: ReturnType<TestServer['admin']>;

beforeEach(async () => {
  server = await new TestServer().start();
  admin = server.admin();
  await server.store.commit({
    writes: [
      { key: keys.group('orders'), value: groupSpec(), ifRevision: 0 },
      { key: keys.scaling('orders'), value: scalingRecord({ desired: 1, reason: 'SCALE_OUT x' }), ifRevision: 0 },
    ],
  });
});
afterEach(() => server.stop());

type Unary = (this: Client, request: object, callback: (error: ServiceError | null, answer: unknown) => void) => void;

async function call<Answer>(method: string, request: object): Promise<Answer> {
  const handler = (admin as unknown as Record<string, Unary>)[method];
  assert(handler);
  return (await promisify(handler.bind(admin))(request)) as Answer;
}

const refused = (method: string, request: object) =>
  call(method, request).then(
    () => assert.fail(`${method} was not refused`),
    (error: unknown) => error as ServiceError,
  );

const id = '0.q7x2m9k4t1ab';
const accept = (text: string) => server.intake.accept({ source: 'test', text });

describe('AdminService, incidents', () => {
  it('closes an incident for a reason', async () => {
    await accept(notification());
    assert.deepEqual(await call('closeIncident', { incidentId: id, reason: 'policy deleted' }), { groups: ['orders'] });
    assert.equal((await server.store.get(keys.incident('orders', id)))?.value.state, 'closed');
    assert.equal((await refused('closeIncident', { incidentId: id })).code, status.INVALID_ARGUMENT);
    const unknown = await refused('closeIncident', { incidentId: '0.nope', reason: 'x' });
    assert.deepEqual([unknown.code, unknown.details], [status.NOT_FOUND, 'incident "0.nope" is not known']);
  });

  it('shows a message that was set aside whole, and replays it once it can be used', async () => {
    const labels = { 'chester-group': 'billing', 'chester-action': 'add' };
    const text = notification({ policy_user_labels: labels, summary: 'x'.repeat(5000) });
    await accept(text);
    const { setAside } = await call<{ setAside: SetAsideMessage__Output[] }>('listIncidents', {});
    const [listed] = setAside;
    assert.deepEqual([listed?.text, listed?.excerpt.length], ['', 2000]);
    const messageId = listed?.id ?? '';
    assert.equal((await call<SetAsideMessage__Output>('getSetAside', { id: messageId })).text, text);
    const early = await refused('replaySetAside', { id: messageId });
    assert.deepEqual(
      [early.code, early.details],
      [status.FAILED_PRECONDITION, 'it stays set aside: group "billing" is not declared'],
    );
    await server.store.commit({
      writes: [{ key: keys.group('billing'), value: groupSpec({ name: 'billing' }), ifRevision: 0 }],
    });
    assert.deepEqual(await call('replaySetAside', { id: messageId }), { result: `${id} open: scale-out of billing` });
    for (const method of ['replaySetAside', 'getSetAside']) {
      assert.equal((await refused(method, { id: messageId })).code, status.NOT_FOUND);
    }
  });

  it('explains an incident and a group, and says what it does not know', async () => {
    await accept(notification());
    const story = await call<ExplainResponse__Output>('explain', { subject: id });
    assert.match(story.summary, /^scale-out of orders, open; nothing was decided/);
    assert.deepEqual(
      story.lines.map(({ step, subject }) => [step, subject]),
      [['ALERT', id]],
    );
    const group = await call<ExplainResponse__Output>('explain', { subject: 'orders' });
    assert.equal(group.summary, 'group orders should have 1 replicas of its own: SCALE_OUT x');
    assert.deepEqual(group.lines.at(-1)?.subject, id);
    assert.equal((await refused('explain', { subject: 'nope' })).code, status.NOT_FOUND);
  });

  it('hands out what the doctor found, of a declared group', async () => {
    const check = { name: 'binlog', status: 'fail', found: 'off', advice: 'on' } as const;
    server.diagnose = ({ name }) => (name === 'orders' ? [check] : []);
    assert.deepEqual(await call('diagnose', { group: 'orders' }), { checks: [check] });
    assert.equal((await refused('diagnose', { group: 'nope' })).code, status.NOT_FOUND);
  });
});

describe('AgentStreams, resync', () => {
  it('sends a group again when an alert says so, also what was applied or refused', async () => {
    const agent = await server.joined();
    server.streams.offer(published());
    agent.ack(await agent.next('update'), 'ACK_STATUS_REJECTED', { error: { code: 'X', message: 'no' } });
    await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'REJECTED', 'the answer');
    const restart = (incident_id: string) =>
      accept(
        notification({ incident_id, policy_user_labels: { 'chester-group': 'orders', 'chester-action': 'restart' } }),
      );
    await restart('0.1');
    agent.ack(await agent.next('update'));
    await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'APPLIED', 'the answer');
    await restart('0.1');
    await restart('0.2');
    const { revision } = await agent.next('update');
    assert.equal(revision, 1);
    assert.equal(agent.updates().length, 3);
  });
});
