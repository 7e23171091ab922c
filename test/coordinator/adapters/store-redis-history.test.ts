import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RedisHistory, sealedHeadOf } from '../../../coordinator/adapters/store-redis-history.ts';

const head = (revision: number, seals: readonly (readonly [number, number])[] = [], storeId = 'a') =>
  sealedHeadOf([storeId, String(revision), '5', JSON.stringify(seals.map((pair) => pair.map(String)))]);

describe('RedisHistory', () => {
  const cases = [
    { name: 'the first head', before: null, now: head(7), seen: 0, loss: null },
    { name: 'the same revision', before: head(7), now: head(7), seen: 7, loss: null },
    { name: 'a newer one', before: head(7), now: head(9), seen: 7, loss: null },
    {
      name: 'an older one',
      before: head(7),
      now: head(6),
      seen: 7,
      loss: { kind: 'writesLost', keptRevision: 6, seenRevision: 7 },
    },
    // Another connection committed 8 while this head was on its way.
    { name: 'an older one than was seen since', before: head(8), now: head(7), seen: 7, loss: null },
    { name: 'a seal behind all that was seen', before: head(7), now: head(100, [[7, 100]]), seen: 7, loss: null },
    {
      name: 'a seal before what was seen',
      before: head(7),
      now: head(103, [[5, 100]]),
      seen: 7,
      loss: { kind: 'writesLost', keptRevision: 5, seenRevision: 7 },
    },
    {
      name: 'an earlier seal, with what was seen behind it',
      before: head(103),
      now: head(900, [
        [5, 100],
        [103, 900],
      ]),
      seen: 103,
      loss: null,
    },
    {
      name: 'another store',
      before: head(7),
      now: head(700, [], 'b'),
      seen: 7,
      loss: { kind: 'otherStore', storeId: 'b' },
    },
  ];
  for (const { name, before, now, seen, loss } of cases) {
    it(`finds ${loss === null ? 'nothing lost' : 'a loss'}: ${name}`, () => {
      const history = new RedisHistory();
      if (before !== null) history.compare(before, 0);
      const told: unknown[] = [];
      history.watch((what) => told.push(what));
      history.compare(now, seen);
      assert.deepEqual(told, loss === null ? [] : [loss]);
      if (loss === null) return;
      history.compare(now, history.seenRevision);
      assert.equal(told.length, 1, 'told twice');
    });
  }
});
