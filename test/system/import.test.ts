import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Group__Output } from '../../proto/gen/chester/v1/Group.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { World } from '../../sandbox/demo/world.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { run } from '../cli/run.ts';

const proxysql = await findProxySql(process.env);
const skip = proxysql === null ? 'install proxysql 2.7, or set PROXYSQL_BIN to its path' : false;
const deadlineMs = 90_000;

/** What serves, but for the comments that mark a row as ours, and for hashes in place of clear text. */
const looks = [
  'SELECT hostgroup_id, hostname, port, status, weight, max_connections, max_replication_lag, use_ssl FROM runtime_mysql_servers ORDER BY 1, 2, 3',
  'SELECT username, active, default_hostgroup, max_connections, transaction_persistent FROM runtime_mysql_users WHERE frontend = 1 ORDER BY 1',
  'SELECT rule_id, active, username, match_digest, destination_hostgroup, cache_ttl, apply FROM runtime_mysql_query_rules ORDER BY 1',
  "SELECT variable_value FROM runtime_global_variables WHERE variable_name = 'mysql-max_connections'",
];

/** docs/migrate-from-chester.md, steps 2 to 6, on a real ProxySQL that somebody configured by hand. */
describe('a ProxySQL that is imported, watched in shadow, cut over and taken back', { skip, timeout: 300_000 }, () => {
  let world: World;
  let client: AdminClient;
  let folder = '';
  let groupsFile = '';
  let asFound: unknown;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    groupsFile = path.join(folder, 'groups.yaml');
    world = new World({ proxysql, proxies: 1, coordinatorEnv: { SECRETS_DIR: path.join(folder, 'secrets') } });
    await world.start();
    client = world.adminClient();
    for (const statement of byHand()) await eye().execute(statement);
    asFound = await looked();
  });
  after(async () => {
    client.close();
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const eye = () => world.pods[0]!.eye;
  const looked = () => Promise.all(looks.map((sql) => eye().select(sql)));
  const chester = async (...args: readonly string[]) => {
    const env = { CHESTER_COORDINATOR: world.coordinator.grpc, PROXYSQL_ADMIN_PASSWORD: 'radmin', USER: 'ada' };
    const ran = await run(args, { env });
    assert.equal(ran.exitCode, 0, `chester ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const until = async (what: string, isSo: (group: Group__Output) => boolean) => {
    const givenUpMs = Date.now() + deadlineMs;
    for (;;) {
      const group = await client.getGroup('orders');
      if (isSo(group)) return;
      assert.ok(Date.now() < givenUpMs, `${what}: ${JSON.stringify([group.holds, group.agentNotices])}`);
      await pause(100);
    }
  };
  const inShadow = (detail: RegExp) => (group: Group__Output) =>
    group.agentNotices.some((notice) => notice.state === 'SHADOW' && detail.test(notice.detail));
  const cutOver = async (file: string, isShadow: boolean) => {
    const text = await readFile(groupsFile, 'utf8');
    assert.match(text, /shadow: true/);
    await writeFile(file, text.replace('shadow: true', `shadow: ${String(isShadow)}`));
    await chester('groups', 'put', '-f', file);
  };

  /** The rows of a group whose databases are those of Cloud SQL here. */
  const byHand = () => {
    const writer = world.cloudSql.mysqlAddress('orders-primary')!;
    const reader = world.cloudSql.mysqlAddress('orders-primary-static')!;
    const insert = 'INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections)';
    return [
      `${insert} VALUES (5, '${writer.host}', ${writer.port}, 10, 500)`,
      `${insert} VALUES (10, '${reader.host}', ${reader.port}, 20, 400)`,
      `INSERT INTO mysql_users (username, password, default_hostgroup, max_connections) VALUES ('app', 'in-the-clear', 5, 200)`,
      `INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('report', '*${'CD'.repeat(20)}', 10)`,
      "INSERT INTO mysql_query_rules (rule_id, active, username, match_digest, destination_hostgroup, apply) VALUES (10, 1, 'app', '^SELECT .* FOR UPDATE', 5, 1)",
      "INSERT INTO mysql_query_rules (rule_id, active, username, match_digest, destination_hostgroup, apply, cache_ttl) VALUES (20, 1, 'app', '^SELECT', 10, 1, 500)",
      "UPDATE global_variables SET variable_value = '4321' WHERE variable_name = 'mysql-max_connections'",
      ...['SERVERS', 'USERS', 'QUERY RULES', 'VARIABLES'].flatMap((module) => [
        `LOAD MYSQL ${module} TO RUNTIME`,
        `SAVE MYSQL ${module} TO DISK`,
      ]),
    ];
  };

  it('is declared by what the import prints', async () => {
    const [admin, secrets] = [world.pods[0]!.adminAddress, path.join(folder, 'secrets')];
    const where = ['--admin', admin, '--user', 'radmin', '--writer', '5', '--reader', '10', '--secrets-dir', secrets];
    const what = ['--name', 'orders', '--fleet', 'main', '--sql-project', 'demo', '--primary', 'orders-primary'];
    const yaml = await chester('import', 'proxysql', ...where, ...what);
    assert.doesNotMatch(yaml, /in-the-clear|CDCD/);
    await writeFile(groupsFile, yaml);
    assert.match(await chester('plan', '-f', groupsFile), /Plan: 2 to create/);
    await chester('groups', 'put', '-f', groupsFile);
  });

  it('is watched in shadow: only marks would be written, and a hash where a password stands in the clear', async () => {
    const expected =
      /^in shadow: 1 differences: mysql_users: username app changed from password \(hidden\) comment "" to password \(hidden\) comment "chester orders user"; 5 rows would be marked as ours$/;
    await until('an agent in shadow that tells so', inShadow(expected));
    assert.deepEqual(await looked(), asFound);
  });

  it('is cut over with every row as it was', async () => {
    await cutOver(path.join(folder, 'live.yaml'), false);
    await until(
      'the proxy to run it',
      ({ agentsConverged, agentsTotal }) => agentsConverged === 1 && agentsTotal === 1,
    );
    assert.deepEqual(await looked(), asFound);
    const ours = await eye().select("SELECT COUNT(*) FROM runtime_mysql_servers WHERE comment LIKE 'chester orders %'");
    assert.deepEqual(
      ours.map(([count]) => String(count)),
      ['2'],
    );
  });

  it('is taken back: it serves on, and no change reaches it', async () => {
    await cutOver(path.join(folder, 'back.yaml'), true);
    await until('the agent to be in shadow again', inShadow(/in shadow/));
    await chester('servers', 'put', 'orders', '10.9.9.9');
    await until('the agent to tell of the new reader', inShadow(/10\.9\.9\.9/));
    assert.deepEqual(await looked(), asFound);
    await chester('servers', 'delete', 'orders', '10.9.9.9');
  });
});
