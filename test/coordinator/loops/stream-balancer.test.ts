import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamBalancer } from '../../../coordinator/loops/stream-balancer.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

describe('StreamBalancer', () => {
  it('sends agents elsewhere once a minute, as long as that helps, and more rarely when it does not', async () => {
    const clock = new FakeClock();
    const asked: [count: number, reason: string][] = [];
    let own = 1000;
    let helps = true;
    const balancer = new StreamBalancer(
      {
        clock,
        alive: () => [
          { id: 'c1', agents: 999 },
          { id: 'c2', agents: 1000 - own },
        ],
        agents: () => own,
        rebalance: (count, reason) => {
          asked.push([count, reason]);
          if (helps) own -= Math.floor(count / 2);
        },
      },
      'c1',
    );
    balancer.start();
    await clock.advance(60_000);
    assert.deepEqual(asked, [[500, '1000 agents are here, 0 elsewhere']]);
    helps = false;
    await clock.advance(60_000);
    assert.equal(asked.length, 2);
    await clock.advance(60_000);
    assert.equal(asked.length, 3);
    await clock.advance(119_000);
    assert.equal(asked.length, 3);
    await clock.advance(1000);
    assert.equal(asked.length, 4);
    balancer.stop();
    await clock.advance(3_600_000);
    assert.equal(asked.length, 4);
  });
});
