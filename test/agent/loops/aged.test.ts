import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoordinatorMessage, Update, Welcome } from '../../../agent/core/messages.ts';
import { AgentError } from '../../../agent/errors.ts';
import { settle } from '../fakes/fake-clock.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops } from '../fakes/loops.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const hourMs = 3_600_000;
const limited = { lastKnownGoodMaxAgeMs: hourMs };
const servers = [desired(10, 'w'), desired(20, 'fixed'), desired(20, 'made', { owned: true })];
const whole = ['10:w:3306', '20:fixed:3306', '20:made:3306'];
const rest = ['10:w:3306', '20:fixed:3306'];

const welcome: { readonly kind: 'welcome' } & Welcome = {
  kind: 'welcome',
  coordinatorId: 'c',
  epoch: 1,
  reportIntervalMs: 1000,
  applyDeadlineMs: 5000,
};

function update(revision: number, body: Update['body']): CoordinatorMessage {
  return { kind: 'update', nonce: `n${revision}`, group: 'orders', revision, hash: `h${revision}`, body };
}

function served(loops: Loops): readonly string[] {
  return [...loops.admin.runtime.values()]
    .filter(({ status }) => status === 'ONLINE')
    .map(({ hostgroup, hostname, port }) => `${hostgroup}:${hostname}:${port}`)
    .toSorted();
}

async function startApplied(): Promise<Loops> {
  const loops = await new Loops(limited).startApplier();
  loops.applier.submit(target(servers));
  await loops.clock.advance(10_000);
  assert.deepEqual(served(loops), whole);
  return loops;
}

/** In sync with a coordinator, which then says nothing more. */
async function startSynced(): Promise<Loops> {
  const loops = await new Loops(limited).start();
  loops.link.last.say(welcome);
  loops.link.last.say(update(1, target(servers).body));
  await loops.clock.advance(10_000);
  loops.link.last.say({ kind: 'syncDone' });
  await settle();
  assert.deepEqual(served(loops), whole);
  return loops;
}

/** The stream ends, and whoever is called answers nothing; the last one still may. */
async function leaveAlone(loops: Loops, forMs: number): Promise<void> {
  loops.link.last.break();
  await loops.clock.advance(forMs);
  while (loops.link.last.isEnded) await loops.clock.advance(1000);
}

