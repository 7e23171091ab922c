import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settle } from '../fakes/fake-clock.ts';
import { Loops } from '../fakes/loops.ts';
import { desired, target } from '../fakes/targets.ts';

describe('Subscriber, what an answer does not carry', () => {
  it('reports a server that warms up beside the answer, and that it does no more', async () => {
    const loops = await new Loops().start();
    const { last } = loops.link;
    last.say({ kind: 'welcome', coordinatorId: 'c', epoch: 1, reportIntervalMs: 1000, applyDeadlineMs: 5000 });
    const update = (revision: number, hash: string, names: readonly string[]) => {
      const servers = [desired(20, 'a'), ...names.map((name) => desired(20, name, { owned: true }))];
      last.say({ kind: 'update', nonce: hash, group: 'orders', revision, hash, body: target(servers).body });
    };
    update(1, 'h1', ['r']);
    await settle();
    const warming = () =>
      last.of('report').flatMap(({ groups }) => groups.map((group) => group.warming.map(({ hostname }) => hostname)));
    assert.equal(last.of('ack').at(-1)?.nonce, 'h1');
    assert.deepEqual(warming().at(-1), ['r']);
    update(2, 'h2', []);
    await settle();
    assert.equal(last.of('ack').at(-1)?.nonce, 'h2');
    assert.deepEqual(warming().at(-1), []);
  });
});
