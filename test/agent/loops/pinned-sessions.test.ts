import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePinned, type ProxySession } from '../../../agent/core/pinned-sessions.ts';
import { settle } from '../fakes/fake-clock.ts';
import { type Loops, startApplied } from '../fakes/loops.ts';
import { desired, gone, plainPolicy, target } from '../fakes/targets.ts';

const address = { hostname: 'a', port: 3306 };

function session(id: number, pins: readonly string[] = ['get_lock']): ProxySession {
  return { ...address, id, user: 'app', client: '10.1.0.9', seconds: 90, pins };
}

/** A reader that drains although `used` connections stay. */
async function startDrain(used: number, endPinnedAfterSeconds: number): Promise<Loops> {
  const loops = await startApplied([desired(20, 'a'), desired(20, 'b')]);
  loops.admin.used.set('20 a:3306', used);
  const policy = { ...plainPolicy, endPinnedAfterSeconds };
  loops.applier.submit(target([desired(20, 'b')], [gone('a')], { revision: 2, hash: 'h2', hostgroups: { policy } }));
  await settle();
  return loops;
}

describe('describePinned', () => {
  const cases = [
    {
      name: 'names who holds it',
      used: 1,
      sessions: [session(7)],
      words: /^session 7 of app@10\.1\.0\.9 \(90 s, get_lock\)$/,
    },
    {
      name: 'says what is not listed',
      used: 2,
      sessions: [session(7)],
      words: /; 1 that ProxySQL does not list \(mysql-show/,
    },
    {
      name: 'names at most five',
      used: 7,
      sessions: [1, 2, 3, 4, 5, 6, 7].map((id) => session(id)),
      words: /session 5 .*; 2 more sessions$/,
    },
    {
      name: 'names nobody of another server',
      used: 1,
      sessions: [{ ...session(7), port: 1 }],
      words: /^1 that ProxySQL/,
    },
  ];
  for (const { name, used, sessions, words } of cases) {
    it(name, () => {
      assert.match(describePinned(address, used, sessions), words);
    });
  }
});

describe('a drain that does not end', () => {
  it('is looked into after half a minute, and held', async () => {
    const loops = await startDrain(2, 0);
    loops.admin.sessions = [session(7)];
    await loops.clock.advance(29_000);
    assert.equal(loops.standing.removing[0]?.reason, 'DRAINING');
    await loops.clock.advance(3000);
    const [removing] = loops.standing.removing;
    assert.equal(removing.reason, 'PINNED');
    assert.match(removing.detail, /session 7 of app/);
    await loops.clock.advance(3_600_000);
    assert.equal(loops.admin.sessions.length, 1);
    assert.equal(loops.admin.runtime.has('20 a:3306'), true);
  });

  it('ends sessions when the policy says so, and not before', async () => {
    const loops = await startDrain(1, 60);
    loops.admin.sessions = [session(7), { ...session(8), hostname: 'b' }];
    await loops.clock.advance(59_000);
    assert.equal(loops.admin.sessions.length, 2);
    await loops.clock.advance(8000);
    assert.deepEqual(
      loops.admin.sessions.map(({ id }) => id),
      [8],
    );
    assert.equal(loops.metrics.endedSessions, 1);
    assert.deepEqual(
      loops.standing.absent.map(({ hostname }) => hostname),
      ['a'],
    );
  });

  it('does not stumble over a session that ended by itself', async () => {
    const loops = await startDrain(1, 60);
    loops.admin.onCall = (name) => {
      if (name === 'readSessions') loops.admin.sessions = [session(7)];
      if (name === 'endSession') loops.admin.sessions = [];
    };
    await loops.clock.advance(70_000);
    assert.equal(loops.metrics.endedSessions, 0);
    assert.equal(loops.standing.failure, null);
  });

  it('never ends one while ProxySQL cannot be asked', async () => {
    const loops = await startDrain(1, 60);
    loops.admin.sessions = [];
    await loops.clock.advance(120_000);
    assert.match(loops.standing.removing[0]?.detail ?? '', /^1 that ProxySQL does not list/);
    assert.equal(loops.admin.runtime.has('20 a:3306'), true);
  });
});
