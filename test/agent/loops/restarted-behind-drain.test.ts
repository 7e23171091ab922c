import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentError } from '../../../agent/errors.ts';
import { outcome } from '../fakes/drains.ts';
import { settle } from '../fakes/fake-clock.ts';
import { Loops } from '../fakes/loops.ts';

function greet(loops: Loops): void {
  loops.link.last.say({ kind: 'welcome', coordinatorId: 'c', epoch: 1, reportIntervalMs: 1000, applyDeadlineMs: 5000 });
  loops.link.last.say({ kind: 'syncDone' });
}

async function open() {
  const loops = await new Loops().start();
  greet(loops);
  await settle();
  const gate = loops.gate();
  gate.start();
  return { loops, gate, admin: loops.admin, clock: loops.clock };
}

describe('ClientGate, after a drain', () => {
  /** As when kubelet restarts ProxySQL's container alone: the hook before it, then another process. */
  async function restarted({ isHeard }: { readonly isHeard: boolean }) {
    const opened = await open();
    const { loops, gate, admin, clock } = opened;
    if (!isHeard) admin.onCall = (name) => admin.nextErrors.set(name, new AgentError('ADMIN_TIMED_OUT', 'hung'));
    const drain = outcome(gate);
    await clock.advance(90_000);
    assert.equal(drain.result?.paused, isHeard);
    assert.equal(gate.isDraining, true);
    admin.onCall = () => undefined;
    admin.nextErrors.clear();
    admin.isPaused = false;
    admin.rebuild();
    loops.applier.check();
    await clock.advance(2000);
    return opened;
  }

  it('is ready again when a hung ProxySQL was restarted behind it', async () => {
    const { gate } = await restarted({ isHeard: false });
    assert.equal(gate.isDraining, false);
  });

  it('drains the next ProxySQL as it did the first', async () => {
    const { gate, admin, clock } = await restarted({ isHeard: false });
    admin.clients = 1;
    const drain = outcome(gate);
    await clock.advance(30_000);
    assert.deepEqual([drain.result, admin.isPaused], [null, true]);
    admin.clients = 0;
    await clock.advance(1000);
    assert.deepEqual([drain.result?.clients, drain.result?.paused], [0, true]);
  });

  it('calls a coordinator again where it had left the rosters, and serves what that says', async () => {
    const { loops, gate } = await restarted({ isHeard: true });
    assert.equal(gate.isDraining, false);
    assert.equal(loops.link.streams.length, 2);
    const hello = loops.link.last.of('hello')[0];
    assert.equal(hello?.proxyBoot, loops.watch.proxy?.proxyBoot);
    assert.deepEqual([loops.subscriber.isBack, loops.subscriber.hasSynced], [true, false]);
    greet(loops);
    await settle();
    assert.equal(loops.subscriber.hasSynced, true);
  });

  it('stays closed as long as it is the ProxySQL that was drained', async () => {
    const { loops, gate, clock } = await open();
    outcome(gate);
    await clock.advance(600_000);
    assert.equal(gate.isDraining, true);
    assert.equal(loops.link.streams.length, 1);
  });
});
