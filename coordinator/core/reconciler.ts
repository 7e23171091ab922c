import { outstandingVoters } from './ballots.ts';
import { type CloudInstance, isDeletable, ownerLabels, type ReplicaRequest } from './cloud.ts';
import {
  countExisting,
  type GroupView,
  isHealthy,
  isOurs,
  isDown,
  isRunning,
  isSampleDue,
  operationOnPrimary,
  owner,
} from './group-view.ts';
import { addressOf, advanceReplica, countsAsWanted, newReplica, type Replica } from './replica.ts';

/**
 * Compares the desired count with what exists and returns the next actions. Level-based: it is asked again after
 * every action and every change, a second run has nothing to do, and a crash at any line is repaired by the next run.
 */
export type Action =
  /** Stores a new record, or the next state of one. */
  | { readonly action: 'writeReplica'; readonly replica: Replica; readonly previous: Replica | null }
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
  | { readonly action: 'deleteInstance'; readonly replica: Replica }
  | { readonly action: 'wait'; readonly reason: WaitReason; readonly subject: string; readonly detail: string };

export type WaitReason =
  | 'OPERATION_IN_PROGRESS'
  | 'PARTIAL_VIEW'
  | 'PRIMARY_NOT_READY'
  | 'CREATE_BACKOFF'
  | 'INSTANCE_NOT_READY'
  | 'NOT_PUBLISHED'
  | 'VOTERS_OUTSTANDING'
  | 'NOT_DELETABLE'
  | 'NOT_OURS'
  | 'AT_MAX';

/** After a failed creation the next one waits this long: a missing quota does not heal in seconds. */
export const createBackoffMs = 60_000;

/** Plans the next actions of a group. Pure: same arguments, same plan. */
export function planGroup(view: GroupView, nowMs: number): Action[] {
  const steps = view.replicas.flatMap((replica) => planReplica(view, replica, nowMs));
  // The count is compared only with what is settled: a replica that is being withdrawn for another cause still counts
  // here, and a second one would follow it below the minimum.
  if (steps.some(({ action }) => action === 'writeReplica' || action === 'forgetReplica')) return steps;
  const counted = planCount(view, nowMs);
  const moved = counted.flatMap((action) => (action.action === 'writeReplica' ? [action.replica.name] : []));
  const isMoved = (step: Action) => 'replica' in step && moved.includes(step.replica.name);
  return [...steps.filter((step) => !isMoved(step)), ...counted];
}

