import { type Check, fail, ok, warn } from './check.ts';
import { type ControlFacts, judgeControl } from './doctor-store.ts';
import type { GroupSpec } from './group-spec.ts';

/** What somebody answered, or why there is no answer. */
export type Finding<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** What Cloud SQL says of the primary beyond what scaling needs. */
export type PrimaryFacts = {
  readonly state: string;
  readonly instanceType: string;
  readonly hasBackups: boolean;
  readonly hasBinaryLog: boolean;
  readonly privateNetwork: string | null;
  readonly hasPublicAddress: boolean;
  readonly usesPrivateServiceConnect: boolean;
  readonly requiresConnectors: boolean;
  /** ALLOW_UNENCRYPTED_AND_ENCRYPTED, ENCRYPTED_ONLY or TRUSTED_CLIENT_CERTIFICATE_REQUIRED; null when not said. */
  readonly sslMode: string | null;
  readonly replicas: number;
  /** When its server's certificate ends; null when not said. */
  readonly certificateEndsAtMs: number | null;
};

/** What a server said to the group's gate user. */
export type ServerFinding =
  | {
      readonly outcome: 'answered';
      readonly isEncrypted: boolean;
      readonly connectionsMax: number;
      readonly maySeeSessions: boolean;
      readonly mayReadReplication: boolean;
    }
  /** `route`: nobody answered there. `login`: somebody did, and refused. */
  | { readonly outcome: 'failed'; readonly at: 'secret' | 'route' | 'login'; readonly reason: string };

export type DoctorFacts = {
  readonly spec: GroupSpec;
  readonly control: ControlFacts;
  /** Of `permissionsNeeded`, those that the coordinator has. */
  readonly permissions: Finding<readonly string[]>;
  readonly primary: Finding<PrimaryFacts>;
  /** The primary's server first, then replicas and static readers. */
  readonly servers: readonly { readonly name: string; readonly address: string; readonly finding: ServerFinding }[];
  /** Secrets that cannot be read. */
  readonly missingSecrets: readonly { readonly usedFor: string; readonly reason: string }[];
  /** Agents on the group's roster. */
  readonly proxies: number;
  readonly nowMs: number;
};

/** What the coordinator calls on Cloud SQL, no more: examples/gcp/chester-role.yaml holds the same list. */
export const permissionsNeeded: readonly string[] = [
  'cloudsql.instances.create',
  'cloudsql.instances.delete',
  'cloudsql.instances.get',
  'cloudsql.instances.list',
  'cloudsql.instances.update',
];

/** Google recommends at most ten direct replicas. */
const replicasOfPrimaryMax = 10;
/** Connections of a server that are left to administrators, monitors and replication. */
const connectionsReserve = 20;
const certificateNoticeMs = 30 * 24 * 3_600_000;

/**
 * Judges whether everything that a group needs is there: what was found goes in, one check a thing comes out, each with
 * what to do, in the order in which one would set a group up.
 */
export function judge(facts: DoctorFacts): readonly Check[] {
  return [
    ...judgeControl(facts.control),
    judgePermissions(facts),
    ...judgePrimary(facts),
    judgeSecrets(facts),
    ...facts.servers.flatMap((server) => judgeServer(facts, server)),
    judgeConnections(facts),
    judgeProxies(facts),
  ];
}

function judgePermissions({ permissions, spec }: DoctorFacts): Check {
  if (!permissions.ok) {
    const advice = 'switch the Cloud Resource Manager API on, or check by hand that the custom role is granted';
    return warn('permissions', `not known: ${permissions.reason}`, advice);
  }
  const missing = permissionsNeeded.filter((permission) => !permissions.value.includes(permission));
  if (missing.length === 0) return ok('permissions', `all ${permissionsNeeded.length} on project ${spec.project}`);
  const advice = `grant the role of examples/gcp/chester-role.yaml on project ${spec.project} to the coordinator's account`;
  return fail('permissions', `missing: ${missing.join(', ')}`, advice);
}

function judgePrimary({ primary, spec, nowMs }: DoctorFacts): readonly Check[] {
  if (!primary.ok) {
    return [fail('primary', primary.reason, `check project ${spec.project} and primary ${spec.primary} of the group`)];
  }
  const { value } = primary;
  return [
    judgeRole(value, spec),
    value.hasBackups
      ? ok('backups', 'on')
      : fail('backups', 'off', `gcloud sql instances patch ${spec.primary} --backup-start-time=03:00`),
    value.hasBinaryLog
      ? ok('binlog', 'on')
      : fail('binlog', 'off', `gcloud sql instances patch ${spec.primary} --enable-bin-log (it restarts the primary)`),
    judgeNetwork(value),
    judgeTlsMode(value, spec),
    judgeCertificate(value, nowMs),
    judgeQuota(value, spec),
  ];
}

function judgeRole({ state, instanceType }: PrimaryFacts, { primary }: GroupSpec): Check {
  const found = `${instanceType} ${state}`;
  if (instanceType !== 'CLOUD_SQL_INSTANCE') {
    return fail('primary', found, `${primary} is no primary: name the present one in the group`);
  }
  if (state === 'RUNNABLE') return ok('primary', found);
  return fail('primary', found, `wait until ${primary} runs, or start it`);
}

