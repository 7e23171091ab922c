import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type Component, Lifecycle } from '../../process/lifecycle.ts';
import { createLogger } from '../../process/log.ts';
import { settled } from '../fakes/fake-clock.ts';

const log = createLogger('test', 'silent');
const signals = ['SIGTERM', 'SIGINT'] as const;
const known = new Map(signals.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (known.get(signal)?.includes(listener) !== true) process.off(signal, listener);
    }
  }
});

/** Components that write down what happens to them. */
function setUp(overrides: Readonly<Record<string, Partial<Component>>> = {}, stopDeadlineMs = 10_000) {
  const told: string[] = [];
  const exits: number[] = [];
  const components = ['a', 'b', 'c'].map((name): Component => ({
    name,
    start: () => {
      told.push(`start ${name}`);
      return overrides[name]?.start?.();
    },
    stop: () => {
      told.push(`stop ${name}`);
      return overrides[name]?.stop?.();
    },
  }));
  const lifecycle = new Lifecycle(components, { log, stopDeadlineMs, exit: (code) => exits.push(code) });
  return { lifecycle, told, exits };
}

const forever = () => new Promise<void>(() => undefined);

describe('Lifecycle', () => {
  it('starts in order and stops in reverse, once', async () => {
    const { lifecycle, told } = setUp();
    await lifecycle.start();
    assert.deepEqual(await Promise.all([lifecycle.stop(), lifecycle.stop()]), [true, true]);
    assert.deepEqual(told, ['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('waits for each before it goes on', async () => {
    let release = (): void => undefined;
    const { lifecycle, told } = setUp({ a: { start: () => new Promise<void>((resolve) => (release = resolve)) } });
    const starting = lifecycle.start();
    await settled();
    assert.deepEqual(told, ['start a']);
    release();
    await starting;
    assert.deepEqual(told, ['start a', 'start b', 'start c']);
  });

  it('stops those that began when one fails to start, and says why', async () => {
    for (const start of [
      () => Promise.reject(new Error('port in use')),
      () => {
        throw new Error('port in use');
      },
    ]) {
      const { lifecycle, told } = setUp({ b: { start } });
      await assert.rejects(lifecycle.start(), /port in use/);
      assert.deepEqual(told, ['start a', 'start b', 'stop b', 'stop a']);
    }
  });

  it('lets a start that is under way finish before it stops it', async () => {
    let release = (): void => undefined;
    const { lifecycle, told } = setUp({ b: { start: () => new Promise<void>((resolve) => (release = resolve)) } });
    const starting = lifecycle.start();
    await settled();
    const stopping = lifecycle.stop();
    await settled();
    assert.deepEqual(told, ['start a', 'start b']);
    release();
    assert.equal(await stopping, true);
    await starting;
    assert.deepEqual(told, ['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops the others when one fails to stop, and tells', async () => {
    const { lifecycle, told } = setUp({ c: { stop: () => Promise.reject(new Error('no')) } });
    await lifecycle.start();
    assert.equal(await lifecycle.stop(), false);
    assert.deepEqual(told.slice(3), ['stop c', 'stop b', 'stop a']);
  });

  it('abandons what is not stopped by the deadline', async () => {
    for (const hanging of [{ b: { stop: forever } }, { b: { start: forever } }]) {
      const { lifecycle } = setUp(hanging, 5);
      void lifecycle.start();
      await settled();
      assert.equal(await lifecycle.stop(), false);
    }
  });

  it('exits 0 on a signal when all stopped', async () => {
    for (const signal of signals) {
      const { lifecycle, told, exits } = setUp();
      lifecycle.stopOnSignals();
      await lifecycle.start();
      process.emit(signal, signal);
      await settled();
      assert.deepEqual(exits, [0]);
      assert.equal(told.at(-1), 'stop a');
    }
  });

  it('exits 1 when something did not stop, and at once on a second signal', async () => {
    const failing = setUp({ a: { stop: () => Promise.reject(new Error('no')) } });
    failing.lifecycle.stopOnSignals();
    await failing.lifecycle.start();
    process.emit('SIGTERM', 'SIGTERM');
    await settled();
    assert.deepEqual(failing.exits, [1]);
    const hanging = setUp({ a: { stop: forever } }, 50);
    hanging.lifecycle.stopOnSignals();
    await hanging.lifecycle.start();
    process.emit('SIGTERM', 'SIGTERM');
    await settled();
    assert.deepEqual(hanging.exits, []);
    process.emit('SIGINT', 'SIGINT');
    assert.deepEqual(hanging.exits, [1]);
    await hanging.lifecycle.stop();
  });
});
