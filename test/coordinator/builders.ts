import assert from 'node:assert/strict';
import type { Scaling } from '../../coordinator/core/autoscaler.ts';
import type { Voter } from '../../coordinator/core/ballots.ts';
import { type CloudInstance, type CloudListing, ownerLabels } from '../../coordinator/core/cloud.ts';
import { type GroupSpec, parseGroupSpec } from '../../coordinator/core/group-spec.ts';
import type { GroupView } from '../../coordinator/core/group-view.ts';
import type { Incident } from '../../coordinator/core/incident.ts';
import type { ScalingPolicy } from '../../coordinator/core/policy.ts';
import type { Replica } from '../../coordinator/core/replica.ts';
import type { PublishedSnapshot } from '../../coordinator/core/snapshot.ts';

/** Valid values with one thing changed: what a test does not say does not matter to it. */

export const install = 'test-install';
export const startMs = 1_800_000_000_000;

export const groupInput = {
  name: 'orders',
  fleet: 'main',
  project: 'shop-prod-1',
  primary: 'orders-primary',
  writerHostgroup: 5,
  readerHostgroup: 10,
  gate: { username: 'gate', passwordSecret: 'gate' },
};

/** A group that declares everything that a proxy can be told beyond its servers. */
export const richInput = {
  ...groupInput,
  serverDefaults: { useSsl: true },
  agents: {
    slowStart: { durationSeconds: 30, initialPercent: 5, curve: 'exponential' },
    adoptExisting: true,
    endPinnedAfterSeconds: 600,
    cordonSeconds: 60,
  },
  hostgroupAttributes: {
    writer: { autocommit: false, multiplex: false, initConnect: "SET @a='b'" },
    reader: { maxNumOnlineServers: 9, ignoreSessionVariables: ['x'], hostgroupSettings: '{"handle_warnings": 0}' },
  },
  users: [
    { username: 'app', passwordSecret: 'app-password' },
    { username: 'report', passwordSecret: 'report', defaultHostgroup: 'reader', active: false, maxConnections: 0 },
    { username: 'batch', passwordSecret: 'batch', transactionPersistent: false, defaultSchema: 'shop' },
  ],
  ruleIds: { first: 100, last: 199 },
  queryRules: [
    { username: 'app', matchDigest: '^SELECT .* FOR UPDATE', destination: 'writer', apply: true, comment: 'locks' },
    { username: 'app', digest: '0xabc', flagOut: 3, log: false, retries: 0, stickyConnection: false },
    { active: false, flagIn: 3, matchPattern: 'hint', replacePattern: '', reModifiers: 'NONE', multiplex: 0 },
  ],
  clientCertificateSecret: 'client-cert',
  clientKeySecret: 'client-key',
};

