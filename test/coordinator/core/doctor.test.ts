import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { type DoctorFacts, judge, permissionsNeeded, type PrimaryFacts } from '../../../coordinator/core/doctor.ts';
import { groupSpec, startMs } from '../builders.ts';

const dayMs = 24 * 3_600_000;
const primary: PrimaryFacts = {
  state: 'RUNNABLE',
  instanceType: 'CLOUD_SQL_INSTANCE',
  hasBackups: true,
  hasBinaryLog: true,
  privateNetwork: 'projects/p/global/networks/n',
  hasPublicAddress: false,
  usesPrivateServiceConnect: false,
  requiresConnectors: false,
  sslMode: 'ENCRYPTED_ONLY',
  replicas: 2,
  certificateEndsAtMs: startMs + 400 * dayMs,
};
const answered = {
  outcome: 'answered',
  isEncrypted: true,
  connectionsMax: 1000,
  maySeeSessions: true,
  mayReadReplication: true,
} as const;

function server(finding: DoctorFacts['servers'][number]['finding']): Partial<DoctorFacts> {
  return { servers: [{ name: 'orders-primary', address: '10.0.1.1:3306', finding }] };
}

function facts(change: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    spec: groupSpec({ serverDefaults: { useSsl: true, maxConnections: 100 } }),
    control: {
      store: { place: 'store.sqlite', problem: null, server: null },
      holder: 'first',
      freeze: null,
      notCompared: [],
    },
    permissions: { ok: true, value: permissionsNeeded },
    primary: { ok: true, value: primary },
    servers: server(answered).servers ?? [],
    missingSecrets: [],
    proxies: 4,
    nowMs: startMs,
    ...change,
  };
}

const of = (change: Partial<PrimaryFacts>): Partial<DoctorFacts> => ({
  primary: { ok: true, value: { ...primary, ...change } },
});
const spec = (change: Readonly<Record<string, unknown>>): Partial<DoctorFacts> => ({ spec: groupSpec(change) });

describe('judge', () => {
  it('finds nothing to do where all is well', () => {
    const checks = judge(facts());
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    );
    assert(checks.every(({ advice }) => advice === ''));
  });

  const cases: readonly (readonly [
    name: string,
    change: Partial<DoctorFacts>,
    check: string,
    status: string,
    says: RegExp,
  ])[] = [
    [
      'a permission missing',
      { permissions: { ok: true, value: permissionsNeeded.slice(1) } },
      'permissions',
      'fail',
      /instances\.create.*chester-role\.yaml/,
    ],
    ['permissions unknown', { permissions: { ok: false, reason: 'HTTP 403' } }, 'permissions', 'warn', /HTTP 403/],
    ['no primary', { primary: { ok: false, reason: 'HTTP 404' } }, 'primary', 'fail', /HTTP 404.*orders-primary/],
    ['a replica as primary', of({ instanceType: 'READ_REPLICA_INSTANCE' }), 'primary', 'fail', /no primary/],
    ['a stopped primary', of({ state: 'SUSPENDED' }), 'primary', 'fail', /SUSPENDED/],
    ['no backups', of({ hasBackups: false }), 'backups', 'fail', /--backup-start-time/],
    ['no binary log', of({ hasBinaryLog: false }), 'binlog', 'fail', /--enable-bin-log/],
    ['no private network', of({ privateNetwork: null }), 'network', 'fail', /private address/],
    ['Private Service Connect', of({ usesPrivateServiceConnect: true }), 'network', 'fail', /Private Service Connect/],
    ['connectors required', of({ requiresConnectors: true }), 'network', 'fail', /connectors are required/],
    ['TLS asked, not declared', spec({}), 'tls', 'fail', /useSsl: true/],
    [
      'client certificate asked, not declared',
      of({ sslMode: 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED' }),
      'tls',
      'fail',
      /clientCertificateSecret/,
    ],
    ['plain text', { ...spec({}), ...of({ sslMode: null }) }, 'tls', 'warn', /plain text/],
    ['a login in plain text', server({ ...answered, isEncrypted: false }), 'tls', 'fail', /not encrypted/],
    [
      'a certificate that ends soon',
      of({ certificateEndsAtMs: startMs + 29 * dayMs }),
      'certificate',
      'warn',
      /29 days left/,
    ],
    [
      'a certificate that ended',
      of({ certificateEndsAtMs: startMs - dayMs }),
      'certificate',
      'fail',
      /ended 1 days ago/,
    ],
    ['no certificate', of({ certificateEndsAtMs: null }), 'certificate', 'warn', /not known/],
    ['too many replicas', of({ replicas: 11 }), 'quota', 'warn', /11 replicas of 10/],
    [
      'a secret missing',
      { missingSecrets: [{ usedFor: 'user app', reason: 'not set' }] },
      'secrets',
      'fail',
      /user app: not set.*SECRETS_DIR/,
    ],
    [
      'no route',
      server({ outcome: 'failed', at: 'route', reason: 'ETIMEDOUT: x' }),
      'route',
      'fail',
      /ETIMEDOUT.*firewall/,
    ],
    [
      'a refused login',
      server({ outcome: 'failed', at: 'login', reason: 'ER_ACCESS_DENIED_ERROR: x' }),
      'gate-user',
      'fail',
      /CREATE USER 'gate'/,
    ],
    [
      'no gate password',
      server({ outcome: 'failed', at: 'secret', reason: 'not set' }),
      'gate-user',
      'fail',
      /passwordSecret/,
    ],
    ['no PROCESS', server({ ...answered, maySeeSessions: false }), 'gate-user', 'fail', /GRANT PROCESS ON/],
    [
      'no grants',
      server({ ...answered, maySeeSessions: false, mayReadReplication: false }),
      'gate-user',
      'fail',
      /GRANT PROCESS, REPLICATION CLIENT ON/,
    ],
    ['too many connections', { proxies: 10 }, 'connections', 'fail', /10 proxies × 100 = 1000; servers allow 980/],
    ['connections unknown', { servers: [] }, 'connections', 'warn', /no server said/],
    ['no agents', { proxies: 0 }, 'agents', 'warn', /CHESTER_FLEET=main/],
  ];
  for (const [name, change, check, status, says] of cases) {
    it(`says what to do: ${name}`, () => {
      const found = judge(facts(change)).filter((one) => one.name === check && one.status !== 'ok');
      assert.deepEqual(
        found.map((one) => one.status),
        [status],
      );
      assert.match(`${found[0]?.found ?? ''} ${found[0]?.advice ?? ''}`, says);
      assert.notEqual(found[0]?.advice, '');
    });
  }
});

describe('examples/gcp/chester-role.yaml', () => {
  it('holds exactly the permissions that the doctor asks for', () => {
    const role = parse(readFileSync('examples/gcp/chester-role.yaml', 'utf8')) as { includedPermissions: string[] };
    assert.deepEqual(role.includedPermissions, permissionsNeeded);
  });
});
