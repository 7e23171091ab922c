import assert from 'node:assert/strict';
import type { CloudListing, CloudInstance } from '../../coordinator/core/cloud.ts';
import type { GroupView } from '../../coordinator/core/group-view.ts';
import type { Action } from '../../coordinator/core/action.ts';
import { planGroup } from '../../coordinator/core/reconciler.ts';
import { addressOfName, groupView, listing, startMs } from './builders.ts';

/** Late enough for every pause, too early for any deadline. */
export const nowMs = startMs + 600_000;

export const partial = (instances: readonly CloudInstance[]): CloudListing =>
  listing(instances, { isComplete: false, warnings: ['europe-west1 did not answer'] });

export const leaving = (name: string) => [{ hostname: addressOfName(name), port: 3306, sinceRevision: 5 }];

/** An action in a word or two, so that a table shows whole plans. */
function wordsOf(action: Action): string {
  switch (action.action) {
    case 'writeReplica':
      return `${action.replica.name} ${action.previous?.state ?? 'none'}→${action.replica.state} ${action.replica.reason}`;
    case 'forgetReplica':
      return `forget ${action.replica.name} ${action.reason}${action.createFailed ? ' failed' : ''}`;
    case 'wait':
      return `wait ${action.reason}`;
    case 'alarm':
      return `alarm ${action.reason} ${action.subject}`;
    default:
      return `${action.action} ${action.replica.name}`;
  }
}

/** The plan of a view that differs from an empty group in `change`. */
export function planOf(change: Partial<GroupView>): string[] {
  return planGroup(groupView(change), nowMs).map(wordsOf);
}

/** The first action of a kind in such a plan; fails when there is none. */
export function only<Kind extends Action['action']>(
  kind: Kind,
  view: Partial<GroupView>,
): Extract<Action, { action: Kind }> {
  const action = planGroup(groupView(view), nowMs).find((one) => one.action === kind);
  assert(action !== undefined);
  return action as Extract<Action, { action: Kind }>;
}
