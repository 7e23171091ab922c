import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { type Note, NoteBook } from '../../../coordinator/loops/note-book.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const minuteMs = 60_000;
const lags: Note = { group: 'orders', subject: 'orders-ro-1', reason: 'LAGGING', message: 'lags 30 s' };
const sessions: Note = { ...lags, reason: 'SESSIONS', message: 'sessions of app' };

/** A note book whose looks are stepped by hand. */
class Desk {
  readonly clock = new FakeClock();
  readonly #store = new FakeStore();
  readonly #book = new NoteBook({
    store: this.#store,
    clock: this.clock,
    log: createLogger('test', 'silent'),
    board: new HoldBoard(),
  });

  look(...waits: readonly Note[]): Promise<void> {
    return this.#book.look('orders', async () => {
      for (const note of waits) await this.#book.wait(note);
    });
  }

  async told(): Promise<readonly string[]> {
    return (await this.#store.readEvents({ afterSequence: 0, limit: 100 })).map(({ reason }) => reason);
  }
}

describe('NoteBook, waits', () => {
  it('tells a wait that lasts once, and one that begins again after it was over anew', async () => {
    const desk = new Desk();
    for (let look = 0; look < 60; look += 1) {
      await desk.look(lags);
      await desk.clock.advance(minuteMs);
    }
    assert.deepEqual(await desk.told(), ['LAGGING']);
    for (let look = 0; look < 10; look += 1) {
      await desk.look();
      await desk.clock.advance(minuteMs);
    }
    await desk.look(lags);
    assert.deepEqual(await desk.told(), ['LAGGING', 'LAGGING']);
  });

  it('tells one that lasts once also where looks are far apart', async () => {
    const desk = new Desk();
    for (let look = 0; look < 5; look += 1) {
      await desk.look(lags);
      await desk.clock.advance(30 * minuteMs);
    }
    assert.deepEqual(await desk.told(), ['LAGGING']);
    await desk.look();
    await desk.clock.advance(30 * minuteMs);
    await desk.look(lags);
    assert.deepEqual(await desk.told(), ['LAGGING', 'LAGGING']);
  });

  it('tells one that comes and goes from look to look once', async () => {
    const desk = new Desk();
    for (let look = 0; look < 60; look += 1) {
      await desk.look(...(look % 9 === 0 ? [lags] : []));
      await desk.clock.advance(minuteMs);
    }
    assert.deepEqual(await desk.told(), ['LAGGING']);
  });

  it('tells two waits of one subject apart', async () => {
    const desk = new Desk();
    for (let look = 0; look < 5; look += 1) await desk.look(lags, sessions);
    assert.deepEqual(await desk.told(), ['LAGGING', 'SESSIONS']);
  });
});
