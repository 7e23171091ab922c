import { type Action, forget, wait, write } from './action.ts';
import { type CloudInstance, type CloudOperation, ownerLabels, type ReplicaRequest } from './cloud.ts';
import { isCordoned } from './cordon.ts';
import { isOverdue } from './deadlines.ts';
import {
  bearsOurLabels,
  countExisting,
  type GroupView,
  hasMoved,
  instanceOf,
  isOfFormerPrimary,
  isOurs,
  isRunning,
  isSampleDue,
  operationOnPrimary,
  owner,
  replicasOfPrimary,
} from './group-view.ts';
import { planCertificate, planLeftBehind, planVanished } from './plan-serving.ts';
import { renderProblems } from './problems.ts';
import type { Replica } from './replica.ts';
import { limitsAt } from './schedule.ts';
import { chooseZone, findTemplateProblems, shapeOfReplica } from './template.ts';

type Creating = Extract<Replica, { state: 'creating' }>;
type Gating = Extract<Replica, { state: 'gating' }>;

/** Plans a creation: asked for, waited for, cleaned up. */
export function planCreation(
  view: GroupView,
  replica: Creating,
  instance: CloudInstance | null,
  nowMs: number,
): Action[] {
  if (instance === null) return planUnseen(view, replica, nowMs);
  if (!isOurs(view, instance) && !isOfFormerPrimary(view, replica, instance)) {
    return [planLeftBehind(view, replica, instance) ?? planTaken(view, replica, instance, nowMs)];
  }
  if (instance.state === 'FAILED' && instance.address === null) {
    const operation = replica.operationName === null ? undefined : view.operations.get(replica.operationName);
    return [write(replica, { kind: 'createFailed', reason: operation?.error ?? 'CREATE_FAILED' }, nowMs)];
  }
  const isUp = isRunning(instance) || instance.state === 'FAILED';
  return [isUp ? planAddressed(replica, instance, nowMs) : wait('INSTANCE_NOT_READY', replica, instance.state)];
}

/**
 * Something else has the name, or what was made for us under it was promoted, relabelled or moved since. Such a one may
 * have served although its record is of before that: a store that went back does not know.
 */
function planTaken(view: GroupView, replica: Creating, instance: CloudInstance, nowMs: number): Action {
  const isOfOurMaking = replica.operationName !== null || bearsOurLabels(view, instance);
  const isKnown = instance.address !== null && isOfOurMaking;
  return isKnown ? planAddressed(replica, instance, nowMs) : forget(replica, 'NAME_TAKEN');
}

/** Once it has an address a proxy may know it: from its gate it goes on, or the whole way out. */
export function planAddressed(
  replica: Creating,
  { address, serverCa, state }: Pick<CloudInstance, 'address' | 'serverCa' | 'state'>,
  nowMs: number,
): Action {
  if (address === null) return wait('INSTANCE_NOT_READY', replica, state);
  return write(replica, { kind: 'runnable', address, serverCa }, nowMs);
}

/** Cloud SQL does not list it: not asked yet, asked with a lost answer, or refused. */
function planUnseen(view: GroupView, replica: Creating, nowMs: number): Action[] {
  const operation = replica.operationName === null ? null : (view.operations.get(replica.operationName) ?? null);
  if (operation !== null && !operation.isDone) return [wait('OPERATION_IN_PROGRESS', replica, operation.name)];
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  if (operation !== null) return planUnlisted(replica, operation, nowMs);
  const busy = operationOnPrimary(view, replica);
  if (busy !== null) return [wait('OPERATION_IN_PROGRESS', replica, busy)];
  return planRequest(view, replica, nowMs);
}

/**
 * Lists of Cloud SQL may be older than its operations; who took the record away would make a second instance, or leave
 * one behind that failed.
 */
const listLagMaxMs = 120_000;

/** The operation is done. What it made may be listed later, also by one that failed. */
function planUnlisted(replica: Creating, { name, error }: CloudOperation, nowMs: number): Action[] {
  const { unlistedAtMs } = replica;
  if (unlistedAtMs === undefined) return [write(replica, { kind: 'unlisted' }, nowMs)];
  if (nowMs - unlistedAtMs < listLagMaxMs) {
    const end = error === null ? 'is done' : `failed (${error})`;
    return [wait('INSTANCE_NOT_READY', replica, `${name} ${end}, and no list has the instance yet`)];
  }
  const reason = error ?? 'the operation is done, but no instance is listed';
  return [{ action: 'forgetReplica', replica, reason, createFailed: true }];
}

