import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Ballot,
  buildEntry,
  type CellView,
  coldElsewhere,
  dropEntry,
  isGone,
  putEntry,
  rosterVersion,
} from '../../../coordinator/core/cells.ts';
import { voter } from '../builders.ts';

const address = { hostname: '10.0.0.1', port: 3306 };
const elsewhere = { hostname: '10.0.0.2', port: 3306 };
const leaving = [{ ...address, sinceRevision: 5 }];
const proven = voter('a', { absent: [{ ...address, revision: 5 }] });
const silent = voter('b');
const stored = (values: readonly ReturnType<typeof voter>[]) =>
  values.map((value, index) => ({ value, revision: index + 1 }));
const entryOf = (...values: readonly ReturnType<typeof voter>[]) =>
  buildEntry(stored(values), { revision: 5, leaving }, 1000);

function cell(change: Partial<CellView> = {}): CellView {
  return { name: 'east', isSilent: false, entry: entryOf(proven), rosterVersion: '1.1', ...change };
}

describe('isGone', () => {
  const cases: readonly (readonly [what: string, Partial<Parameters<typeof isGone>[1]>, answer: string])[] = [
    ['all have proven it', {}, 'gone'],
    ['nobody named a cell', { cells: [] }, 'gone'],
    ['no snapshot withdraws it', { leaving: [] }, 'NOT_PUBLISHED no snapshot has withdrawn it yet'],
    [
      'another address leaves',
      { leaving: [{ ...elsewhere, sinceRevision: 1 }] },
      'NOT_PUBLISHED no snapshot has withdrawn it yet',
    ],
    ['a voter has not said so', { voters: [proven, silent] }, 'VOTERS_OUTSTANDING b'],
    ['it was withdrawn anew', { leaving: [{ ...address, sinceRevision: 6 }] }, 'VOTERS_OUTSTANDING a'],
    [
      'a cell is silent',
      { cells: [cell(), cell({ name: 'west', isSilent: true })] },
      'CELL_SILENT cell west gives no sign of life',
    ],
    [
      'a cell has not spoken',
      { cells: [cell({ entry: null })] },
      'VOTERS_OUTSTANDING cell east has not said how its proxies stand',
    ],
    [
      'its roster has changed since',
      { cells: [cell({ rosterVersion: '2.7' })] },
      'VOTERS_OUTSTANDING cell east has not said how its proxies stand',
    ],
    [
      'it spoke of an older snapshot',
      { cells: [cell({ entry: { ...entryOf(proven), revision: 4 } })] },
      'VOTERS_OUTSTANDING cell east has not said how its proxies stand',
    ],
    [
      'it counts voters that are out',
      { cells: [cell({ entry: entryOf(proven, silent), rosterVersion: '2.2' })] },
      'VOTERS_OUTSTANDING cell east: 1 of its agents, b',
    ],
  ];
  for (const [what, change, answer] of cases) {
    it(`says ${answer.split(' ', 1).join('')} where ${what}`, () => {
      const gone = isGone(address, { leaving, voters: [proven], cells: [cell()], ...change });
      assert.equal(gone.isGone ? 'gone' : `${gone.reason} ${gone.waitingFor}`, answer);
    });
  }
});

describe('a ballot', () => {
  const empty: Ballot = { group: 'orders', cells: {} };

  it('names twenty of those who are out, and counts them all', () => {
    const many = Array.from({ length: 25 }, (_, index) => voter(`p${index}`));
    const [waiting] = entryOf(...many).waiting;
    assert.deepEqual([waiting?.outstanding, waiting?.names.length], [25, 20]);
  });

  it('keeps the entries of other cells, and is the same when only time has changed', () => {
    const east = putEntry(empty, 'east', entryOf(proven));
    const both = putEntry(east, 'west', entryOf(silent));
    assert.deepEqual(Object.keys(both.cells), ['east', 'west']);
    assert.equal(both.cells['east'], east.cells['east']);
    assert.equal(putEntry(both, 'west', { ...entryOf(silent), atMs: 99 }), both);
    assert.notEqual(putEntry(both, 'west', entryOf(proven)), both);
    assert.deepEqual(Object.keys(dropEntry(both, 'east')?.cells ?? {}), ['west']);
    assert.equal(dropEntry(east, 'east'), null);
  });

  it('tells two states of a roster apart', () => {
    const versions = [[], stored([proven]), stored([proven, silent]), [{ value: silent, revision: 9 }]].map(
      rosterVersion,
    );
    assert.equal(new Set(versions).size, versions.length);
  });
});

describe('coldElsewhere', () => {
  const snapshot = { group: 'orders', fleet: 'main', revision: 7 };
  const digest = (revision: number, running: number, warming = {}) => ({
    id: 'c2',
    fleets: { main: 10, other: 3 },
    groups: { orders: { revision, running, warming } },
  });

  it('counts agents that do not run this very revision, and those that have not reached the server', () => {
    const cases = [
      [[digest(7, 10)], { cold: 0, agents: 10 }],
      [[digest(7, 8, { x: 3 })], { cold: 5, agents: 10 }],
      [[digest(6, 10)], { cold: 10, agents: 10 }],
      [[{ ...digest(7, 10), groups: {} }], { cold: 10, agents: 10 }],
      [[{ ...digest(7, 0), fleets: {} }], { cold: 0, agents: 0 }],
      [[digest(7, 10), digest(7, 9)], { cold: 1, agents: 20 }],
    ] as const;
    for (const [digests, expected] of cases) assert.deepEqual(coldElsewhere(digests, snapshot, 'x'), expected);
  });
});
