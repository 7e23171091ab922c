import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoordinatorMessage, Update, Welcome } from '../../../agent/core/messages.ts';
import { AgentError } from '../../../agent/errors.ts';
import { row } from '../fakes/fake-admin.ts';
import { settle } from '../fakes/fake-clock.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops } from '../fakes/loops.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const both = [desired(20, 'a'), desired(20, 'b')];

function welcome(epoch = 1): { readonly kind: 'welcome' } & Welcome {
  return { kind: 'welcome', coordinatorId: 'c', epoch, reportIntervalMs: 1000, applyDeadlineMs: 5000 };
}

function update(revision: number, more: Partial<Update> = {}): CoordinatorMessage {
  const { body } = target(both);
  return { kind: 'update', nonce: `n${revision}`, group: 'orders', revision, hash: `h${revision}`, body, ...more };
}

async function startSynced(epoch = 1): Promise<Loops> {
  const loops = await new Loops().start();
  loops.link.last.say(welcome(epoch));
  loops.link.last.say(update(1));
  loops.link.last.say({ kind: 'syncDone' });
  await settle();
  return loops;
}

describe('Subscriber', () => {
  it('greets once the proxy was reached, not before', async () => {
    const loops = new Loops();
    loops.admin.nextErrors.set('readState', lostConnection());
    await loops.start();
    assert.equal(loops.link.streams.length, 0);
    await loops.clock.advance(200);
    const hello = loops.link.last.of('hello')[0];
    assert.equal(hello?.proxysqlVersion, '2.7.1');
    assert.equal(hello.proxyBoot, loops.watch.proxy?.proxyBoot);
  });

  it('answers an update with the proof', async () => {
    const loops = await startSynced();
    const [ack] = loops.link.last.of('ack');
    assert.deepEqual([ack?.nonce, ack?.status, ack?.error], ['n1', 'APPLIED', null]);
    assert.equal(loops.subscriber.hasSynced, true);
    assert.equal(loops.metrics.counts.get('connected'), 1);
  });

  it('has a higher epoch on disk before it obeys', async () => {
    const loops = await new Loops().start();
    const letThrough = loops.store.hold();
    loops.link.last.say(welcome(9));
    loops.link.last.say(update(1));
    await settle();
    assert.equal(loops.admin.memory.size, 0);
    letThrough();
    await settle();
    assert.equal(loops.store.state?.maxEpoch, 9);
    assert.equal(loops.admin.memory.size, 2);
  });

  it('obeys nobody when the epoch cannot be kept', async () => {
    const loops = await new Loops().start();
    loops.store.nextError = new AgentError('SNAPSHOT_FILE_FAILED', 'disk full');
    loops.link.last.say(welcome(9));
    loops.link.last.say(update(1));
    await settle();
    assert.equal(loops.link.last.isEnded, true);
    assert.equal(loops.admin.memory.size, 0);
  });

  it('obeys nobody who comes again with that epoch either, until it can be kept', async () => {
    const loops = await new Loops().start();
    for (const isDiskFull of [true, true, false]) {
      if (isDiskFull) loops.store.nextError = new AgentError('SNAPSHOT_FILE_FAILED', 'disk full');
      loops.link.last.say(welcome(9));
      loops.link.last.say(update(1));
      await settle();
      assert.equal(loops.link.last.isEnded, isDiskFull);
      assert.equal(loops.admin.memory.size, isDiskFull ? 0 : 2);
      if (isDiskFull) await loops.clock.advance(2000);
    }
    assert.equal(loops.store.state?.maxEpoch, 9);
  });

  it('refuses an older epoch, ends the stream and dials again', async () => {
    const loops = await startSynced(5);
    loops.link.last.break();
    await loops.clock.advance(500);
    assert.equal(loops.link.last.of('hello')[0]?.maxEpoch, 5);
    loops.link.last.say(welcome(4));
    loops.link.last.say(update(2));
    await settle();
    assert.equal(loops.link.last.isEnded, true);
    assert.deepEqual(loops.link.last.of('ack'), []);
    await loops.clock.advance(1000);
    assert.equal(loops.link.streams.length, 3);
  });

  it('ends a stream on which something comes before the Welcome', async () => {
    const loops = await new Loops().start();
    loops.link.last.say(update(1));
    await settle();
    assert.equal(loops.link.last.isEnded, true);
  });

  it('ends a stream without a Welcome', async () => {
    const loops = await new Loops().start();
    await loops.clock.advance(10_000);
    assert.equal(loops.link.streams[0]?.isEnded, true);
  });

  it('tells a new stream what is proven, and every standing again', async () => {
    const loops = await startSynced();
    const body = target([desired(20, 'b')], [gone('a', 2)]).body;
    loops.link.last.say(update(2, { body }));
    await settle();
    loops.link.last.break();
    await loops.clock.advance(500);
    const stream = loops.link.last;
    assert.deepEqual(stream.of('hello')[0]?.known, [{ group: 'orders', revision: 2, hash: 'h2' }]);
    stream.say(welcome());
    stream.say({ kind: 'syncDone' });
    await settle();
    assert.deepEqual(stream.of('report')[0]?.groups[0]?.absent, [{ hostname: 'a', port: 3306, revision: 2 }]);
  });

  it('does not answer on a new stream what came on an old one', async () => {
    const loops = await new Loops().start();
    loops.link.last.say(welcome());
    loops.admin.memory.set('77 x:3306', row(77, 'x'));
    loops.link.last.say(update(1));
    await settle();
    assert.equal(loops.link.last.of('ack')[0]?.status, 'RETRYING');
    loops.link.last.break();
    await loops.clock.advance(500);
    loops.link.last.say(welcome());
    loops.admin.memory.delete('77 x:3306');
    await loops.clock.advance(1000);
    assert.equal(loops.admin.runtime.size, 2);
    assert.deepEqual(loops.link.last.of('ack'), []);
  });

  it('obeys nothing that an ended stream still says', async () => {
    const loops = await startSynced();
    const old = loops.link.last;
    old.break();
    await loops.clock.advance(500);
    loops.link.last.say(welcome());
    await settle();
    old.say(update(2, { body: target([desired(20, 'z')]).body }));
    await settle();
    assert.equal(loops.applier.target('orders')?.revision, 1);
  });

  it('reports a drain when it moves on', async () => {
    const loops = await startSynced();
    loops.admin.used.set('20 a:3306', 1);
    loops.link.last.say(update(2, { body: target([desired(20, 'b')], [gone('a', 2)]).body }));
    await settle();
    assert.equal(loops.link.last.of('ack')[1]?.removing[0]?.connUsed, 1);
    loops.admin.used.clear();
    await loops.clock.advance(50);
    assert.equal(loops.link.last.of('report').at(-1)?.groups[0]?.absent.length, 1);
  });

  it('reports a rebuilt proxy', async () => {
    const loops = await startSynced();
    loops.admin.rebuild();
    await settle();
    assert.equal(loops.link.last.of('report').at(-1)?.proxyBoot, loops.watch.proxy?.proxyBoot);
    assert.notEqual(loops.link.last.of('report').at(-1)?.proxyBoot, loops.link.last.of('hello')[0]?.proxyBoot);
  });

  it('keeps the last known good fresh while a coordinator counts it as current', async () => {
    const loops = await startSynced();
    const confirmedAtMs = (): number => loops.store.state?.groups[0]?.confirmedAtMs ?? 0;
    await loops.clock.advance(3_600_000);
    assert.ok(confirmedAtMs() < loops.clock.nowMs());
    loops.link.last.say({ kind: 'bookmark', epoch: 1, revision: 1 });
    await settle();
    assert.equal(confirmedAtMs(), loops.clock.nowMs());
  });

  it('lets the last known good age while the coordinator does not know the group', async () => {
    const loops = await startSynced();
    loops.link.last.say(update(0, { nonce: 'u', body: { kind: 'unknown' } }));
    await settle();
    await loops.clock.advance(3_600_000);
    loops.link.last.say({ kind: 'bookmark', epoch: 1, revision: 1 });
    await settle();
    assert.ok((loops.store.state?.groups[0]?.confirmedAtMs ?? 0) < loops.clock.nowMs() - 3_000_000);
  });
});

