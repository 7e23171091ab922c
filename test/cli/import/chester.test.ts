import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseFleetSpec, parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { run } from '../run.ts';

type Declared = { readonly fleets: readonly unknown[]; readonly groups: readonly Record<string, unknown>[] };

const text = (stringValue: string) => ({ stringValue });
const number = (value: number) => ({ integerValue: String(value) });
const record = (properties: object) => ({ entityValue: { properties } });
const list = (values: readonly object[]) => ({ arrayValue: { values } });

const server = (address: string, hostgroup: number, comment: string, maxConnections = 1000) =>
  record({ Address: text(address), Port: number(3306), Hostgroup: number(hostgroup), MaxConnections: number(maxConnections), Comment: text(comment), UseSSL: number(0) });
const rule = (id: number, match: string, hostgroup: number) =>
  record({ RuleID: number(id), Username: text('app'), Active: number(1), MatchDigest: text(match), DestinationHostgroup: number(hostgroup), Apply: number(1), Comment: text('a rule') });

/** What Datastore answers about one database; the names are those of Go's fields. */
function entitiesOf(name: string, password: string, kms: object = {}): object[] {
  const config = {
    MysqlVariables: record({ MaxConnections: number(2048), CommandsStats: { booleanValue: true }, MonitorPassword: text('planted-monitor') }),
    AdminVariables: record({ AdminCredentials: text('admin:planted-admin') }),
    MySqlServers: list([
      server('10.0.0.1', 5, name),
      server('10.0.1.1', 10, `${name}-read-1`),
      server('10.0.2.1', 10, 'Read Replica Added By Chester', 100),
    ]),
    MySqlUsers: list([record({ Username: text('app'), Password: text(password), DefaultHostgroup: number(5), Active: number(1) })]),
    MySqlQueryRules: list([rule(2, '^SELECT', 10), rule(1, '^SELECT .* FOR UPDATE', 5), rule(7, 'odd', 77), rule(1, 'twice', 5)]),
    ReadHostGroup: number(10),
    WriteHostGroup: number(5),
    UseSSL: number(0),
    ...kms,
  };
  const partitionId = { projectId: 'shop-prod-1', namespaceId: 'chester' };
  const parent = { kind: 'proxysqlconfig', name };
  return [
    { key: { partitionId, path: [parent] }, properties: config },
    {
      key: { partitionId, path: [parent, { kind: 'chester_metadata', name }] },
      properties: { InstanceGroup: text(name), MaxChesterInstances: number(4) },
    },
  ];
}

const expected = {
  name: 'orders',
  fleet: 'orders',
  project: 'shop-prod-1',
  primary: 'orders',
  writerHostgroup: 5,
  readerHostgroup: 10,
  staticReaders: [{ name: 'orders-read-1', hostname: '10.0.1.1', port: 3306, maxConnections: 1000 }],
  serverDefaults: { weight: 1, maxConnections: 1000, useSsl: false },
  policy: { replicasMax: 4 },
  gate: { username: 'chester-gate', passwordSecret: 'gate' },
  agents: { adoptExisting: true, shadow: true },
  users: [{ username: 'app', passwordSecret: 'orders-app', defaultHostgroup: 'writer' }],
  ruleIds: { first: 1, last: 1000 },
  queryRules: [
    { ruleId: 1, active: true, username: 'app', matchDigest: '^SELECT .* FOR UPDATE', comment: 'a rule', destination: 'writer', apply: true },
    { ruleId: 2, active: true, username: 'app', matchDigest: '^SELECT', comment: 'a rule', destination: 'reader', apply: true },
  ],
};

