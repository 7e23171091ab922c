import type { Action } from './action.ts';
import type { CloudInstance } from './cloud.ts';
import { type GroupView, instanceOf } from './group-view.ts';
import { planAdoption } from './plan-adoption.ts';
import { planCount } from './plan-count.ts';
import { planCreation, planGate } from './plan-creation.ts';
import { planDeletion } from './plan-deletion.ts';
import { planDrain } from './plan-drain.ts';
import { planOverdue } from './overdue.ts';
import { planServing } from './plan-serving.ts';
import { addressOf, type Replica } from './replica.ts';

/**
 * Compares the desired count with what exists and returns the next actions. Level-based: it is asked again after
 * every action and every change, a second run has nothing to do, and a crash at any line is repaired by the next run.
 * Pure: same arguments, same plan.
 */
export function planGroup(view: GroupView, nowMs: number): Action[] {
  const steps = view.replicas.flatMap((replica) => {
    const planned = planReplica(view, replica, nowMs);
    // What moves on now is not late any more.
    return planned.some(isMove) ? planned : [...planned, ...planOverdue(view, replica, nowMs)];
  });
  // The count is compared only with what is settled: a replica that is being withdrawn for another cause still counts
  // here, and a second one would follow it below the minimum.
  if (steps.some(isMove)) return steps;
  const counted = planCount(view, nowMs);
  const moved = counted.flatMap((action) => ('replica' in action && isMove(action) ? [action.replica.name] : []));
  const isMoved = (step: Action) =>
    ('replica' in step && moved.includes(step.replica.name)) ||
    (step.action === 'alarm' && moved.includes(step.subject));
  return [...steps.filter((step) => !isMoved(step)), ...counted];
}

/**
 * While the primary is not verified nothing is scaled. But what a person has promoted is let go of all the same: it
 * could never be accepted as the writer else.
 */
export function planPromoted(view: GroupView, nowMs: number): Action[] {
  return view.replicas
    .filter((replica) => addressOf(replica) !== null)
    .filter((replica) => isPromoted(instanceOf(view, replica)))
    .flatMap((replica) => planReplica(view, replica, nowMs));
}

/**
 * While an operator's change of the writer goes on nothing is scaled either. What a whole list lacks is let go of, too: a
 * store that went back may name replicas that are gone, and publishes nothing before that is known.
 */
export function planWhileChanging(view: GroupView, nowMs: number): Action[] {
  const vanished = view.replicas
    .filter(({ state }) => state === 'serving' || state === 'gating')
    .filter((replica) => view.listing.isComplete && instanceOf(view, replica) === null)
    .flatMap((replica) => planReplica(view, replica, nowMs));
  return [...planPromoted(view, nowMs), ...vanished];
}

function isPromoted(instance: CloudInstance | null): boolean {
  return instance !== null && instance.instanceType === 'CLOUD_SQL_INSTANCE' && instance.primary === null;
}

function isMove({ action }: Action): boolean {
  return action === 'writeReplica' || action === 'forgetReplica';
}

function planReplica(view: GroupView, replica: Replica, nowMs: number): readonly Action[] {
  const instance = instanceOf(view, replica);
  switch (replica.state) {
    case 'creating':
      return replica.adoptedAtMs === undefined
        ? planCreation(view, replica, instance, nowMs)
        : planAdoption(view, replica, instance, nowMs);
    case 'gating':
      return planGate(view, replica, instance, nowMs);
    case 'serving':
      return planServing(view, replica, instance, nowMs);
    case 'draining':
      return planDrain(view, replica, instance, nowMs);
    case 'deleting':
      return planDeletion(view, replica, instance, nowMs);
  }
}
