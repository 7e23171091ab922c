import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Rest, RestBook, type Sight, stillRests } from '../../../coordinator/loops/rest-book.ts';
import { groupView, listing, replica, replicaInstance, scalingRecord } from '../builders.ts';

const quietListing = () => listing([replicaInstance('r1')]);
const listed = quietListing();
const view = groupView({
  replicas: [replica.serving('r1')],
  scaling: scalingRecord({ desired: 1 }),
});
const unlisted = { view, topology: { primaryAddress: '10.0.1.1', serverCa: null } };
const lag = { lagging: 0, primaryIsCause: false };
const rest: Rest = { unlisted, instances: listed.instances, fencingToken: 7, lag, atMs: 1000, untilMs: 2000 };
const sight: Sight = { listing: listed, fencingToken: 7, lag: { ...lag }, nowMs: 1000 };

describe('stillRests', () => {
  const cases: readonly (readonly [string, boolean, Partial<Sight>, Partial<Rest>?])[] = [
    ['all is as it was', true, {}],
    ['hardly before time brings something about', true, { nowMs: 1999 }],
    ['time brought something about', false, { nowMs: 2000 }],
    ['time brings nothing about', true, { nowMs: 2000 }, { untilMs: null }],
    ['the clock was put back', false, { nowMs: 999 }],
    ['another listing says the same', true, { listing: quietListing() }],
    ['another listing lacks its replica', false, { listing: listing([]) }],
    ['the listing is not complete', false, { listing: { ...listed, isComplete: false } }],
    ['another term began', false, { fencingToken: 8 }],
    ['one replica lags', false, { lag: { lagging: 1, primaryIsCause: false } }],
    ['the primary lags', false, { lag: { lagging: 0, primaryIsCause: true } }],
    ['the lag is not known any more', false, { lag: null }],
    ['nobody measures lag any more', false, { lag: undefined }],
    ['the lag is unknown as before', true, { lag: null }, { lag: null }],
    ['nobody measures lag, and it was unknown before', false, { lag: undefined }, { lag: null }],
  ];
  for (const [what, expected, seen, known = {}] of cases) {
    it(`${expected ? 'is so' : 'is not so'} when ${what}`, () => {
      assert.equal(stillRests({ ...rest, ...known }, { ...sight, ...seen }), expected);
    });
  }
});

describe('RestBook', () => {
  it('knows what the last look found', () => {
    const book = new RestBook();
    book.beginLook('orders');
    assert.equal(book.of('orders'), null);
    book.endLook('orders', rest);
    assert.equal(book.of('orders'), rest);
    assert.equal(book.of('users'), null);
  });

  it('knows what was listed when it was planned last, unless it was looked at since', () => {
    const book = new RestBook();
    book.beginLook('orders');
    book.endLook('orders', rest);
    const { instances } = quietListing();
    book.noteListing('orders', rest, instances);
    assert.equal(book.of('orders')?.instances, instances);
    book.noteListing('orders', rest, []);
    assert.equal(book.of('orders')?.instances, instances);
    book.noteChange('orders');
    book.noteListing('orders', rest, instances);
    assert.equal(book.of('orders'), null);
  });

  it('forgets it when something is changed, another look begins, or finds something', () => {
    for (const forget of [
      (book: RestBook) => {
        book.noteChange('orders');
      },
      (book: RestBook) => {
        book.beginLook('orders');
      },
      (book: RestBook) => {
        book.beginLook('orders');
        book.endLook('orders', null);
      },
    ]) {
      const book = new RestBook();
      book.beginLook('orders');
      book.endLook('orders', rest);
      forget(book);
      assert.equal(book.of('orders'), null);
    }
  });

  it('keeps nothing of a look in the middle of which something was changed', () => {
    const book = new RestBook();
    book.beginLook('orders');
    book.noteChange('orders');
    book.endLook('orders', rest);
    assert.equal(book.of('orders'), null);
  });
});
