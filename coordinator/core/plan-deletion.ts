import { type Action, forget, wait, write } from './action.ts';
import { type CloudInstance, isDeletable } from './cloud.ts';
import {
  type GroupView,
  hasMoved,
  isOfFormerPrimary,
  isReplicaOfPrimary,
  isRunning,
  operationOnPrimary,
  owner,
} from './group-view.ts';
import { holdByVoters, planGone } from './plan-drain.ts';
import { planLeftBehind } from './plan-serving.ts';
import type { Replica } from './replica.ts';

type Deleting = Extract<Replica, { state: 'deleting' }>;

/** Rule 1, in its order: record `deleting`, rule 2 again, protection off with the version just read, delete. */
export function planDeletion(
  view: GroupView,
  replica: Deleting,
  instance: CloudInstance | null,
  nowMs: number,
): Action[] {
  if (instance === null) return planGone(view, replica);
  const held = holdByVoters(view, replica);
  if (held !== null) return [held];
  const refused = refuseDeletion(view, replica, instance);
  if (refused !== null) return [refused];
  const operation = replica.operationName === null ? undefined : view.operations.get(replica.operationName);
  if (operation?.error != null) return [write(replica, { kind: 'deleteFailed' }, nowMs)];
  const busy = busyWith(view, replica, instance);
  if (busy !== null) return [busy];
  if (instance.isDeletionProtected) {
    return [{ action: 'unprotectInstance', replica, settingsVersion: instance.settingsVersion }];
  }
  return [{ action: 'deleteInstance', replica }];
}

/** Rule 1, on what Cloud SQL says now. */
function refuseDeletion(view: GroupView, replica: Deleting, instance: CloudInstance): Action | null {
  if (!view.listing.isComplete) return wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '));
  const isFormer = isOfFormerPrimary(view, replica, instance);
  if (!isFormer && !isReplicaOfPrimary(view, instance)) return forget(replica, 'NOT_OURS');
  const { primary } = isFormer ? replica : view.spec;
  if (!isDeletable(instance, { ...owner(view), primary })) {
    const detail = 'its labels, its primary or its own replicas do not allow it';
    return planLeftBehind(view, replica, instance) ?? wait('NOT_DELETABLE', replica, detail);
  }
  if (hasMoved(replica, instance)) {
    return wait('NOT_DELETABLE', replica, `it is at ${instance.address ?? ''} now, and nobody has proven that unused`);
  }
  if (replica.reason !== 'NOT_RUNNING' || !isRunning(instance)) return null;
  return wait(
    'NOT_DELETABLE',
    replica,
    'it was given up because it did not run, and now it runs: stop it, or delete it',
  );
}

function busyWith(view: GroupView, replica: Deleting, instance: CloudInstance): Action | null {
  const operation = replica.operationName === null ? undefined : view.operations.get(replica.operationName);
  if (operation?.isDone === false) return wait('OPERATION_IN_PROGRESS', replica, operation.name);
  if (instance.state === 'PENDING_CREATE' || instance.state === 'PENDING_DELETE') {
    return wait('INSTANCE_NOT_READY', replica, instance.state);
  }
  const other = operationOnPrimary(view, replica);
  return other === null ? null : wait('OPERATION_IN_PROGRESS', replica, other);
}
