import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { hashPassword } from '../../../coordinator/adapters/password-hash.ts';
import { renderUpdate } from '../../../coordinator/api/wire.ts';
import { type GroupSpec, parseFleetSpec, parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { buildSnapshot } from '../../../coordinator/core/snapshot.ts';
import { renderUser } from '../../../coordinator/core/users.ts';
import { AdminClient } from '../../agent/fakes/admin-client.ts';
import { ack } from '../../agent/fakes/updates.ts';
import { onEveryTarget } from '../../contract/proxysql-admin/targets.ts';
import { useWorld } from '../../agent/fakes/world.ts';
import { run } from '../run.ts';

type Declared = { readonly fleets: readonly unknown[]; readonly groups: readonly Record<string, unknown>[] };

/** A ProxySQL as somebody configured it by hand. */
const byHand = [
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections) VALUES (5, '10.0.0.1', 3306, 10, 500)",
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections, max_replication_lag, comment) VALUES (10, '10.0.1.1', 3306, 10, 400, 7, 'first')",
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections, max_replication_lag) VALUES (10, '10.0.1.2', 3307, 20, 300, 7)",
  "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (77, 'other', 3306)",
  `INSERT INTO mysql_users (username, password, default_hostgroup, max_connections, default_schema, transaction_persistent) VALUES ('app', '*${'AB'.repeat(20)}', 5, 200, 'shop', 0)`,
  `INSERT INTO mysql_users (username, password, default_hostgroup, active) VALUES ('report', '*${'CD'.repeat(20)}', 10, 0)`,
  "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('stranger', 'planted', 77)",
  "INSERT INTO mysql_query_rules (rule_id, active, username, match_digest, destination_hostgroup, apply) VALUES (10, 1, 'app', '^SELECT .* FOR UPDATE', 5, 1)",
  "INSERT INTO mysql_query_rules (rule_id, active, username, match_digest, destination_hostgroup, apply, cache_ttl, comment) VALUES (20, 1, 'app', '^SELECT', 10, 1, 500, 'it''s cached')",
  "INSERT INTO mysql_query_rules (rule_id, active, username, match_pattern, replace_pattern, re_modifiers, flagOUT) VALUES (35, 1, 'app', 'a', 'b', 'CASELESS,GLOBAL', 4)",
  "INSERT INTO mysql_query_rules (rule_id, active, flagIN, username, match_pattern, timeout, apply) VALUES (36, 1, 4, 'app', 'c', 900, 0)",
  "INSERT INTO mysql_query_rules (rule_id, active, username, proxy_port, destination_hostgroup, apply) VALUES (50, 1, 'app', 6033, 5, 1)",
  "UPDATE global_variables SET variable_value = '4321' WHERE variable_name = 'mysql-max_connections'",
  "UPDATE global_variables SET variable_value = 'planted-monitor' WHERE variable_name = 'mysql-monitor_password'",
  ...['SERVERS', 'USERS', 'QUERY RULES', 'VARIABLES'].map((module) => `LOAD MYSQL ${module} TO RUNTIME`),
];

/** All but what marks a row as ours. */
const rowsOf = {
  servers:
    'SELECT hostgroup_id, hostname, port, status, weight, max_connections, max_replication_lag, use_ssl FROM runtime_mysql_servers ORDER BY 1, 2, 3',
  users:
    'SELECT username, password, active, default_hostgroup, default_schema, max_connections, transaction_persistent, fast_forward, use_ssl, schema_locked FROM mysql_users ORDER BY 1',
  rules:
    'SELECT rule_id, active, username, flagIN, match_digest, match_pattern, replace_pattern, re_modifiers, flagOUT, destination_hostgroup, cache_ttl, timeout, apply FROM runtime_mysql_query_rules ORDER BY 1',
};

