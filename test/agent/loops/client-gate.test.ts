import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentError } from '../../../agent/errors.ts';
import type { ClientGateOptions } from '../../../agent/loops/client-gate.ts';
import { outcome } from '../fakes/drains.ts';
import { settle } from '../fakes/fake-clock.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops } from '../fakes/loops.ts';

const options = { endpointsMs: 20_000, deadlineMs: 60_000 };

async function open(more: Partial<ClientGateOptions> = {}, loops = new Loops()) {
  await loops.start();
  loops.link.last.say({ kind: 'welcome', coordinatorId: 'c', epoch: 1, reportIntervalMs: 1000, applyDeadlineMs: 5000 });
  loops.link.last.say({ kind: 'syncDone' });
  await settle();
  const gate = loops.gate({ ...options, ...more });
  gate.start();
  return { loops, gate, admin: loops.admin, clock: loops.clock };
}

/** Everything that was said as Goodbye, on any stream. */
const goodbyes = (loops: Loops) =>
  loops.link.streams.flatMap((stream) => stream.of('goodbye').map(({ clients, paused }) => ({ clients, paused })));

describe('ClientGate, draining', () => {
  it('is not ready at once, pauses when the endpoints know, and leaves when the last client has gone', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.clients = 2;
    const drain = outcome(gate);
    assert.equal(gate.isDraining, true);
    await clock.advance(19_999);
    assert.equal(admin.isPaused, false);
    await clock.advance(1);
    assert.equal(admin.isPaused, true);
    await clock.advance(30_000);
    assert.deepEqual([drain.result, goodbyes(loops)], [null, []]);
    admin.clients = 0;
    await clock.advance(1000);
    const { clients, paused, tookMs = 0 } = drain.result ?? {};
    assert.deepEqual([clients, paused], [0, true]);
    assert.ok(tookMs > 50_000 && tookMs <= 51_000, String(tookMs));
    assert.deepEqual(goodbyes(loops), [{ clients: 0, paused: true }]);
    assert.deepEqual(admin.effects, ['mark paused', 'pause', 'mark left']);
    await gate.stop();
    await loops.subscriber.stop();
    assert.equal(goodbyes(loops).length, 1);
  });

  it('gives the clients a deadline, says how many are left, and stays on the rosters', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.clients = 3;
    const drain = outcome(gate);
    await clock.advance(80_000);
    assert.deepEqual(drain.result, { clients: 3, paused: true, tookMs: 80_000 });
    assert.deepEqual(goodbyes(loops), [{ clients: 3, paused: true }]);
    assert.equal(admin.pauseMark, 'paused');
    assert.equal(loops.link.last.isEnded, false);
    admin.clients = 0;
    await gate.stop();
    assert.deepEqual(goodbyes(loops).at(-1), { clients: 0, paused: true });
  });

  it('joins who asks again', async () => {
    const { loops, gate, clock } = await open();
    const first = gate.drain();
    await clock.advance(5000);
    const second = gate.drain();
    await clock.advance(20_000);
    assert.equal(await first, await second);
    assert.equal(await gate.drain(), await first);
    assert.equal(goodbyes(loops).length, 1);
  });

  it('looks whether a PAUSE whose answer was lost has happened', async () => {
    const { gate, admin, clock } = await open();
    let pauses = 0;
    admin.onCall = (name) => {
      if (name !== 'pause') return;
      pauses += 1;
      admin.isPaused = true;
      admin.nextErrors.set('pause', new AgentError('ADMIN_TIMED_OUT', 'timed out'));
    };
    const drain = outcome(gate);
    await clock.advance(25_000);
    assert.deepEqual([drain.result?.clients, drain.result?.paused, pauses], [0, true, 1]);
  });

  it('pauses again when it did not happen', async () => {
    const { gate, admin, clock } = await open();
    admin.nextErrors.set('pause', lostConnection());
    const drain = outcome(gate);
    await clock.advance(25_000);
    assert.equal(drain.result?.paused, true);
  });

  it('claims nothing of a proxy that somebody else paused: its listener may be open', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.isPaused = true;
    const drain = outcome(gate);
    await clock.advance(80_000);
    assert.deepEqual(drain.result, { clients: 0, paused: false, tookMs: 80_000 });
    assert.deepEqual(goodbyes(loops), []);
    await gate.stop();
    assert.deepEqual(goodbyes(loops), [{ clients: 0, paused: false }]);
    assert.deepEqual(admin.effects, []);
  });

  it('takes its mark back when somebody pauses a moment before it', async () => {
    const { gate, admin, clock } = await open();
    admin.onCall = (name) => {
      if (name === 'pause') admin.isPaused = true;
    };
    const drain = outcome(gate);
    await clock.advance(80_000);
    assert.equal(drain.result?.paused, false);
    assert.equal(admin.pauseMark, 'none');
  });

  it('starts over when the proxy is rebuilt under it', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.clients = 1;
    const drain = outcome(gate);
    await clock.advance(21_000);
    admin.isPaused = false;
    admin.rebuild();
    await clock.advance(5000);
    assert.equal(admin.isPaused, true);
    admin.clients = 0;
    await clock.advance(1000);
    assert.equal(drain.result?.paused, true);
    assert.equal(goodbyes(loops).length, 1);
  });

  it('does not wait for a proxy that has ended', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.onCall = (name) => admin.nextErrors.set(name, new AgentError('ADMIN_UNREACHABLE', 'refused'));
    const drain = outcome(gate);
    await clock.advance(20_000 + 6500);
    assert.deepEqual([drain.result?.clients, drain.result?.paused], [null, false]);
    assert.deepEqual(goodbyes(loops), []);
  });

  it('waits for the first look where it is asked before that', async () => {
    const loops = new Loops();
    loops.admin.nextErrors.set('readVersion', lostConnection());
    const gate = loops.gate(options);
    const drain = outcome(gate);
    await loops.start();
    await loops.clock.advance(25_000);
    assert.deepEqual([drain.result, loops.admin.isPaused], [null, true]);
    await loops.clock.advance(5000);
    assert.equal(drain.result?.paused, true);
  });

  it('waits no longer for a proxy that it never reaches', async () => {
    const loops = new Loops();
    loops.admin.onCall = (name) => loops.admin.nextErrors.set(name, lostConnection());
    const drain = outcome(loops.gate(options));
    await loops.start();
    await loops.clock.advance(5000);
    assert.equal(drain.result?.paused, false);
  });

  it("does nothing to a proxy that is another agent's", async () => {
    const loops = new Loops();
    loops.admin.sentinel = { proxyBoot: 'p', agentId: 'proxy-1', bootId: 'other' };
    await loops.start();
    const result = await loops.gate(options).drain();
    assert.deepEqual(result, { clients: null, paused: false, tookMs: 0 });
    assert.deepEqual(loops.admin.effects, []);
  });

  it('stays on the rosters when no coordinator hears it, and says so at the end', async () => {
    const { loops, gate, admin, clock } = await open();
    loops.link.last.break();
    const drain = outcome(gate);
    await clock.advance(25_000);
    assert.deepEqual([drain.result?.clients, drain.result?.paused], [0, true]);
    assert.equal(admin.pauseMark, 'paused');
    assert.ok(loops.log.lines.some(({ message }) => message === 'no coordinator heard the Goodbye'));
  });

  it('does not leave when that cannot be remembered', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.onCall = (name) => {
      if (name === 'markPause' && admin.isPaused) admin.nextErrors.set(name, lostConnection());
    };
    outcome(gate);
    await clock.advance(25_000);
    assert.deepEqual(goodbyes(loops), []);
  });
});