function planReplica(view: GroupView, replica: Replica, nowMs: number): Action[] {
  const instance = view.listing.instances.find(({ name }) => name === replica.name) ?? null;
  switch (replica.state) {
    case 'creating':
      return instance === null ? planUnseenCreation(view, replica) : planCreation(view, replica, instance, nowMs);
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

type Creating = Extract<Replica, { state: 'creating' }>;

/** Cloud SQL does not list it: not asked yet, asked with a lost answer, or refused. */
function planUnseenCreation(view: GroupView, replica: Creating): Action[] {
  const operation = replica.operationName === null ? null : (view.operations.get(replica.operationName) ?? null);
  if (operation !== null && !operation.isDone) return [wait('OPERATION_IN_PROGRESS', replica, operation.name)];
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  if (operation !== null) {
    const reason = operation.error ?? 'the operation is done, but no instance is listed';
    return [{ action: 'forgetReplica', replica, reason, createFailed: true }];
  }
  const busy = operationOnPrimary(view, replica);
  if (busy !== null) return [wait('OPERATION_IN_PROGRESS', replica, busy)];
  const request = buildReplicaRequest(view, replica);
  if (request === null) return [wait('PRIMARY_NOT_READY', replica, view.spec.primary)];
  return [{ action: 'createInstance', replica, request }];
}

function planCreation(view: GroupView, replica: Creating, instance: CloudInstance, nowMs: number): Action[] {
  if (!isOurs(view, instance)) {
    return [{ action: 'forgetReplica', replica, reason: 'NAME_TAKEN', createFailed: false }];
  }
  if (instance.state === 'FAILED') {
    const operation = replica.operationName === null ? undefined : view.operations.get(replica.operationName);
    return [write(replica, { kind: 'createFailed', reason: operation?.error ?? 'CREATE_FAILED' }, nowMs)];
  }
  if (!isRunning(instance) || instance.address === null) {
    return [wait('INSTANCE_NOT_READY', replica, instance.state)];
  }
  return [write(replica, { kind: 'runnable', address: instance.address, serverCa: instance.serverCa }, nowMs)];
}

function planGate(
  view: GroupView,
  replica: Extract<Replica, { state: 'gating' }>,
  instance: CloudInstance | null,
  nowMs: number,
): Action[] {
  if (instance === null) return planVanished(view, replica, nowMs);
  if (!isOurs(view, instance)) return [write(replica, { kind: 'withdrawn', reason: 'NOT_OURS' }, nowMs)];
  if (instance.state === 'FAILED') return [write(replica, { kind: 'createFailed', reason: 'FAILED' }, nowMs)];
  if (!isRunning(instance)) return [wait('INSTANCE_NOT_READY', replica, instance.state)];
  const rotated = planCertificate(replica, instance, nowMs);
  if (rotated !== null) return [rotated];
  return isSampleDue(view, replica, nowMs) ? [{ action: 'sampleGate', replica }] : [];
}

/** A serving replica leaves the proxies when it is no replica any more, never because Cloud SQL was silent. */
function planServing(view: GroupView, replica: Replica, instance: CloudInstance | null, nowMs: number): Action[] {
  if (instance === null) return planVanished(view, replica, nowMs);
  if (instance.instanceType !== 'READ_REPLICA_INSTANCE') {
    return [write(replica, { kind: 'withdrawn', reason: 'PROMOTED' }, nowMs)];
  }
  // Edited labels or another primary: it goes on serving, and a person has to look.
  if (!isOurs(view, instance)) return [wait('NOT_OURS', replica, `primary ${instance.primary ?? 'none'}`)];
  if (instance.state === 'FAILED') return [write(replica, { kind: 'withdrawn', reason: 'FAILED' }, nowMs)];
  const rotated = planCertificate(replica, instance, nowMs);
  return rotated === null ? [] : [rotated];
}

/** An instance that names no authority for once keeps the one that it had. */
function planCertificate(replica: Replica, { serverCa }: CloudInstance, nowMs: number): Action | null {
  if (serverCa === null || serverCa.id === replica.serverCa?.id) return null;
  return write(replica, { kind: 'certified', serverCa }, nowMs);
}

function planVanished(view: GroupView, replica: Replica, nowMs: number): Action[] {
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  return [write(replica, { kind: 'withdrawn', reason: 'INSTANCE_GONE' }, nowMs)];
}

/** Rule 2: proven absent by every voter, then by the replica's own list of sessions. */
function planDrain(
  view: GroupView,
  replica: Extract<Replica, { state: 'draining' }>,
  instance: CloudInstance | null,
  nowMs: number,
): Action[] {
  if (instance === null) return planGone(view, replica);
  const held = holdByVoters(view, replica);
  if (held !== null) return [held];
  if (!isReplicaOfPrimary(view, instance)) {
    return [{ action: 'forgetReplica', replica, reason: 'NOT_OURS', createFailed: false }];
  }
  if (!isOurs(view, instance)) return [wait('NOT_OURS', replica, 'its labels do not name this group')];
  if (isDown(instance)) {
    // No mysqld, no sessions: there is nobody to ask.
    return [write(replica, { kind: 'unusedSampled', passed: true, samplesNeeded: 1, reason: 'NOT_RUNNING' }, nowMs)];
  }
  if (!isRunning(instance)) return [wait('INSTANCE_NOT_READY', replica, instance.state)];
  return isSampleDue(view, replica, nowMs) ? [{ action: 'sampleSessions', replica }] : [];
}

/** Rule 1, in its order: record `deleting`, rule 2 again, protection off with the version just read, delete. */
function planDeletion(
  view: GroupView,
  replica: Extract<Replica, { state: 'deleting' }>,
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
function refuseDeletion(
  view: GroupView,
  replica: Extract<Replica, { state: 'deleting' }>,
  instance: CloudInstance,
): Action | null {
  if (!view.listing.isComplete) return wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '));
  if (!isReplicaOfPrimary(view, instance)) {
    return { action: 'forgetReplica', replica, reason: 'NOT_OURS', createFailed: false };
  }
  if (!isDeletable(instance, owner(view))) {
    return wait('NOT_DELETABLE', replica, 'its labels, its primary or its own replicas do not allow it');
  }
  if (replica.reason !== 'NOT_RUNNING' || !isRunning(instance)) return null;
  return wait(
    'NOT_DELETABLE',
    replica,
    'it was given up because it did not run, and now it runs: stop it, or delete it',
  );
}

/**
 * The instance is not there any more: its record goes once no proxy knows the address, or when the address has been
 * given to another server of the group, which proxies then rightly know.
 */
function planGone(view: GroupView, replica: Extract<Replica, { state: 'draining' | 'deleting' }>): Action[] {
  if (!view.listing.isComplete) return [wait('PARTIAL_VIEW', replica, view.listing.warnings.join('; '))];
  const held = isAddressTaken(view, replica) ? null : holdByVoters(view, replica);
  if (held !== null) return [held];
  // One that never had an address is a creation that failed: the next one has to wait.
  const reason = replica.state === 'deleting' ? replica.reason : 'INSTANCE_GONE';
  return [{ action: 'forgetReplica', replica, reason, createFailed: replica.address === null }];
}

function isAddressTaken(
  { replicas, spec }: GroupView,
  { name, address }: { name: string; address: string | null },
): boolean {
  const isServed = replicas.some(
    (other) => other.name !== name && other.state === 'serving' && other.address === address,
  );
  return isServed || spec.staticReaders.some(({ hostname, port }) => hostname === address && port === spec.port);
}

/** One that was promoted or given another primary will never be ours again; edited labels a person can put right. */
function isReplicaOfPrimary(view: GroupView, instance: CloudInstance): boolean {
  return instance.instanceType === 'READ_REPLICA_INSTANCE' && instance.primary === view.spec.primary;
}

function busyWith(
  view: GroupView,
  replica: Extract<Replica, { state: 'deleting' }>,
  instance: CloudInstance,
): Action | null {
  const operation = replica.operationName === null ? undefined : view.operations.get(replica.operationName);
  if (operation?.isDone === false) return wait('OPERATION_IN_PROGRESS', replica, operation.name);
  if (instance.state === 'PENDING_CREATE' || instance.state === 'PENDING_DELETE') {
    return wait('INSTANCE_NOT_READY', replica, instance.state);
  }
  const other = operationOnPrimary(view, replica);
  return other === null ? null : wait('OPERATION_IN_PROGRESS', replica, other);
}

function holdByVoters(view: GroupView, replica: Replica): Action | null {
  const hostname = addressOf(replica);
  if (hostname === null) return null;
  const leaving = view.leaving.find((server) => server.hostname === hostname && server.port === view.spec.port);
  if (leaving === undefined) return wait('NOT_PUBLISHED', replica, 'no snapshot has withdrawn it yet');
  const outstanding = outstandingVoters(view.voters, leaving);
  return outstanding.length === 0 ? null : wait('VOTERS_OUTSTANDING', replica, outstanding.slice(0, 20).join(', '));
}

function planCount(view: GroupView, nowMs: number): Action[] {
  const wanted = view.replicas.filter(countsAsWanted);
  if (wanted.length < view.scaling.desired) return planOneMore(view, nowMs);
  if (wanted.length > view.scaling.desired) return planOneLess(view, wanted, nowMs);
  return [];
}

/** A replica on its way out is the quickest to have back; else one new record, one creation at a time. */
function planOneMore(view: GroupView, nowMs: number): Action[] {
  const returning = view.replicas.find((replica) => replica.state === 'draining' && isHealthy(view, replica));
  if (returning !== undefined) return [write(returning, { kind: 'returned', reason: 'SCALE_OUT' }, nowMs)];
  if (view.replicas.some(({ state }) => state === 'creating' || state === 'gating')) return [];
  const { spec, scaling, listing } = view;
  const subject = spec.name;
  if (!listing.isComplete) {
    return [{ action: 'wait', reason: 'PARTIAL_VIEW', subject, detail: listing.warnings.join('; ') }];
  }
  if (countExisting(view) >= spec.policy.replicasMax) {
    return [
      { action: 'wait', reason: 'AT_MAX', subject, detail: `${countExisting(view)} replicas exist or are leaving` },
    ];
  }
  const failed = view.replicas.find((replica) => replica.state === 'deleting' && replica.address === null);
  if (failed !== undefined) return [wait('CREATE_BACKOFF', failed, 'its creation failed; it is removed first')];
  const retryAtMs = scaling.createFailedAtMs + createBackoffMs;
  if (scaling.createFailedAtMs > 0 && nowMs < retryAtMs) {
    return [{ action: 'wait', reason: 'CREATE_BACKOFF', subject, detail: `until ${retryAtMs}` }];
  }
  const { name: group, project, primary } = spec;
  const replica = newReplica({
    name: view.nextName,
    group,
    project,
    primary,
    createdAtMs: nowMs,
    reason: scaling.reason,
  });
  return [{ action: 'writeReplica', replica, previous: null }];
}

/** What does not serve yet goes first, then the newest. Nothing goes on an incomplete list, or while another leaves. */
function planOneLess(view: GroupView, wanted: readonly Replica[], nowMs: number): Action[] {
  if (view.replicas.some(({ state }) => state === 'draining' || state === 'deleting')) return [];
  // A creation cannot be called off; once it is done that replica is the one to go, not one that serves.
  const creating = wanted.find(({ state }) => state === 'creating');
  if (creating !== undefined) return [wait('OPERATION_IN_PROGRESS', creating, 'it is created, then removed again')];
  if (!view.listing.isComplete) {
    const detail = view.listing.warnings.join('; ');
    return [{ action: 'wait', reason: 'PARTIAL_VIEW', subject: view.spec.name, detail }];
  }
  const candidates = wanted.filter(({ state }) => state === 'gating' || state === 'serving');
  const victim = candidates.sort(compareVictims)[0];
  return victim === undefined ? [] : [write(victim, { kind: 'withdrawn', reason: 'SCALE_IN' }, nowMs)];
}

function compareVictims(one: Replica, other: Replica): number {
  const rank = (replica: Replica) => (replica.state === 'gating' ? 0 : 1);
  return rank(one) - rank(other) || other.createdAtMs - one.createdAtMs;
}

/** What a new replica is: the primary's shape, the group's overrides, our labels. Null without a running primary. */
function buildReplicaRequest(view: GroupView, replica: Replica): ReplicaRequest | null {
  const primary = view.listing.instances.find(({ name }) => name === view.spec.primary);
  if (primary === undefined || !isRunning(primary) || primary.instanceType !== 'CLOUD_SQL_INSTANCE') return null;
  const { tier, zone } = view.spec.template;
  return {
    name: replica.name,
    project: replica.project,
    primary: replica.primary,
    labels: ownerLabels(owner(view)),
    shape: { ...primary.shape, tier: tier ?? primary.shape.tier },
    zone: zone ?? null,
  };
}

type ReplicaEventOf = Parameters<typeof advanceReplica>[1];

function write(replica: Replica, event: ReplicaEventOf, nowMs: number): Action {
  return { action: 'writeReplica', replica: advanceReplica(replica, event, nowMs), previous: replica };
}

function wait(reason: WaitReason, replica: Replica, detail: string): Action {
  return { action: 'wait', reason, subject: replica.name, detail };
}