/** What `byHand` is as a declaration. */
const imported = {
  name: 'orders',
  fleet: 'main',
  project: 'fill-me-in',
  primary: 'fill-me-in',
  port: 3306,
  staticReaders: [
    { hostname: '10.0.1.1', port: 3306, weight: 10, maxConnections: 400, name: 'first' },
    { hostname: '10.0.1.2', port: 3307, weight: 20, maxConnections: 300 },
  ],
  serverDefaults: { weight: 10, maxConnections: 500, maxReplicationLagSeconds: 7, useSsl: false },
  writerHostgroup: 5,
  readerHostgroup: 10,
  gate: { username: 'chester-gate', passwordSecret: 'gate' },
  agents: { adoptExisting: true, shadow: true },
  users: [
    {
      ...{ username: 'app', passwordSecret: 'orders-app', defaultHostgroup: 'writer', maxConnections: 200 },
      ...{ defaultSchema: 'shop', transactionPersistent: false },
    },
    {
      username: 'report',
      passwordSecret: 'orders-report',
      defaultHostgroup: 'reader',
      maxConnections: 10_000,
      active: false,
    },
  ],
  ruleIds: { first: 10, last: 36 },
  queryRules: [
    { ruleId: 10, username: 'app', matchDigest: '^SELECT .* FOR UPDATE', destination: 'writer', apply: true },
    {
      ruleId: 20,
      username: 'app',
      matchDigest: '^SELECT',
      comment: "it's cached",
      cacheTtlMs: 500,
      destination: 'reader',
      apply: true,
    },
    {
      ruleId: 35,
      username: 'app',
      matchPattern: 'a',
      replacePattern: 'b',
      reModifiers: 'CASELESS,GLOBAL',
      flagOut: 4,
      apply: false,
    },
    { ruleId: 36, username: 'app', matchPattern: 'c', flagIn: 4, timeoutMs: 900, apply: false },
  ],
};

async function readRows(person: AdminClient): Promise<unknown> {
  const rows = [];
  for (const select of Object.values(rowsOf)) rows.push(await person.run(select));
  return rows;
}

/** What a coordinator sends of the group once it is declared. */
async function publish(spec: GroupSpec, secretsDir: string, revision: number) {
  const users = [];
  for (const user of spec.users) {
    const password = await readFile(path.join(secretsDir, user.passwordSecret), 'utf8');
    users.push(renderUser(user, spec, hashPassword(password)));
  }
  const content = buildSnapshot({
    spec,
    topology: { primaryAddress: '10.0.0.1', serverCa: null },
    ...{
      replicas: [],
      previous: null,
      voters: [],
      cordons: [],
      users,
      clientCertificate: null,
      nextRevision: revision,
    },
  });
  const published = {
    ...content,
    group: spec.name,
    fleet: spec.fleet,
    revision,
    hash: `h${revision}`,
    committedAtMs: 0,
  };
  return renderUpdate(published, `n${revision}`);
}