describe('ClientGate, stopping', () => {
  it('leaves the proxy to serve on, and says how many clients it has', async () => {
    const { loops, gate, admin } = await open();
    admin.clients = 4;
    await gate.stop();
    await gate.stop();
    assert.equal(admin.isPaused, false);
    assert.deepEqual(goodbyes(loops), [{ clients: 4, paused: false }]);
  });

  it('claims nothing about clients that it could not count', async () => {
    const { loops, gate, admin } = await open();
    admin.nextErrors.set('readGate', lostConnection());
    await gate.stop();
    assert.deepEqual(goodbyes(loops), []);
  });

  it('drains when it was told to', async () => {
    const { loops, gate, admin, clock } = await open({ onStop: true });
    admin.clients = 1;
    let isStopped = false;
    void gate.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(30_000);
    assert.equal(isStopped, false);
    admin.clients = 0;
    await clock.advance(1000);
    assert.equal(isStopped, true);
    assert.deepEqual(goodbyes(loops), [{ clients: 0, paused: true }]);
  });

  it('does not drain what it never reached', async () => {
    const loops = new Loops();
    loops.admin.onCall = (name) => loops.admin.nextErrors.set(name, lostConnection());
    await loops.start();
    await loops.gate({ ...options, onStop: true }).stop();
    assert.deepEqual(loops.admin.effects, []);
  });

  it('cuts a drain short: before the PAUSE none follows', async () => {
    const { loops, gate, admin, clock } = await open();
    const drain = outcome(gate);
    await clock.advance(5000);
    await gate.stop();
    assert.equal(drain.result?.paused, false);
    assert.equal(admin.isPaused, false);
    assert.deepEqual(goodbyes(loops), [{ clients: 0, paused: false }]);
  });

  it('cuts a drain short: after the PAUSE it says who is left', async () => {
    const { loops, gate, admin, clock } = await open();
    admin.clients = 2;
    const drain = outcome(gate);
    await clock.advance(22_000);
    await gate.stop();
    assert.deepEqual([drain.result?.clients, drain.result?.paused], [2, true]);
    assert.deepEqual(goodbyes(loops).at(-1), { clients: 2, paused: true });
  });
});

