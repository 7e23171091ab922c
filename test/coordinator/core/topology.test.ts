import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudInstance } from '../../../coordinator/core/cloud.ts';
import {
  judgePrimary,
  planWriterChange,
  type Topology,
  type WriterChangeView,
} from '../../../coordinator/core/topology.ts';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';
import { groupSpec, primaryInstance, startMs, voter } from '../builders.ts';

const spec = groupSpec();
const known: Topology = { primaryAddress: '10.0.1.1', serverCa: null };
const whole = (...instances: readonly CloudInstance[]) => ({ instances, isComplete: true, warnings: [] });
const broken = { instances: [], isComplete: false, warnings: ['us-east1 did not answer'] };
const demoted = primaryInstance({ instanceType: 'READ_REPLICA_INSTANCE', primary: 'orders-b' });
const connectivity = { hasPsc: true, requiresConnector: false, hasPublicAddress: false };

describe('judgePrimary', () => {
  const cases = [
    ['as it was', known, whole(primaryInstance()), 'verified'],
    ['seen for the first time', null, whole(primaryInstance()), 'verified'],
    ['in maintenance', known, whole(primaryInstance({ state: 'MAINTENANCE' })), 'unready PRIMARY_NOT_VERIFIED'],
    [
      'in maintenance and never seen',
      null,
      whole(primaryInstance({ state: 'MAINTENANCE' })),
      'alarm PRIMARY_NOT_VERIFIED',
    ],
    [
      'without an address and never seen',
      null,
      whole(primaryInstance({ address: null })),
      'alarm PRIMARY_NOT_VERIFIED',
    ],
    ['not listed', known, whole(), 'alarm PRIMARY_NOT_VERIFIED'],
    ['not listed on a partial list', known, broken, 'hold PARTIAL_VIEW'],
    ['a replica after a switchover', known, whole(demoted), 'alarm PRIMARY_DEMOTED'],
    ['at another address', known, whole(primaryInstance({ address: '10.0.1.2' })), 'alarm PRIMARY_ADDRESS_CHANGED'],
    ['behind Private Service Connect', known, whole(primaryInstance({ connectivity })), 'alarm NETWORK_UNSUPPORTED'],
  ] as const;
  for (const [name, stored, listing, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const verdict = judgePrimary(spec, stored, listing);
      const words =
        verdict.kind === 'verified'
          ? 'verified'
          : `${verdict.kind === 'hold' && verdict.isAlarm ? 'alarm' : verdict.kind} ${verdict.reason}`;
      assert.equal(words, expected);
    });
  }

  it('keeps an authority that is not named for once', () => {
    const stored = { ...known, serverCa: serverCaOf('p') };
    const verdict = judgePrimary(spec, stored, whole(primaryInstance({ serverCa: null })));
    assert.deepEqual(verdict, { kind: 'verified', topology: stored });
  });

  it('says what to do about a switchover', () => {
    const verdict = judgePrimary(spec, known, whole(demoted));
    assert(verdict.kind === 'hold');
    assert.match(verdict.message, /a replica of orders-b; .*chester accept-primary orders/);
  });
});

describe('planWriterChange', () => {
  const order = { instance: 'orders-b', owner: 'ann', reason: 'switchover', isOldGone: false, atMs: startMs };
  const next = primaryInstance({ name: 'orders-b', address: '10.0.1.2', serverCa: serverCaOf('orders-b') });
  const gone = { writers: [], readers: [], leaving: [{ hostname: '10.0.1.1', port: 3306, sinceRevision: 5 }] };
  const withheld: Topology = { ...known, isWithheld: true };
  const view = (change: Partial<WriterChangeView>): WriterChangeView => ({
    ...{ spec, order, stored: withheld, isFrozen: false, listing: whole(demoted, next) },
    ...{ published: gone, voters: [voter('a')] },
    ...change,
  });
  const proven = voter('a', { absent: [{ hostname: '10.0.1.1', port: 3306, revision: 5 }] });
  const cases: readonly (readonly [string, Partial<WriterChangeView>, string])[] = [
    ['the old writer leaves first', { stored: known }, 'withhold'],
    ['not before a snapshot has withdrawn it', { published: { ...gone, writers: ['10.0.1.1'] } }, 'wait NOT_PUBLISHED'],
    [
      'nor when the operator vouches for it',
      { order: { ...order, isOldGone: true }, published: { ...gone, writers: ['10.0.1.1'] } },
      'wait NOT_PUBLISHED',
    ],
    ['not before every voter has proven it', {}, 'wait VOTERS_OUTSTANDING'],
    ['every voter has', { voters: [proven] }, 'accept'],
    ['nobody votes', { voters: [] }, 'accept'],
    ['not before a snapshot names it', { published: { ...gone, leaving: [] } }, 'wait NOT_PUBLISHED'],
    ['the operator vouches for it', { order: { ...order, isOldGone: true } }, 'accept'],
    [
      'a static reader cannot be proven absent',
      { published: { ...gone, leaving: [], readers: ['10.0.1.1'] } },
      'wait VOTERS_OUTSTANDING',
    ],
    [
      'the old one again: nothing has to leave',
      { order: { ...order, instance: 'orders-primary' }, listing: whole(primaryInstance()) },
      'accept',
    ],
    ['never published', { published: null }, 'accept'],
    ['never verified', { stored: null }, 'accept'],
    ['forgotten by a store that went back', { stored: null, isFrozen: true }, 'withhold'],
    ['forgotten, and the declared primary is gone', { stored: null, isFrozen: true, listing: whole(next) }, 'accept'],
    [
      'forgotten, and the declared primary is not listed by a partial list',
      { stored: null, isFrozen: true, listing: { ...whole(next), isComplete: false, warnings: ['w'] } },
      'wait PARTIAL_VIEW',
    ],
    [
      'forgotten, and the declared primary is the one',
      {
        stored: null,
        isFrozen: true,
        order: { ...order, instance: 'orders-primary' },
        listing: whole(primaryInstance()),
      },
      'accept',
    ],
    ['the new one is not listed', { listing: whole(demoted) }, 'wait PRIMARY_NOT_VERIFIED'],
    ['a partial list', { listing: broken }, 'wait PARTIAL_VIEW'],
    ['the new one is a replica', { listing: whole({ ...next, primary: 'x' }) }, 'wait PRIMARY_NOT_VERIFIED'],
    ['the new one does not run', { listing: whole({ ...next, state: 'MAINTENANCE' }) }, 'wait PRIMARY_NOT_VERIFIED'],
    ['the new one is out of reach', { listing: whole({ ...next, connectivity }) }, 'wait PRIMARY_NOT_VERIFIED'],
  ];
  for (const [name, change, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const step = planWriterChange(view(change));
      assert.equal(step.step === 'wait' ? `wait ${step.reason}` : step.step, expected);
    });
  }

  it('withholds what Cloud SQL lists of the declared primary where the store forgot it', () => {
    const step = planWriterChange(view({ stored: null, isFrozen: true }));
    assert(step.step === 'withhold');
    assert.deepEqual([step.old.primaryAddress, step.successor.primaryAddress], ['10.0.1.1', '10.0.1.2']);
  });

  it('takes the address and the authority of the new one', () => {
    const step = planWriterChange(view({ voters: [proven] }));
    assert.deepEqual(step, {
      step: 'accept',
      topology: { primaryAddress: '10.0.1.2', serverCa: serverCaOf('orders-b') },
    });
  });
});
