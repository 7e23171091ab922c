import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neededOf, readReplicas } from '../../../coordinator/adapters/store-redis-replicas.ts';

const info = (...replicas: readonly string[]): string =>
  ['# Replication', 'role:master', `connected_slaves:${replicas.length}`, ...replicas, 'master_replid:0', ''].join(
    '\r\n',
  );
const replica = (index: number, state: string, lag: number): string =>
  `slave${index}:ip=10.0.0.${index},port=6379,state=${state},offset=42,lag=${lag}`;

describe('readReplicas', () => {
  const cases: readonly (readonly [text: string, known: number, inStep: number])[] = [
    [info(), 0, 0],
    [info(replica(0, 'online', 0), replica(1, 'online', 1)), 2, 2],
    [info(replica(0, 'online', 0), replica(1, 'online', 10)), 2, 2],
    [info(replica(0, 'online', 0), replica(1, 'online', 11)), 2, 1],
    [info(replica(0, 'wait_bgsave', 0), replica(1, 'send_bulk', 0)), 2, 0],
    // Of servers that say no lag nobody knows whether they keep in step.
    [info('slave0:10.0.0.1,6379,online'), 1, 0],
  ];
  for (const [text, known, inStep] of cases) {
    it(`sees ${inStep} in step of ${known}`, () => {
      const seen = readReplicas(text);
      assert.deepEqual([seen.known, seen.inStep], [known, inStep]);
    });
  }
});

describe('neededOf', () => {
  it('asks all that keep in step, one at least, or so many as it is told', () => {
    const needed = [0, 1, 2].map((inStep) => neededOf('all', { inStep }));
    assert.deepEqual(needed, [1, 1, 2]);
    assert.deepEqual([neededOf(0, { inStep: 2 }), neededOf(2, { inStep: 0 })], [0, 2]);
  });
});