describe('ClientGate, starting', () => {
  function left(pauseMark: 'none' | 'paused' | 'left'): Loops {
    const loops = new Loops();
    loops.admin.sentinel = { proxyBoot: 'p', agentId: 'proxy-0', bootId: 'earlier' };
    Object.assign(loops.admin, { isPaused: true, pauseMark });
    return loops;
  }

  it('resumes what an earlier drain of ours paused', async () => {
    const { loops, admin, clock } = await open({}, left('paused'));
    assert.equal(loops.watch.pause, 'paused');
    await clock.advance(1000);
    assert.deepEqual(admin.effects, ['resume', 'mark none']);
    assert.equal(loops.watch.pause, 'none');
    assert.ok(loops.log.lines.some(({ message }) => message === 'resumed a proxy that an earlier drain had paused'));
  });

  it('never resumes what a person paused', async () => {
    const { loops, admin, clock } = await open({}, left('none'));
    await clock.advance(10_000);
    assert.equal(admin.isPaused, true);
    assert.deepEqual(admin.effects, []);
    assert.equal(loops.watch.pause, 'none');
  });

  it('waits for a coordinator where the proxy has left the rosters', async () => {
    const loops = left('left');
    await loops.start();
    loops.gate(options).start();
    await loops.clock.advance(5000);
    assert.equal(loops.admin.isPaused, true);
    loops.link.last.say({
      ...{ kind: 'welcome', coordinatorId: 'c', epoch: 1 },
      ...{ reportIntervalMs: 1000, applyDeadlineMs: 5000 },
    });
    loops.link.last.say({ kind: 'syncDone' });
    await loops.clock.advance(1000);
    assert.equal(loops.admin.isPaused, false);
    assert.equal(loops.admin.pauseMark, 'none');
  });

  it('tries again after a failure', async () => {
    const loops = left('paused');
    loops.admin.nextErrors.set('resume', lostConnection());
    const { admin, clock } = await open({}, loops);
    await clock.advance(1000);
    assert.equal(admin.isPaused, true);
    await clock.advance(1000);
    assert.equal(admin.isPaused, false);
  });

  it('takes back a mark that no PAUSE followed', async () => {
    const loops = left('paused');
    loops.admin.isPaused = false;
    const { admin, clock } = await open({}, loops);
    await clock.advance(1000);
    assert.deepEqual(admin.effects, ['mark none']);
  });
});
