import { isSameAddress } from './ballots.ts';
import type { Published } from './fleet-settings.ts';

/**
 * How a snapshot spreads over the agents of its fleet: a small first wave has to take it before the others get it. Any
 * refusal in that wave stops it, and so do later more than a few; the next snapshot begins anew.
 */
export type Rollout = {
  readonly state: 'canary' | 'open' | 'stopped';
  /** Agents it is meant for. */
  readonly agents: number;
  /** Of the first wave: those that have not answered. */
  readonly awaited: number;
  readonly rejected: number;
};

/** What became of it at one agent; `gone`: the agent's stream ended before it answered. */
export type RolloutAnswer = 'applied' | 'rejected' | 'gone';

/** Smaller fleets have no first wave: one agent would hold up the others for as long as all take together. */
const canaryFleetMin = 20;
const canaryShare = 0.01;
const rejectsMin = 2;

/** The size of the first wave. */
export function canaryCount(agents: number): number {
  return agents < canaryFleetMin ? 0 : Math.ceil(agents * canaryShare);
}

/** Begins a roll-out; an urgent one has no first wave. */
export function beginRollout(agents: number, isUrgent: boolean): Rollout {
  const awaited = isUrgent ? 0 : canaryCount(agents);
  return { state: awaited === 0 ? 'open' : 'canary', agents, awaited, rejected: 0 };
}

/** Takes an agent's answer. */
export function advanceRollout(rollout: Rollout, answer: RolloutAnswer, isCanary: boolean): Rollout {
  const { state, agents } = rollout;
  if (state === 'stopped') return rollout;
  const rejected = rollout.rejected + (answer === 'rejected' ? 1 : 0);
  const awaited = rollout.awaited - (isCanary && rollout.awaited > 0 ? 1 : 0);
  const rejectsMax = Math.max(rejectsMin, agents * canaryShare);
  const isRefused = answer === 'rejected' && (state === 'canary' || rejected > rejectsMax);
  if (isRefused) return { ...rollout, state: 'stopped', awaited, rejected };
  return { ...rollout, state: awaited === 0 ? 'open' : state, awaited, rejected };
}

/** Goes on without those of the first wave that stay silent: silence is no refusal. */
export function endCanary(rollout: Rollout): Rollout {
  return rollout.state === 'canary' ? { ...rollout, state: 'open', awaited: 0 } : rollout;
}

/** Whether the writer is another one: such a change waits for nothing. */
export function isWriterChange(previous: Published | null, next: Published): boolean {
  if (previous === null || previous.kind === 'fleet' || next.kind === 'fleet') return false;
  const before = writersOf(previous);
  const after = writersOf(next);
  return before.length !== after.length || !before.every((writer) => after.some((one) => isSameAddress(one, writer)));
}

function writersOf({ servers, writerHostgroup }: Exclude<Published, { readonly kind: 'fleet' }>) {
  return servers.filter(({ hostgroup }) => hostgroup === writerHostgroup);
}