describe('chester import proxysql', { timeout: 300_000 }, () => {
  const world = useWorld();

  async function importAll(more: readonly string[] = []) {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    const args = [
      'import',
      'proxysql',
      '--admin',
      `127.0.0.1:${world.emulator.port}`,
      '--fleet',
      'shop',
      '--secrets-dir',
      folder,
    ];
    const answer = await run([...args, ...more], { env: { PROXYSQL_ADMIN_PASSWORD: 'admin' } });
    return { ...answer, folder };
  }
  const pair = [
    '--writer',
    '5',
    '--reader',
    '10',
    '--name',
    'orders',
    '--sql-project',
    'shop-prod-1',
    '--primary',
    'orders',
  ];

  it('reads, and changes nothing; what it prints is taken, and names no secret', async () => {
    await world.person.runAll(byHand);
    const before = world.emulator.changingStatements;
    const { exitCode, stdout, stderr, folder } = await importAll(pair);
    assert.equal(exitCode, 0, stderr);
    assert.equal(world.emulator.changingStatements, before);
    assert.doesNotMatch(stdout + stderr, /planted|ABAB|CDCD/);
    const { fleets, groups } = parse(stdout) as Declared;
    assert.deepEqual(fleets, [
      {
        name: 'shop',
        cell: 'default',
        variables: { 'mysql-max_connections': '4321', 'mysql-monitor_enabled': 'false' },
      },
    ]);
    assert(fleets.every((fleet) => parseFleetSpec(fleet).ok));
    const parsed = parseGroupSpec(groups[0]);
    assert(parsed.ok, JSON.stringify(parsed));
    assert.deepEqual(parsed.value.ruleIds, { first: 10, last: 36 });
    const words = stdout.replaceAll(/\n\s*#\s*/g, ' ');
    assert.match(words, /Rule 50 is left out: proxy_port cannot be declared/);
    assert.match(words, /server other:3306 in hostgroup 77 .*user "stranger"/);
    await rm(folder, { recursive: true });
  });

  it('finds the groups of ProxySQL itself, and says what has to go before the cut-over', async () => {
    await world.person.runAll([
      ...byHand,
      'INSERT INTO mysql_replication_hostgroups (writer_hostgroup, reader_hostgroup) VALUES (5, 10), (77, 78)',
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    const { stdout, folder } = await importAll();
    const { groups } = parse(stdout) as Declared;
    assert.deepEqual(
      groups.map(({ name, primary }) => [name, primary]),
      [
        ['hostgroup-5', 'fill-me-in'],
        ['hostgroup-77', 'fill-me-in'],
      ],
    );
    assert.match(stdout, /mysql_replication_hostgroups/);
    await rm(folder, { recursive: true });
  });

  it('comes back the same: what was imported and applied leaves every row as it was', async () => {
    await world.person.runAll(byHand);
    const { stdout, folder } = await importAll(pair);
    const declared = (parse(stdout) as Declared).groups[0];
    const before = await readRows(world.person);
    // Rule 50 was left out, so that the rules of the group end before it; it stays as it is.
    const parsed = parseGroupSpec({ ...declared, agents: { adoptExisting: true } });
    assert(parsed.ok);
    await world.startAgent();
    const call = await world.welcome();
    call.send(await publish(parsed.value, folder, 1));
    call.send({ syncDone: {} });
    await call.next(ack('n1'));
    assert.deepEqual(await readRows(world.person), before);
    const marks = await world.person.run("SELECT COUNT(*) FROM mysql_servers WHERE comment LIKE 'chester orders %'");
    assert.deepEqual(marks, [['3']], 'the rows are ours now');
    await rm(folder, { recursive: true });
  });

  it('says what is missing, and who does not answer', async () => {
    const none = await run(['import', 'proxysql', '--admin', '127.0.0.1:1'], {});
    assert.deepEqual([none.exitCode, none.stdout], [2, '']);
    assert.match(none.stderr, /--password-file/);
    const env = { PROXYSQL_ADMIN_PASSWORD: 'planted' };
    const half = await run(['import', 'proxysql', '--writer', '5'], { env });
    assert.match(half.stderr, /--writer and --reader go together/);
    const wrong = await run(
      ['import', 'proxysql', '--admin', `127.0.0.1:${world.emulator.port}`, '--writer', '5', '--reader', '10'],
      { env },
    );
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /ProxySQL at 127\.0\.0\.1:/);
    assert.doesNotMatch(wrong.stderr, /planted/);
    const { exitCode, stderr } = await importAll();
    assert.equal(exitCode, 2);
    assert.match(stderr, /name a pair with --writer and --reader/);
  });
});

await onEveryTarget('chester import proxysql', (start) => {
  it('declares what serves, row by row', { timeout: 300_000 }, async () => {
    const target = await start();
    const port = Number(target.address.split(':')[1]);
    const person = await AdminClient.connect(port);
    try {
      await person.runAll(byHand);
      const args = [
        'import',
        'proxysql',
        '--admin',
        target.address,
        '--writer',
        '5',
        '--reader',
        '10',
        '--name',
        'orders',
      ];
      const { stdout, stderr } = await run(args, { env: { PROXYSQL_ADMIN_PASSWORD: 'admin' } });
      const { groups, fleets } = parse(stdout) as Declared;
      assert.equal(
        (fleets[0] as { readonly variables: Record<string, string> }).variables['mysql-max_connections'],
        '4321',
        stderr,
      );
      assert.deepEqual(groups, [imported]);
    } finally {
      person.close();
      await target.close();
    }
  });
});
