import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Welcome } from '../../../agent/core/messages.ts';
import { settle } from '../fakes/fake-clock.ts';
import { Loops } from '../fakes/loops.ts';

function welcome(epoch = 1): { readonly kind: 'welcome' } & Welcome {
  return { kind: 'welcome', coordinatorId: 'c', epoch, reportIntervalMs: 1000, applyDeadlineMs: 5000 };
}

async function startSynced(): Promise<Loops> {
  const loops = await new Loops().start();
  loops.link.last.say(welcome());
  loops.link.last.say({ kind: 'syncDone' });
  await settle();
  return loops;
}

describe('Subscriber, the time between streams', () => {
  /** With the greatest jitter, the waits before the next attempts. */
  async function waits(loops: Loops, attempts: number): Promise<number[]> {
    const found: number[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = loops.link.streams.length;
      loops.link.last.break();
      await settle();
      const startMs = loops.clock.nowMs();
      while (loops.link.streams.length === before) await loops.clock.advance(loops.clock.pendingMs[0] ?? 0);
      found.push(loops.clock.nowMs() - startMs);
    }
    return found;
  }

  it('grows up to half a minute', async () => {
    const loops = await new Loops().start();
    assert.deepEqual(await waits(loops, 8), [499, 999, 1998, 3996, 7992, 15984, 29970, 29970]);
  });

  it('stays short when streams break that were in sync, however often', async () => {
    const loops = await new Loops().start();
    await waits(loops, 3);
    const found: number[] = [];
    for (let times = 0; times < 6; times += 1) {
      loops.link.last.say(welcome());
      loops.link.last.say({ kind: 'syncDone' });
      await settle();
      found.push(...(await waits(loops, 1)));
    }
    assert.deepEqual(found, [499, 999, 1998, 3996, 4995, 4995]);
    loops.link.last.say(welcome());
    loops.link.last.say({ kind: 'syncDone' });
    await loops.clock.advance(60_000);
    assert.deepEqual(await waits(loops, 1), [499]);
  });

  it('is anywhere in the window that the coordinator named', async () => {
    const loops = await new Loops().start();
    loops.link.last.say({ ...welcome(), reconnectWindowMs: 20_000 });
    loops.link.last.say({ kind: 'syncDone' });
    await settle();
    assert.deepEqual(await waits(loops, 1), [19_980]);
  });

  it('is what a coordinator says that has too much to do', async () => {
    const loops = await new Loops().start();
    loops.link.last.handlers.ended('8: too many agents come at once', false, 4000);
    await settle();
    await loops.clock.advance(3999);
    assert.equal(loops.link.streams.length, 1);
    await loops.clock.advance(401);
    assert.equal(loops.link.streams.length, 2);
  });

  it('is what the coordinator asks for', async () => {
    const loops = await startSynced();
    loops.link.last.say({ kind: 'reconnect', minMs: 2000, maxMs: 3000, reason: 'rebalance' });
    await settle();
    await loops.clock.advance(2998);
    assert.equal(loops.link.streams.length, 1);
    await loops.clock.advance(2);
    assert.equal(loops.link.streams.length, 2);
  });
});