/** What a new replica is: the primary's shape, the group's overrides, our labels. */
function planRequest(view: GroupView, replica: Creating, nowMs: number): Action[] {
  const { spec } = view;
  const existing = countExisting(view);
  // The maximum may have been lowered since, or an adoption have come in between. What was asked for may exist already.
  if (replica.askedAtMs === null && existing > limitsAt(spec.policy, nowMs).replicasMax) {
    return [wait('AT_MAX', replica, `${existing} replicas exist, are to be created, are leaving or are cordoned`)];
  }
  const primary = instanceOf(view, { name: spec.primary });
  if (primary === null || !isRunning(primary) || primary.instanceType !== 'CLOUD_SQL_INSTANCE') {
    return [wait('PRIMARY_NOT_READY', replica, spec.primary)];
  }
  const problems = findTemplateProblems(spec.template, primary.shape);
  if (problems.length > 0) {
    const detail = renderProblems(problems);
    const alarm = { action: 'alarm', reason: 'TEMPLATE_REFUSED', subject: replica.name, key: detail, detail } as const;
    return [wait('TEMPLATE_REFUSED', replica, detail), alarm];
  }
  const siblings = replicasOfPrimary(view).filter((instance) => isOurs(view, instance));
  const request: ReplicaRequest = {
    name: replica.name,
    project: replica.project,
    primary: spec.primary,
    // Ours come last: nothing that is declared can take their place.
    labels: { ...spec.template.labels, ...ownerLabels(owner(view)) },
    shape: shapeOfReplica(primary.shape, spec.template),
    zone: chooseZone(spec.template, siblings),
  };
  return [{ action: 'createInstance', replica, request }];
}

/** Plans how a new replica is tried; one that never passes is given up when its time is over. */
export function planGate(
  view: GroupView,
  replica: Gating,
  instance: CloudInstance | null,
  nowMs: number,
): readonly Action[] {
  if (instance === null) return planVanished(view, replica, nowMs);
  if (!isOurs(view, instance)) {
    const labelled = planLeftBehind(view, replica, instance);
    return [labelled ?? write(replica, { kind: 'withdrawn', reason: 'NOT_OURS' }, nowMs)];
  }
  if (hasMoved(replica, instance)) return [write(replica, { kind: 'withdrawn', reason: 'ADDRESS_CHANGED' }, nowMs)];
  if (instance.state === 'FAILED') {
    return [{ ...write(replica, { kind: 'createFailed', reason: 'FAILED' }, nowMs), isCreateFailure: true }];
  }
  if (isGivenUp(view, replica, nowMs)) return giveUp(view, replica, nowMs);
  if (!isRunning(instance)) return [wait('INSTANCE_NOT_READY', replica, instance.state)];
  const rotated = planCertificate(replica, instance, nowMs);
  if (rotated !== null) return [rotated];
  return isSampleDue(view, replica, nowMs) ? [{ action: 'sampleGate', replica }] : [];
}

/** What somebody gave us, or keeps out himself, is not thrown away for being slow. */
function isGivenUp({ spec, cordons }: GroupView, replica: Gating, nowMs: number): boolean {
  if (replica.adoptedAtMs !== undefined || isCordoned(cordons, replica)) return false;
  return isOverdue(spec.deadlines.gateSeconds, replica.sinceMs, nowMs);
}

/** It has an address, so somebody may use it: it goes the whole way out. */
function giveUp({ spec }: GroupView, replica: Gating, nowMs: number): Action[] {
  const passed = write(replica, { kind: 'withdrawn', reason: 'GATE_TIMEOUT' }, nowMs);
  const detail =
    `not through its gate for ${spec.deadlines.gateSeconds} s (${replica.reason}): ` +
    'it is withdrawn and deleted, and the next one waits';
  const alarm = { reason: 'GATE_TIMEOUT', subject: replica.name, key: `gate ${replica.sinceMs}`, detail } as const;
  return [
    { ...passed, isCreateFailure: true },
    { action: 'alarm', ...alarm },
  ];
}
