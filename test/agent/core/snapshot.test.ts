import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findProblems, type GroupTarget, isSameDemand, withoutOwned } from '../../../agent/core/snapshot.ts';
import { desired, gone, removed, target } from '../fakes/targets.ts';

describe('findProblems', () => {
  it('finds none in a snapshot that can be applied', () => {
    const one = target(
      [desired(10, 'db.example.com'), desired(20, '10.0.0.2', { status: 'OFFLINE_SOFT' }), desired(20, 'fd00::1')],
      [gone('10.0.0.9')],
    );
    assert.deepEqual(findProblems(one.body), []);
    assert.deepEqual(findProblems(removed([gone('10.0.0.9')]).body), []);
  });

  const cases: readonly { readonly name: string; readonly target: GroupTarget; readonly says: RegExp }[] = [
    { name: 'an empty hostname', target: target([desired(20, '')]), says: /hostname ""/ },
    { name: 'a quote in a hostname', target: target([desired(20, "a'b")]), says: /hostname "a'b" is neither/ },
    { name: 'a space before a hostname', target: target([desired(20, ' a')]), says: /hostname " a"/ },
    { name: 'a path as hostname', target: target([desired(20, '/tmp/sock')]), says: /hostname "\/tmp\/sock"/ },
    { name: 'port 0, a socket to ProxySQL', target: target([desired(20, 'a', { port: 0 })]), says: /port 0 of "a"/ },
    {
      name: 'a bad address among those that leave',
      target: target([], [gone('a;b')]),
      says: /leaving: hostname "a;b"/,
    },
    {
      name: 'a weight out of range',
      target: target([desired(20, 'a', { weight: 10_000_001 })]),
      says: /20 a:3306: weight 10000001/,
    },
    {
      name: 'a lag out of range',
      target: target([desired(20, 'a', { maxReplicationLagSeconds: 126_144_001 })]),
      says: /max_replication_lag/,
    },
    {
      name: 'negative connections',
      target: target([desired(20, 'a', { maxConnections: -1 })]),
      says: /max_connections -1/,
    },
    {
      name: 'a status that is none of ours',
      target: target([desired(20, 'a', { status: 'UNSPECIFIED' })]),
      says: /status UNSPECIFIED/,
    },
    { name: 'a NUL in a comment', target: target([desired(20, 'a', { comment: '\0' })]), says: /NUL/ },
    { name: 'a row twice', target: target([desired(20, 'a'), desired(20, 'a')]), says: /20 a:3306 is there twice/ },
    {
      name: 'an address that stays and leaves',
      target: target([desired(20, 'a')], [gone('a')]),
      says: /also in leaving/,
    },
    {
      name: 'a hostgroup of somebody else',
      target: target([desired(30, 'a')]),
      says: /neither of the group's hostgroups/,
    },
    {
      name: 'two writers',
      target: target([desired(10, 'a'), desired(10, 'b')]),
      says: /a:3306 and b:3306 would both be writers/,
    },
    {
      name: 'one hostgroup for both roles',
      target: target([], [], { hostgroups: { writerHostgroup: 20 } }),
      says: /both 20/,
    },
    {
      name: 'a negative hostgroup',
      target: target([], [], { hostgroups: { writerHostgroup: -1 } }),
      says: /writerHostgroup -1/,
    },
  ];
  for (const one of cases) {
    it(`names ${one.name}`, () => {
      assert.match(findProblems(one.target.body).join('; '), one.says);
    });
  }

  it('stops at five', () => {
    const servers = ['!', '!!', '!!!', '!!!!', '!!!!!', '!!!!!!'].map((name) => desired(20, name));
    assert.equal(findProblems(target(servers).body).length, 5);
  });
});

describe('withoutOwned', () => {
  it('keeps the writer, static servers and what has to leave', () => {
    const one = target([desired(10, 'w'), desired(20, 'fixed'), desired(20, 'replica', { owned: true })], [gone('x')]);
    assert.deepEqual(withoutOwned(one.body), target([desired(10, 'w'), desired(20, 'fixed')], [gone('x')]).body);
    assert.deepEqual(withoutOwned(removed([gone('x')]).body), removed([gone('x')]).body);
  });
});

describe('isSameDemand', () => {
  const before = target([], [gone('a', 3)], { revision: 5, hash: 'h' });
  it('is an equal hash', () => {
    assert.equal(isSameDemand(before, { ...before, revision: 9 }), true);
    assert.equal(isSameDemand(before, { ...before, hash: 'other' }), false);
  });
  it('is not an address that was withdrawn again since: its vote has to be given anew', () => {
    assert.equal(isSameDemand(before, target([], [gone('a', 6)], { revision: 6, hash: 'h' })), false);
  });
});
