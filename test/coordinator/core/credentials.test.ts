import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { type Credentials, resolveCredentials, type SecretReading } from '../../../coordinator/core/credentials.ts';
import { buildAgentPolicy } from '../../../coordinator/core/agent-policy.ts';
import type { PublishedSnapshot, SnapshotParts } from '../../../coordinator/core/snapshot.ts';
import { groupSpec, published } from '../builders.ts';

const certificate = { certificatePem: 'c1', keyPem: 'k1' };
const read = <T>(value: T): SecretReading<T> => ({ outcome: 'read', value });
const gone: SecretReading<never> = { outcome: 'missing', reason: 'secret s is not there' };

const spec = (...names: readonly string[]) =>
  groupSpec({
    serverDefaults: { useSsl: true },
    users: names.map((username) => ({ username, passwordSecret: `${username}-secret`, maxConnections: 7 })),
  });

function credentials(
  hashes: Readonly<Record<string, SecretReading<string>>>,
  clientCertificate: Credentials['clientCertificate'] = null,
): Credentials {
  const passwordHashes = new Map(Object.entries(hashes).map(([name, reading]) => [`${name}-secret`, reading]));
  return { passwordHashes, clientCertificate };
}

function before(users: Readonly<Record<string, string>>, change: Partial<SnapshotParts> = {}): PublishedSnapshot {
  const parts: SnapshotParts = {
    policy: buildAgentPolicy(groupSpec()),
    certificates: [],
    clientCertificate: null,
    hostgroupAttributes: [],
    users: Object.entries(users).map(([username, password]) => ({ username, password, max_connections: '1' })),
    ruleIds: null,
    queryRules: [],
    ...change,
  };
  return published({ parts });
}

/** Users with their passwords and limits; null when nothing may be published. */
function usersOf(group: ReturnType<typeof spec>, known: Credentials, previous: PublishedSnapshot | null) {
  const { resolved, missing } = resolveCredentials(group, known, previous);
  const users = resolved?.users.map((row) => [row['username'], row['password'], row['max_connections']].join(' '));
  return { users: users ?? null, missing: missing.map(({ subject }) => subject) };
}

describe('resolveCredentials', () => {
  it('takes what was read', () => {
    const known = credentials({ app: read('*A'), batch: read('*B') });
    for (const previous of [null, before({ app: '*OLD' }), published({ kind: 'removed' })]) {
      assert.deepEqual(usersOf(spec('app', 'batch'), known, previous), {
        users: ['app *A 7', 'batch *B 7'],
        missing: [],
      });
    }
  });

  it('has no user that is not declared any more', () => {
    assert.deepEqual(usersOf(spec(), credentials({}), before({ app: '*A' })), { users: [], missing: [] });
  });

  it('publishes nothing at first without a secret', () => {
    const known = credentials({ app: read('*A'), batch: gone });
    for (const previous of [null, published({ kind: 'removed' })]) {
      assert.deepEqual(usersOf(spec('app', 'batch'), known, previous), { users: null, missing: ['user batch'] });
    }
  });

  it('keeps the password that is published where the secret is missing; all else of the user is as declared', () => {
    const known = credentials({ app: gone, batch: read('*NEW') });
    assert.deepEqual(usersOf(spec('app', 'batch'), known, before({ app: '*A', batch: '*B' })), {
      users: ['app *A 7', 'batch *NEW 7'],
      missing: ['user app'],
    });
  });

  it("keeps all users as they are published while a new one's secret is missing", () => {
    const known = credentials({ app: read('*NEW'), batch: gone });
    assert.deepEqual(usersOf(spec('app', 'batch'), known, before({ app: '*A', old: '*O' })), {
      users: ['app *A 1', 'old *O 1'],
      missing: ['user batch'],
    });
  });

  it('treats the client certificate alike', () => {
    const of = (reading: Credentials['clientCertificate'], previous: PublishedSnapshot | null) => {
      const { resolved, missing } = resolveCredentials(spec(), credentials({}, reading), previous);
      return [resolved === null ? 'nothing' : resolved.clientCertificate, missing.map(({ subject }) => subject)];
    };
    const older = before({}, { clientCertificate: { certificatePem: 'c0', keyPem: 'k0' } });
    assert.deepEqual(of(read(certificate), older), [certificate, []]);
    assert.deepEqual(of(gone, older), [{ certificatePem: 'c0', keyPem: 'k0' }, ['client certificate']]);
    assert.deepEqual(of(gone, before({})), [null, ['client certificate']]);
    assert.deepEqual(of(gone, null), ['nothing', ['client certificate']]);
    assert.deepEqual(of(null, older), [null, []]);
  });

  it('never takes a user away that is declared and published, and never gives one a password that is not its own', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    fc.assert(
      fc.property(names, names, names, (declared, readable, publishedNames) => {
        const known = credentials(
          Object.fromEntries(declared.map((name) => [name, readable.includes(name) ? read(`*new ${name}`) : gone])),
        );
        const previous = before(Object.fromEntries(publishedNames.map((name) => [name, `*old ${name}`])));
        const { resolved, missing } = resolveCredentials(spec(...declared), known, previous);
        assert(resolved);
        const rows = new Map(resolved.users.map((row) => [row['username'], row['password']]));
        for (const name of declared) if (publishedNames.includes(name)) assert(rows.has(name), `${name} was lost`);
        for (const [name, password] of rows) assert([`*old ${name}`, `*new ${name}`].includes(String(password)));
        if (missing.length === 0) assert.deepEqual([...rows.keys()], declared);
        assert.deepEqual(
          missing.map(({ subject }) => subject),
          declared.filter((name) => !readable.includes(name)).map((name) => `user ${name}`),
        );
      }),
    );
  });
});
