import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { Notice } from '../../../coordinator/core/notice.ts';
import { keys, type NewEvent } from '../../../coordinator/core/records.ts';
import { Notifier } from '../../../coordinator/loops/notifier.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const options = {
  install: 'test',
  limit: { burst: 3, everyMs: 10_000 },
  ageMsMax: 3_600_000,
  cursorIntervalMs: 1000,
};

/** A receiver that remembers, and fails as long as a test wants. */
class Inbox {
  readonly notices: Notice[] = [];
  failure: string | null = null;
  isSilent = false;
  tries = 0;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  send(notice: Notice): Promise<string | null> {
    this.tries += 1;
    if (this.isSilent) return new Promise(() => undefined);
    if (this.failure === null) this.notices.push(notice);
    return Promise.resolve(this.failure);
  }
}

function setUp(store = new FakeStore(), clock = new FakeClock()) {
  const [good, bad] = [new Inbox('good'), new Inbox('bad')];
  const counts = new Map<string, number>();
  const term = { fencingToken: 1, isHeld: true };
  const tally = {
    countNotice: (receiver: string, result: string) =>
      void counts.set(`${receiver} ${result}`, (counts.get(`${receiver} ${result}`) ?? 0) + 1),
  };
  const log = createLogger('test', 'silent');
  const notifier = new Notifier({ store, clock, log, term, tally, receivers: [good, bad] }, options);
  const emit = async (...events: Partial<NewEvent>[]) => {
    const plain = {
      atMs: clock.nowMs(),
      group: 'orders',
      kind: 'ALARM',
      subject: 's',
      reason: 'R',
      message: 'm',
    } as const;
    await store.commit({ writes: [], events: events.map((event) => ({ ...plain, ...event })) });
    await clock.advance(0);
  };
  return { store, clock, good, bad, counts, term, notifier, emit };
}

const subjects = ({ notices }: Inbox) => notices.map(({ subject }) => subject);

