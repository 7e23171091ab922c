import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PubSubIntake } from '../../../coordinator/adapters/pubsub-intake.ts';
import type { AcceptedNotification } from '../../../coordinator/ports.ts';
import { systemClock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { findPubSubEmulator, PubSubEmulator } from './pubsub-emulator.ts';

const found = findPubSubEmulator();
const topic = 'projects/demo/topics/alerts';
const taken: AcceptedNotification = { kind: 'incident', reason: '' };

/** A sink that keeps texts; a test waits for the next one and decides what becomes of it. */
class Inbox {
  readonly texts: string[] = [];
  answer: (text: string) => Promise<AcceptedNotification> = () => Promise.resolve(taken);
  #wake: () => void = () => undefined;

  accept({ text }: { readonly text: string }): Promise<AcceptedNotification> {
    this.texts.push(text);
    this.#wake();
    return this.answer(text);
  }

  async until(count: number): Promise<void> {
    while (this.texts.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe(
  "PubSubIntake on Google's emulator",
  { skip: 'missing' in found ? found.missing : false, timeout: 300_000 },
  () => {
    let emulator: PubSubEmulator;
    let subscriptions = 0;
    let onError: () => void = () => undefined;
    const quiet = () => undefined;
    const log: Logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: () => {
        onError();
      },
    };

    before(async () => {
      emulator = await PubSubEmulator.start('jar' in found ? found.jar : '');
      process.env['PUBSUB_EMULATOR_HOST'] = emulator.host;
      process.env['METADATA_SERVER_DETECTION'] = 'none';
      await emulator.put(topic);
    });
    after(() => emulator.close());

    function nextName(): string {
      subscriptions += 1;
      return `projects/demo/subscriptions/chester-${subscriptions}`;
    }

    function startIntake(subscription: string): { readonly inbox: Inbox; readonly intake: PubSubIntake } {
      const inbox = new Inbox();
      const options = { subscription, nackPauseMs: 10, reopen: { baseMs: 20, maxMs: 50 } };
      const intake = new PubSubIntake({ sink: inbox, clock: systemClock, log }, options);
      intake.start();
      return { inbox, intake };
    }

    it('hands messages over once when they are taken, and again when they are not', async () => {
      const subscription = nextName();
      await emulator.put(subscription, { topic, ackDeadlineSeconds: 10 });
      const { inbox, intake } = startIntake(subscription);
      let refusals = 0;
      inbox.answer = (text) => {
        if (text !== 'second' || refusals === 2) return Promise.resolve(taken);
        refusals += 1;
        return Promise.reject(new Error('the store is away'));
      };
      for (const text of ['first', 'second']) await emulator.publish(topic, text);
      await inbox.until(4);
      await emulator.publish(topic, 'third');
      await inbox.until(5);
      await intake.stop();
      assert.deepEqual([...inbox.texts].sort(), ['first', 'second', 'second', 'second', 'third']);
    });

    it('waits on stop until the message in hand is taken, which then does not come again', async () => {
      const subscription = nextName();
      await emulator.put(subscription, { topic, ackDeadlineSeconds: 10 });
      const one = startIntake(subscription);
      let finish: () => void = () => undefined;
      one.inbox.answer = () =>
        new Promise((resolve) => {
          finish = () => {
            resolve(taken);
          };
        });
      await emulator.publish(topic, 'in hand');
      await one.inbox.until(1);
      let isStopped = false;
      const stopping = one.intake.stop().then(() => (isStopped = true));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isStopped, false);
      finish();
      await stopping;
      const other = startIntake(subscription);
      await emulator.publish(topic, 'later');
      await other.inbox.until(1);
      await other.intake.stop();
      assert.deepEqual(other.inbox.texts, ['later']);
    });

    it('survives a subscription that is not there, and pulls it as soon as it is', async () => {
      const subscription = nextName();
      const failedTwice = new Promise<void>((resolve) => {
        let failures = 0;
        onError = () => {
          failures += 1;
          if (failures === 2) resolve();
        };
      });
      const { inbox, intake } = startIntake(subscription);
      await failedTwice;
      await emulator.put(subscription, { topic, ackDeadlineSeconds: 10 });
      await emulator.publish(topic, 'at last');
      await inbox.until(1);
      await intake.stop();
      assert.deepEqual(inbox.texts, ['at last']);
    });

    it('hands over a large message cut', async () => {
      const subscription = nextName();
      await emulator.put(subscription, { topic, ackDeadlineSeconds: 10 });
      const { inbox, intake } = startIntake(subscription);
      await emulator.publish(topic, 'x'.repeat(2_000_000));
      await inbox.until(1);
      await intake.stop();
      assert.match(inbox.texts[0] ?? '', /^\[message \d+ has 2000000 bytes/);
    });
  },
);