describe('Subscriber, updates it refuses', () => {
  it('an older revision under the same epoch', async () => {
    const loops = await startSynced();
    loops.link.last.say(update(5));
    loops.link.last.say(update(4));
    await settle();
    const refused = loops.link.last.of('ack').find(({ nonce }) => nonce === 'n4');
    assert.deepEqual([refused?.status, refused?.error?.code], ['REJECTED', 'STALE_REVISION']);
    assert.equal(loops.applier.target('orders')?.revision, 5);
  });

  it('a snapshot that cannot be right, with the field', async () => {
    const loops = await startSynced();
    loops.link.last.say(update(2, { body: target([desired(20, 'x y')]).body }));
    loops.link.last.say(update(3, { body: { kind: 'unreadable', problem: 'no body' } }));
    await settle();
    const [, second, third] = loops.link.last.of('ack');
    assert.match(second?.error?.message ?? '', /"x y"/);
    assert.equal(third?.error?.code, 'INVALID_SNAPSHOT');
    assert.equal(loops.applier.target('orders')?.revision, 1);
  });

  it('none for a group that the coordinator does not know: the rows stay', async () => {
    const loops = await startSynced();
    const { runtimeHash } = loops.link.last.of('ack')[0]!;
    loops.link.last.say(update(0, { nonce: 'u', body: { kind: 'unknown' } }));
    await settle();
    const ack = loops.link.last.of('ack')[1];
    assert.deepEqual([ack?.nonce, ack?.status, ack?.runtimeHash], ['u', 'APPLIED', runtimeHash]);
    assert.equal(loops.admin.runtime.size, 2);
  });
});