function judgeNetwork(primary: PrimaryFacts): Check {
  if (primary.usesPrivateServiceConnect || primary.requiresConnectors) {
    const found = primary.requiresConnectors ? 'connectors are required' : 'Private Service Connect';
    return fail('network', found, 'private services access (a private address in a VPC) is the supported network');
  }
  if (primary.privateNetwork === null) {
    const advice =
      'give the primary a private address: proxies reach replicas by theirs, and a public one is never used';
    return fail('network', 'no private network', advice);
  }
  return ok('network', `private, ${primary.privateNetwork}${primary.hasPublicAddress ? ', and a public address' : ''}`);
}

function judgeTlsMode({ sslMode }: PrimaryFacts, spec: GroupSpec): Check {
  const { useSsl } = spec.serverDefaults;
  const mode = sslMode ?? 'not said';
  const found = `Cloud SQL ${mode}, serverDefaults.useSsl ${useSsl}`;
  if (sslMode === 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED' && spec.clientCertificateSecret === undefined) {
    return fail('tls', found, 'declare clientCertificateSecret and clientKeySecret: servers ask for them');
  }
  const needsTls = sslMode === 'ENCRYPTED_ONLY' || sslMode === 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED';
  if (needsTls && !useSsl) return fail('tls', found, 'set serverDefaults.useSsl: true');
  if (useSsl) return ok('tls', found);
  return warn(
    'tls',
    found,
    'traffic between proxies and servers is plain text: serverDefaults.useSsl: true encrypts it',
  );
}

function judgeCertificate({ certificateEndsAtMs }: PrimaryFacts, nowMs: number): Check {
  if (certificateEndsAtMs === null)
    return warn('certificate', 'its end is not known', 'look at the server certificate');
  const days = Math.floor((certificateEndsAtMs - nowMs) / (24 * 3_600_000));
  if (certificateEndsAtMs - nowMs > certificateNoticeMs) return ok('certificate', `${days} days left`);
  const found = days < 0 ? `ended ${-days} days ago` : `${days} days left`;
  const advice = 'rotate the server certificate of each instance, one at a time (docs/operations.md)';
  return days < 0 ? fail('certificate', found, advice) : warn('certificate', found, advice);
}

function judgeQuota({ replicas }: PrimaryFacts, { policy }: GroupSpec): Check {
  const found = `${replicas} replicas of ${replicasOfPrimaryMax}, replicasMax ${policy.replicasMax}`;
  if (replicas <= replicasOfPrimaryMax) return ok('quota', found);
  return warn('quota', found, `Google recommends at most ${replicasOfPrimaryMax} direct replicas of a primary`);
}

function judgeSecrets({ missingSecrets }: DoctorFacts): Check {
  if (missingSecrets.length === 0) return ok('secrets', 'all can be read');
  const found = missingSecrets.map(({ usedFor, reason }) => `${usedFor}: ${reason}`).join('; ');
  return fail('secrets', found, "put each into CHESTER_SECRET_<NAME> or into the coordinator's SECRETS_DIR");
}

type Server = DoctorFacts['servers'][number];

function judgeServer({ spec }: DoctorFacts, { name, address, finding }: Server): readonly Check[] {
  const where = `${name} (${address})`;
  const { username } = spec.gate;
  if (finding.outcome === 'failed') return [judgeFailure(where, finding, username)];
  const grants = [
    finding.maySeeSessions ? '' : 'PROCESS',
    finding.mayReadReplication ? '' : 'REPLICATION CLIENT',
  ].filter((grant) => grant !== '');
  const login =
    grants.length === 0
      ? ok('gate-user', `${where}: ${username} may log in, see sessions and replication`)
      : fail(
          'gate-user',
          `${where}: ${username} lacks ${grants.join(', ')}`,
          `on the primary: GRANT ${grants.join(', ')} ON *.* TO '${username}'@'%'`,
        );
  const isPlain = spec.serverDefaults.useSsl && !finding.isEncrypted;
  const plain = fail('tls', `${where}: the login was not encrypted`, 'switch TLS on at that server');
  return [ok('route', `${where} answers`), login, ...(isPlain ? [plain] : [])];
}

function judgeFailure(where: string, finding: Extract<ServerFinding, { outcome: 'failed' }>, username: string): Check {
  const found = `${where}: ${finding.reason}`;
  switch (finding.at) {
    case 'secret':
      return fail('gate-user', found, "put the gate user's password where the group's gate.passwordSecret points");
    case 'route':
      return fail('route', found, 'open the way from the coordinator to that port: VPC, firewall, network policy');
    case 'login':
      return fail('gate-user', found, `on the primary: CREATE USER '${username}'@'%' with the password of the secret`);
  }
}

/** All proxies together may open so many connections to one server. */
function judgeConnections({ spec, servers, proxies }: DoctorFacts): Check {
  const perProxy = spec.serverDefaults.maxConnections;
  const wanted = proxies * perProxy;
  const known = servers.flatMap(({ finding }) => (finding.outcome === 'answered' ? [finding.connectionsMax] : []));
  const found = `${proxies} proxies × ${perProxy} = ${wanted}`;
  if (known.length === 0)
    return warn('connections', `${found}; no server said its max_connections`, 'see the checks above');
  const allowed = Math.min(...known) - connectionsReserve;
  const whole = `${found}; servers allow ${allowed} beside a reserve of ${connectionsReserve}`;
  if (wanted <= allowed) return ok('connections', whole);
  return fail(
    'connections',
    whole,
    'lower serverDefaults.maxConnections, or raise max_connections on primary and replicas',
  );
}

function judgeProxies({ proxies, spec }: DoctorFacts): Check {
  if (proxies > 0) return ok('agents', `${proxies} on the roster`);
  return warn('agents', 'none on the roster', `start agents with CHESTER_FLEET=${spec.fleet}`);
}
