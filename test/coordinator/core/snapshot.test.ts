import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentHash } from '../../../process/content-hash.ts';
import {
  buildSnapshot,
  buildTombstone,
  endTombstone,
  type PublishedSnapshot,
  type SnapshotInputs,
} from '../../../coordinator/core/snapshot.ts';
import { addressOfName, groupSpec, published, replica, voter } from '../builders.ts';

function build(change: Partial<SnapshotInputs> = {}) {
  const previous = change.previous ?? null;
  return buildSnapshot({
    spec: groupSpec(),
    primaryAddress: '10.0.1.1',
    replicas: [],
    voters: [],
    nextRevision: (previous?.revision ?? 0) + 1,
    ...change,
    previous,
  });
}

/** Publishes as the publisher does: nothing new for equal content. */
function publish(previous: PublishedSnapshot | null, change: Partial<SnapshotInputs>): PublishedSnapshot {
  const content = build({ ...change, previous });
  const hash = contentHash(content);
  if (previous?.hash === hash) return previous;
  return published({ ...content, revision: (previous?.revision ?? 0) + 1, hash });
}

const rows = (snapshot: ReturnType<typeof build>) =>
  snapshot.servers.map(({ hostgroup, hostname, owned }) => `${hostgroup} ${hostname}${owned ? ' owned' : ''}`);
const leavingOf = (snapshot: ReturnType<typeof build>) =>
  snapshot.leaving.map(({ hostname, port, sinceRevision }) => `${hostname}:${port} since ${sinceRevision}`);
const absent = (name: string, revision: number) => ({ hostname: addressOfName(name), port: 3306, revision });

describe('buildSnapshot', () => {
  it('has the primary as writer, static servers and serving replicas as readers', () => {
    const spec = groupSpec({ staticReaders: [{ hostname: 'legacy', port: 3307, weight: 5 }] });
    const replicas = [
      replica.creating('r1'),
      replica.gating('r2'),
      replica.serving('r3'),
      replica.draining('r4'),
      replica.deleting('r5'),
    ];
    const snapshot = build({ spec, replicas });
    assert.deepEqual(rows(snapshot), ['5 10.0.1.1', '10 10.0.0.3 owned', '10 legacy']);
    const legacy = snapshot.servers.find(({ hostname }) => hostname === 'legacy');
    assert.deepEqual([legacy?.port, legacy?.weight, legacy?.maxConnections], [3307, 5, 100]);
  });

  it('lets the primary read, capped, only while there is no reader', () => {
    const alone = build();
    assert.deepEqual(rows(alone), ['5 10.0.1.1', '10 10.0.1.1']);
    assert.equal(alone.servers[1]?.maxConnections, 100);
    assert.deepEqual(rows(build({ replicas: [replica.serving('r1')] })), ['5 10.0.1.1', '10 10.0.0.1 owned']);
    assert.deepEqual(rows(build({ spec: groupSpec({ writerFallbackConnections: 0 }) })), ['5 10.0.1.1']);
  });

  it('does not ask for the absence of the primary when it stops reading', () => {
    const first = publish(null, {});
    const second = publish(first, { replicas: [replica.serving('r1')] });
    assert.deepEqual(leavingOf(second), []);
  });

  it('has one row for a replica that is also declared', () => {
    const spec = groupSpec({ staticReaders: [{ hostname: addressOfName('r1') }] });
    assert.deepEqual(rows(build({ spec, replicas: [replica.serving('r1')] })), ['5 10.0.1.1', '10 10.0.0.1']);
  });

  it('names what it withdraws until every voter has proven it absent', () => {
    const voters = [voter('a'), voter('b')];
    const first = publish(null, { replicas: [replica.serving('r1'), replica.serving('r2')], voters });
    const second = publish(first, { replicas: [replica.serving('r1')], voters });
    assert.deepEqual(leavingOf(second), ['10.0.0.2:3306 since 2']);
    const half = [voter('a', { absent: [absent('r2', 2)] }), voter('b')];
    const third = publish(second, { replicas: [replica.serving('r1')], voters: half });
    assert.equal(third, second);
    const whole = half.map((one) => ({ ...one, absent: [absent('r2', 2)] }));
    const fourth = publish(third, { replicas: [replica.serving('r1')], voters: whole });
    assert.deepEqual(leavingOf(fourth), []);
  });

  it('names it as long as a record needs the votes, also when all have voted', () => {
    const voters = [voter('a', { absent: [absent('r2', 2)] })];
    const first = publish(null, { replicas: [replica.serving('r2')], voters });
    const second = publish(first, { replicas: [replica.draining('r2')], voters });
    const third = publish(second, { replicas: [replica.deleting('r2')], voters });
    assert.deepEqual(leavingOf(third), ['10.0.0.2:3306 since 2']);
  });

  it('names a replica that goes before it ever served: a proxy may know its address', () => {
    const snapshot = build({ replicas: [replica.deleting('r1'), replica.deleting('r2', { address: null })] });
    assert.deepEqual(leavingOf(snapshot), ['10.0.0.1:3306 since 1']);
  });

  it('does not withdraw what serves: a returned replica, or an address that was given again', () => {
    const voters = [voter('a')];
    const first = publish(null, { replicas: [replica.serving('r1'), replica.serving('r2')], voters });
    const second = publish(first, { replicas: [replica.serving('r1'), replica.draining('r2')], voters });
    const third = publish(second, { replicas: [replica.serving('r1'), replica.serving('r2')], voters });
    assert.deepEqual(leavingOf(third), []);
    const fourth = publish(third, { replicas: [replica.serving('r1'), replica.draining('r2')], voters });
    assert.deepEqual(leavingOf(fourth), ['10.0.0.2:3306 since 4'], 'votes of the first drain do not count');
    const reused = replica.serving('r3', { address: addressOfName('r2') });
    assert.deepEqual(leavingOf(publish(fourth, { replicas: [replica.serving('r1'), reused], voters })), []);
  });

  it('counts votes from the revision it is published at, also when that jumps', () => {
    const first = publish(null, { replicas: [replica.serving('r1')] });
    const jumped = build({ replicas: [replica.draining('r1')], previous: first, nextRevision: 51 });
    assert.deepEqual(leavingOf(jumped), ['10.0.0.1:3306 since 51']);
  });

  it('is deterministic: order of records and a second build change nothing', () => {
    const some = fc.uniqueArray(fc.nat(9), { maxLength: 6 });
    const states = fc.constantFrom('serving' as const, 'draining' as const, 'deleting' as const, 'gating' as const);
    fc.assert(
      fc.property(
        some,
        fc.array(states, { minLength: 10, maxLength: 10 }),
        fc.boolean(),
        (numbers, stateOf, isVoted) => {
          const replicas = numbers.map((number) => replica[stateOf[number]!](`r${number}`));
          const previous = publish(null, { replicas: numbers.map((number) => replica.serving(`r${number}`)) });
          const voters = [voter('a', { absent: isVoted ? numbers.map((number) => absent(`r${number}`, 2)) : [] })];
          const once = publish(previous, { replicas, voters });
          assert.equal(
            contentHash(build({ replicas: [...replicas].reverse(), voters, previous })),
            contentHash(build({ replicas, voters, previous })),
          );
          const settled = publish(once, { replicas, voters });
          assert.equal(publish(settled, { replicas, voters }), settled);
          const names = once.servers.map(({ hostgroup, hostname, port }) => `${hostgroup} ${hostname} ${port}`);
          assert.equal(new Set(names).size, names.length);
          assert(once.leaving.every((gone) => once.servers.every(({ hostname }) => hostname !== gone.hostname)));
        },
      ),
    );
  });
});

