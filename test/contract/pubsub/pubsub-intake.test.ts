import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OpenPull, PubSubIntake, type PullListener } from '../../../coordinator/adapters/pubsub-intake.ts';
import type { NotificationSink } from '../../../coordinator/ports.ts';
import { systemClock } from '../../../process/clock.ts';
import { createLogger } from '../../../process/log.ts';

const subscription = 'projects/demo/subscriptions/chester';
const log = createLogger('test', 'silent');

/** Counts what happens and lets a test wait for it. */
class Tally {
  readonly seen: string[] = [];
  #wake: () => void = () => undefined;

  add(what: string): void {
    this.seen.push(what);
    this.#wake();
  }

  async until(what: string, times = 1): Promise<void> {
    while (this.seen.filter((one) => one === what).length < times) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** An intake on a pull that the test drives. */
function startIntake(accept: NotificationSink['accept'], nackPauseMs = 0) {
  const tally = new Tally();
  const listeners: PullListener[] = [];
  const openPull: OpenPull = (name, listener) => {
    listeners.push(listener);
    tally.add(`opened ${name}`);
    return Promise.resolve({
      close: () => {
        tally.add('closed');
        return Promise.resolve();
      },
    });
  };
  const intake = new PubSubIntake(
    { sink: { accept }, clock: systemClock, log, openPull },
    { subscription, nackPauseMs, reopen: { baseMs: 1, maxMs: 2 } },
  );
  intake.start();
  const send = (id: string, data: Buffer | string) => {
    listeners.at(-1)?.onMessage({
      id,
      data: Buffer.from(data),
      ack: () => {
        tally.add(`ack ${id}`);
      },
      nack: () => {
        tally.add(`nack ${id}`);
      },
    });
  };
  return { intake, tally, send, break: (error: unknown) => listeners.at(-1)?.onError(error) };
}

describe('PubSubIntake', { timeout: 300_000 }, () => {
  it('acknowledges a message only after the sink has taken it', async () => {
    let take: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    const received: unknown[] = [];
    const { intake, tally, send } = startIntake(async (message) => {
      received.push(message);
      await taken;
      return { kind: 'incident', reason: '' };
    });
    await tally.until(`opened ${subscription}`);
    send('1', '{"incident":"é"}');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(received, [{ source: subscription, text: '{"incident":"é"}' }]);
    assert.deepEqual(tally.seen, [`opened ${subscription}`]);
    take();
    await tally.until('ack 1');
    await intake.stop();
    assert.deepEqual(tally.seen, [`opened ${subscription}`, 'ack 1', 'closed']);
  });

  it('returns a message that the sink could not take, and only that one', async () => {
    const { intake, tally, send } = startIntake(({ text }) =>
      text === 'bad'
        ? Promise.reject(new Error('the store is away'))
        : Promise.resolve({ kind: 'ignored', reason: '' }),
    );
    await tally.until(`opened ${subscription}`);
    send('1', 'bad');
    send('2', 'good');
    await tally.until('nack 1');
    await tally.until('ack 2');
    await intake.stop();
    assert(!tally.seen.includes('ack 1'));
  });

  it('sets a message aside that fails again and again while the store takes others', async () => {
    const faults: (string | undefined)[] = [];
    const { intake, tally, send } = startIntake(({ fault }) => {
      faults.push(fault);
      return fault === undefined
        ? Promise.reject(new Error('no JSON form'))
        : Promise.resolve({ kind: 'unusable', reason: fault });
    });
    await tally.until(`opened ${subscription}`);
    for (let attempt = 1; attempt < 10; attempt += 1) {
      send('1', 'bad');
      await tally.until('nack 1', attempt);
    }
    send('1', 'bad');
    await tally.until('ack 1');
    assert.equal(faults.length, 11);
    assert.equal(faults.at(-1), 'it could not be stored in 10 attempts');
    send('1', 'bad');
    await tally.until('nack 1', 10);
    await intake.stop();
  });

  it('goes on returning a message while the store is away', async () => {
    const { intake, tally, send } = startIntake(() => Promise.reject(new Error('the store is away')));
    await tally.until(`opened ${subscription}`);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      send('1', 'good');
      await tally.until('nack 1', attempt);
    }
    await intake.stop();
    assert(!tally.seen.includes('ack 1'));
  });

  it('does not wait for the pause of a returned message when it stops', async () => {
    const { intake, tally, send } = startIntake(() => Promise.reject(new Error('the store is away')), 3_600_000);
    await tally.until(`opened ${subscription}`);
    send('1', 'x');
    await intake.stop();
    await tally.until('nack 1');
  });

  it('hands over what is too large cut and with a note that no parser takes for JSON', async () => {
    const texts: string[] = [];
    const { intake, tally, send } = startIntake(({ text }) => {
      texts.push(text);
      return Promise.resolve({ kind: 'unusable', reason: '' });
    });
    await tally.until(`opened ${subscription}`);
    send('1', '{}'.padEnd(256 * 1024));
    send('2', '{}'.padEnd(256 * 1024 + 1));
    await tally.until('ack 2');
    await intake.stop();
    assert.deepEqual(JSON.parse(texts[0] ?? ''), {});
    assert.match(texts[1] ?? '', /^\[message 2 has 262145 bytes, more than 262144; cut\] \{\} /);
    assert.throws(() => JSON.parse(texts[1] ?? '') as unknown);
    assert((texts[1] ?? '').length < 257 * 1024);
  });

  it('opens a pull that broke anew, after closing the old one, as often as it breaks', async () => {
    const {
      intake,
      tally,
      send,
      break: breakPull,
    } = startIntake(() => Promise.resolve({ kind: 'ignored', reason: '' }));
    for (const times of [1, 2, 3]) {
      await tally.until(`opened ${subscription}`, times);
      breakPull(Object.assign(new Error('not found'), { code: 5 }));
      breakPull(new Error('and once more'));
    }
    await tally.until(`opened ${subscription}`, 4);
    send('1', 'x');
    await tally.until('ack 1');
    await intake.stop();
    assert.deepEqual(
      tally.seen.map((what) => what.split(' ')[0]),
      ['opened', 'closed', 'opened', 'closed', 'opened', 'closed', 'opened', 'ack', 'closed'],
    );
  });

  it('goes on when a pull cannot even be opened', async () => {
    let tries = 0;
    const tally = new Tally();
    const openPull: OpenPull = () => {
      tries += 1;
      if (tries < 3) return Promise.reject(new Error('no credentials'));
      tally.add('opened');
      return Promise.resolve({ close: () => Promise.resolve() });
    };
    const sink: NotificationSink = { accept: () => Promise.resolve({ kind: 'ignored', reason: '' }) };
    const intake = new PubSubIntake(
      { sink, clock: systemClock, log, openPull },
      { subscription, reopen: { baseMs: 1, maxMs: 2 } },
    );
    intake.start();
    await tally.until('opened');
    await intake.stop();
  });

  it('can be stopped before it starts, and twice', async () => {
    const sink: NotificationSink = { accept: () => Promise.resolve({ kind: 'ignored', reason: '' }) };
    const openPull: OpenPull = () => assert.fail('nothing is to be opened');
    const intake = new PubSubIntake({ sink, clock: systemClock, log, openPull }, { subscription });
    await intake.stop();
    intake.start();
    await intake.stop();
    await intake.stop();
  });
});
