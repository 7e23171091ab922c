import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Certificate } from '../core/certificate.ts';
import type { CloudInstance, CloudOperation, Connectivity, InstanceShape, ReplicaRequest } from '../core/cloud.ts';
import { CoordinatorError } from '../errors.ts';
import { oneLine } from './cloudsql-failures.ts';

/**
 * The Admin API's resources, in and out. What comes in is read field by field: a project may hold instances of other
 * kinds and owners, so what they may lack is allowed to be missing, and what is there must have its type.
 *
 * @see https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances
 */
const text = z.string().max(1024).nullish();
/** An int64 travels as text. */
const int64 = z.union([z.string().regex(/^-?\d{1,20}$/), z.int()]).nullish();
const instanceId = z.string().regex(/^[a-z][a-z0-9-]{0,97}$/, 'no name of an instance');
const reference = z.string().regex(/^(?:[a-z0-9.:-]+:)?[a-z][a-z0-9-]{0,97}$/, 'no reference to an instance');

/** One certificate or several; every proxy reads it from a file of its own. */
const pem = z
  .string()
  .max(65_536)
  .regex(/^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/, 'no PEM certificate');

const settingsSchema = z.object({
  settingsVersion: int64,
  tier: text,
  edition: text,
  activationPolicy: text,
  dataDiskSizeGb: int64,
  dataDiskType: text,
  deletionProtectionEnabled: z.boolean().nullish(),
  userLabels: z.record(z.string(), z.string()).nullish(),
  databaseFlags: z.array(z.object({ name: z.string(), value: z.string().nullish() })).nullish(),
  ipConfiguration: z
    .object({
      privateNetwork: text,
      allocatedIpRange: text,
      ipv4Enabled: z.boolean().nullish(),
      pscConfig: z.object({ pscEnabled: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
  connectorEnforcement: text,
});

const serverCaSchema = z.object({ cert: z.union([pem, z.literal('')]).nullish(), sha1Fingerprint: text });

const instanceSchema = z.object({
  name: instanceId,
  state: text,
  instanceType: text,
  databaseVersion: text,
  region: text,
  gceZone: text,
  masterInstanceName: z.union([reference, z.literal('')]).nullish(),
  replicaNames: z.array(reference).nullish(),
  replicaConfiguration: z.object({ failoverTarget: z.boolean().nullish() }).nullish(),
  replicationCluster: z.object({ drReplica: z.boolean().nullish(), failoverDrReplicaName: text }).nullish(),
  ipAddresses: z.array(z.object({ type: text, ipAddress: text })).nullish(),
  serverCaCert: serverCaSchema.nullish(),
  settings: settingsSchema.nullish(),
});
type RawInstance = z.infer<typeof instanceSchema>;
type RawSettings = z.infer<typeof settingsSchema>;

const pageSchema = z.object({
  // An answer without this mark is none: an empty object must not pass for an empty project.
  kind: z.literal('sql#instancesList'),
  nextPageToken: z.string().nullish(),
  warnings: z.array(z.object({ code: text, message: text, region: text })).nullish(),
});
const itemsSchema = z.object({ items: z.array(instanceSchema).nullish() });

const authoritiesSchema = z.object({
  kind: z.literal('sql#instancesList'),
  items: z.array(z.object({ name: instanceId, serverCaCert: serverCaSchema.nullish() })).nullish(),
});

const operationSchema = z.object({
  name: z.string().min(1).max(256),
  status: z.enum(['PENDING', 'RUNNING', 'DONE', 'SQL_OPERATION_STATUS_UNSPECIFIED']),
  error: z.object({ errors: z.array(z.object({ code: text, message: text })).nullish() }).nullish(),
});

/** What a page says besides its instances. */
export type PageFrame = { readonly nextPageToken: string | null; readonly warnings: readonly string[] };

/** An instance as a listing has it. */
export type ListedInstance = {
  /** As far as it tells by itself. */
  readonly instance: CloudInstance;
  /** The replica that is to take its place in a disaster; null: none. */
  readonly standby: string | null;
  /** Whether it names a certificate that is not known, or not by a fingerprint. */
  readonly lacksAuthority: boolean;
};

/** The certificate that vouches for an instance's server, and by what it is known again. */
export type Authority = { readonly fingerprint: string | null; readonly certificate: Certificate };
/** What is known of an instance's certificate, by the instance's name. */
export type Authorities = { get(instance: string): Authority | undefined };

/**
 * Reads what a page says besides its instances.
 *
 * @throws {CoordinatorError} CLOUDSQL_INVALID naming the field, CLOUDSQL_UNAVAILABLE when it is no JSON object
 */
export function parseFrame(input: unknown): PageFrame {
  const { nextPageToken, warnings } = parse(pageSchema, input, 'instances.list');
  return {
    nextPageToken: nextPageToken === undefined || nextPageToken === '' ? null : nextPageToken,
    warnings: (warnings ?? []).map(({ code, region, message }) =>
      oneLine([code, region, message].filter((part) => typeof part === 'string' && part !== '').join(': ')),
    ),
  };
}

/**
 * Reads the instances of a whole page, whose certificates are known already where it names their fingerprints only.
 *
 * @throws {CoordinatorError} as `parseFrame`
 */
export function parseInstances(input: unknown, authorities: Authorities): readonly ListedInstance[] {
  const { items } = parse(itemsSchema, input, 'instances.list');
  return (items ?? []).map((item) => listedInstance(item, authorities));
}

/** Reads the instance that stands at `index` of a page. @throws {CoordinatorError} as `parseFrame` */
export function parseInstance(input: unknown, index: number, authorities: Authorities): ListedInstance {
  return listedInstance(parse(instanceSchema, input, 'instances.list', ['items', index]), authorities);
}

/** Joins the instances of all pages: which of them stand by for a disaster their primaries say. */
export function joinInstances(listed: readonly ListedInstance[]): readonly CloudInstance[] {
  const standbys = new Set(listed.map(({ standby }) => standby));
  return listed.map(({ instance }) =>
    standbys.has(instance.name) ? { ...instance, isDisasterRecoveryReplica: true } : instance,
  );
}

/** @throws {CoordinatorError} CLOUDSQL_INVALID naming the field, CLOUDSQL_UNAVAILABLE when it is no JSON object */
export function parseOperation(input: unknown): CloudOperation {
  const { name, status, error } = parse(operationSchema, input, 'operation');
  const isDone = status === 'DONE';
  if (!isDone || error === null || error === undefined) return { name, isDone, error: null };
  const problems = (error.errors ?? []).map(({ code, message }) => `${code ?? 'UNKNOWN'}: ${message ?? ''}`);
  return { name, isDone, error: oneLine(problems.join('; ')) || 'failed without a reason' };
}

/** The instance to insert: the primary's shape, private address only, protected, no backups of its own. */
export function renderReplica({ name, project, primary, labels, shape, zone }: ReplicaRequest) {
  const { network: privateNetwork, allocatedIpRange } = shape;
  return {
    name,
    project,
    masterInstanceName: primary,
    region: shape.region,
    databaseVersion: shape.databaseVersion,
    settings: {
      tier: shape.tier,
      ...(shape.edition === null ? {} : { edition: shape.edition }),
      activationPolicy: 'ALWAYS',
      availabilityType: 'ZONAL',
      pricingPlan: 'PER_USE',
      storageAutoResize: true,
      ...(shape.diskSizeGb === null ? {} : { dataDiskSizeGb: shape.diskSizeGb }),
      ...(shape.diskType === null ? {} : { dataDiskType: shape.diskType }),
      databaseFlags: shape.flags.map((flag) => ({ ...flag })),
      deletionProtectionEnabled: true,
      userLabels: { ...labels },
      ...(privateNetwork === null
        ? {}
        : {
            ipConfiguration: {
              ipv4Enabled: false,
              privateNetwork,
              ...(allocatedIpRange === null ? {} : { allocatedIpRange }),
            },
          }),
      ...(zone === null ? {} : { locationPreference: { zone } }),
    },
  };
}

function listedInstance(raw: RawInstance, authorities: Authorities): ListedInstance {
  return {
    instance: { ...instanceOf(raw), serverCa: serverCaOf(raw, authorities) },
    standby: bare(raw.replicationCluster?.failoverDrReplicaName),
    lacksAuthority: lacksAuthority(raw, authorities),
  };
}

function instanceOf(raw: RawInstance): Omit<CloudInstance, 'serverCa'> {
  const settings: RawSettings = raw.settings ?? {};
  const state = raw.state ?? 'SQL_INSTANCE_STATE_UNSPECIFIED';
  return {
    name: raw.name,
    state,
    isStopped: state === 'RUNNABLE' && settings.activationPolicy === 'NEVER',
    instanceType: raw.instanceType ?? 'SQL_INSTANCE_TYPE_UNSPECIFIED',
    primary: bare(raw.masterInstanceName),
    replicaNames: (raw.replicaNames ?? []).map((name) => bare(name) ?? name),
    isDisasterRecoveryReplica: isStandby(raw),
    labels: settings.userLabels ?? {},
    address: privateAddressOf(raw),
    settingsVersion: textOrNull(settings.settingsVersion) ?? '',
    isDeletionProtected: settings.deletionProtectionEnabled ?? false,
    zone: textOrNull(raw.gceZone),
    connectivity: connectivityOf(settings),
    shape: shapeOf(raw, settings),
  };
}

function connectivityOf({ ipConfiguration, connectorEnforcement }: RawSettings): Connectivity {
  return {
    hasPsc: ipConfiguration?.pscConfig?.pscEnabled ?? false,
    requiresConnector: connectorEnforcement === 'REQUIRED',
    hasPublicAddress: ipConfiguration?.ipv4Enabled ?? false,
  };
}

/** Reads what vouches for the servers of a page's instances. @throws {CoordinatorError} as `parseFrame` */
export function parseAuthorities(input: unknown): ReadonlyMap<string, Authority> {
  const { items } = parse(authoritiesSchema, input, 'instances.list');
  return new Map(
    (items ?? []).flatMap(({ name, serverCaCert }) => {
      const certificate = certificateOf(serverCaCert?.cert);
      return certificate === null
        ? []
        : [[name, { fingerprint: textOrNull(serverCaCert?.sha1Fingerprint), certificate }]];
    }),
  );
}

function serverCaOf({ name, serverCaCert }: RawInstance, authorities: Authorities): Certificate | null {
  const own = certificateOf(serverCaCert?.cert);
  if (own !== null || serverCaCert === undefined || serverCaCert === null) return own;
  const known = authorities.get(name);
  return known?.fingerprint === textOrNull(serverCaCert.sha1Fingerprint) ? known.certificate : null;
}

/** Without a fingerprint nothing tells whether a certificate is still the known one. */
function lacksAuthority(raw: RawInstance, authorities: Authorities): boolean {
  const { serverCaCert } = raw;
  if (serverCaCert === undefined || serverCaCert === null || (serverCaCert.cert ?? '') !== '') return false;
  return textOrNull(serverCaCert.sha1Fingerprint) === null || serverCaOf(raw, authorities) === null;
}

/** Equal certificates have equal ids, whatever blanks surround them. */
function certificateOf(cert: string | null | undefined): Certificate | null {
  if (cert === undefined || cert === null || cert === '') return null;
  const normal = `${cert.trim().replaceAll('\r\n', '\n')}\n`;
  return { id: createHash('sha256').update(normal).digest('hex').slice(0, 32), pem: normal };
}

function shapeOf({ databaseVersion, region }: RawInstance, settings: RawSettings): InstanceShape {
  const { privateNetwork, allocatedIpRange } = settings.ipConfiguration ?? {};
  return {
    databaseVersion: databaseVersion ?? '',
    region: region ?? '',
    tier: settings.tier ?? '',
    edition: textOrNull(settings.edition),
    network: textOrNull(privateNetwork),
    allocatedIpRange: textOrNull(allocatedIpRange),
    diskSizeGb: textOrNull(settings.dataDiskSizeGb),
    diskType: textOrNull(settings.dataDiskType),
    flags: (settings.databaseFlags ?? []).map(({ name, value }) => ({ name, value: value ?? '' })),
  };
}

/** The failover replica of the old high availability stands by for a disaster as well. */
function isStandby({ replicationCluster, replicaConfiguration }: RawInstance): boolean {
  return replicationCluster?.drReplica === true || replicaConfiguration?.failoverTarget === true;
}

/** The private address; a public one is never used in its place. */
function privateAddressOf({ name, ipAddresses }: RawInstance): string | null {
  const address = (ipAddresses ?? []).find(({ type }) => type === 'PRIVATE')?.ipAddress ?? null;
  if (address === null || isIP(address) !== 0) return address;
  throw new CoordinatorError('CLOUDSQL_INVALID', `Cloud SQL, instances.list: ${name}.ipAddresses is no IP address`);
}

/** Answers name an instance as `project:name`, requests as `name`. */
function bare(name: string | null | undefined): string | null {
  return name?.split(':').at(-1) || null;
}

function textOrNull(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function parse<T>(schema: z.ZodType<T>, input: unknown, what: string, at: readonly PropertyKey[] = []): T {
  if (typeof input !== 'object' || input === null) {
    throw new CoordinatorError('CLOUDSQL_UNAVAILABLE', `Cloud SQL, ${what}: the answer is no JSON object`);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = [...at, ...(issue?.path ?? [])].map(String).join('.') || '(whole)';
  throw new CoordinatorError(
    'CLOUDSQL_INVALID',
    `Cloud SQL, ${what}: ${field}: ${oneLine(issue?.message ?? 'unreadable')}`,
  );
}
