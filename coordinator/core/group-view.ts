import type { Scaling } from './autoscaler.ts';
import type { LeavingServer, Voter } from './ballots.ts';
import type { CellView } from './cells.ts';
import type { Cordon } from './cordon.ts';
import { type CloudInstance, type CloudListing, type CloudOperation, isOwnedReplica } from './cloud.ts';
import type { GroupSpec } from './group-spec.ts';
import { indexOf } from './listing-index.ts';
import { addressOf, type Replica } from './replica.ts';

/** Everything the reconciler looks at, and the questions it asks of it. */
export type GroupView = {
  readonly spec: GroupSpec;
  /** The value of the label `chester-install`. */
  readonly install: string;
  readonly scaling: Scaling;
  readonly replicas: readonly Replica[];
  readonly listing: CloudListing;
  /** The operations that records name; absent when Cloud SQL does not know one. */
  readonly operations: ReadonlyMap<string, CloudOperation>;
  /** Servers that an operator keeps out. */
  readonly cordons: readonly Cordon[];
  /** Names of replicas that an operator wants gone; absent: none. */
  readonly removals?: readonly string[];
  /** Addresses of serving replicas that most proxies do not serve yet; absent: nobody tells. */
  readonly warming?: readonly string[];
  /** What the stored snapshot withdraws. */
  readonly leaving: readonly LeavingServer[];
  readonly voters: readonly Voter[];
  /** The cells that have to agree; absent where nobody named any. */
  readonly cells?: readonly CellView[];
  /** The name of the next replica, decided outside. */
  readonly nextName: string;
  /** Passed samples of a replica are at least this far apart. */
  readonly sampleIntervalMs: number;
};

/** Whether a replica may be sampled again: passed samples are apart in time. One of the future says nothing. */
export function isSampleDue(
  { sampleIntervalMs }: Pick<GroupView, 'sampleIntervalMs'>,
  { sampledAtMs }: { readonly sampledAtMs: number },
  nowMs: number,
): boolean {
  return nowMs < sampledAtMs || nowMs - sampledAtMs >= sampleIntervalMs;
}

/** What Cloud SQL lists under a replica's name. */
export function instanceOf({ listing }: GroupView, { name }: Pick<Replica, 'name'>): CloudInstance | null {
  return indexOf(listing).byName.get(name) ?? null;
}

/** What Cloud SQL lists as replicas of the group's primary, whoever owns them. */
export function replicasOfPrimary({ listing, spec }: Pick<GroupView, 'listing' | 'spec'>): readonly CloudInstance[] {
  return indexOf(listing).byPrimary.get(spec.primary) ?? [];
}

/** Counts records, plus replicas that bear our labels without a record: those are never deleted, but they count. */
export function countExisting(view: GroupView): number {
  const recorded = new Set(view.replicas.map(({ name }) => name));
  const orphans = replicasOfPrimary(view).filter(
    (instance) => !recorded.has(instance.name) && isOwnedReplica(instance, owner(view)),
  );
  return recorded.size + orphans.length;
}

/** One Cloud SQL operation per primary at a time. Names the one in progress, if it is not the replica's own. */
export function operationOnPrimary(view: GroupView, except: Replica): string | null {
  for (const replica of view.replicas) {
    if (replica.name === except.name) continue;
    const operationName = replica.state === 'creating' || replica.state === 'deleting' ? replica.operationName : null;
    if (operationName !== null && view.operations.get(operationName)?.isDone === false) return operationName;
  }
  const pending = replicasOfPrimary(view).find(
    ({ name, state }) => name !== except.name && (state === 'PENDING_CREATE' || state === 'PENDING_DELETE'),
  );
  return pending === undefined ? null : `${pending.name} is ${pending.state}`;
}

/** Whether Cloud SQL lists the replica as ours and running, where we know it. */
export function isHealthy(view: GroupView, replica: Replica): boolean {
  const instance = instanceOf(view, replica);
  return instance !== null && isOurs(view, instance) && isRunning(instance) && !hasMoved(replica, instance);
}

/** Whether an instance stands elsewhere than we know: the old address may be somebody else's by now. */
export function hasMoved(replica: Replica, { address }: CloudInstance): boolean {
  const known = addressOf(replica);
  return known !== null && address !== null && address !== known;
}

/** Whether an instance bears this group's labels and is a replica of its primary. */
export function isOurs(view: GroupView, instance: CloudInstance): boolean {
  return isOwnedReplica(instance, owner(view));
}

/** Whether an instance bears this installation's and this group's labels, whatever became of it. */
export function bearsOurLabels(view: GroupView, { labels }: CloudInstance): boolean {
  const { install, group } = owner(view);
  return labels['chester-install'] === install && labels['chester-group'] === group;
}

/**
 * Whether an instance is what a record created under the primary before the accepted one, and where it was left: it
 * never serves, and goes the whole way out.
 */
export function isOfFormerPrimary(view: GroupView, replica: Replica, instance: CloudInstance): boolean {
  const { primary } = replica;
  return primary !== view.spec.primary && isOwnedReplica(instance, { ...owner(view), primary });
}

/** One that was promoted or given another primary will never be ours again; edited labels a person can put right. */
export function isReplicaOfPrimary(view: GroupView, instance: CloudInstance): boolean {
  return instance.instanceType === 'READ_REPLICA_INSTANCE' && instance.primary === view.spec.primary;
}

/** Whose labels this group's replicas bear. */
export function owner(view: Pick<GroupView, 'spec' | 'install'>): { install: string; group: string; primary: string } {
  return { install: view.install, group: view.spec.name, primary: view.spec.primary };
}

/** Whether its mysqld certainly does not run. */
export function isDown(instance: CloudInstance): boolean {
  return instance.isStopped || instance.state === 'FAILED' || instance.state === 'SUSPENDED';
}

/** Whether an instance runs and was not stopped by its owner. */
export function isRunning(instance: CloudInstance): boolean {
  return instance.state === 'RUNNABLE' && !instance.isStopped;
}
