import type { Instance } from './instance.ts';
import { type Json, type JsonObject, objectAt, textAt } from './json.ts';
import type { Operation } from './operation.ts';

const base = 'https://sqladmin.googleapis.com/v1';

/**
 * Renders an instance as the API shows it.
 *
 * @param replicaNames The replicas that have joined it, bare names.
 */
export function renderInstance(project: string, instance: Instance, replicaNames: readonly string[]): JsonObject {
  const { name, region, primaryName } = instance;
  const resource: Record<string, Json> = {
    kind: 'sql#instance',
    name,
    project,
    region,
    state: instance.state,
    backendType: 'SECOND_GEN',
    instanceType: primaryName === null ? 'CLOUD_SQL_INSTANCE' : 'READ_REPLICA_INSTANCE',
    databaseVersion: instance.databaseVersion,
    connectionName: `${project}:${region}:${name}`,
    gceZone: textAt(objectAt(instance.settings, 'locationPreference'), 'zone') ?? `${region}-b`,
    selfLink: instanceLink(project, name),
    createTime: timeText(instance.createdAtMs),
    etag: `${name}-${instance.settingsVersion}`,
    settings: { ...instance.settings, settingsVersion: String(instance.settingsVersion) },
  };
  if (primaryName !== null) {
    // Answers name the project too; requests name the instance only.
    resource['masterInstanceName'] = `${project}:${primaryName}`;
    resource['replicaConfiguration'] = { kind: 'sql#replicaConfiguration', failoverTarget: false };
  }
  if (replicaNames.length > 0) resource['replicaNames'] = replicaNames;
  if (instance.isDrReplica) resource['replicationCluster'] = { drReplica: true };
  if (instance.runnableAtMs !== null && instance.address !== null)
    resource['ipAddresses'] = ipAddresses(instance, instance.address);
  if (instance.runnableAtMs !== null && instance.serverCa !== null) resource['serverCaCert'] = instance.serverCa;
  return resource;
}

/** Renders an operation as the API shows it. */
export function renderOperation(project: string, operation: Operation): JsonObject {
  const { name, status } = operation;
  const resource: Record<string, Json> = {
    kind: 'sql#operation',
    name,
    operationType: operation.operationType,
    status,
    user: `sandbox@${project}.iam.gserviceaccount.com`,
    insertTime: timeText(operation.insertMs),
    targetId: operation.targetId,
    targetProject: project,
    targetLink: instanceLink(project, operation.targetId),
    selfLink: `${base}/projects/${project}/operations/${name}`,
  };
  if (status !== 'PENDING') resource['startTime'] = timeText(operation.startMs);
  if (status === 'DONE') {
    resource['endTime'] = timeText(operation.finishMs ?? operation.startMs);
    if (operation.error !== null) {
      resource['error'] = {
        kind: 'sql#operationErrors',
        errors: [{ kind: 'sql#operationError', code: operation.error.code, message: operation.error.message }],
      };
    }
  }
  return resource;
}

/** A public address comes first, as in the API; it is from a documentation range and nothing answers there. */
function ipAddresses(instance: Instance, address: string): Json[] {
  const network = objectAt(instance.settings, 'ipConfiguration');
  const found: Json[] = [];
  if (network['ipv4Enabled'] !== false) {
    const publicAddress = `203.0.113.${address.split('.').at(-1) ?? '1'}`;
    found.push({ type: 'PRIMARY', ipAddress: publicAddress }, { type: 'OUTGOING', ipAddress: publicAddress });
  }
  if (typeof network['privateNetwork'] === 'string') found.push({ type: 'PRIVATE', ipAddress: address });
  return found;
}

function instanceLink(project: string, name: string): string {
  return `${base}/projects/${project}/instances/${name}`;
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
