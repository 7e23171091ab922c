import type { ReplicaRequest } from './cloud.ts';
import { advanceReplica, type Replica, type ReplicaEvent } from './replica.ts';

/** What the reconciler decided, before anything is done. */
export type Action =
  /** Stores a new record, or the next state of one. */
  | {
      readonly action: 'writeReplica';
      readonly replica: Replica;
      readonly previous: Replica | null;
      /** The creation came to nothing: the next one has to wait. */
      readonly isCreateFailure?: true;
    }
  /** Drops a record whose instance is gone, or was never ours. */
  | {
      readonly action: 'forgetReplica';
      readonly replica: Replica;
      readonly reason: string;
      readonly createFailed: boolean;
    }
  | {
      readonly action: 'createInstance';
      readonly replica: Extract<Replica, { state: 'creating' }>;
      readonly request: ReplicaRequest;
    }
  /** Asks the replica itself: login, replication, lag. */
  | { readonly action: 'sampleGate'; readonly replica: Extract<Replica, { state: 'gating' }> }
  /** Asks the replica itself whether anybody is still connected: the second witness of rule 2. */
  | { readonly action: 'sampleSessions'; readonly replica: Extract<Replica, { state: 'draining' }> }
  | { readonly action: 'unprotectInstance'; readonly replica: Replica; readonly settingsVersion: string }
  /** Marks an instance as ours, or takes our marks away; null for a label that goes. */
  | {
      readonly action: 'relabelInstance';
      readonly replica: Replica;
      readonly settingsVersion: string;
      readonly labels: Readonly<Record<string, string | null>>;
    }
  | { readonly action: 'deleteInstance'; readonly replica: Replica }
  /** A person has to know; told once for as long as `key` stays the same. */
  | {
      readonly action: 'alarm';
      readonly reason: AlarmReason;
      readonly subject: string;
      readonly key: string;
      readonly detail: string;
    }
  | { readonly action: 'wait'; readonly reason: WaitReason; readonly subject: string; readonly detail: string };

export type WaitReason =
  | 'OPERATION_IN_PROGRESS'
  | 'PARTIAL_VIEW'
  | 'PRIMARY_NOT_READY'
  | 'CREATE_BACKOFF'
  | 'INSTANCE_NOT_READY'
  | 'NOT_PUBLISHED'
  | 'VOTERS_OUTSTANDING'
  | 'CELL_SILENT'
  | 'FROZEN'
  | 'NOT_DELETABLE'
  | 'NOT_OURS'
  | 'TEMPLATE_REFUSED'
  | 'CORDONED'
  | 'REPLACEMENT_NOT_SERVING'
  | 'AT_MAX';

export type AlarmReason =
  | 'CREATE_OVERDUE'
  | 'GATE_OVERDUE'
  | 'GATE_TIMEOUT'
  | 'DRAIN_OVERDUE'
  | 'DELETE_OVERDUE'
  | 'TEMPLATE_REFUSED'
  | 'ADOPTION_REFUSED';

/** Moves a record on. */
export function write(
  replica: Replica,
  event: ReplicaEvent,
  nowMs: number,
): Extract<Action, { action: 'writeReplica' }> {
  return { action: 'writeReplica', replica: advanceReplica(replica, event, nowMs), previous: replica };
}

/** Holds a replica where it is, and says why. */
export function wait(reason: WaitReason, replica: Replica, detail: string): Action {
  return { action: 'wait', reason, subject: replica.name, detail };
}

/** Drops a record, for a reason that is no failure of a creation. */
export function forget(replica: Replica, reason: string): Action {
  return { action: 'forgetReplica', replica, reason, createFailed: false };
}
