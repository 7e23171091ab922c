import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { World } from './world.ts';

describe('planGroup in a world of lost answers, partial lists and restarts', () => {
  it('keeps the rules at every step and reaches the desired count once the faults end', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const world = new World(seed);
        for (let steps = 0; steps < 150; steps += 1) world.step();
        world.isFaulty = false;
        for (let steps = 0; steps < 3000 && !world.isSettled(); steps += 1) world.step();
        assert(world.isSettled(), world.describe());
        world.reconcile();
        world.publish();
        assert(world.isSettled(), 'a second run has nothing to do');
      }),
      { numRuns: 300 },
    );
  });
});
