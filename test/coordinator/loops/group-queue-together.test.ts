import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GroupQueue } from '../../../coordinator/loops/group-queue.ts';
import { SharedTimers } from '../../../coordinator/loops/shared-timers.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';

class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** A queue whose groups `x-…` are looked at together by their first letter until the test says that one has to be worked on. */
function setUp({ concurrencyMax = 10, mergeMs = 10 } = {}) {
  const clock = new FakeClock();
  const seen = {
    looks: [] as string[],
    worked: [] as string[],
    restless: new Set<string>(),
    answer: (() => undefined) as () => Promise<void> | undefined,
  };
  const queue = new GroupQueue({
    ...{ name: 'test', clock, mergeMs, concurrencyMax, log: createLogger('test', 'silent') },
    backoff: { baseMs: 100, maxMs: 1000 },
    work: async (group) => {
      seen.worked.push(group);
      await seen.answer();
      return null;
    },
    together: {
      shareOf: (group) => (seen.restless.has(group) ? null : (/^(\w)-/.exec(group)?.[1] ?? null)),
      look: async (share, groups) => {
        seen.looks.push(`${share}: ${groups.join(' ')}`);
        await seen.answer();
        return new Map(groups.filter((group) => !group.endsWith('!')).map((group) => [group, 500]));
      },
    },
  });
  return { clock, queue, seen };
}

describe('GroupQueue, groups that are looked at together', () => {
  it('looks at all that are due at once, by what they share, again and again', async () => {
    const { clock, queue, seen } = setUp();
    for (const group of ['a-1', 'b-1', 'a-2', 'alone', 'a-3']) queue.wake(group);
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(10);
    assert.deepEqual([seen.looks, seen.worked], [['a: a-1 a-2 a-3', 'b: b-1'], ['alone']]);
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(510);
    assert.deepEqual(seen.looks.slice(2), ['a: a-1 a-2 a-3', 'b: b-1']);
    await queue.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('works on those that are left out, right away and once', async () => {
    const { clock, queue, seen } = setUp();
    for (const group of ['a-1', 'a-2!']) queue.wake(group);
    await clock.advance(10);
    assert.deepEqual([seen.looks, seen.worked], [['a: a-1 a-2!'], ['a-2!']]);
    await clock.advance(510);
    assert.deepEqual([seen.looks.slice(1), seen.worked], [['a: a-1'], ['a-2!']]);
    await queue.stop();
  });

  it('works on all of them when they cannot be looked at together', async () => {
    const { clock, queue, seen } = setUp();
    for (const group of ['a-1', 'a-2']) queue.wake(group);
    let isFirst = true;
    seen.answer = () => {
      const outcome = isFirst ? Promise.reject(new Error('no')) : undefined;
      isFirst = false;
      return outcome;
    };
    await clock.advance(10);
    assert.deepEqual(seen.worked, ['a-1', 'a-2']);
    await queue.stop();
  });

  it('keeps a slow share from no other', async () => {
    const { clock, queue, seen } = setUp();
    const gate = new Gate();
    seen.answer = () => gate.opened;
    queue.wake('a-1');
    await clock.advance(10);
    seen.answer = () => undefined;
    for (const group of ['b-1', 'alone']) queue.wake(group);
    await clock.advance(10);
    assert.deepEqual([seen.looks, seen.worked], [['a: a-1', 'b: b-1'], ['alone']]);
    gate.open();
    await queue.stop();
  });

  it('looks once more at one that is woken meanwhile, and not at it twice at a time', async () => {
    const { clock, queue, seen } = setUp();
    const gate = new Gate();
    seen.answer = () => gate.opened;
    for (const group of ['a-1', 'a-2']) queue.wake(group);
    await clock.advance(10);
    queue.wake('a-2');
    seen.restless.add('a-2');
    await clock.advance(20);
    assert.deepEqual(seen.worked, []);
    gate.open();
    await clock.advance(10);
    assert.deepEqual([seen.looks, seen.worked], [['a: a-1 a-2'], ['a-2']]);
    await queue.stop();
  });

  it('waits for them when it stops, and begins nothing after it', async () => {
    const { clock, queue, seen } = setUp();
    const gate = new Gate();
    seen.answer = () => gate.opened;
    for (const group of ['a-1', 'a-2!']) queue.wake(group);
    await clock.advance(10);
    let isStopped = false;
    const stopping = queue.stop().then(() => (isStopped = true));
    await settled();
    assert.equal(isStopped, false);
    gate.open();
    await stopping;
    await clock.advance(10_000);
    assert.deepEqual([seen.looks, seen.worked, clock.pendingTimers], [['a: a-1 a-2!'], [], 0]);
  });

  it('begins nothing when it stops right after they were woken', async () => {
    const { queue, seen } = setUp({ mergeMs: 0 });
    queue.wake('a-1');
    await queue.stop();
    await settled();
    assert.deepEqual([seen.looks, seen.worked], [[], []]);
  });
});

describe('GroupQueue, a group that is woken while it waits for its turn', () => {
  it('is worked on once at a time', async () => {
    const { clock, queue, seen } = setUp({ concurrencyMax: 2 });
    const gate = new Gate();
    seen.answer = () => gate.opened;
    for (const group of ['one', 'two', 'late']) queue.wake(group);
    await clock.advance(10);
    queue.wake('late');
    const late = new Gate();
    seen.answer = () => late.opened;
    gate.open();
    await settled();
    assert.deepEqual(seen.worked, ['one', 'two', 'late']);
    await clock.advance(10);
    assert.deepEqual(seen.worked, ['one', 'two', 'late'], 'it runs already');
    late.open();
    await clock.advance(10);
    assert.deepEqual(seen.worked, ['one', 'two', 'late', 'late']);
    await queue.stop();
  });
});

describe('SharedTimers', () => {
  it('calls each callback once, those of a millisecond together, and none early', async () => {
    const clock = new FakeClock();
    const timers = new SharedTimers(clock);
    const called: string[] = [];
    timers.set(5, () => called.push('a'));
    timers.set(4.2, () => called.push('b'));
    timers.set(6, () => called.push('c'));
    assert.equal(clock.pendingTimers, 2);
    await clock.advance(4.9);
    assert.deepEqual(called, []);
    await clock.advance(0.1);
    assert.deepEqual(called, ['a', 'b']);
    await clock.advance(100);
    assert.deepEqual(called, ['a', 'b', 'c']);
  });

  it('forgets what is taken back, and its timer with the last of a millisecond', async () => {
    const clock = new FakeClock();
    const timers = new SharedTimers(clock);
    const called: string[] = [];
    const [first, second] = [() => called.push('first'), () => called.push('second')];
    const moment = timers.set(5, first);
    timers.set(5, second);
    timers.clear(moment, first);
    assert.equal(clock.pendingTimers, 1);
    timers.clear(moment, second);
    assert.equal(clock.pendingTimers, 0);
    timers.set(5, second);
    timers.clear(moment, first);
    timers.set(5, first);
    assert.equal(clock.pendingTimers, 1, 'the old moment is none of the new one');
    await clock.advance(5);
    assert.deepEqual(called, ['second', 'first']);
  });

  it('takes a new callback for the millisecond that is being called', async () => {
    const clock = new FakeClock();
    const timers = new SharedTimers(clock);
    let calls = 0;
    const again = (): void => {
      calls += 1;
      if (calls < 3) timers.set(0, again);
    };
    timers.set(5, again);
    await clock.advance(5);
    assert.equal(calls, 3);
  });
});