describe('chester import chester', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('turns a dump into declarations that the coordinator takes, with comments and without secrets', async () => {
    const dump = [{ batch: { entityResults: entitiesOf('orders', 'planted-password').map((entity) => ({ entity })) } }];
    const args = ['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1', '--secrets-dir', path.join(folder, 's')];
    const { exitCode, stdout, stderr } = await run(args, { stdin: JSON.stringify(dump) });
    assert.equal(exitCode, 0, stderr);
    const { fleets, groups } = parse(stdout) as Declared;
    assert.deepEqual(groups, [expected]);
    assert.deepEqual(fleets, [
      { name: 'orders', cell: 'default', variables: { 'mysql-max_connections': '2048', 'mysql-commands_stats': 'true' } },
    ]);
    for (const fleet of fleets) assert(parseFleetSpec(fleet).ok);
    for (const group of groups) assert(parseGroupSpec(group).ok);
    for (const said of [/10\.0\.2\.1 is a replica that Chester made/, /Rule 7 .* is left out/, /Rule 1 .* was there twice/, /begins in shadow/]) {
      assert.match(stdout.replaceAll(/\n\s*#\s*/g, ' '), said);
    }
    assert.doesNotMatch(stdout + stderr, /planted/);
    assert.match(stderr, /written to .*: orders-app\n/);
    assert.match(stderr, /secrets to be created:\n {2}gate: the password of chester-gate/);
    const file = path.join(folder, 's', 'orders-app');
    assert.equal(await readFile(file, 'utf8'), 'planted-password');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('leaves a secret alone that is there already', async () => {
    const args = ['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1', '--secrets-dir', folder];
    await run(args, { stdin: JSON.stringify(entitiesOf('orders', 'first')) });
    const again = await run(args, { stdin: JSON.stringify(entitiesOf('orders', 'second')) });
    assert.equal(await readFile(path.join(folder, 'orders-app'), 'utf8'), 'first');
    assert.match(again.stderr, /orders-app: the password of user app of orders/);
  });

  it('takes what GET /databases answered, which shows no password', async () => {
    const database = {
      ...{ instance_name: 'orders', read_hostgroup: 10, write_hostgroup: 5, username: 'app', password: 'REDACTED', use_ssl: 0 },
      query_rules: [],
      master_instance: { name: 'orders', ip_address: '10.0.0.1' },
      read_replicas: [{ name: 'orders-read-1', ip_address: '10.0.1.1' }],
      chester_meta_data: { instance_group: 'orders', max_chester_instances: 4 },
    };
    const { stdout, exitCode } = await run(['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1'], { stdin: JSON.stringify([database]) });
    assert.equal(exitCode, 0);
    const [group] = (parse(stdout) as Declared).groups;
    const { ruleIds: _ids, queryRules: _rules, ...others } = expected;
    assert.deepEqual(group, { ...others, queryRules: [] });
  });

  it('gives databases with names that no group can have other names, and says so', async () => {
    const dump = [...entitiesOf('Orders_A', 'x'), ...entitiesOf('orders-a', 'y')];
    const { stdout } = await run(['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1'], { stdin: JSON.stringify(dump) });
    const { groups } = parse(stdout) as Declared;
    assert.deepEqual(groups.map(({ name }) => name), ['orders-a', 'orders-a-2']);
    assert.match(stdout, /Chester called it "Orders_A"/);
    for (const group of groups) assert(parseGroupSpec(group).ok);
  });

  for (const [what, args, stdin, said] of [
    ['no source', ['import', 'chester'], '', /give --project or --file/],
    ['a dump without a project', ['import', 'chester', '-f', '-'], '[]', /--sql-project is required/],
    ['a dump that is no JSON', ['import', 'chester', '-f', '-', '--sql-project', 'p'], '{"password":"planted', /is no JSON/],
    ['a dump of something else', ['import', 'chester', '-f', '-', '--sql-project', 'p'], '{"a":1}', /nothing of Chester/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { exitCode, stdout, stderr } = await run(args, { stdin });
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /planted/);
    });
  }
});

describe('chester import chester, from Google', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha512' };
  const kms = { KMSProject: text('keys'), KMSLocation: text('eu'), KMSKeyRing: text('ring'), KMSKeyName: text('chester'), KMSKeyVersion: text('1') };
  const keyVersion = 'projects/keys/locations/eu/keyRings/ring/cryptoKeys/chester/cryptoKeyVersions/1';
  const asked: string[] = [];
  let google: Server;
  let address: string;

  before(async () => {
    // As Chester encrypts: RSA-OAEP with SHA-512, in base64 for URLs.
    const encrypted = publicEncrypt({ key: publicKey, ...oaep }, Buffer.from('planted-password')).toString('base64url');
    const entities = ['orders', 'payments', 'shop'].flatMap((name) => entitiesOf(name, encrypted, kms)) as { key: { path: { kind: string }[] } }[];
    google = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        asked.push(request.url ?? '');
        const given = JSON.parse(body) as { query?: { kind: [{ name: string }]; startCursor?: string }; ciphertext?: string };
        if (request.url === `/v1/${keyVersion}:asymmetricDecrypt`) {
          const plain = privateDecrypt({ key: privateKey, ...oaep }, Buffer.from(given.ciphertext ?? '', 'base64'));
          response.end(JSON.stringify({ plaintext: plain.toString('base64') }));
          return;
        }
        // Two a page.
        const found = entities.filter(({ key }) => key.path.at(-1)?.kind === given.query?.kind[0].name);
        const from = Number(given.query?.startCursor ?? 0);
        const page = found.slice(from, from + 2);
        const moreResults = from + 2 < found.length ? 'NOT_FINISHED' : 'NO_MORE_RESULTS';
        response.end(JSON.stringify({ batch: { entityResults: page.map((entity) => ({ entity })), endCursor: String(from + 2), moreResults } }));
      });
    });
    google.listen(0, '127.0.0.1');
    await once(google, 'listening');
    address = `127.0.0.1:${(google.address() as AddressInfo).port}`;
  });
  after(() => google.close());

  it('reads Datastore page by page, and decrypts by the key that Chester noted', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    const env = { DATASTORE_EMULATOR_HOST: address, CHESTER_KMS_ROOT_URL: `http://${address}/` };
    const args = ['import', 'chester', '--project', 'shop-prod-1', '--decrypt', '--secrets-dir', folder];
    const { exitCode, stdout, stderr } = await run(args, { env });
    assert.equal(exitCode, 0, stderr);
    const { groups } = parse(stdout) as Declared;
    assert.deepEqual(groups.map(({ name }) => name), ['orders', 'payments', 'shop']);
    assert.deepEqual(groups[0], expected);
    assert.deepEqual((await readdir(folder)).toSorted(), ['orders-app', 'payments-app', 'shop-app']);
    assert.equal(await readFile(path.join(folder, 'shop-app'), 'utf8'), 'planted-password');
    assert.equal(asked.filter((url) => url === '/v1/projects/shop-prod-1:runQuery').length, 4);
    assert.doesNotMatch(stdout + stderr, /planted/);
    await rm(folder, { recursive: true });
  });

  it('takes no ciphertext for a password when it was not told to decrypt', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    const args = ['import', 'chester', '--project', 'shop-prod-1', '--secrets-dir', folder];
    const { stderr } = await run(args, { env: { DATASTORE_EMULATOR_HOST: address } });
    assert.deepEqual(await readdir(folder), []);
    assert.match(stderr, /orders-app: the password of user app of orders/);
    await rm(folder, { recursive: true });
  });

  it('says who does not answer', async () => {
    const { exitCode, stderr } = await run(['import', 'chester', '--project', 'p'], { env: { DATASTORE_EMULATOR_HOST: '127.0.0.1:1' } });
    assert.equal(exitCode, 1);
    assert.match(stderr, /127\.0\.0\.1:1\/v1\/projects\/p:runQuery/);
  });
});
