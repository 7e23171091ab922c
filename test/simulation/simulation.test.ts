import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { live } from './life.ts';
import { liveMany } from './many-lives.ts';
import { report, type Summary } from './report.ts';

/** As many as fit into a run of all tests; `make simulate SEEDS=n` lives more. */
const seeds = 200;

describe('coordinators and agents in a world where everything goes wrong', () => {
  it('keep every rule, come to rest, and scale out and in meanwhile', async () => {
    const lives: Summary[] = [];
    await liveMany({ from: 1, seeds, workers: 2 }, (life) => lives.push(life));
    const { failed, poor, text } = report(lives, 0);
    assert.equal(lives.length, seeds);
    assert.deepEqual(
      failed.map(({ seed, violation }) => `SEED=${seed} rule ${violation?.rule ?? 0}: ${violation?.message ?? ''}`),
      [],
    );
    assert.deepEqual(poor, [], text);
  });

  it('live a seed again in the same way', async () => {
    const [one, other] = [await live(7), await live(7)];
    assert.deepEqual(one.story, other.story);
    assert.equal(one.steps, other.steps);
  });
});
