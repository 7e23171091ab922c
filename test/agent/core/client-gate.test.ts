import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Gate, planClosing, planReopening } from '../../../agent/core/client-gate.ts';
import { findUnready } from '../../../agent/core/readiness.ts';
import type { PauseMark } from '../../../agent/core/sentinel.ts';

const owner = { agentId: 'proxy-0', bootId: 'b0' };

function gate(isPaused: boolean, pause: PauseMark, by = owner): Gate {
  return { sentinel: { proxyBoot: 'p', ...by, silentSeconds: 0, pause }, isPaused, clients: 1 };
}

const stranger = { agentId: 'proxy-1', bootId: 'b1' };
const successor = { agentId: 'proxy-0', bootId: 'b1' };

describe('planClosing', () => {
  const cases = [
    { name: 'an open door', gate: gate(false, 'none'), next: 'mark' },
    { name: 'an open door with our mark', gate: gate(false, 'paused'), next: 'pause' },
    { name: 'a closed door with our mark', gate: gate(true, 'paused'), next: 'closed' },
    { name: 'a closed door that we left', gate: gate(true, 'left'), next: 'closed' },
    { name: 'a closed door without a mark', gate: gate(true, 'none'), next: 'foreign' },
    { name: "another agent's", gate: gate(true, 'paused', stranger), next: 'notOurs' },
    { name: "our successor's", gate: gate(true, 'paused', successor), next: 'notOurs' },
    { name: 'a rebuilt proxy', gate: null, next: 'notOurs' },
  ] as const;
  for (const { name, gate: one, next } of cases) {
    it(`says ${next} to ${name}`, () => {
      assert.equal(planClosing(one, owner), next);
    });
  }
});

describe('planReopening', () => {
  const known = { isCaughtUp: true, hasSynced: true };
  const alone = { isCaughtUp: true, hasSynced: false };
  const behind = { isCaughtUp: false, hasSynced: true };
  const cases = [
    { name: 'what a person paused', gate: gate(true, 'none'), now: known, next: 'done' },
    { name: 'what we paused', gate: gate(true, 'paused'), now: known, next: 'resume' },
    { name: 'what we paused, before the rows are right', gate: gate(true, 'paused'), now: behind, next: 'wait' },
    { name: 'what we paused, without a coordinator', gate: gate(true, 'paused'), now: alone, next: 'resume' },
    { name: 'what left the rosters, without a coordinator', gate: gate(true, 'left'), now: alone, next: 'wait' },
    { name: 'what left the rosters, with one', gate: gate(true, 'left'), now: known, next: 'resume' },
    { name: 'what left the rosters, not caught up', gate: gate(true, 'left'), now: behind, next: 'wait' },
    { name: 'what we marked and never paused', gate: gate(false, 'paused'), now: alone, next: 'forget' },
    { name: "another agent's", gate: gate(true, 'paused', stranger), now: known, next: 'wait' },
    { name: 'a rebuilt proxy', gate: null, now: known, next: 'wait' },
  ] as const;
  for (const { name, gate: one, now, next } of cases) {
    it(`says ${next} to ${name}`, () => {
      assert.equal(planReopening(one, owner, now), next);
    });
  }
});

describe('findUnready', () => {
  const ready = { isDraining: false, isCaughtUp: true, waitingFor: null, pause: 'none', hasSnapshots: true } as const;
  const cases = [
    { name: 'nothing', now: {}, says: null },
    { name: 'a drain, before all else', now: { isDraining: true, isCaughtUp: false }, says: /^draining/ },
    { name: 'the proxy', now: { isCaughtUp: false }, says: /known state yet$/ },
    { name: 'what the applier waits for', now: { isCaughtUp: false, waitingFor: 'too old' }, says: /yet: too old$/ },
    { name: 'a paused proxy', now: { pause: 'left' }, says: /paused/ },
    { name: 'no snapshot', now: { hasSnapshots: false }, says: /coordinator/ },
    { name: 'nothing when an old failure is over', now: { waitingFor: 'x' }, says: null },
  ] as const;
  for (const { name, now, says } of cases) {
    it(`names ${name}`, () => {
      const reason = findUnready({ ...ready, ...now });
      if (says === null) assert.equal(reason, null);
      else assert.match(reason ?? '', says);
    });
  }
});
