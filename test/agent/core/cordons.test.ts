import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CordonVerdict, judgeCordon } from '../../../agent/core/cordons.ts';
import { parseMark } from '../../../agent/core/marks.ts';
import { noonMs, served, soft } from '../fakes/planning.ts';

const hourMs = 3_600_000;
const hard = { status: 'OFFLINE_HARD' } as const;
const own = 'chester orders replica';
const until = (ms: number): string => `${own} (cordon until ${new Date(noonMs + ms).toISOString()})`;

describe('judgeCordon', () => {
  const cases: readonly {
    readonly name: string;
    readonly memory: { readonly status: string; readonly comment?: string };
    readonly runtime: string | null;
    readonly wanted?: string;
    readonly cordonMs?: number;
    readonly kind: CordonVerdict['kind'];
    readonly untilMs?: number;
  }[] = [
    { name: 'ONLINE is none', memory: { status: 'ONLINE' }, runtime: 'ONLINE', kind: 'none' },
    { name: 'SHUNNED by hand is none', memory: { status: 'SHUNNED' }, runtime: 'SHUNNED', kind: 'none' },
    { name: 'loaded OFFLINE_SOFT is one', memory: soft, runtime: 'OFFLINE_SOFT', kind: 'cordoned', untilMs: hourMs },
    { name: 'OFFLINE_SOFT that was not loaded is pending', memory: soft, runtime: 'ONLINE', kind: 'pending' },
    { name: 'also while ProxySQL shuns the server', memory: soft, runtime: 'SHUNNED', kind: 'pending' },
    { name: 'loaded OFFLINE_HARD is shown by nothing', memory: hard, runtime: null, kind: 'cordoned', untilMs: hourMs },
    { name: 'or with its last connections', memory: hard, runtime: 'OFFLINE_HARD', kind: 'cordoned', untilMs: hourMs },
    { name: 'OFFLINE_HARD that was not loaded is pending', memory: hard, runtime: 'ONLINE', kind: 'pending' },
    { name: 'also over our own OFFLINE_SOFT', memory: hard, runtime: 'OFFLINE_SOFT', kind: 'pending' },
    {
      name: 'OFFLINE_HARD is never ours, whatever mark it bears',
      memory: { ...hard, comment: `${own} (leaving)` },
      runtime: null,
      kind: 'cordoned',
      untilMs: hourMs,
    },
    {
      name: 'OFFLINE_SOFT with a mark of ours is ours',
      memory: { ...soft, comment: `${own} (leaving)` },
      runtime: 'OFFLINE_SOFT',
      kind: 'none',
    },
    {
      name: 'a marked one keeps its end',
      memory: { ...soft, comment: until(1000) },
      runtime: 'OFFLINE_SOFT',
      kind: 'cordoned',
      untilMs: 1000,
    },
    {
      name: 'a marked one ends',
      memory: { ...soft, comment: until(0) },
      runtime: 'OFFLINE_SOFT',
      kind: 'none',
    },
    {
      name: 'an end that only a clock can have made comes nearer',
      memory: { ...soft, comment: until(5 * hourMs) },
      runtime: 'OFFLINE_SOFT',
      kind: 'cordoned',
      untilMs: hourMs,
    },
    {
      name: 'an ended one that was not loaded holds nothing',
      memory: { ...soft, comment: until(-1) },
      runtime: 'ONLINE',
      kind: 'none',
    },
    {
      name: 'nothing is kept where that is switched off',
      memory: soft,
      runtime: 'OFFLINE_SOFT',
      cordonMs: 0,
      kind: 'none',
    },
    {
      name: 'OFFLINE_SOFT is what the snapshot wants',
      memory: soft,
      runtime: 'OFFLINE_SOFT',
      wanted: 'OFFLINE_SOFT',
      kind: 'none',
    },
    {
      name: 'OFFLINE_HARD is more than the snapshot wants',
      memory: hard,
      runtime: null,
      wanted: 'OFFLINE_SOFT',
      kind: 'cordoned',
      untilMs: hourMs,
    },
  ];
  for (const { name, memory, runtime, wanted = 'ONLINE', cordonMs = hourMs, kind, untilMs } of cases) {
    it(name, () => {
      const inMemory = served(20, 'a', memory);
      const inRuntime = runtime === null ? undefined : served(20, 'a', { status: runtime });
      const want = served(20, 'a', { status: wanted, weight: 7 });
      const { mark } = parseMark(inMemory.comment);
      const verdict = judgeCordon(want, { inMemory, inRuntime, mark }, cordonMs, noonMs);
      assert.equal(verdict.kind, kind);
      if (verdict.kind !== 'cordoned') return;
      assert.equal(verdict.untilMs, noonMs + (untilMs ?? NaN));
      const comment = until(untilMs ?? NaN);
      assert.deepEqual(verdict.want, served(20, 'a', { status: inMemory.status, weight: 7, comment }));
    });
  }
});
