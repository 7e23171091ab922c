import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  advanceAnswered,
  advanceSent,
  isOverdue,
  needsUpdate,
  newSubscription,
  type Subscription,
} from '../../../coordinator/core/subscription.ts';
import { startMs } from '../builders.ts';

const one = { revision: 1, hash: 'a' };
const two = { revision: 2, hash: 'b' };
const sent = advanceSent(newSubscription(null), { nonce: 'n1', ...one }, startMs);

function answered(
  subscription: Subscription,
  nonce: string,
  status: 'APPLIED' | 'REJECTED' | 'RETRYING',
): Subscription {
  const error = status === 'APPLIED' ? null : { code: 'BAD', message: 'bad row' };
  return advanceAnswered(subscription, { nonce, status, error });
}

describe('needsUpdate', () => {
  const applied = answered(sent, 'n1', 'APPLIED');
  const rejected = answered(sent, 'n1', 'REJECTED');
  const cases: readonly (readonly [name: string, subscription: Subscription, latest: typeof one, expected: boolean])[] =
    [
      ['a new agent', newSubscription(null), one, true],
      ['an agent that knows it', newSubscription(one), one, false],
      ['an agent that knows an older one', newSubscription(one), two, true],
      [
        'equal content at another revision: votes need the revision',
        newSubscription(one),
        { ...one, revision: 2 },
        true,
      ],
      ['another content at the same revision', newSubscription(one), { ...two, revision: 1 }, true],
      ['one is un-ACKed already', sent, two, false],
      ['it was applied', applied, one, false],
      ['it was applied, and a newer one came', applied, two, true],
      ['it was rejected', rejected, one, false],
      ['it was rejected, at another revision too', rejected, { ...one, revision: 3 }, false],
      ['it was rejected, and another content came', rejected, two, true],
      ['it is being retried', answered(sent, 'n1', 'RETRYING'), one, false],
      ['it is being retried, and another came', answered(sent, 'n1', 'RETRYING'), two, true],
    ];
  for (const [name, subscription, latest, expected] of cases) {
    it(`${name}: ${expected ? 'sent' : 'not sent'}`, () => {
      assert.equal(needsUpdate(subscription, latest), expected);
    });
  }
});

describe('advanceAnswered', () => {
  it('ignores a stale nonce', () => {
    assert.equal(answered(sent, 'n0', 'REJECTED'), sent);
    const done = answered(sent, 'n1', 'APPLIED');
    assert.equal(answered(done, 'n1', 'REJECTED'), done);
  });

  it('notes what was applied', () => {
    const done = answered(sent, 'n1', 'APPLIED');
    assert.deepEqual([done.state, done.applied, done.sent, done.error], ['APPLIED', one, null, null]);
  });

  it('keeps what was applied before when the next one is rejected, with the reason', () => {
    const next = advanceSent(answered(sent, 'n1', 'APPLIED'), { nonce: 'n2', ...two }, startMs);
    const refused = answered(next, 'n2', 'REJECTED');
    assert.deepEqual([refused.state, refused.applied, refused.rejectedHash], ['REJECTED', one, 'b']);
    assert.equal(refused.error?.message, 'bad row');
  });

  it('waits for the verdict of an agent that goes on trying', () => {
    const trying = answered(sent, 'n1', 'RETRYING');
    assert.deepEqual([trying.state, trying.sent?.nonce], ['RETRYING', 'n1']);
    assert.equal(answered(trying, 'n1', 'APPLIED').state, 'APPLIED');
  });

  it('forgets a refusal once another content was applied', () => {
    const refused = answered(sent, 'n1', 'REJECTED');
    const next = answered(advanceSent(refused, { nonce: 'n2', ...two }, startMs), 'n2', 'APPLIED');
    assert.equal(needsUpdate(next, { revision: 3, hash: 'a' }), true);
  });
});

describe('isOverdue', () => {
  it('is so when nothing was answered for longer than the deadline', () => {
    assert.equal(isOverdue(sent, 100, startMs + 100), false);
    assert.equal(isOverdue(sent, 100, startMs + 101), true);
  });

  it('is not so once the agent said anything', () => {
    for (const status of ['APPLIED', 'REJECTED', 'RETRYING'] as const) {
      assert.equal(isOverdue(answered(sent, 'n1', status), 100, startMs + 1000), false);
    }
    assert.equal(isOverdue(newSubscription(null), 100, startMs + 1000), false);
  });
});
