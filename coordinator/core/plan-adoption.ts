import { type Action, forget, wait } from './action.ts';
import { type CloudInstance, ownerLabels } from './cloud.ts';
import {
  bearsOurLabels,
  type GroupView,
  isOurs,
  isReplicaOfPrimary,
  isRunning,
  operationOnPrimary,
  owner,
} from './group-view.ts';
import { planAddressed } from './plan-creation.ts';
import { excerpt, type Problem, renderProblems } from './problems.ts';
import type { Replica } from './replica.ts';

type Creating = Extract<Replica, { state: 'creating' }>;
type Ownership = { readonly install: string; readonly group: string; readonly primary: string };

/** Plans how an instance becomes ours by an operator's order: labels and protection first, then its gate. */
export function planAdoption(
  view: GroupView,
  replica: Creating,
  instance: CloudInstance | null,
  nowMs: number,
): Action[] {
  const { listing } = view;
  if (instance === null) {
    return listing.isComplete
      ? refuse(replica, 'it is not listed any more')
      : [wait('PARTIAL_VIEW', replica, listing.warnings.join('; '))];
  }
  const problems = findAdoptionProblems(instance, owner(view));
  if (problems.length > 0) return planRefused(view, { replica, instance, detail: renderProblems(problems) }, nowMs);
  if (!isOurs(view, instance) || !instance.isDeletionProtected) {
    const busy = operationOnPrimary(view, replica);
    if (busy !== null) return [wait('OPERATION_IN_PROGRESS', replica, busy)];
    const { settingsVersion } = instance;
    return [{ action: 'relabelInstance', replica, settingsVersion, labels: ownerLabels(owner(view)) }];
  }
  return [
    isRunning(instance) ? planAddressed(replica, instance, nowMs) : wait('INSTANCE_NOT_READY', replica, instance.state),
  ];
}

type Refused = { readonly replica: Creating; readonly instance: CloudInstance; readonly detail: string };

/** One that bears our labels and is no replica of the primary any more may have served: it goes the whole way out. */
function planRefused(view: GroupView, { replica, instance, detail }: Refused, nowMs: number): Action[] {
  const [, alarm] = refuse(replica, detail);
  const isFormer = bearsOurLabels(view, instance) && !isReplicaOfPrimary(view, instance);
  if (!isFormer || instance.address === null) return refuse(replica, detail);
  return [planAddressed(replica, instance, nowMs), alarm];
}

/** Whatever speaks against it, the instance stays as it is. */
function refuse(replica: Creating, detail: string): [Action, Action] {
  const alarm = { reason: 'ADOPTION_REFUSED', subject: replica.name, key: detail, detail } as const;
  return [forget(replica, 'ADOPTION_REFUSED'), { action: 'alarm', ...alarm }];
}

/** What speaks against taking an instance over: what could never be deleted again, or is somebody else's. */
export function findAdoptionProblems(instance: CloudInstance, { install, group, primary }: Ownership): Problem[] {
  const problems: Problem[] = [];
  const problem = (field: string, value: unknown, allowed: string) => {
    problems.push({ field, value: excerpt(value), allowed });
  };
  if (instance.instanceType !== 'READ_REPLICA_INSTANCE') {
    problem('instanceType', instance.instanceType, 'READ_REPLICA_INSTANCE');
  }
  if (instance.primary !== primary) {
    problem('masterInstanceName', instance.primary, `${primary}, the primary of the group`);
  }
  if (instance.replicaNames.length > 0)
    problem('replicaNames', instance.replicaNames, 'none: it must have no replicas');
  if (instance.isDisasterRecoveryReplica) {
    problem('replicationCluster', 'a replica for disaster recovery', 'a replica without that role');
  }
  if (instance.state === 'FAILED' || instance.state === 'PENDING_DELETE') {
    problem('state', instance.state, 'an instance that runs, or will again');
  }
  const labelled = { 'chester-install': install, 'chester-group': group };
  for (const [label, own] of Object.entries(labelled)) {
    const value = instance.labels[label];
    if (value === undefined || value === own) continue;
    problem(`settings.userLabels.${label}`, value, `unset or ${own}: it belongs to another installation or group`);
  }
  return problems;
}