describe('buildTombstone', () => {
  it('withdraws everything that was ever named and not proven gone', () => {
    const voters = [voter('a')];
    const first = publish(null, { replicas: [replica.serving('r1'), replica.serving('r2')], voters });
    const second = publish(first, { replicas: [replica.serving('r1')], voters });
    const tombstone = buildTombstone(second);
    assert.equal(tombstone.kind, 'removed');
    assert.deepEqual(tombstone.servers, []);
    assert.deepEqual(leavingOf(tombstone), ['10.0.0.1:3306 since 3', '10.0.0.2:3306 since 2', '10.0.1.1:3306 since 3']);
  });

  it('ends when every voter has proven every address absent: then nothing is withdrawn any more', () => {
    const tombstone = buildTombstone(publish(null, { replicas: [replica.serving('r1')], voters: [voter('a')] }));
    const absent = tombstone.leaving.map(({ hostname, port }) => ({ hostname, port, revision: 2 }));
    assert.equal(endTombstone(tombstone, [voter('a', { absent: absent.slice(1) })]), null);
    assert.equal(endTombstone(tombstone, [voter('a', { absent }), voter('b')]), null);
    const ended = endTombstone(tombstone, [voter('a', { absent })]);
    assert.deepEqual(ended, { ...tombstone, leaving: [] });
    assert.equal(
      endTombstone(tombstone.kind === 'removed' ? { ...tombstone, leaving: [] } : tombstone, [voter('a', { absent })]),
      null,
      'it ends once',
    );
  });

  it('lets the primary stand in when every reader is switched off', () => {
    const readers = (weight: number) =>
      build({ spec: groupSpec({ staticReaders: [{ hostname: 'legacy', weight }] }) })
        .servers.filter(({ hostgroup }) => hostgroup === 10)
        .map(({ hostname }) => hostname);
    assert.deepEqual(readers(1), ['legacy']);
    assert.deepEqual(readers(0).sort(), ['10.0.1.1', 'legacy'].sort());
  });

  it('is gone on from when the group is declared again', () => {
    const tombstone = published({
      ...buildTombstone(publish(null, { replicas: [replica.serving('r1')] })),
      revision: 2,
    });
    const again = publish(tombstone, { voters: [voter('a')] });
    assert.equal(again.revision, 3);
    assert.deepEqual(leavingOf(again), ['10.0.0.1:3306 since 2']);
  });
});
