import { type Action, forget, wait, write } from './action.ts';
import { isGone } from './cells.ts';
import { type CloudInstance, ownerLabels } from './cloud.ts';
import { isCordoned } from './cordon.ts';
import {
  bearsOurLabels,
  type GroupView,
  hasMoved,
  instanceOf,
  isDown,
  isOfFormerPrimary,
  isOurs,
  isReplicaOfPrimary,
  isRunning,
  isSampleDue,
  operationOnPrimary,
  owner,
} from './group-view.ts';
import { planLeftBehind } from './plan-serving.ts';
import { addressOf, releasedReason, type Replica } from './replica.ts';

type Draining = Extract<Replica, { state: 'draining' }>;

/** Rule 2: proven absent by every voter, then by the replica's own list of sessions. */
export function planDrain(view: GroupView, replica: Draining, instance: CloudInstance | null, nowMs: number): Action[] {
  if (instance === null) return planGone(view, replica);
  if (replica.reason === releasedReason) return planRelease(view, replica, instance);
  const held = holdByVoters(view, replica);
  if (held !== null) return [held];
  const isFormer = isOfFormerPrimary(view, replica, instance);
  if (!isFormer && !isReplicaOfPrimary(view, instance)) return [forget(replica, 'NOT_OURS')];
  if (!isFormer && !isOurs(view, instance)) {
    const labelled = planLeftBehind(view, replica, instance);
    return [labelled ?? wait('NOT_OURS', replica, 'its labels do not name this group')];
  }
  if (isCordoned(view.cordons, replica)) {
    return [wait('CORDONED', replica, 'it has left the proxies; it is not deleted before the cordon is over')];
  }
  return planUnused(view, replica, instance, nowMs);
}

/** The second witness of rule 2: the replica itself. */
function planUnused(view: GroupView, replica: Draining, instance: CloudInstance, nowMs: number): Action[] {
  if (instance.address !== null && hasMoved(replica, instance)) {
    // Whoever stands at the old address cannot tell who uses this one.
    const { address, serverCa } = instance;
    return [write(replica, { kind: 'moved', address, serverCa }, nowMs)];
  }
  if (isDown(instance)) {
    // No mysqld, no sessions: there is nobody to ask. This alone is enough, in whatever term.
    const unused = { kind: 'unusedSampled', passed: true, samplesNeeded: 1, reason: 'NOT_RUNNING', term: 0 } as const;
    return [write(replica, unused, nowMs)];
  }
  if (!isRunning(instance)) return [wait('INSTANCE_NOT_READY', replica, instance.state)];
  return isSampleDue(view, replica, nowMs) ? [{ action: 'sampleSessions', replica }] : [];
}

/** Gives an instance back: out of the proxies, our labels off, the record dropped. It stays, and stays protected. */
function planRelease(view: GroupView, replica: Draining, instance: CloudInstance): Action[] {
  // What was declared as a static reader meanwhile goes on serving under that declaration.
  const held = isAddressTaken(view, replica) ? null : holdByVoters(view, replica);
  if (held !== null) return [held];
  if (!bearsOurLabels(view, instance)) return [forget(replica, releasedReason)];
  const busy = operationOnPrimary(view, replica);
  if (busy !== null) return [wait('OPERATION_IN_PROGRESS', replica, busy)];
  const labels = Object.fromEntries(Object.keys(ownerLabels(owner(view))).map((label) => [label, null]));
  return [{ action: 'relabelInstance', replica, settingsVersion: instance.settingsVersion, labels }];
}

/**
 * The instance is not there any more: its record goes once no proxy knows the address, or when the address has been
 * given to another server of the group, which proxies then rightly know.
 */
export function planGone(view: GroupView, replica: Extract<Replica, { state: 'draining' | 'deleting' }>): Action[] {
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  const held = isAddressTaken(view, replica) ? null : holdByVoters(view, replica);
  if (held !== null) return [held];
  // One that never had an address is a creation that failed: the next one has to wait.
  const reason = replica.state === 'deleting' ? replica.reason : 'INSTANCE_GONE';
  return [{ action: 'forgetReplica', replica, reason, createFailed: replica.address === null }];
}

/** What of rule 2 the voters have not proven yet. */
export function holdByVoters(view: GroupView, replica: Replica): Action | null {
  const hostname = addressOf(replica);
  if (hostname === null) return null;
  const { leaving, voters, cells = [], spec } = view;
  const gone = isGone({ hostname, port: spec.port }, { leaving, voters, cells });
  return gone.isGone ? null : wait(gone.reason, replica, gone.waitingFor);
}

function isAddressTaken(view: GroupView, { name, address }: { name: string; address: string | null }): boolean {
  const { replicas, spec } = view;
  const isServed = replicas.some(
    (other) => other.name !== name && other.state === 'serving' && other.address === address,
  );
  const isPrimary = address !== null && instanceOf(view, { name: spec.primary })?.address === address;
  return (
    isServed || isPrimary || spec.staticReaders.some(({ hostname, port }) => hostname === address && port === spec.port)
  );
}
