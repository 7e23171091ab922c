import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Update } from '../../../agent/core/messages.ts';
import {
  answerSlow,
  answerUpdate,
  expectAnswer,
  type GroupStanding,
  isStale,
  judgeEpoch,
  openSession,
  rejectUpdate,
} from '../../../agent/core/session.ts';
import { target } from '../fakes/targets.ts';

function update(revision: number, nonce = `n${revision}`): Update {
  return { nonce, group: 'orders', revision, hash: `h${revision}`, body: target([]).body };
}

function standing(revision: number, more: Partial<GroupStanding> = {}): GroupStanding {
  return {
    group: 'orders',
    revision,
    removing: [],
    absent: [],
    unmanaged: [],
    warming: [],
    cordoned: [],
    isWriterFallback: false,
    isSettled: false,
    runtimeHash: 'r',
    failure: null,
    ...more,
  };
}

const retrying = { code: 'ADMIN_TIMED_OUT', message: 'too slow', isPermanent: false };

describe('judgeEpoch', () => {
  const cases = [
    { name: 'refuses an older leader', epoch: 4, maxEpoch: 5, savedEpoch: 5, verdict: 'refuse' },
    {
      name: 'refuses an older leader that is newer than what is on disk',
      epoch: 4,
      maxEpoch: 5,
      savedEpoch: 3,
      verdict: 'refuse',
    },
    { name: 'accepts the one it knows', epoch: 5, maxEpoch: 5, savedEpoch: 5, verdict: 'accept' },
    { name: 'raises for a newer one', epoch: 6, maxEpoch: 5, savedEpoch: 5, verdict: 'raise' },
    { name: 'raises again for one that is not on disk', epoch: 5, maxEpoch: 5, savedEpoch: 4, verdict: 'raise' },
  ] as const;
  for (const one of cases) {
    it(one.name, () => {
      assert.equal(judgeEpoch(one.epoch, one), one.verdict);
    });
  }
});

describe('isStale', () => {
  const held = { revision: 5, epoch: 2 };
  const cases = [
    { name: 'an older revision under the same epoch', revision: 4, held, epoch: 2, stale: true },
    { name: 'the same revision again', revision: 5, held, epoch: 2, stale: false },
    { name: 'an older revision under a newer epoch', revision: 4, held, epoch: 3, stale: false },
    { name: 'any revision of an unknown group', revision: 1, held: null, epoch: 2, stale: false },
  ] as const;
  for (const one of cases) {
    it(`${one.stale ? 'is' : 'is not'} ${one.name}`, () => {
      assert.equal(isStale(update(one.revision), one.held, one.epoch), one.stale);
    });
  }
});

describe('answerUpdate', () => {
  const open = expectAnswer(openSession(1), update(2), 100);

  it('answers APPLIED once, with the time it took and without an error', () => {
    const { session, ack } = answerUpdate(open, standing(2, { isSettled: true, failure: retrying }), 103.5);
    assert.equal(ack?.status, 'APPLIED');
    assert.equal(ack.nonce, 'n2');
    assert.equal(ack.applyMicros, 3500);
    assert.equal(ack.error, null);
    assert.equal(answerUpdate(session, standing(2, { isSettled: true }), 104).ack, null);
  });

  it('says nothing while there is nothing to say', () => {
    assert.equal(answerUpdate(open, standing(2), 103).ack, null);
  });

  it('does not take the standing of another revision for an answer', () => {
    assert.equal(answerUpdate(open, standing(1, { isSettled: true }), 103).ack, null);
    assert.equal(answerUpdate(open, { ...standing(2, { isSettled: true }), group: 'billing' }, 103).ack, null);
  });

  it('announces RETRYING once for each cause, then answers under the same nonce', () => {
    const first = answerUpdate(open, standing(2, { failure: retrying }), 103);
    assert.equal(first.ack?.status, 'RETRYING');
    assert.deepEqual(first.ack.error, { code: 'ADMIN_TIMED_OUT', message: 'too slow' });
    const again = answerUpdate(first.session, standing(2, { failure: retrying }), 104);
    assert.equal(again.ack, null);
    const other = answerUpdate(again.session, standing(2, { failure: { ...retrying, code: 'FOREIGN_PENDING' } }), 105);
    assert.equal(other.ack?.error?.code, 'FOREIGN_PENDING');
    assert.equal(answerUpdate(other.session, standing(2, { isSettled: true }), 106).ack?.nonce, 'n2');
  });

  it('ends with REJECTED for a permanent cause', () => {
    const { session, ack } = answerUpdate(open, standing(2, { failure: { ...retrying, isPermanent: true } }), 103);
    assert.equal(ack?.status, 'REJECTED');
    assert.equal(answerUpdate(session, standing(2, { isSettled: true }), 104).ack, null);
  });

  it('answers the newest update of a group only', () => {
    const both = expectAnswer(open, update(3), 101);
    assert.equal(answerUpdate(both, standing(2, { isSettled: true }), 103).ack, null);
    assert.equal(answerUpdate(both, standing(3, { isSettled: true }), 103).ack?.nonce, 'n3');
  });
});

describe('rejectUpdate', () => {
  it('carries the nonce and the reason', () => {
    const ack = rejectUpdate(update(2), { code: 'STALE_REVISION', message: 'old' });
    assert.deepEqual([ack.nonce, ack.status, ack.error?.code], ['n2', 'REJECTED', 'STALE_REVISION']);
  });
});

describe('answerSlow', () => {
  const waiting = expectAnswer(openSession(1), update(3), 0);

  it('answers once what got no answer yet', () => {
    const slow = answerSlow(waiting, 'n3');
    assert.deepEqual([slow?.ack.status, slow?.ack.revision, slow?.ack.error?.code], ['RETRYING', 3, 'SLOW']);
    assert.ok(slow !== null);
    assert.equal(answerSlow(slow.session, 'n3'), null);
    assert.equal(answerUpdate(slow.session, standing(3, { isSettled: true }), 5).ack?.status, 'APPLIED');
  });

  it('leaves alone what was answered, or replaced', () => {
    assert.equal(answerSlow(answerUpdate(waiting, standing(3, { isSettled: true }), 5).session, 'n3'), null);
    assert.equal(answerSlow(answerUpdate(waiting, standing(3, { failure: retrying }), 5).session, 'n3'), null);
    assert.equal(answerSlow(expectAnswer(waiting, update(4), 0), 'n3'), null);
  });
});
