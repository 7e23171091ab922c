import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doubtMs, noteShuns } from '../../../agent/core/readers.ts';
import { row } from '../fakes/fake-admin.ts';

const key = '20 a:3306';
const as = (status: string) => [row(20, 'a', { status })];

describe('noteShuns', () => {
  const longAgo = new Map([[key, 1000]]);
  const nowMs = 1000 + 20 * doubtMs;

  for (const { name, before, runtime, doubted } of [
    { name: 'doubts what is SHUNNED now', before: new Map(), runtime: as('SHUNNED'), doubted: nowMs },
    { name: 'doubts nothing that just serves', before: new Map(), runtime: as('ONLINE'), doubted: undefined },
    { name: 'forgets what has served for long', before: longAgo, runtime: as('ONLINE'), doubted: undefined },
    { name: 'forgets what is gone for long', before: longAgo, runtime: [], doubted: undefined },
    {
      name: 'goes on doubting what nobody could ask since',
      before: longAgo,
      runtime: as('OFFLINE_SOFT'),
      doubted: nowMs,
    },
    {
      name: 'trusts what a person took out healthy',
      before: new Map(),
      runtime: as('OFFLINE_SOFT'),
      doubted: undefined,
    },
    {
      name: 'remembers since when it serves again',
      before: new Map([[key, nowMs - 1]]),
      runtime: as('ONLINE'),
      doubted: nowMs - 1,
    },
  ]) {
    it(name, () => {
      assert.equal(noteShuns(before, runtime, nowMs).get(key), doubted);
    });
  }
});
