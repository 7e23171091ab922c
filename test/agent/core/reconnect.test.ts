import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noteWindow, planReconnect, type Reconnecting, type StreamEnd } from '../../../agent/core/reconnect.ts';
import { fc } from '../../properties.ts';

const fresh: Reconnecting = { failures: 0, flaps: 0, windowMs: null };
const unsynced: StreamEnd = { syncedForMs: null, asked: null };
const most = (): number => 0.999_999;

/** With the greatest jitter. */
const cases: readonly (readonly [
  name: string,
  reconnecting: Partial<Reconnecting>,
  end: Partial<StreamEnd>,
  waitMs: number,
  next: Partial<Reconnecting>,
])[] = [
  ['the first failure', {}, {}, 500, { failures: 1 }],
  ['the fourth', { failures: 3 }, {}, 4000, { failures: 4 }],
  ['the hundredth, with no Welcome ever', { failures: 99 }, {}, 30_000, { failures: 100 }],
  ['the hundredth in a small installation', { failures: 99, windowMs: 500 }, {}, 5000, { failures: 100 }],
  ['the hundredth in a large one', { failures: 99, windowMs: 8000 }, {}, 24_000, { failures: 100 }],
  ['the hundredth in a huge one', { failures: 99, windowMs: 60_000 }, {}, 30_000, { failures: 100 }],
  ['a good stream', { failures: 7, flaps: 3 }, { syncedForMs: 60_000 }, 500, { failures: 0, flaps: 0 }],
  ['a good stream of many', { windowMs: 10_000 }, { syncedForMs: 60_000 }, 10_000, { failures: 0, flaps: 0 }],
  ['a short stream', { failures: 7 }, { syncedForMs: 59_999 }, 500, { failures: 0, flaps: 1 }],
  ['many short streams', { flaps: 50 }, { syncedForMs: 0 }, 5000, { failures: 0, flaps: 51 }],
  ['many short streams of many', { flaps: 50, windowMs: 9000 }, { syncedForMs: 0 }, 9000, { flaps: 51 }],
  ['a wish', { failures: 2, flaps: 1 }, { asked: { minMs: 100, maxMs: 200 } }, 200, { failures: 2, flaps: 1 }],
  ['a wish the wrong way round', {}, { asked: { minMs: 300, maxMs: 0 } }, 300, {}],
  ['a wish beyond all bounds', {}, { asked: { minMs: 2 ** 32, maxMs: 2 ** 32 } }, 300_000, {}],
];

describe('planReconnect', () => {
  for (const [name, reconnecting, end, waitMs, next] of cases) {
    it(`waits at most ${waitMs} ms after ${name}`, () => {
      const from = { ...fresh, ...reconnecting };
      const found = planReconnect(from, { ...unsynced, ...end }, most);
      assert(found.waitMs > waitMs - 2 && found.waitMs <= waitMs, String(found.waitMs));
      assert.deepEqual(found.reconnecting, { ...from, ...next });
      assert(planReconnect(from, { ...unsynced, ...end }, () => 0).waitMs <= waitMs);
    });
  }

  it('never waits longer than five minutes, whatever it is told', () => {
    const ms = fc.integer({ min: 0, max: 2 ** 32 });
    const end = fc.record({
      syncedForMs: fc.option(ms),
      asked: fc.option(fc.record({ minMs: ms, maxMs: ms })),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(end, ms)),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (ends, share) => {
          let reconnecting = fresh;
          for (const [one, windowMs] of ends) {
            const planned = planReconnect(noteWindow(reconnecting, windowMs), one, () => share);
            assert(planned.waitMs >= 0 && planned.waitMs <= 300_000, String(planned.waitMs));
            reconnecting = planned.reconnecting;
          }
        },
      ),
    );
  });
});
