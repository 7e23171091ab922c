import type { Certificate } from './certificate.ts';

/** What Cloud SQL says, in our words. Addresses and names are checked by the adapter. */
export type CloudInstance = {
  readonly name: string;
  /** PENDING_CREATE, RUNNABLE, SUSPENDED, MAINTENANCE, PENDING_DELETE, FAILED, … */
  readonly state: string;
  /** Stopped by its owner: state RUNNABLE with activation policy NEVER. */
  readonly isStopped: boolean;
  /** CLOUD_SQL_INSTANCE, READ_REPLICA_INSTANCE, … */
  readonly instanceType: string;
  /** The bare name of its primary; null for a primary. */
  readonly primary: string | null;
  readonly replicaNames: readonly string[];
  readonly isDisasterRecoveryReplica: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Its private address; null while it has none. */
  readonly address: string | null;
  /** An int64 as Cloud SQL's text. */
  readonly settingsVersion: string;
  readonly isDeletionProtected: boolean;
  /** Where it runs now; a failover changes it. Null while it is not known. */
  readonly zone: string | null;
  /** How it can be reached besides its private address. */
  readonly connectivity: Connectivity;
  /** The authority that vouches for its server's certificate; each instance has its own. Null while it has none. */
  readonly serverCa: Certificate | null;
  /** What a replica has to have in common with it. */
  readonly shape: InstanceShape;
};

export type Connectivity = {
  /** Reached through Private Service Connect: each consumer needs an endpoint of its own. */
  readonly hasPsc: boolean;
  /** Only Cloud SQL's connectors may log in. */
  readonly requiresConnector: boolean;
  readonly hasPublicAddress: boolean;
};

export type InstanceShape = {
  readonly databaseVersion: string;
  readonly region: string;
  readonly tier: string;
  readonly edition: string | null;
  readonly network: string | null;
  readonly allocatedIpRange: string | null;
  readonly diskSizeGb: string | null;
  readonly diskType: string | null;
  readonly flags: readonly { readonly name: string; readonly value: string }[];
};

export type CloudListing = {
  readonly instances: readonly CloudInstance[];
  /** False when Cloud SQL warned that some regions did not answer. Then nothing may be concluded from an absence. */
  readonly isComplete: boolean;
  readonly warnings: readonly string[];
};

export type CloudOperation = {
  readonly name: string;
  readonly isDone: boolean;
  /** Set when it is done and failed. */
  readonly error: string | null;
};

/** A replica to create, complete. */
export type ReplicaRequest = {
  readonly name: string;
  readonly project: string;
  readonly primary: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly shape: InstanceShape;
  readonly zone: string | null;
};

type Ownership = { readonly install: string; readonly group: string; readonly primary: string };

/** The labels by which Cloud SQL says whose a replica is. */
export function ownerLabels(owner: Ownership): Record<string, string> {
  return {
    'chester-install': owner.install,
    'chester-group': owner.group,
    'chester-primary': owner.primary,
    chester: 'true',
  };
}

/** Whether an instance bears our labels and is a replica of the primary that they name. */
export function isOwnedReplica(instance: CloudInstance, owner: Ownership): boolean {
  return (
    instance.instanceType === 'READ_REPLICA_INSTANCE' &&
    instance.primary === owner.primary &&
    instance.labels['chester-install'] === owner.install &&
    instance.labels['chester-group'] === owner.group &&
    instance.labels['chester-primary'] === owner.primary
  );
}

/** Whether Cloud SQL's side of rule 1 allows deleting it; our store's record is the caller's side. */
export function isDeletable(instance: CloudInstance, owner: Ownership): boolean {
  return isOwnedReplica(instance, owner) && instance.replicaNames.length === 0 && !instance.isDisasterRecoveryReplica;
}

/** Whether it can be the one writer: running, and nobody's replica. */
export function isVerifiedPrimary(instance: CloudInstance): boolean {
  return instance.instanceType === 'CLOUD_SQL_INSTANCE' && instance.primary === null && instance.state === 'RUNNABLE';
}
