import { type ApiError, apiError } from './api-error.ts';
import type { Instance } from './instance.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from './json.ts';

/** What an insert of a replica is checked against. */
export type InsertContext = {
  readonly project: string;
  readonly body: JsonObject;
  readonly primary: Instance;
  /** Instances from the root primary to `primary`, both counted. */
  readonly depth: number;
};

/** Levels of cascading, the root primary counted. */
const depthMax = 4;
const instanceIdLengthMax = 98;

/**
 * Checks an instance name: lower-case letters, digits and hyphens after a letter, `project:name` at most 98 long.
 *
 * @throws {ApiError} 400 `invalid`.
 */
export function assertInstanceName(project: string, name: string | null): asserts name is string {
  if (name === null) throw apiError('invalid', 'Invalid request: the instance name is required.');
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.endsWith('-')) {
    throw apiError(
      'invalid',
      `Invalid request: instance name (${name}) must use lowercase letters, numbers, and hyphens; start with a letter.`,
    );
  }
  if (project.length + 1 + name.length > instanceIdLengthMax) {
    throw apiError('invalid', `Invalid request: ${project}:${name} is longer than ${instanceIdLengthMax} characters.`);
  }
}

/** Checks user labels: 64 at most, keys and values of lower-case letters, digits, `_` and `-`, 63 at most. */
export function assertUserLabels(settings: JsonObject): void {
  const labels = Object.entries(objectAt(settings, 'userLabels'));
  if (labels.length > 64) throw apiError('invalid', 'Invalid request: more than 64 user labels.');
  for (const [key, value] of labels) {
    const isValid =
      typeof value === 'string' && /^[a-z][a-z0-9_-]{0,62}$/.test(key) && /^[a-z0-9_-]{0,63}$/.test(value);
    if (!isValid) throw apiError('invalid', `Invalid request: invalid user label "${key}".`);
  }
}

/** Refuses a replica that Cloud SQL would refuse; the first problem found is thrown. @throws {ApiError} */
export function assertReplica(context: InsertContext): void {
  for (const check of checks) {
    const problem = check(context);
    if (problem !== null) throw problem;
  }
  assertUserLabels(objectAt(context.body, 'settings'));
}

const checks: readonly ((context: InsertContext) => ApiError | null)[] = [
  checkPrimary,
  checkRequired,
  checkVersion,
  checkRole,
  checkBackups,
  checkNetwork,
  checkFlags,
  checkDisk,
];

function checkPrimary({ primary, depth }: InsertContext): ApiError | null {
  if (primary.state !== 'RUNNABLE') return apiError('invalidState');
  if (depth >= depthMax) return apiError('errorReplicaDepthLimitExceeded');
  const backups = objectAt(primary.settings, 'backupConfiguration');
  const isPrepared = primary.primaryName !== null || backups['enabled'] === true;
  if (isPrepared && backups['binaryLogEnabled'] === true) return null;
  return invalid(`backups and binary logging must be enabled on ${primary.name} before a replica is created.`);
}

function checkRequired({ body }: InsertContext): ApiError | null {
  const settings = objectAt(body, 'settings');
  const missing = [
    ...['databaseVersion', 'region'].filter((name) => textAt(body, name) === null),
    ...(textAt(settings, 'tier') === null ? ['settings.tier'] : []),
  ];
  return missing.length === 0 ? null : invalid(`missing required field ${missing.join(', ')}.`);
}

function checkVersion({ body, primary }: InsertContext): ApiError | null {
  if (textAt(body, 'databaseVersion') === primary.databaseVersion) return null;
  return invalid(`the database version of a read replica must be that of its primary, ${primary.databaseVersion}.`);
}

function checkRole({ body }: InsertContext): ApiError | null {
  const settings = objectAt(body, 'settings');
  const policy = settings['activationPolicy'] ?? 'ALWAYS';
  if (policy !== 'ALWAYS') return apiError('errorInvalidReadReplicaActivationPolicy');
  if (settings['databaseReplicationEnabled'] === false) return invalid('databaseReplicationEnabled must not be false.');
  const type = body['instanceType'] ?? 'READ_REPLICA_INSTANCE';
  return type === 'READ_REPLICA_INSTANCE' ? null : invalid('the instance type does not fit a replica.');
}

function checkBackups({ body }: InsertContext): ApiError | null {
  const backups = objectAt(objectAt(body, 'settings'), 'backupConfiguration');
  if (backups['enabled'] === true) {
    return invalid('Invalid flag for instance role: Backups cannot be enabled for read replica instance.');
  }
  if (backups['binaryLogEnabled'] === true) {
    return invalid('Invalid flag for instance role: binary log can be enabled only after the replica is created.');
  }
  return null;
}

function checkNetwork({ body, primary }: InsertContext): ApiError | null {
  const asked = objectAt(objectAt(body, 'settings'), 'ipConfiguration');
  const network = textAt(asked, 'privateNetwork');
  const primaryNetwork = textAt(objectAt(primary.settings, 'ipConfiguration'), 'privateNetwork');
  if (network !== null && bareNetwork(network) !== bareNetwork(primaryNetwork ?? '')) {
    return invalid('a read replica must be in the same VPC network as its primary.');
  }
  if (primaryNetwork !== null && primary.settings['connectorEnforcement'] === 'REQUIRED') {
    return invalid('a primary with a private address that enforces connectors cannot have read replicas.');
  }
  if (network === null && asked['ipv4Enabled'] === false) {
    return invalid('at least one of public IP, private IP or PSC connectivity must be enabled.');
  }
  return null;
}

function checkFlags({ body, primary }: InsertContext): ApiError | null {
  const asked = maxConnections(objectAt(body, 'settings'));
  const needed = maxConnections(primary.settings);
  if (asked === null || needed === null || asked >= needed) return null;
  return apiError('invalidFlagValue', `Invalid flag value: max_connections must be at least the primary's, ${needed}.`);
}

function checkDisk({ body, primary }: InsertContext): ApiError | null {
  const asked = Number(objectAt(body, 'settings')['dataDiskSizeGb'] ?? Number.POSITIVE_INFINITY);
  const needed = Number(primary.settings['dataDiskSizeGb'] ?? 0);
  return asked >= needed
    ? null
    : invalid(`the disk of a read replica must have at least ${needed} GB, as its primary.`);
}

/** A network may be named by its URL or from `projects/` on. */
function bareNetwork(network: string): string {
  return network.slice(Math.max(0, network.indexOf('projects/')));
}

function maxConnections(settings: JsonObject): number | null {
  const flags = settings['databaseFlags'];
  if (!Array.isArray(flags)) return null;
  const flag = (flags as unknown[]).find((item) => isJsonObject(item) && item['name'] === 'max_connections');
  return isJsonObject(flag) ? Number(flag['value']) : null;
}

function invalid(problem: string): ApiError {
  return apiError('invalid', `Invalid request: ${problem}`);
}
