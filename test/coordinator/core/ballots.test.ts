import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { outstandingVoters, recordVotes, type VoteReport } from '../../../coordinator/core/ballots.ts';
import { voter } from '../builders.ts';

const address = { hostname: '10.0.0.1', port: 3306 };
const leaving = { ...address, sinceRevision: 5 };
const election = { revision: 9, leaving: [leaving] };

function report(change: Partial<VoteReport> = {}): VoteReport {
  return { proxyBoot: 'boot-1', absent: [], removing: [], ...change };
}

function isOutstanding(votes: readonly VoteReport[], withdrawn = leaving): boolean {
  const end = votes.reduce((now, vote) => recordVotes(now, vote, election), voter('a'));
  return outstandingVoters([end], withdrawn).length === 1;
}

const absentAt = (revision: number, change: object = {}) => report({ absent: [{ ...address, revision }], ...change });

describe('recordVotes', () => {
  const cases: readonly (readonly [name: string, votes: readonly VoteReport[], isOutstanding: boolean])[] = [
    ['silence is not consent', [], true],
    ['a report that says nothing is not consent', [report()], true],
    ['absent at the revision that withdrew it', [absentAt(5)], false],
    ['absent at a later revision', [absentAt(7)], false],
    ['absent at an older revision does not count', [absentAt(4)], true],
    ['absent at a revision that was never published does not count', [absentAt(10)], true],
    ['another port is another server', [report({ absent: [{ ...address, port: 3307, revision: 7 }] })], true],
    [
      'another spelling is another server',
      [report({ absent: [{ ...address, hostname: '10.0.0.01', revision: 7 }] })],
      true,
    ],
    ['still there: takes it back', [absentAt(7), report({ removing: [address] })], true],
    ['absent again after that', [absentAt(7), report({ removing: [address] }), absentAt(7)], false],
    ['both at once is not consent', [absentAt(7, { removing: [address] })], true],
    ['not mentioned again: it stays', [absentAt(7), report()], false],
    ['a new boot voids it', [absentAt(7), report({ proxyBoot: 'boot-2' })], true],
    ['a new boot that votes again', [absentAt(7), absentAt(7, { proxyBoot: 'boot-2' })], false],
  ];
  for (const [name, votes, expected] of cases) {
    it(name, () => {
      assert.equal(isOutstanding(votes), expected);
    });
  }

  it('returns the same object for a repeated vote', () => {
    const once = recordVotes(voter('a'), absentAt(7), election);
    assert.equal(recordVotes(once, absentAt(8), election), once);
    assert.equal(recordVotes(once, report(), election), once);
  });

  it('drops votes on what does not leave any more', () => {
    const once = recordVotes(voter('a'), absentAt(7), election);
    assert.deepEqual(recordVotes(once, report(), { revision: 9, leaving: [] }).absent, []);
  });

  it('takes a vote anew when its address was withdrawn again: the old one is valid no more', () => {
    const once = recordVotes(voter('a'), absentAt(7), election);
    const again = { ...address, sinceRevision: 10 };
    const twice = recordVotes(once, absentAt(11), { revision: 11, leaving: [again] });
    assert.deepEqual(outstandingVoters([twice], again), []);
  });

  it('does not count an old vote when the address is withdrawn again', () => {
    const once = recordVotes(voter('a'), absentAt(7), election);
    assert.deepEqual(outstandingVoters([once], { ...address, sinceRevision: 10 }), ['a']);
  });

  it('counts a vote only if the newest report that mentions the address says absent', () => {
    const mention = fc.constantFrom('absent', 'removing', 'nothing', 'reboot');
    fc.assert(
      fc.property(fc.array(mention), (mentions) => {
        let boot = 1;
        const votes = mentions.map((what) => {
          if (what === 'reboot') boot += 1;
          const proxyBoot = `boot-${boot}`;
          return what === 'absent'
            ? absentAt(6, { proxyBoot })
            : report({ proxyBoot, removing: what === 'removing' ? [address] : [] });
        });
        const last = mentions.filter((what) => what !== 'nothing').at(-1);
        assert.equal(isOutstanding(votes), last !== 'absent');
      }),
    );
  });
});

describe('outstandingVoters', () => {
  it('names every voter that has not proven it', () => {
    const voted = recordVotes(voter('b'), absentAt(7), election);
    assert.deepEqual(outstandingVoters([voter('a'), voted, voter('c')], leaving), ['a', 'c']);
    assert.deepEqual(outstandingVoters([], leaving), []);
  });
});