export function groupSpec(change: Readonly<Record<string, unknown>> = {}): GroupSpec {
  const parsed = parseGroupSpec({ ...groupInput, ...change });
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

export function policy(change: Partial<ScalingPolicy> = {}): ScalingPolicy {
  return { ...groupSpec().policy, ...change };
}

export function scalingRecord(change: Partial<Scaling> = {}): Scaling {
  return { desired: 0, reason: 'INITIAL', scaledOutAtMs: 0, scaledInAtMs: 0, createFailedAtMs: 0, ...change };
}

export function incident(change: Partial<Incident> = {}): Incident {
  return {
    id: '0.abc',
    group: 'orders',
    action: 'scale-out',
    state: 'open',
    openedAtMs: startMs,
    lastSeenAtMs: startMs,
    closedAtMs: null,
    policyName: 'CPU',
    summary: 'CPU is high',
    ...change,
  };
}

const identity = {
  group: 'orders',
  project: 'shop-prod-1',
  primary: 'orders-primary',
  createdAtMs: startMs,
  sinceMs: startMs,
  reason: 'test',
  serverCa: null,
};

/** A record in each state; the address is made of the number. */
export const replica = {
  creating: (name: string, change: Partial<Extract<Replica, { state: 'creating' }>> = {}) =>
    ({ ...identity, name, state: 'creating', operationName: null, askedAtMs: null, ...change }) as const,
  gating: (name: string, change: Partial<Extract<Replica, { state: 'gating' }>> = {}) =>
    ({
      ...identity,
      name,
      state: 'gating',
      address: addressOfName(name),
      samplesPassed: 0,
      sampledAtMs: 0,
      ...change,
    }) as const,
  serving: (name: string, change: Partial<Extract<Replica, { state: 'serving' }>> = {}) =>
    ({ ...identity, name, state: 'serving', address: addressOfName(name), ...change }) as const,
  draining: (name: string, change: Partial<Extract<Replica, { state: 'draining' }>> = {}) =>
    ({
      ...identity,
      name,
      state: 'draining',
      address: addressOfName(name),
      unusedSamples: 0,
      sampledAtMs: 0,
      ...change,
    }) as const,
  deleting: (name: string, change: Partial<Extract<Replica, { state: 'deleting' }>> = {}) =>
    ({ ...identity, name, state: 'deleting', address: addressOfName(name), operationName: null, ...change }) as const,
};

/** `r7` is at 10.0.0.7. */
export function addressOfName(name: string): string {
  return `10.0.0.${name.replace(/\D/g, '')}`;
}

export function primaryInstance(change: Partial<CloudInstance> = {}): CloudInstance {
  return {
    name: 'orders-primary',
    state: 'RUNNABLE',
    isStopped: false,
    instanceType: 'CLOUD_SQL_INSTANCE',
    primary: null,
    replicaNames: [],
    isDisasterRecoveryReplica: false,
    labels: {},
    address: '10.0.1.1',
    settingsVersion: '1',
    isDeletionProtected: true,
    zone: 'europe-west1-b',
    connectivity: { hasPsc: false, requiresConnector: false, hasPublicAddress: false },
    serverCa: null,
    shape: {
      databaseVersion: 'MYSQL_8_0',
      region: 'europe-west1',
      tier: 'db-custom-2-8192',
      edition: null,
      network: 'projects/shop-prod-1/global/networks/default',
      allocatedIpRange: null,
      diskSizeGb: '10',
      diskType: 'PD_SSD',
      flags: [],
    },
    ...change,
  };
}

export function replicaInstance(name: string, change: Partial<CloudInstance> = {}): CloudInstance {
  return primaryInstance({
    name,
    instanceType: 'READ_REPLICA_INSTANCE',
    primary: 'orders-primary',
    labels: ownerLabels({ install, group: 'orders', primary: 'orders-primary' }),
    address: addressOfName(name),
    ...change,
  });
}

export function listing(instances: readonly CloudInstance[], change: Partial<CloudListing> = {}): CloudListing {
  return { instances: [primaryInstance(), ...instances], isComplete: true, warnings: [], ...change };
}

export function voter(agentId: string, change: Partial<Voter> = {}): Voter {
  return {
    agentId,
    fleet: 'main',
    cell: 'default',
    podUid: `uid-${agentId}`,
    proxyBoot: 'boot-1',
    joinedAtMs: startMs,
    absent: [],
    ...change,
  };
}

export function groupView(change: Partial<GroupView> = {}): GroupView {
  return {
    spec: groupSpec(),
    install,
    scaling: scalingRecord(),
    replicas: [],
    listing: listing([]),
    operations: new Map(),
    cordons: [],
    leaving: [],
    voters: [],
    nextName: 'r99',
    sampleIntervalMs: 1000,
    ...change,
  };
}

export function published(change: Partial<PublishedSnapshot> = {}): PublishedSnapshot {
  return {
    kind: 'snapshot',
    group: 'orders',
    fleet: 'main',
    revision: 1,
    hash: 'hash-1',
    committedAtMs: startMs,
    writerHostgroup: 5,
    readerHostgroup: 10,
    servers: [],
    leaving: [],
    parts: null,
    ...change,
  };
}
