import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMark } from '../../../agent/core/marks.ts';
import { type MonitorLog, passMonitorGate } from '../../../agent/core/monitor-gate.ts';
import { noonMs, served, soft } from '../fakes/planning.ts';

const own = 'chester orders replica';
const since = (seconds: number): string => `${own} (warming since ${new Date(noonMs + seconds * 1000).toISOString()})`;
const warming = { ...soft, comment: since(-60) };
const notYet = "ProxySQL's monitor has not looked at it yet";

/** Checks as `[seconds from noon, error]`. */
function logOf(checks: readonly (readonly [number, string | null])[], hostname = 'a'): MonitorLog {
  const log = checks.map(([seconds, error]) => ({ hostname, port: 3306, atMs: noonMs + seconds * 1000, error }));
  return { isEnabled: true, checks: log };
}

describe('passMonitorGate', () => {
  const cases: readonly {
    readonly name: string;
    readonly runtime: Partial<ReturnType<typeof served>> | null;
    readonly log: MonitorLog | null;
    /** `null`: it may serve. */
    readonly warming: { readonly since: number; readonly detail: string } | null;
  }[] = [
    { name: 'a new one has to wait', runtime: null, log: null, warming: { since: 0, detail: notYet } },
    {
      name: 'a check of the very moment says nothing about it',
      runtime: null,
      log: logOf([[0, null]]),
      warming: { since: 0, detail: notYet },
    },
    { name: 'one that serves has passed', runtime: { status: 'ONLINE' }, log: null, warming: null },
    { name: 'also while it is shunned', runtime: { status: 'SHUNNED' }, log: null, warming: null },
    {
      name: 'one that was taken out by hand has to wait anew',
      runtime: { status: 'OFFLINE_HARD', comment: since(-60) },
      log: logOf([[-1, null]]),
      warming: { since: 0, detail: notYet },
    },
    {
      name: 'one that was leaving has to wait anew',
      runtime: { ...soft, comment: `${own} (leaving)` },
      log: logOf([[-1, null]]),
      warming: { since: 0, detail: notYet },
    },
    { name: 'it waits on', runtime: warming, log: logOf([]), warming: { since: -60, detail: notYet } },
    { name: 'an answer since then lets it pass', runtime: warming, log: logOf([[-8, null]]), warming: null },
    {
      name: 'an answer from before does not',
      runtime: warming,
      log: logOf([[-61, null]]),
      warming: { since: -60, detail: notYet },
    },
    {
      name: "another server's answer does not",
      runtime: warming,
      log: logOf([[-8, null]], 'b'),
      warming: { since: -60, detail: notYet },
    },
    {
      name: 'a failure is told',
      runtime: warming,
      log: logOf([[-8, 'timed out']]),
      warming: { since: -60, detail: 'timed out' },
    },
    {
      name: 'a failure after an answer counts',
      runtime: warming,
      log: logOf([
        [-16, null],
        [-8, 'Access denied'],
      ]),
      warming: { since: -60, detail: 'Access denied' },
    },
    {
      name: 'an answer after a failure counts',
      runtime: warming,
      log: logOf([
        [-8, null],
        [-16, 'down'],
      ]),
      warming: null,
    },
    {
      name: 'a clock that was put back begins anew',
      runtime: { ...soft, comment: since(7200) },
      log: logOf([[-8, null]]),
      warming: { since: 0, detail: notYet },
    },
    {
      name: 'what the monitor noted before a clock was put back does not count',
      runtime: warming,
      log: logOf([
        [7200, null],
        [-8, 'down'],
      ]),
      warming: { since: -60, detail: 'down' },
    },
    {
      name: 'a clock that was put forward does not stop it',
      runtime: { ...soft, comment: since(-7200) },
      log: logOf([[-8, null]]),
      warming: null,
    },
    {
      name: 'a monitor that is switched off is told',
      runtime: warming,
      log: { isEnabled: false, checks: [] },
      warming: { since: -60, detail: 'ProxySQL does not monitor at all: mysql-monitor_enabled is false' },
    },
  ];
  for (const { name, runtime, log, warming: expected } of cases) {
    it(name, () => {
      const inRuntime = runtime === null ? undefined : served(20, 'a', runtime);
      const runtimeMark = inRuntime === undefined ? null : parseMark(inRuntime.comment).mark;
      const want = served(20, 'a');
      const passed = passMonitorGate(want, { inRuntime, runtimeMark }, log, noonMs);
      if (expected === null) {
        assert.deepEqual(passed, { want, warming: null });
        return;
      }
      const { since: seconds, detail } = expected;
      assert.deepEqual(passed.want, served(20, 'a', { ...soft, comment: since(seconds) }));
      assert.deepEqual(passed.warming, { hostname: 'a', port: 3306, sinceMs: noonMs + seconds * 1000, detail });
    });
  }
});
