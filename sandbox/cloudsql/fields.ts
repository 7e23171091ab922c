import { type ApiError, apiError } from './api-error.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** int64 travels as text and is accepted as a number too; `any` is not looked into. */
type FieldKind = 'string' | 'boolean' | 'int32' | 'int64' | 'strings' | 'labels' | 'any' | FieldTable;
type FieldTable = { readonly [name: string]: FieldKind };

/** @see https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#ipconfiguration */
const ipConfigurationFields: FieldTable = {
  ...kinds('string', 'allocatedIpRange privateNetwork serverCaMode serverCaPool serverCertificateRotationMode sslMode'),
  ...kinds('boolean', 'enablePrivatePathForGoogleCloudServices ipv4Enabled requireSsl'),
  ...kinds('strings', 'customSubjectAlternativeNames'),
  ...kinds('any', 'authorizedNetworks pscConfig'),
};

/** @see https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#backupconfiguration */
const backupConfigurationFields: FieldTable = {
  ...kinds('string', 'kind backupTier location startTime transactionalLogStorageState'),
  ...kinds('boolean', 'binaryLogEnabled enabled pointInTimeRecoveryEnabled replicationLogArchivingEnabled'),
  ...kinds('int32', 'transactionLogRetentionDays'),
  ...kinds('any', 'backupRetentionSettings'),
};

/** @see https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#settings */
const settingsFields: FieldTable = {
  ...kinds('string', 'activationPolicy availabilityType collation connectorEnforcement dataApiAccess dataDiskType'),
  ...kinds('string', 'edition kind pricingPlan replicationType tier timeZone'),
  ...kinds('boolean', 'acceleratedReplicaMode autoUpgradeEnabled crashSafeReplicationEnabled'),
  ...kinds('boolean', 'databaseReplicationEnabled deletionProtectionEnabled enableDataplexIntegration'),
  ...kinds('boolean', 'enableGoogleMlIntegration retainBackupsOnDelete storageAutoResize'),
  ...kinds('int64', 'settingsVersion dataDiskSizeGb dataDiskProvisionedIops dataDiskProvisionedThroughput'),
  ...kinds('int64', 'storageAutoResizeLimit'),
  ...kinds('int32', 'replicationLagMaxSeconds'),
  ...kinds('strings', 'authorizedGaeApplications'),
  ...kinds('any', 'activeDirectoryConfig advancedMachineFeatures connectionPoolConfig databaseFlags dataCacheConfig'),
  ...kinds('any', 'denyMaintenancePeriods entraidConfig finalBackupConfig insightsConfig locationPreference'),
  ...kinds('any', 'maintenanceWindow passwordValidationPolicy performanceCaptureConfig readPoolAutoScaleConfig'),
  ...kinds('any', 'sqlServerAuditConfig'),
  userLabels: 'labels',
  backupConfiguration: backupConfigurationFields,
  ipConfiguration: ipConfigurationFields,
};

/** @see https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#databaseinstance */
const instanceFields: FieldTable = {
  ...kinds('string', 'backendType connectionName createTime databaseInstalledVersion databaseVersion dnsName etag'),
  ...kinds('string', 'gceZone instanceType ipv6Address kind maintenanceVersion masterInstanceName name primaryDnsName'),
  ...kinds('string', 'project pscServiceAttachmentLink region rootPassword secondaryGceZone selfLink'),
  ...kinds('string', 'serviceAccountEmailAddress sqlNetworkArchitecture state writeEndpoint'),
  ...kinds(
    'boolean',
    'databaseCenterIntegrationEnabled includeReplicasForMajorVersionUpgrade satisfiesPzi satisfiesPzs',
  ),
  ...kinds('boolean', 'switchTransactionLogsToCloudStorageEnabled'),
  ...kinds('int64', 'currentDiskSize maxDiskSize'),
  ...kinds('int32', 'nodeCount'),
  ...kinds('strings', 'availableMaintenanceVersions replicaNames suspensionReason'),
  ...kinds('any', 'diskEncryptionConfiguration diskEncryptionStatus dnsNames failoverReplica geminiConfig ipAddresses'),
  ...kinds('any', 'nodes onPremisesConfiguration outOfDiskReport replicaConfiguration replicationCluster tags'),
  ...kinds('any', 'scheduledMaintenance serverCaCert upgradableDatabaseVersions'),
  settings: settingsFields,
};

const checks: Record<Exclude<FieldKind, FieldTable | 'any'>, (value: Json) => boolean> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  int32: (value) => Number.isInteger(value),
  int64: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value)),
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  labels: (value) =>
    isJsonObject(value) && Object.values(value).every((item) => ['string', null].includes(typeOf(item))),
};

/**
 * Parses the body of an insert, patch or update: an object with known fields of the right types.
 *
 * @throws {ApiError} 400 `invalid`, worded as the API words unknown fields and wrong types.
 */
export function parseInstanceBody(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw apiError('invalid', 'Invalid JSON payload received. The body must be an object.');
  assertFields(body, instanceFields, '');
  return body;
}

function assertFields(value: JsonObject, table: FieldTable, path: string): void {
  for (const [name, field] of Object.entries(value)) {
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) throw unknownField(name, path);
    const fieldPath = path === '' ? name : `${path}.${name}`;
    if (field === null || kind === 'any') continue;
    if (typeof kind === 'string') {
      if (!checks[kind](field)) throw wrongType(fieldPath, kind);
      continue;
    }
    if (!isJsonObject(field)) throw wrongType(fieldPath, 'object');
    assertFields(field, kind, fieldPath);
  }
}

function unknownField(name: string, path: string): ApiError {
  const at = path === '' ? '' : ` at '${path}'`;
  return apiError('invalid', `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
}

function wrongType(path: string, kind: string): ApiError {
  return apiError('invalid', `Invalid value at '${path}' (TYPE_${kind.toUpperCase()}).`);
}

function typeOf(value: Json): string | null {
  return value === null ? null : typeof value;
}

function kinds(kind: FieldKind, names: string): FieldTable {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}
