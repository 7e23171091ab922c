import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NoticeTopic } from '../../../coordinator/adapters/notice-topic.ts';
import { PubSubIntake } from '../../../coordinator/adapters/pubsub-intake.ts';
import type { Notice } from '../../../coordinator/core/notice.ts';
import { systemClock } from '../../../process/clock.ts';
import { createLogger } from '../../../process/log.ts';
import { findPubSubEmulator, PubSubEmulator } from './pubsub-emulator.ts';

const found = findPubSubEmulator();
const notice: Notice = {
  schema: 'chester.notification/v1',
  id: 'test:1',
  atMs: 1,
  install: 'test',
  group: 'orders',
  kind: 'alarm',
  incident: null,
  subject: 'r1',
  decision: null,
  reason: 'CREATE_FAILED',
  text: 'stockout',
  leftOut: 0,
};

describe(
  "NoticeTopic on Google's emulator",
  { skip: 'missing' in found ? found.missing : false, timeout: 300_000 },
  () => {
    const topic = 'projects/demo/topics/told';
    const subscription = 'projects/demo/subscriptions/told';
    let emulator: PubSubEmulator;

    before(async () => {
      emulator = await PubSubEmulator.start('jar' in found ? found.jar : '');
      process.env['PUBSUB_EMULATOR_HOST'] = emulator.host;
      process.env['METADATA_SERVER_DETECTION'] = 'none';
      await emulator.put(topic);
      await emulator.put(subscription, { topic });
    });
    after(() => emulator.close());

    it('publishes what a subscriber then reads, and says when the topic is not there', async () => {
      let receive: (text: string) => void = () => undefined;
      const received = new Promise<string>((resolve) => {
        receive = resolve;
      });
      const sink = {
        accept: ({ text }: { readonly text: string }) => {
          receive(text);
          return Promise.resolve({ kind: 'ignored', reason: '' } as const);
        },
      };
      const intake = new PubSubIntake(
        { sink, clock: systemClock, log: createLogger('test', 'silent') },
        { subscription },
      );
      intake.start();
      assert.equal(await new NoticeTopic({ topic, deadlineMs: 20_000 }).send(notice), null);
      assert.deepEqual(JSON.parse(await received), notice);
      await intake.stop();
      const missing = new NoticeTopic({ topic: 'projects/demo/topics/missing', deadlineMs: 20_000 });
      assert.equal(await missing.send(notice), 'publishing failed (5)');
    });
  },
);
