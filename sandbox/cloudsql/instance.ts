import type { JsonObject } from './json.ts';

export type InstanceState = 'PENDING_CREATE' | 'RUNNABLE' | 'PENDING_DELETE' | 'FAILED';

/** One Cloud SQL instance as the emulator keeps it; `render.ts` turns it into the API's resource. */
export type Instance = {
  readonly name: string;
  readonly state: InstanceState;
  readonly databaseVersion: string;
  readonly region: string;
  /** Null for a primary, whether it was made so or promoted. */
  readonly primaryName: string | null;
  /** A replica joins its primary's `replicaNames` when it becomes RUNNABLE. */
  readonly hasJoined: boolean;
  readonly isDrReplica: boolean;
  /** Without `settingsVersion`, which is `settingsVersion` below. */
  readonly settings: JsonObject;
  readonly settingsVersion: number;
  /** The private address; known before the instance is RUNNABLE, shown only then. */
  readonly address: string | null;
  readonly createdAtMs: number;
  readonly runnableAtMs: number | null;
  /** `natural`: falls to 0 while the replica catches up. Null: replication is stopped. */
  readonly lagSeconds: number | null | 'natural';
  /** The resource `serverCaCert`; null until it was made. */
  readonly serverCa: JsonObject | null;
};

/** A hand-made replica; `replicas` of its own make it a cascading one. */
export type ReplicaSeed = {
  readonly name: string;
  readonly userLabels?: Readonly<Record<string, string>>;
  readonly settings?: JsonObject;
  readonly isDrReplica?: boolean;
  readonly replicas?: readonly ReplicaSeed[];
};

/** A primary that exists when the emulator starts. */
export type PrimarySeed = {
  readonly name: string;
  readonly region?: string;
  readonly tier?: string;
  readonly databaseVersion?: string;
  readonly userLabels?: Readonly<Record<string, string>>;
  readonly settings?: JsonObject;
  readonly replicas?: readonly ReplicaSeed[];
};

/** Lists a primary and its replicas as RUNNABLE instances that still lack an address. */
export function buildSeedInstances(project: string, seed: PrimarySeed, nowMs: number): Instance[] {
  const region = seed.region ?? 'europe-west1';
  const tier = seed.tier ?? 'db-custom-2-8192';
  const network = { ipv4Enabled: false, privateNetwork: `projects/${project}/global/networks/default` };
  const shared = { databaseVersion: seed.databaseVersion ?? 'MYSQL_8_0', region, nowMs };
  const primarySettings = { tier, ipConfiguration: network, ...backups(true), ...own(seed) };
  const found = [seedInstance({ ...shared, name: seed.name, primaryName: null, settings: primarySettings })];
  const waiting = (seed.replicas ?? []).map((replica) => ({ replica, primaryName: seed.name }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { replica, primaryName } = next;
    const cascades = replica.replicas ?? [];
    const binlog = cascades.length > 0 ? { backupConfiguration: { enabled: false, binaryLogEnabled: true } } : {};
    const settings = { tier, ipConfiguration: network, ...binlog, ...own(replica) };
    const isDrReplica = replica.isDrReplica ?? false;
    found.push(seedInstance({ ...shared, name: replica.name, primaryName, settings, isDrReplica }));
    waiting.push(...cascades.map((cascade) => ({ replica: cascade, primaryName: replica.name })));
  }
  return found;
}

/** Fills what the API fills when a request leaves it out. */
export function withDefaultSettings(settings: JsonObject, databaseVersion: string): JsonObject {
  const isNewest = databaseVersion === 'MYSQL_8_4';
  const given: Record<string, JsonObject[string]> = { ...settings };
  delete given['settingsVersion'];
  return {
    kind: 'sql#settings',
    activationPolicy: 'ALWAYS',
    availabilityType: 'ZONAL',
    backupConfiguration: { kind: 'sql#backupConfiguration', enabled: false, binaryLogEnabled: false },
    dataDiskSizeGb: '10',
    dataDiskType: 'PD_SSD',
    deletionProtectionEnabled: false,
    edition: isNewest ? 'ENTERPRISE_PLUS' : 'ENTERPRISE',
    pricingPlan: 'PER_USE',
    storageAutoResize: true,
    storageAutoResizeLimit: '0',
    ...withTextIntegers(given),
  };
}

/** int64 fields are texts in every answer, however they were sent. */
export function withTextIntegers(settings: JsonObject): JsonObject {
  const integers = ['dataDiskSizeGb', 'dataDiskProvisionedIops', 'dataDiskProvisionedThroughput'];
  const names = [...integers, 'storageAutoResizeLimit'];
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      names.includes(name) && typeof value === 'number' ? String(value) : value,
    ]),
  );
}

/** Whether MySQL answers on the instance's address. A stopped instance stays RUNNABLE with activationPolicy NEVER. */
export function isServing(instance: Instance): boolean {
  return instance.state === 'RUNNABLE' && instance.settings['activationPolicy'] !== 'NEVER';
}

/** Seconds behind the primary; null when replication is stopped, 0 for a primary. */
export function replicationLagSeconds(instance: Instance, catchUpMs: number, nowMs: number): number | null {
  if (instance.lagSeconds !== 'natural') return instance.lagSeconds;
  if (instance.primaryName === null || instance.runnableAtMs === null) return 0;
  return Math.max(0, Math.ceil((instance.runnableAtMs + catchUpMs - nowMs) / 1000));
}

type SeedParts = Pick<Instance, 'name' | 'databaseVersion' | 'region' | 'primaryName' | 'settings'> & {
  readonly isDrReplica?: boolean;
  readonly nowMs: number;
};

function seedInstance({ nowMs, ...parts }: SeedParts): Instance {
  return {
    isDrReplica: false,
    ...parts,
    state: 'RUNNABLE',
    hasJoined: parts.primaryName !== null,
    settings: withDefaultSettings(parts.settings, parts.databaseVersion),
    settingsVersion: 1,
    address: null,
    createdAtMs: nowMs,
    runnableAtMs: nowMs,
    lagSeconds: 0,
    serverCa: null,
  };
}

function own(seed: PrimarySeed | ReplicaSeed): JsonObject {
  return { ...(seed.userLabels === undefined ? {} : { userLabels: seed.userLabels }), ...seed.settings };
}

function backups(binaryLogEnabled: boolean): JsonObject {
  return { backupConfiguration: { kind: 'sql#backupConfiguration', enabled: true, binaryLogEnabled } };
}
