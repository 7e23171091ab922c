import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf } from '../../../agent/core/rows.ts';
import { settle } from '../fakes/fake-clock.ts';
import { Loops } from '../fakes/loops.ts';
import { desired, target } from '../fakes/targets.ts';

describe('Subscriber, what an answer does not carry', () => {
  it('reports a server that warms up beside the answer, and that it does no more', async () => {
    const loops = await new Loops().start();
    const { last } = loops.link;
    last.say({ kind: 'welcome', coordinatorId: 'c', epoch: 1, reportIntervalMs: 1000, applyDeadlineMs: 5000 });
    const servers = [desired(20, 'a'), desired(20, 'r', { owned: true })];
    last.say({ kind: 'update', nonce: 'n', group: 'orders', revision: 1, hash: 'h', body: target(servers).body });
    await settle();
    const told = last.of('report').flatMap(({ groups }) => groups.map(({ warming }) => warming.map(addressOf)));
    assert.deepEqual(
      last.of('ack').map(({ status }) => status),
      ['RETRYING', 'APPLIED'],
    );
    assert.deepEqual(told, [['r:3306'], []]);
  });
});