describe('Subscriber, its end', () => {
  it('says Goodbye while somebody hears it, and goes on', async () => {
    const loops = await startSynced();
    assert.equal(await loops.subscriber.sayGoodbye({ clients: 4, paused: true }), true);
    assert.deepEqual(loops.link.last.of('goodbye'), [{ kind: 'goodbye', clients: 4, paused: true }]);
    assert.equal(loops.link.last.isEnded, false);
    loops.link.last.break();
    await settle();
    assert.equal(await loops.subscriber.sayGoodbye({ clients: 4, paused: true }), false);
    await loops.subscriber.stop();
    await loops.subscriber.stop();
  });

  it('ends the stream and dials no other once it has left the rosters', async () => {
    const loops = await startSynced();
    assert.equal(await loops.subscriber.sayGoodbye({ clients: 0, paused: true }), true);
    assert.equal(loops.link.last.isEnded, true);
    await loops.clock.advance(60_000);
    assert.equal(loops.link.streams.length, 1);
  });

  it('says it again on the next stream when the first one broke before the answer', async () => {
    const loops = await startSynced();
    loops.link.last.letsGo = false;
    const said = loops.subscriber.sayGoodbye({ clients: 0, paused: true });
    loops.link.last.break();
    await loops.clock.advance(1000);
    assert.equal(loops.link.streams.length, 2);
    assert.deepEqual(loops.link.last.of('goodbye'), []);
    loops.link.last.say({ kind: 'welcome', coordinatorId: 'c', epoch: 9, reportIntervalMs: 1000, applyDeadlineMs: 1 });
    assert.equal(await said, true);
    assert.equal(loops.link.last.of('goodbye').length, 1);
  });

  it('gives up when no coordinator answers in time, and is still a voter', async () => {
    const loops = await startSynced();
    loops.link.last.letsGo = false;
    const said = loops.subscriber.sayGoodbye({ clients: 0, paused: true });
    await loops.clock.advance(5000);
    assert.equal(await said, false);
    loops.link.last.break();
    await loops.clock.advance(1000);
    assert.equal(loops.link.streams.length, 2);
  });

  it('does not wait for a proxy that was never reached', async () => {
    const loops = new Loops();
    loops.admin.onCall = (name) => {
      if (name === 'readState') loops.admin.nextErrors.set(name, lostConnection());
    };
    await loops.start();
    await loops.subscriber.stop();
    assert.equal(loops.link.streams.length, 0);
  });
});
