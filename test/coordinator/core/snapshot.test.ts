import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { buildTombstone, endTombstone, type SnapshotInputs } from '../../../coordinator/core/snapshot.ts';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';
import { addressOfName, groupSpec, published, replica, richInput, voter } from '../builders.ts';
import { absent, build, certificatesOf, leavingOf, publish, rows, topology, useSsl } from '../snapshots.ts';

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

  it('never names the primary as a reader: that it stands in is for each proxy to see', () => {
    const alone = build();
    assert.deepEqual(rows(alone), ['5 10.0.1.1']);
    assert.equal(alone.parts?.policy.writerFallbackConnections, 100);
    const readers = groupSpec({ staticReaders: [{ hostname: 'legacy', weight: 0 }] });
    assert.deepEqual(rows(build({ spec: readers })), ['5 10.0.1.1', '10 legacy']);
  });

  it('does not ask for the absence of a primary that an earlier version had among the readers', () => {
    const first = publish(null, {});
    const standIn = { ...first.servers[0]!, hostgroup: 10, comment: 'chester orders fallback' };
    const second = publish({ ...first, servers: [...first.servers, standIn] }, { replicas: [replica.serving('r1')] });
    assert.deepEqual(leavingOf(second), []);
  });

  it('keeps since when a replica serves, and slows no other server', () => {
    const spec = groupSpec({ staticReaders: [{ hostname: 'legacy' }] });
    const first = build({ spec, replicas: [replica.serving('r1', { sinceMs: 77 })] });
    assert.deepEqual(
      first.servers.map(({ hostname, servingSinceMs }) => [hostname, servingSinceMs]),
      [
        ['10.0.1.1', 0],
        ['10.0.0.1', 77],
        ['legacy', 0],
      ],
    );
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
    const spec = groupSpec({ ...useSsl, staticReaders: [{ hostname: addressOfName('r4') }] });
    const some = fc.uniqueArray(fc.nat(9), { maxLength: 6 });
    const states = fc.constantFrom('serving' as const, 'draining' as const, 'deleting' as const, 'gating' as const);
    fc.assert(
      fc.property(
        some,
        fc.array(states, { minLength: 10, maxLength: 10 }),
        fc.boolean(),
        (numbers, stateOf, isVoted) => {
          const serverCa = (number: number) => (number % 3 === 0 ? null : serverCaOf(`r${number}`));
          const replicas = numbers.map((number) =>
            replica[stateOf[number]!](`r${number}`, { serverCa: serverCa(number) }),
          );
          const previous = publish(null, { replicas: numbers.map((number) => replica.serving(`r${number}`)) });
          const voters = [voter('a', { absent: isVoted ? numbers.map((number) => absent(`r${number}`, 2)) : [] })];
          const once = publish(previous, { replicas, voters });
          assert.equal(
            contentHash(build({ spec, topology, replicas: [...replicas].reverse(), voters, previous })),
            contentHash(build({ spec, topology, replicas, voters, previous })),
          );
          const settled = publish(once, { replicas, voters });
          assert.equal(publish(settled, { replicas, voters }), settled);
          const { used, sent } = certificatesOf(build({ spec, topology, replicas, voters, previous }));
          const named = new Set(used.map((text) => text.split(' ')[2]).filter((id) => id !== ''));
          assert.deepEqual(new Set(sent), named, 'every certificate is used, and every used one is sent');
          const names = once.servers.map(({ hostgroup, hostname, port }) => `${hostgroup} ${hostname} ${port}`);
          assert.equal(new Set(names).size, names.length);
          assert(once.leaving.every((gone) => once.servers.every(({ hostname }) => hostname !== gone.hostname)));
        },
      ),
    );
  });
});