describe('Notifier', () => {
  it('tells what happened with its incident, decision and reason, and every notice fits the schema', async () => {
    const { notifier, good, emit } = setUp();
    await notifier.start();
    await emit({ kind: 'INCIDENT', subject: '0.abc', reason: 'open', message: 'scale-out: CPU' });
    await emit({
      kind: 'SCALING_DECISION',
      subject: '0.abc',
      reason: 'WITHIN_COOLDOWN',
      message: '1 → 1 (min 0, max 3)',
    });
    await emit({ kind: 'SCALING_DECISION', subject: '0.abc', reason: 'SCALE_OUT', message: '1 → 2 (min 0, max 3)' });
    await emit({ kind: 'REPLICA_STATE', subject: 'r1', reason: 'serving', message: 'GATE_PASSED' });
    await emit({ group: '', kind: 'SET_ASIDE', subject: 'id', reason: 'no JSON', message: 'webhook' });
    await emit({ kind: 'VOTE' }, { kind: 'WAIT' }, { kind: 'AGENT' }, { kind: 'REPLICA_STATE', reason: 'gating' });
    const decision = { before: 1, after: 2 };
    assert.deepEqual(
      good.notices.map(({ kind, incident, decision: decided, reason }) => ({ kind, incident, decided, reason })),
      [
        { kind: 'incident', incident: '0.abc', decided: null, reason: 'open' },
        { kind: 'decision', incident: '0.abc', decided: decision, reason: 'SCALE_OUT' },
        { kind: 'replica', incident: '0.abc', decided: decision, reason: 'serving' },
        { kind: 'set-aside', incident: null, decided: null, reason: 'no JSON' },
      ],
    );
    const file = JSON.parse(readFileSync('docs/schemas/notification-v1.json', 'utf8')) as z.core.JSONSchema.JSONSchema;
    const schema = z.fromJSONSchema(file);
    for (const notice of good.notices) schema.parse(JSON.parse(JSON.stringify(notice)));
    assert.throws(() => schema.parse({ ...good.notices[0], decision: { before: -1, after: 0 } }));
    await notifier.stop();
  });

  it('leaves out what is too much for one group, says how much, and lets alarms and other groups through', async () => {
    const { notifier, clock, good, counts, emit } = setUp();
    await notifier.start();
    const opened = (subject: string) => ({ kind: 'INCIDENT', subject, reason: 'open' }) as const;
    await emit(...['1', '2', '3', '4', '5'].map(opened));
    await emit({ kind: 'ALARM', subject: 'alarm' }, { ...opened('other'), group: 'billing' });
    assert.deepEqual(subjects(good), ['1', '2', '3', 'alarm', 'other']);
    assert.equal(counts.get('good left-out'), 2);
    await clock.advance(10_000);
    await emit(opened('6'));
    assert.deepEqual([good.notices.at(-1)?.subject, good.notices.at(-1)?.leftOut], ['6', 2]);
    await notifier.stop();
  });

  it('keeps telling one receiver while another is silent, drops what that one has no room for, and counts it', async () => {
    const { store, notifier, good, bad, counts, emit, clock } = setUp();
    bad.isSilent = true;
    await notifier.start();
    for (let n = 0; n < 150; n += 1) await emit({ group: `g${n}`, subject: String(n) });
    assert.equal(good.notices.length, 150);
    assert.equal(counts.get('bad dropped'), 49);
    await clock.advance(1000);
    assert.equal((await store.get(keys.noticeCursor))?.value.sequence, 0, 'the silent one has not got the first');
  });

  it('tries again with pauses, then gives a notice up and goes on with the next', async () => {
    const { notifier, clock, bad, counts, emit } = setUp();
    bad.failure = 'HTTP 500';
    await notifier.start();
    await emit({ subject: 'lost' });
    assert.equal(bad.tries, 1);
    await clock.advance(600_000);
    assert.equal(bad.tries, 6);
    assert.equal(counts.get('bad failed'), 1);
    bad.failure = null;
    await emit({ subject: 'next' });
    assert.deepEqual(subjects(bad), ['next']);
    await notifier.stop();
  });

  it('goes on after a restart where it stopped, and tells nothing of the past at its first start', async () => {
    const first = setUp();
    await first.emit({ subject: 'past' });
    await first.notifier.start();
    await first.emit({ subject: 'told' });
    await first.notifier.stop();
    await first.emit({ subject: 'meanwhile' });
    const second = setUp(first.store, first.clock);
    await second.notifier.start();
    await first.clock.advance(0);
    assert.deepEqual([subjects(first.good), subjects(second.good)], [['told'], ['meanwhile']]);
    await second.notifier.stop();
  });

  it('tells after a restart what a receiver had not got when it stopped', async () => {
    const first = setUp();
    first.bad.failure = 'HTTP 500';
    await first.notifier.start();
    await first.emit({ subject: 'due' });
    await first.notifier.stop();
    const second = setUp(first.store, first.clock);
    await second.notifier.start();
    await first.clock.advance(0);
    assert.deepEqual(subjects(second.bad), ['due']);
    await second.notifier.stop();
  });

  it('is silent while another coordinator decides, and about what is old', async () => {
    const { store, notifier, clock, term, good, emit } = setUp();
    await notifier.start();
    term.isHeld = false;
    await emit({ subject: 'theirs' });
    const sequence = await store.lastEventSequence();
    await store.commit({ writes: [{ key: keys.noticeCursor, value: { sequence }, ifRevision: null }] });
    term.isHeld = true;
    await emit({ subject: 'old', atMs: clock.nowMs() - 3_600_001 });
    await emit({ subject: 'ours' });
    assert.deepEqual(subjects(good), ['ours']);
    await notifier.stop();
  });

  it('reads again after the store failed', async () => {
    const { store, clock, notifier, good, emit } = setUp();
    await notifier.start();
    await settled();
    store.readEvents = () => Promise.reject(new Error('disk'));
    await emit({ subject: 'late' });
    Reflect.deleteProperty(store, 'readEvents');
    await clock.advance(1000);
    assert.deepEqual(subjects(good), ['late']);
    await notifier.stop();
    assert.equal(clock.pendingTimers, 0);
  });
});
