import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GroupQueue, type GroupQueueOptions } from '../../../coordinator/loops/group-queue.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';

/** Work that the test ends by hand. */
class Runs {
  readonly started: string[] = [];
  readonly #open = new Map<
    string,
    { readonly resolve: (delayMs: number | null) => void; readonly reject: (error: Error) => void }
  >();

  readonly work = (group: string): Promise<number | null> => {
    this.started.push(group);
    return new Promise((resolve, reject) => this.#open.set(group, { resolve, reject }));
  };

  async finish(group: string, outcome: number | null | Error = null): Promise<void> {
    const run = this.#open.get(group);
    assert(run, `${group} does not run`);
    this.#open.delete(group);
    if (outcome instanceof Error) run.reject(outcome);
    else run.resolve(outcome);
    await settled();
  }
}

function setUp(options: Partial<GroupQueueOptions> = {}) {
  const clock = new FakeClock();
  const runs = new Runs();
  const log = createLogger('test', 'silent');
  const backoff = { baseMs: 100, maxMs: 1000 };
  const queue = new GroupQueue({
    name: 'test',
    clock,
    log,
    work: runs.work,
    mergeMs: 0,
    concurrencyMax: 2,
    backoff,
    ...options,
  });
  return { clock, runs, queue };
}

describe('GroupQueue', () => {
  it('runs a group at once, and once at a time: wakes meanwhile make one more run', async () => {
    const { runs, queue } = setUp();
    queue.wake('a');
    for (let wakes = 0; wakes < 5; wakes += 1) queue.wake('a');
    assert.deepEqual(runs.started, ['a']);
    await runs.finish('a');
    assert.deepEqual(runs.started, ['a', 'a']);
    await runs.finish('a');
    assert.deepEqual(runs.started, ['a', 'a']);
  });

  it('waits for further wakes to merge with', async () => {
    const { clock, runs, queue } = setUp({ mergeMs: 10 });
    queue.wake('a');
    await clock.advance(9);
    queue.wake('a');
    assert.deepEqual(runs.started, []);
    await clock.advance(1);
    assert.deepEqual(runs.started, ['a'], 'the first wake sets the time: a stream of wakes does not starve the group');
    queue.wake('a');
    await runs.finish('a');
    assert.deepEqual(runs.started, ['a']);
    await clock.advance(10);
    assert.deepEqual(runs.started, ['a', 'a']);
  });

  it('looks again when the work says so, or earlier when woken', async () => {
    const { clock, runs, queue } = setUp();
    queue.wake('a');
    await runs.finish('a', 500);
    await clock.advance(499);
    assert.equal(runs.started.length, 1);
    await clock.advance(1);
    assert.equal(runs.started.length, 2);
    await runs.finish('a', 500);
    queue.wake('a');
    assert.equal(runs.started.length, 3);
    await runs.finish('a', null);
    await clock.advance(10_000);
    assert.equal(runs.started.length, 3);
    assert.equal(clock.pendingTimers, 0);
  });

  it('tries a failed group again after a growing pause, which no wake shortens', async () => {
    const { clock, runs, queue } = setUp();
    queue.wake('a');
    queue.wake('a');
    await runs.finish('a', new Error('no'));
    queue.wake('a');
    await clock.advance(99);
    queue.wake('a');
    assert.equal(runs.started.length, 1);
    await clock.advance(101);
    assert.equal(runs.started.length, 2);
    for (let failures = 0; failures < 20; failures += 1) {
      await runs.finish('a', new Error('no'));
      await clock.advance(1100);
    }
    assert.equal(runs.started.length, 22, 'the pause ends at its maximum');
    await runs.finish('a', null);
    queue.wake('a');
    assert.equal(runs.started.length, 23);
  });

  it('delays no other group for one that fails or hangs', async () => {
    const { clock, runs, queue } = setUp();
    queue.wake('hangs');
    queue.wake('fails');
    await runs.finish('fails', new Error('no'));
    queue.wake('b');
    assert.deepEqual(runs.started, ['hangs', 'fails', 'b']);
    await runs.finish('b');
    queue.wake('c');
    assert.equal(runs.started.at(-1), 'c');
    await clock.advance(0);
  });

  it('works on a limited number at a time, the others in turn', async () => {
    const { runs, queue } = setUp();
    for (const group of ['a', 'b', 'c', 'd']) queue.wake(group);
    assert.deepEqual(runs.started, ['a', 'b']);
    await runs.finish('b');
    assert.deepEqual(runs.started, ['a', 'b', 'c']);
    await runs.finish('a');
    assert.deepEqual(runs.started, ['a', 'b', 'c', 'd']);
  });

  it('stops: starts nothing more, waits for what runs, leaves no timer', async () => {
    const { clock, runs, queue } = setUp();
    for (const group of ['a', 'b', 'c']) queue.wake(group);
    await runs.finish('a', 500);
    let isStopped = false;
    const stopping = queue.stop().then(() => {
      isStopped = true;
    });
    await settled();
    assert.equal(isStopped, false);
    await runs.finish('b', 500);
    await runs.finish('c', new Error('no'));
    await stopping;
    queue.wake('a');
    await clock.advance(10_000);
    assert.deepEqual(runs.started, ['a', 'b', 'c']);
    assert.equal(clock.pendingTimers, 0);
  });
});