describe('buildSnapshot, certificates', () => {
  const [primary, first] = [serverCaOf('primary').id, serverCaOf('r1').id];
  const replicas = [replica.serving('r1', { serverCa: serverCaOf('r1') }), replica.serving('r2')];

  it('names the authority of each instance, and sends each once', () => {
    assert.deepEqual(certificatesOf(build({ spec: groupSpec(useSsl), topology, replicas })), {
      used: [`5 10.0.1.1 ${primary}`, `10 10.0.0.1 ${first}`, '10 10.0.0.2 '],
      sent: [primary, first].sort(),
    });
  });

  it('sends none without TLS', () => {
    const { used, sent } = certificatesOf(build({ topology, replicas }));
    assert.deepEqual(used, ['5 10.0.1.1 ', '10 10.0.0.1 ', '10 10.0.0.2 ']);
    assert.deepEqual(sent, []);
  });

  it('has one authority for an address, also where it is declared; none for another port', () => {
    const staticReaders = [
      { hostname: '10.0.1.1' },
      { hostname: addressOfName('r1') },
      { hostname: '10.0.1.1', port: 3307 },
      { hostname: 'legacy' },
    ];
    const snapshot = build({ spec: groupSpec({ ...useSsl, staticReaders }), topology, replicas: [replicas[0]!] });
    assert.deepEqual(certificatesOf(snapshot), {
      used: [`5 10.0.1.1 ${primary}`, `10 10.0.0.1 ${first}`, `10 10.0.1.1 ${primary}`, '10 10.0.1.1 ', '10 legacy '],
      sent: [primary, first].sort(),
    });
  });

  it('is another snapshot once an authority was rotated, and the same servers', () => {
    const spec = groupSpec(useSsl);
    const before = publish(null, { spec, topology, replicas });
    const rotated = { ...topology, serverCa: serverCaOf('primary', 2) };
    const after = publish(before, { spec, topology: rotated, replicas });
    assert.notEqual(after.hash, before.hash);
    assert.deepEqual(rows(after), rows(before));
    assert.deepEqual(leavingOf(after), []);
    assert.equal(after.servers[0]?.caId, serverCaOf('primary', 2).id);
  });
});

describe('buildSnapshot, what is not a server', () => {
  const users = [{ username: 'app', password: '*hash' }];
  const clientCertificate = { certificatePem: 'c', keyPem: 'k' };

  it('has what was declared, and the users and certificate that it is given', () => {
    const { parts } = build({ spec: groupSpec(richInput), users, clientCertificate });
    assert(parts);
    assert.equal(parts.users, users);
    assert.equal(parts.clientCertificate, clientCertificate);
    assert.deepEqual(parts.ruleIds, { first: 100, last: 199 });
    assert.deepEqual(
      parts.queryRules.map((row) => row['rule_id']),
      ['100', '101', '102'],
    );
    assert.deepEqual(
      parts.hostgroupAttributes.map((row) => row['hostgroup_id']),
      ['5', '10'],
    );
    assert.deepEqual(parts.policy.slowStart, { durationSeconds: 30, initialPercent: 5, curve: 'exponential' });
  });

  it("marks every row as the group's own", () => {
    const { parts, servers } = build({ spec: groupSpec(richInput), replicas: [replica.serving('r1')] });
    const comments = [...(parts?.queryRules ?? []), ...(parts?.hostgroupAttributes ?? []), ...servers].map(
      ({ comment }) => comment,
    );
    assert.equal(comments.length, 7);
    assert(comments.every((comment) => comment?.startsWith('chester orders ')));
  });

  it('is another snapshot when any of it changes', () => {
    const base = publish(null, { spec: groupSpec(richInput), users, clientCertificate });
    const changes: readonly Partial<SnapshotInputs>[] = [
      { users: [{ username: 'app', password: '*other' }] },
      { clientCertificate: null },
      { spec: groupSpec({ ...richInput, agents: {} }) },
      { spec: groupSpec({ ...richInput, hostgroupAttributes: {} }) },
      { spec: groupSpec({ ...richInput, queryRules: [] }) },
      { spec: groupSpec({ ...richInput, ruleIds: { first: 100, last: 200 } }) },
      { spec: groupSpec({ ...richInput, writerFallbackConnections: 0 }) },
    ];
    for (const change of changes) {
      const inputs = { spec: groupSpec(richInput), users, clientCertificate, ...change };
      assert.notEqual(publish(base, inputs).hash, base.hash, JSON.stringify(change).slice(0, 80));
    }
    assert.equal(publish(base, { spec: groupSpec(richInput), users, clientCertificate }), base);
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