describe('An agent that no coordinator has spoken to for too long', () => {
  it('gives a rebuilt proxy all but its owned servers, and says since when', async () => {
    const loops = await startApplied();
    await loops.clock.advance(hourMs);
    loops.admin.rebuild();
    await settle();
    assert.deepEqual(served(loops), rest);
    const line = loops.log.lines.find(({ message }) => message.includes('owned servers are left out'));
    assert.equal(line?.level, 'warn');
    assert.equal(loops.applier.isCaughtUp(), true);
  });

  it('gives them all while it is fresh', async () => {
    const loops = await startApplied();
    await loops.clock.advance(hourMs / 2);
    loops.admin.rebuild();
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), whole);
  });

  it('takes nothing from a proxy that has its rows', async () => {
    const loops = await startApplied();
    await loops.clock.advance(3 * hourMs);
    loops.admin.effects.length = 0;
    loops.applier.check();
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), whole);
    assert.deepEqual(loops.admin.effects, []);
  });

  it('keeps on disk what it had, with its age', async () => {
    const loops = await startApplied();
    const before = loops.store.state;
    await loops.clock.advance(hourMs);
    for (let restarts = 0; restarts < 2; restarts += 1) {
      loops.admin.rebuild();
      await loops.clock.advance(10_000);
    }
    assert.deepEqual(served(loops), rest);
    await loops.keeper.stop();
    assert.deepEqual(loops.store.state, before);
    assert.deepEqual(before?.groups[0]?.target.body, target(servers).body);
  });

  it('counts from the word, not from the proof, which may come much later', async () => {
    const loops = new Loops(limited);
    let isAway = true;
    const readState = loops.admin.readState.bind(loops.admin);
    loops.admin.readState = () => (isAway ? Promise.reject(lostConnection()) : readState());
    await loops.startApplier();
    const toldAtMs = loops.clock.nowMs();
    loops.applier.submit(target(servers));
    await loops.clock.advance(hourMs / 2);
    isAway = false;
    await loops.clock.advance(20_000);
    assert.deepEqual(served(loops), whole);
    assert.equal(loops.store.state?.groups[0]?.confirmedAtMs, toldAtMs);
  });

  it('looks at the age when it first meets its proxy, however long ago it was started', async () => {
    const loops = new Loops(limited);
    let isAway = true;
    const readState = loops.admin.readState.bind(loops.admin);
    const readVersion = loops.admin.readVersion.bind(loops.admin);
    loops.admin.readState = () => (isAway ? Promise.reject(lostConnection()) : readState());
    loops.admin.readVersion = () => (isAway ? Promise.reject(lostConnection()) : readVersion());
    const kept = { target: target(servers), proxyBoot: 'earlier', confirmedAtMs: loops.clock.nowMs() };
    loops.applier.adopt([kept], null);
    await loops.startApplier();
    await loops.clock.advance(2 * hourMs);
    isAway = false;
    await loops.clock.advance(20_000);
    assert.deepEqual(served(loops), rest);
  });

  it('falls back to nothing more when what it has is refused', async () => {
    const loops = await startApplied();
    await loops.clock.advance(2 * hourMs);
    loops.admin.nextErrors.set('replaceServers', new AgentError('ADMIN_ROW_REFUSED', 'CHECK constraint failed'));
    loops.admin.rebuild();
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), rest);
  });

  it('gets them back at once when a coordinator comes, at the same revision too', async () => {
    const loops = await startSynced();
    await leaveAlone(loops, 2 * hourMs);
    loops.admin.rebuild();
    await settle();
    assert.deepEqual(served(loops), rest);
    await leaveAlone(loops, 60_000);
    assert.deepEqual(
      loops.link.last.of('hello')[0]?.known.map(({ hash }) => hash),
      [''],
    );
    loops.link.last.say(welcome);
    loops.link.last.say(update(1, target(servers).body));
    loops.link.last.say({ kind: 'syncDone' });
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), whole);
  });

  it('greets anew when a coordinator was told of rows that are gone now', async () => {
    const loops = await startSynced();
    await leaveAlone(loops, 2 * hourMs);
    const { last } = loops.link;
    assert.deepEqual(
      last.of('hello')[0]?.known.map(({ hash }) => hash),
      ['h1'],
    );
    loops.admin.rebuild();
    await settle();
    assert.equal(last.isEnded, true);
    assert.deepEqual(served(loops), rest);
  });

  it('does not count the time in which a stream is there, however little is said on it', async () => {
    const loops = await startSynced();
    await loops.clock.advance(10 * hourMs);
    loops.admin.rebuild();
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), whole);
  });

  it('takes no word of a coordinator that does not know the group', async () => {
    const loops = await startSynced();
    loops.link.last.say(update(2, { kind: 'unknown' }));
    loops.link.last.say({ kind: 'bookmark', epoch: 1, revision: 2 });
    await loops.clock.advance(2 * hourMs);
    loops.admin.rebuild();
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), rest);
  });

  it('still drains what it was told to drain', async () => {
    const loops = await startApplied();
    loops.applier.submit(target(servers.slice(0, 2), [gone('made', 2)], { revision: 2, hash: 'h2' }));
    await loops.clock.advance(10_000);
    assert.deepEqual(served(loops), rest);
    await loops.clock.advance(2 * hourMs);
    loops.admin.rebuild();
    await loops.clock.advance(10_000);
    assert.deepEqual(
      loops.standing.absent.map(({ hostname }) => hostname),
      ['made'],
    );
  });
});
