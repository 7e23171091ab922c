import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MonitorCheck, MonitorLog } from '../../../agent/core/monitor-gate.ts';
import { askMonitor, type MonitorPast, notePast, withoutPast } from '../../../agent/core/monitor-past.ts';
import { withMark } from '../../../agent/core/marks.ts';
import type { ServerRow } from '../../../agent/core/rows.ts';
import { indexRows } from '../../../agent/core/view.ts';
import { noonMs, served, soft } from '../fakes/planning.ts';
import { desired, target } from '../fakes/targets.ts';

const nothing: MonitorPast = new Map();
const a = { hostname: 'a', port: 3306 };

function checkAt(seconds: number, hostname = 'a'): MonitorCheck {
  return { hostname, port: 3306, atMs: noonMs + seconds * 1000, error: null };
}

function logOf(...checks: readonly MonitorCheck[]): MonitorLog {
  return { isEnabled: true, checks };
}

function waitingSince(seconds: number): ServerRow {
  const mark = { kind: 'warming', sinceMs: noonMs + seconds * 1000 } as const;
  return served(20, 'a', { ...soft, comment: withMark('chester orders replica', mark) });
}

describe('askMonitor', () => {
  const wanted = target([desired(20, 'a', { owned: true })]);
  const cases: readonly {
    readonly name: string;
    readonly runtime: readonly ServerRow[];
    readonly waiting?: number;
    readonly expected: { readonly coming: boolean; readonly since: number } | null;
    readonly wanted?: typeof wanted;
  }[] = [
    { name: 'asks for one that comes, from now on', runtime: [], expected: { coming: true, since: 0 } },
    { name: 'asks for nobody when it serves', runtime: [served(20, 'a')], expected: null },
    { name: 'nor when it is shunned', runtime: [served(20, 'a', { status: 'SHUNNED' })], expected: null },
    {
      name: 'asks for one that waits, from its mark on',
      runtime: [waitingSince(-60)],
      waiting: -60,
      expected: { coming: false, since: -60 },
    },
    {
      name: 'takes one whose mark is from the future for one that comes',
      runtime: [waitingSince(7200)],
      waiting: 7200,
      expected: { coming: true, since: 0 },
    },
    {
      name: 'asks for one that somebody took out',
      runtime: [served(20, 'a', { status: 'OFFLINE_HARD' })],
      expected: { coming: true, since: 0 },
    },
    { name: 'asks for no static server', runtime: [], expected: null, wanted: target([desired(20, 'a')]) },
    {
      name: 'asks for nothing in the writer hostgroup',
      runtime: [],
      expected: null,
      wanted: target([desired(10, 'a', { owned: true })]),
    },
  ];
  for (const { name, runtime, waiting, expected, wanted: other } of cases) {
    it(name, () => {
      const marked = waiting === undefined ? [] : [{ ...a, sinceMs: noonMs + waiting * 1000 }];
      const asked = askMonitor([other ?? wanted], marked, indexRows({ memory: runtime, runtime }), noonMs);
      const found = asked === null ? null : { coming: asked.coming.length > 0, since: (asked.sinceMs - noonMs) / 1000 };
      assert.deepEqual(found, expected);
    });
  }
});

describe('notePast', () => {
  const coming = { waiting: [], coming: [a], sinceMs: noonMs };
  const waiting = { waiting: [a], coming: [], sinceMs: noonMs - 60_000 };
  const both = { waiting: [a], coming: [a], sinceMs: noonMs };
  const left = (log: MonitorLog, past: MonitorPast): readonly number[] =>
    withoutPast(log, past).checks.map(({ atMs }) => (atMs - noonMs) / 1000);

  it('notes of one that comes what was noted before the clock was put back', () => {
    const log = logOf(checkAt(-8), checkAt(7200));
    const past = notePast(nothing, coming, log, noonMs);
    assert.deepEqual(left(log, past), [-8]);
  });

  it('goes on knowing it while the server waits, and counts what comes', () => {
    const before = notePast(nothing, coming, logOf(checkAt(20)), noonMs);
    const log = logOf(checkAt(8), checkAt(20));
    assert.deepEqual(left(log, notePast(before, waiting, log, noonMs + 30_000)), [8]);
  });

  it('counts nothing that stands there when one that waits is first seen, and the next check', () => {
    const first = logOf(checkAt(-50), checkAt(-42));
    const before = notePast(nothing, waiting, first, noonMs);
    assert.deepEqual(left(first, before), []);
    const second = logOf(checkAt(-50), checkAt(-42), checkAt(-34));
    assert.deepEqual(left(second, notePast(before, waiting, second, noonMs)), [-34]);
  });

  it('begins anew when the clock is put back while the server waits', () => {
    const before = notePast(nothing, coming, logOf(), noonMs);
    const log = logOf(checkAt(3600));
    assert.deepEqual(left(log, notePast(before, both, log, noonMs)), []);
  });

  it('forgets whom nobody waits for any more', () => {
    const before = notePast(nothing, coming, logOf(checkAt(20)), noonMs);
    const b = { ...coming, coming: [{ ...a, hostname: 'b' }] };
    const after = notePast(before, b, logOf(), noonMs);
    assert.deepEqual([...after.keys()], ['b:3306']);
  });
});
