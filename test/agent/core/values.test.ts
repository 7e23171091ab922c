import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { describeForeignPending, pendingServer } from '../../../agent/core/foreign.ts';
import {
  ageMs,
  momentOf,
  parseLastKnownGood,
  renderLastKnownGood,
  usableTarget,
} from '../../../agent/core/last-known-good.ts';
import { pickChanged } from '../../../agent/core/reports.ts';
import { renderRows } from '../../../agent/core/rows.ts';
import { buildStanding, failStanding, hasLostVote, hasMoved, hasTurned } from '../../../agent/core/standing.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const state = {
  maxEpoch: 7,
  groups: [{ target: target([desired(20, 'a', { owned: true }), desired(20, 'b')]), confirmedAtMs: 1000 }],
  fleet: null,
};

describe('renderLastKnownGood and parseLastKnownGood', () => {
  it('give back what was kept', () => {
    assert.deepEqual(parseLastKnownGood(renderLastKnownGood(state, digest), digest), { state });
  });

  it('notice any torn end and any changed character', () => {
    const text = renderLastKnownGood(state, digest);
    fc.assert(
      fc.property(fc.nat(text.length - 1), (end) => {
        assert.ok('problem' in parseLastKnownGood(text.slice(0, end), digest));
        assert.ok('problem' in parseLastKnownGood(text.slice(0, end) + '~' + text.slice(end + 1), digest));
      }),
    );
  });

  it('refuse a format of another version', () => {
    const body = JSON.stringify({ format: 3, ...state });
    const parsed = parseLastKnownGood(`${digest(body)}\n${body}\n`, digest);
    assert.match('problem' in parsed ? parsed.problem : '', /format is 3/);
  });
});

describe('usableTarget', () => {
  const kept = state.groups[0]!;
  it('is all of it up to the age, static servers only after', () => {
    assert.equal(usableTarget(kept, 500, 1500), kept.target);
    const stale = usableTarget(kept, 500, 1501);
    assert.deepEqual(stale.body, target([desired(20, 'b')]).body);
    assert.equal(stale.hash, '');
  });
});

describe('ageMs', () => {
  const minuteMs = 60_000;
  const now = { wallMs: 1e12, monotonicMs: 5 * minuteMs };

  it('is no less when the wall clock was put back, and counts the time in which a machine slept', () => {
    const since = { wallMs: now.wallMs + minuteMs, monotonicMs: minuteMs };
    assert.equal(ageMs(since, now), 4 * minuteMs);
    assert.equal(ageMs({ wallMs: now.wallMs - 60 * minuteMs, monotonicMs: minuteMs }, now), 60 * minuteMs);
  });

  it('counts what lies before this process by the wall clock, and a moment to come as now', () => {
    assert.equal(ageMs(momentOf(now.wallMs - 60 * minuteMs, now), now), 60 * minuteMs);
    assert.equal(ageMs(momentOf(now.wallMs + minuteMs, now), now), 0);
    const later = { wallMs: now.wallMs, monotonicMs: now.monotonicMs + minuteMs };
    assert.equal(ageMs(momentOf(now.wallMs + 60 * minuteMs, now), later), minuteMs);
  });
});

describe('renderRows', () => {
  it('does not depend on order or on what a monitor thinks', () => {
    const [a, b] = [row(20, 'a'), row(20, 'b')];
    assert.equal(renderRows([a, b]), renderRows([b, { ...a, status: 'SHUNNED' }]));
    assert.notEqual(renderRows([a, b]), renderRows([a, { ...b, weight: 2 }]));
    assert.notEqual(renderRows([a]), renderRows([{ ...a, status: 'OFFLINE_SOFT' }]));
  });
});

