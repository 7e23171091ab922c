import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settle } from '../fakes/fake-clock.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops, startApplied } from '../fakes/loops.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const both = [desired(20, 'a'), desired(20, 'b')];
const onlyB = target([desired(20, 'b')], [gone('a', 2)], { revision: 2, hash: 'h2' });

describe('Applier, when the proxy is rebuilt', () => {
  it('notices at once, applies everything and proves it anew', async () => {
    const loops = await startApplied(both);
    const before = loops.watch.proxy?.proxyBoot;
    loops.admin.rebuild();
    assert.equal(loops.watch.proxy?.proxyBoot, before);
    await settle();
    assert.notEqual(loops.watch.proxy?.proxyBoot, before);
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
    assert.equal(loops.standing.isSettled, true);
  });

  it('counts nothing as known that was proven before', async () => {
    const loops = await startApplied(both);
    loops.admin.onCall = (name) => {
      if (name === 'replaceServers') assert.deepEqual(loops.applier.known(), []);
      if (name === 'replaceServers') assert.equal(loops.applier.isCaughtUp(), false);
    };
    loops.admin.rebuild();
    await settle();
    assert.equal(loops.applier.known().length, 1);
  });

  it('takes its votes with it: none is told again before it was given anew', async () => {
    const loops = await startApplied(both);
    loops.applier.submit(onlyB);
    await settle();
    assert.equal(loops.standing.absent.length, 1);
    loops.admin.nextErrors.set('loadServers', lostConnection());
    loops.admin.rebuild();
    await settle();
    assert.equal(loops.standing.failure?.code, 'ADMIN_CONNECTION_LOST');
    assert.deepEqual(loops.standing.absent, []);
    await loops.clock.advance(200);
    assert.equal(loops.standing.absent.length, 1);
  });

  it('tells no vote of the old boot while it shows the new one, whoever asks in between', async () => {
    const loops = await startApplied(both);
    loops.applier.submit(onlyB);
    await settle();
    const before = loops.watch.proxy?.proxyBoot;
    const told: (readonly [boot: string | undefined, votes: number])[] = [];
    const readState = loops.admin.readState.bind(loops.admin);
    loops.admin.readState = async () => {
      const state = await readState();
      // As a report that is due in any turn from here on.
      void (async () => {
        for (let turn = 0; turn < 20; turn += 1) {
          const votes = loops.applier.standings().flatMap(({ absent }) => absent);
          told.push([loops.watch.proxy?.proxyBoot, votes.length]);
          await Promise.resolve();
        }
      })();
      return state;
    };
    loops.admin.nextErrors.set('replaceServers', lostConnection());
    loops.admin.rebuild();
    await settle();
    assert.ok(told.some(([boot]) => boot !== before));
    assert.deepEqual(
      told.filter(([boot, votes]) => boot !== before && votes > 0),
      [],
    );
  });

  it('keeps the boot of a proxy that only the agent left', async () => {
    const first = await startApplied(both);
    const second = new Loops();
    second.admin.sentinel = first.admin.sentinel;
    await second.startApplier();
    assert.equal(second.watch.proxy?.proxyBoot, first.watch.proxy?.proxyBoot);
  });

  it('takes the sentinel over from another agent process', async () => {
    const loops = new Loops();
    loops.admin.sentinel = { proxyBoot: 'p', agentId: 'proxy-0', bootId: 'earlier' };
    await loops.startApplier();
    assert.deepEqual(loops.admin.sentinel, { proxyBoot: 'p', agentId: 'proxy-0', bootId: 'boot-0' });
  });

  it('backs off while the proxy is away', async () => {
    const loops = await startApplied(both);
    loops.admin.onCall = (name) => {
      loops.admin.nextErrors.set(name, lostConnection());
      // As the adapter does: the connection breaks while the call runs.
      loops.admin.lost();
    };
    loops.applier.check();
    await settle();
    assert.deepEqual(loops.clock.pendingMs, [199]);
    assert.equal(loops.metrics.counts.get('failed ADMIN_CONNECTION_LOST'), 1);
    await loops.clock.advance(199);
    assert.deepEqual(loops.clock.pendingMs, [399]);
  });
});
