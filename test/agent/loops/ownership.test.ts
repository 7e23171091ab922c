import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Heartbeat } from '../../../agent/loops/heartbeat.ts';
import { settle } from '../fakes/fake-clock.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops, startApplied } from '../fakes/loops.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const other = { proxyBoot: 'p', agentId: 'proxy-1', bootId: 'other' };
const both = [desired(20, 'a'), desired(20, 'b')];

describe('an agent whose ProxySQL another agent manages', () => {
  it('does nothing, is not ready, and names the other, also to the coordinator', async () => {
    const loops = new Loops();
    loops.admin.sentinel = other;
    await loops.start();
    loops.applier.submit(target(both));
    await settle();
    assert.deepEqual(loops.admin.effects, []);
    assert.deepEqual(loops.admin.sentinel, other);
    const [hello] = loops.link.last.of('hello');
    assert.deepEqual([hello?.known, hello?.proxyBoot, hello?.refusal?.code], [[], '', 'OTHER_AGENT']);
    assert.equal(loops.applier.isCaughtUp(), false);
    assert.match(loops.applier.waitingFor ?? '', /^agent proxy-1 manages this ProxySQL/);
    const line = loops.log.lines.find(({ level }) => level === 'error');
    assert.equal(line?.fields['code'], 'OTHER_AGENT');
    assert.match(String(line.fields['reason']), /proxy-1/);
  });

  it('says so once, and takes over when the other falls silent', async () => {
    const loops = new Loops();
    loops.admin.sentinel = other;
    await loops.start();
    await loops.clock.advance(30_000);
    assert.equal(loops.log.lines.filter(({ level }) => level === 'error').length, 1);
    loops.admin.silentSeconds = 30;
    await loops.clock.advance(10_000);
    assert.equal(loops.admin.sentinel.agentId, 'proxy-0');
    assert.equal(loops.watch.proxy?.proxyBoot, 'p');
    assert.equal(loops.link.streams[0]?.isEnded, true);
    await loops.clock.advance(60_000);
    assert.deepEqual(loops.link.last.of('hello')[0]?.refusal, null);
  });

  it('leaves it alone when a third one was faster', async () => {
    const loops = new Loops();
    loops.admin.sentinel = other;
    loops.admin.silentSeconds = 60;
    loops.admin.onCall = (name) => {
      if (name !== 'claimSentinel') return;
      loops.admin.sentinel = { ...other, agentId: 'proxy-2', bootId: 'third' };
      loops.admin.silentSeconds = 0;
    };
    await loops.start();
    assert.equal(loops.admin.sentinel.agentId, 'proxy-2');
    assert.match(loops.applier.waitingFor ?? '', /proxy-2/);
  });
});

describe('an agent that lost its ProxySQL to another process', () => {
  for (const [name, agentId] of [
    ['of another name', 'proxy-1'],
    ['of its own name', 'proxy-0'],
  ] as const) {
    it(`${name}: ends its stream and changes nothing any more`, async () => {
      const loops = await startApplied(both);
      loops.subscriber.start();
      await settle();
      const { sentinel } = loops.admin;
      assert.ok(sentinel !== null);
      loops.admin.sentinel = { ...sentinel, agentId, bootId: 'newer' };
      loops.applier.submit(target([desired(20, 'a')], [], { revision: 2, hash: 'h2' }));
      await settle();
      assert.deepEqual(loops.admin.effects, []);
      assert.equal(loops.link.last.isEnded, true);
      assert.equal(loops.applier.isCaughtUp(), false);
      assert.deepEqual(loops.applier.known(), []);
      await loops.clock.advance(60_000);
      const hellos = loops.link.streams.slice(1).flatMap((stream) => stream.of('hello'));
      assert.deepEqual(
        [...new Set(hellos.map(({ refusal }) => refusal?.code))],
        agentId === 'proxy-1' ? ['OTHER_AGENT'] : [],
        'under its own name the newer process speaks',
      );
    });
  }
});

describe('an agent that gets its ProxySQL back', () => {
  it('tells no vote that it gave before: it may be another one, or have what somebody else gave it', async () => {
    const loops = await startApplied(both);
    loops.applier.submit(target([desired(20, 'b')], [gone('a', 2)], { revision: 2, hash: 'h2' }));
    await settle();
    assert.equal(loops.standing.absent.length, 1);
    const { sentinel } = loops.admin;
    loops.admin.sentinel = other;
    loops.applier.check();
    await settle();
    const votes = () => loops.applier.standings().flatMap(({ absent }) => absent);
    assert.deepEqual(votes(), []);
    loops.admin.sentinel = sentinel;
    await loops.clock.advance(10_000);
    assert.equal(votes().length, 1, 'proven anew');
  });
});

describe('an agent whose ProxySQL is too old', () => {
  it('leaves no mark, and says what is needed, also to the coordinator', async () => {
    const loops = new Loops();
    loops.admin.version = '2.4.8';
    await loops.start();
    assert.equal(loops.admin.sentinel, null);
    assert.equal(loops.link.last.of('hello')[0]?.refusal?.code, 'PROXYSQL_UNSUPPORTED');
    assert.match(loops.applier.waitingFor ?? '', /ProxySQL 2\.4\.8 is too old/);
    assert.equal(loops.log.lines.find(({ level }) => level === 'error')?.fields['code'], 'PROXYSQL_UNSUPPORTED');
  });

  it('notices when the program behind the port was changed, in both directions', async () => {
    const loops = await startApplied(both);
    loops.admin.version = '2.4.8';
    loops.admin.rebuild();
    await settle();
    assert.equal(loops.applier.isCaughtUp(), false);
    assert.deepEqual(loops.admin.effects, []);
    loops.admin.version = '3.0.1';
    await loops.clock.advance(10_000);
    assert.equal(loops.watch.proxy?.version, '3.0.1');
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
  });
});

describe('Heartbeat', () => {
  async function start() {
    const { admin, watch, metrics, clock } = await new Loops().startApplier();
    const heartbeat = new Heartbeat({ admin, watch, metrics, clock }, 'boot-0');
    heartbeat.start();
    return { admin, metrics, clock, heartbeat };
  }

  it('shows every 10 s that its agent lives, until it stops: then others need not wait', async () => {
    const { admin, clock, heartbeat } = await start();
    admin.silentSeconds = 9;
    await clock.advance(9_999);
    assert.equal(admin.silentSeconds, 9);
    await clock.advance(1);
    assert.equal(admin.silentSeconds, 0);
    await heartbeat.stop();
    assert.ok(admin.silentSeconds > 30);
    admin.silentSeconds = 3;
    await heartbeat.stop();
    await clock.advance(60_000);
    assert.equal(admin.silentSeconds, 3);
  });

  it('goes on after a proxy that did not answer', async () => {
    const { admin, clock, metrics } = await start();
    admin.silentSeconds = 9;
    admin.nextErrors.set('beatSentinel', lostConnection());
    await clock.advance(10_000);
    assert.deepEqual([admin.silentSeconds, metrics.counts.get('failed ADMIN_CONNECTION_LOST')], [9, 1]);
    await clock.advance(10_000);
    assert.equal(admin.silentSeconds, 0);
  });

  it('is silent where its agent manages nothing', async () => {
    const { watch, metrics, clock } = new Loops();
    let calls = 0;
    const admin = { beatSentinel: () => Promise.resolve(void (calls += 1)) };
    const heartbeat = new Heartbeat({ admin, watch, metrics, clock }, 'boot-0');
    heartbeat.start();
    await clock.advance(60_000);
    await heartbeat.stop();
    assert.equal(calls, 0);
  });
});
