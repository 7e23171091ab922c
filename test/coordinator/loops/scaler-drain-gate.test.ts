import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupInput, groupSpec } from '../builders.ts';
import { Crash, Harness } from './harness.ts';

const drainSeconds = 60;

/** A replica that has to go, while one of two voters says nothing. */
async function halfVoted(): Promise<Harness> {
  const harness = await Harness.start(groupSpec({ deadlines: { drainSeconds } }), 1);
  await harness.until('creating');
  await harness.step();
  harness.cloudSql.finishOperations();
  await harness.until('gating');
  harness.answer();
  await harness.until('serving');
  await harness.vote('proxysql-0', false);
  await harness.vote('proxysql-1', false);
  await harness.order(0);
  await harness.until('draining');
  await harness.step();
  await harness.vote('proxysql-0', true);
  return harness;
}

async function steps(harness: Harness, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await harness.step();
}

const alarms = async ({ store }: Harness) => {
  const events = await store.readEvents({ afterSequence: 0, limit: 1000 });
  return events.filter(({ kind }) => kind === 'ALARM').map(({ reason, message }) => `${reason} ${message}`);
};

const holdOf = (harness: Harness) => harness.board.of('orders').find(({ subject }) => subject === 'orders-ro-1');

describe('Scaler, the drain gate', () => {
  it('holds a drain over its deadline and over restarts, names who has not voted, and deletes after the last vote', async () => {
    const harness = await halfVoted();
    await steps(harness, 1);
    const { reason, message } = holdOf(harness) ?? {};
    assert.deepEqual([reason, message], ['VOTERS_OUTSTANDING', 'proxysql-1']);
    await steps(harness, drainSeconds + 5);
    assert.deepEqual(await harness.states(), ['draining']);
    const [alarm = '', ...others] = await alarms(harness);
    assert.match(alarm, /^DRAIN_OVERDUE .*no vote of proxysql-1\. It is held and not deleted/);
    assert.deepEqual(others, [], 'an alarm is told once');
    assert.equal(holdOf(harness)?.reason, 'DRAIN_OVERDUE');
    await harness.restart();
    await steps(harness, drainSeconds);
    assert.deepEqual(await harness.states(), ['draining']);
    assert.deepEqual(harness.deleted(), []);
    await harness.vote('proxysql-1', true);
    await steps(harness, 5);
    assert.deepEqual(await harness.states(), ['draining'], 'proxysql-0 has not been heard since the restart');
    assert.match(harness.board.of('orders').find((hold) => hold.reason === 'FROZEN')?.message ?? '', /proxysql-0$/);
    await harness.vote('proxysql-0', true);
    await harness.until('deleting');
    assert((await harness.events('GROUP')).includes('orders THAWED'));
  });

  it('asks the replica itself after the last vote, and holds while anybody is connected or it does not answer', async () => {
    const harness = await halfVoted();
    await harness.vote('proxysql-1', true);
    harness.answer({ users: ['report'] });
    await steps(harness, 5);
    assert.deepEqual(await harness.states(), ['draining']);
    assert(harness.board.of('orders').some(({ message }) => message === 'sessions of report'));
    harness.probe.replicas.clear();
    await steps(harness, drainSeconds + 5);
    assert.deepEqual(await harness.states(), ['draining']);
    assert.deepEqual(harness.deleted(), []);
    harness.answer({ users: [] });
    await harness.until('deleting');
  });

  it('does not go on from a sample before one that failed, also where the store could not be told of that', async () => {
    const harness = await halfVoted();
    await harness.vote('proxysql-1', true);
    harness.answer({ users: [] });
    const unusedSamples = async () => {
      const [record] = await harness.records();
      return record?.state === 'draining' ? record.unusedSamples : null;
    };
    while ((await unusedSamples()) !== 1) await harness.step();
    harness.answer({ users: ['report'] });
    harness.store.crashAt = { commits: 1, isAfter: false };
    await assert.rejects(harness.step(), Crash);
    harness.store.crashAt = null;
    await harness.clock.advance(1000);
    harness.answer({ users: [] });
    await steps(harness, 2);
    assert.deepEqual(await harness.states(), ['draining'], 'one passed since');
    await steps(harness, 1);
    assert.deepEqual(await harness.states(), ['deleting']);
  });

  it('does not serve after a sample that failed, also where the store could not be told of that', async () => {
    const harness = await Harness.start(groupSpec({ gate: { ...groupInput.gate, samples: 2 } }), 1);
    await harness.until('creating');
    await harness.step();
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    harness.answer();
    const samplesPassed = async () => {
      const [record] = await harness.records();
      return record?.state === 'gating' ? record.samplesPassed : null;
    };
    while ((await samplesPassed()) !== 1) await harness.step();
    harness.answer({ lagSeconds: 9999 });
    harness.store.crashAt = { commits: 1, isAfter: false };
    await assert.rejects(harness.step(), Crash);
    harness.store.crashAt = null;
    await harness.clock.advance(1000);
    harness.answer({ lagSeconds: 0 });
    await steps(harness, 2);
    assert.deepEqual(await harness.states(), ['gating'], 'one passed since');
    await steps(harness, 1);
    assert.deepEqual(await harness.states(), ['serving']);
  });
});