describe('pickChanged', () => {
  const pool = new FakeAdmin().serve(row(20, 'a'), row(20, 'b'), row(30, 'x')).pool();
  const ours = new Set([10, 20]);
  const none = new Map<string, number>();
  const first = pickChanged(pool, none, ours, new Map());

  it('reports all servers of our hostgroups at first, nothing of others', () => {
    assert.deepEqual(
      first.changed.map(({ hostname }) => hostname),
      ['a', 'b'],
    );
  });
  it('reports only what differs from what was sent', () => {
    assert.deepEqual(pickChanged(pool, none, ours, first.sent).changed, []);
    const busy = pool.map((one) => (one.hostname === 'b' ? { ...one, connUsed: 3 } : one));
    assert.deepEqual(
      pickChanged(busy, none, ours, first.sent).changed.map(({ connUsed }) => connUsed),
      [3],
    );
  });
  it('reports a server that is gone once more, as ABSENT', () => {
    const { changed, sent } = pickChanged(pool.slice(1), none, ours, first.sent);
    assert.deepEqual(
      changed.map(({ hostname, status }) => [hostname, status]),
      [['a', 'ABSENT']],
    );
    assert.deepEqual(pickChanged(pool.slice(1), none, ours, sent).changed, []);
  });
});

describe('standings', () => {
  const plan = {
    target: target([], [gone('a')], { revision: 4 }),
    changes: [],
    diskDeletes: [],
    isSettled: true,
    hold: null,
    removing: [],
    isDraining: false,
    absent: [{ hostname: 'a', port: 3306 }],
    unmanaged: [row(20, 'old')],
    runtimeRows: [],
    warming: [],
    cordoned: [],
    isWriterFallback: false,
    hasReader: true,
    isHarmedByOthers: false,
    wakeAtMs: null,
  };

  it('vote only when the last known good is on disk, for the revision that was applied', () => {
    assert.deepEqual(buildStanding(plan, false, digest).absent, []);
    assert.deepEqual(buildStanding(plan, true, digest).absent, [{ hostname: 'a', port: 3306, revision: 4 }]);
  });

  it('carry no more of a row than the wire has', () => {
    assert.deepEqual(buildStanding(plan, true, digest).unmanaged, [{ hostname: 'old', port: 3306 }]);
  });

  it('move when a vote, a connection or a reason changes', () => {
    const before = buildStanding(plan, true, digest);
    const draining = { hostname: 'a', port: 3306, connUsed: 2, reason: 'DRAINING', detail: '' };
    assert.equal(hasMoved(before, { ...before, runtimeHash: 'x' }), false);
    assert.equal(hasMoved(null, before), true);
    assert.equal(hasMoved(before, { ...before, absent: [] }), true);
    const removing = { ...before, removing: [draining] };
    assert.equal(hasMoved(removing, { ...removing, removing: [{ ...draining, connUsed: 1 }] }), true);
    assert.equal(hasMoved(removing, { ...removing, removing: [{ ...draining, reason: 'ON_DISK' }] }), true);
    assert.equal(hasTurned(removing, { ...removing, removing: [{ ...draining, connUsed: 1 }] }), false);
    assert.equal(hasTurned(removing, { ...removing, removing: [{ ...draining, reason: 'ON_DISK' }] }), true);
    assert.equal(hasTurned(null, removing), true);
  });

  it('lose a vote when the address is there again', () => {
    const before = buildStanding(plan, true, digest);
    const back = {
      ...before,
      absent: [],
      removing: [{ hostname: 'a', port: 3306, connUsed: 0, reason: 'DRAINING', detail: '' }],
    };
    assert.equal(hasLostVote(before, back), true);
    assert.equal(hasLostVote(before, { ...before, absent: [] }), false);
  });

  it('of a failure keep what was known before', () => {
    const before = buildStanding(plan, true, digest);
    const failed = failStanding(plan.target, before, { code: 'X', message: 'x', isPermanent: false });
    assert.deepEqual(failed.absent, before.absent);
    assert.equal(failed.isSettled, false);
    assert.deepEqual(failStanding(plan.target, null, { code: 'X', message: 'x', isPermanent: true }).removing, []);
  });
});

describe('describeForeignPending', () => {
  it('names at most five rows', () => {
    const pending = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => pendingServer(row(30, name), 'added'));
    assert.match(describeForeignPending(pending), /added: hostgroup 30 e:3306, and 1 more$/);
  });
});
