import { type Action, wait, write } from './action.ts';
import { type CloudInstance, ownerLabels } from './cloud.ts';
import { type GroupView, hasMoved, isOurs, operationOnPrimary, owner } from './group-view.ts';
import type { Replica } from './replica.ts';

/** A serving replica leaves the proxies when it is no replica any more, never because Cloud SQL was silent. */
export function planServing(
  view: GroupView,
  replica: Replica,
  instance: CloudInstance | null,
  nowMs: number,
): readonly Action[] {
  if (instance === null) return planVanished(view, replica, nowMs);
  if (instance.instanceType !== 'READ_REPLICA_INSTANCE') {
    return [write(replica, { kind: 'withdrawn', reason: 'PROMOTED' }, nowMs)];
  }
  if (hasMoved(replica, instance)) return [write(replica, { kind: 'withdrawn', reason: 'ADDRESS_CHANGED' }, nowMs)];
  if (!isOurs(view, instance)) return planStranger(view, replica, instance);
  if (replica.primary !== view.spec.primary) {
    return [write(replica, { kind: 'followed', primary: view.spec.primary }, nowMs)];
  }
  if (instance.state === 'FAILED') return [write(replica, { kind: 'withdrawn', reason: 'FAILED' }, nowMs)];
  const rotated = planCertificate(replica, instance, nowMs);
  return rotated === null ? [] : [rotated];
}

/**
 * Edited labels or another primary: it goes on serving, and a person has to look. One that follows the primary which
 * an operator has accepted gets that primary's label.
 */
function planStranger(view: GroupView, replica: Replica, instance: CloudInstance): Action[] {
  return [
    planLeftBehind(view, replica, instance) ?? wait('NOT_OURS', replica, `primary ${instance.primary ?? 'none'}`),
  ];
}

/** Labels a replica anew that follows the accepted primary and still names the one before; null: it is no such one. */
export function planLeftBehind(view: GroupView, replica: Replica, instance: CloudInstance): Action | null {
  const current = owner(view);
  const isLeftBehind =
    instance.primary === current.primary &&
    instance.labels['chester-install'] === current.install &&
    instance.labels['chester-group'] === current.group &&
    instance.labels['chester-primary'] === replica.primary &&
    replica.primary !== current.primary;
  if (!isLeftBehind) return null;
  const busy = operationOnPrimary(view, replica);
  if (busy !== null) return wait('OPERATION_IN_PROGRESS', replica, busy);
  const { settingsVersion } = instance;
  return { action: 'relabelInstance', replica, settingsVersion, labels: ownerLabels(current) };
}

/** An instance that names no authority for once keeps the one that it had. */
export function planCertificate(replica: Replica, { serverCa }: CloudInstance, nowMs: number): Action | null {
  if (serverCa === null || serverCa.id === replica.serverCa?.id) return null;
  return write(replica, { kind: 'certified', serverCa }, nowMs);
}

/** A replica that is not listed any more, if the list is whole. */
export function planVanished(view: GroupView, replica: Replica, nowMs: number): Action[] {
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  return [write(replica, { kind: 'withdrawn', reason: 'INSTANCE_GONE' }, nowMs)];
}
