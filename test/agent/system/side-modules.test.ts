import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Row } from '../../../proto/gen/chester/v1/Row.ts';
import type { Snapshot } from '../../../proto/gen/chester/v1/Snapshot.ts';
import type { Update } from '../../../proto/gen/chester/v1/Update.ts';
import { ack, hostgroups, leaving, readerA, snapshot, writer } from '../fakes/updates.ts';
import { useWorld, waitFor } from '../fakes/world.ts';

const hash = `*${'0AF9'.repeat(10)}`;
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;

function row(columns: Readonly<Record<string, string>>): Row {
  return { columns: Object.entries(columns).map(([name, value]) => ({ name, value })) };
}

const app = { username: 'app', password: hash, default_hostgroup: '10', comment: 'chester orders user' };
const readRule = {
  rule_id: '100',
  active: '1',
  username: 'app',
  match_digest: '^SELECT',
  destination_hostgroup: '20',
  apply: '1',
  comment: 'chester orders rule',
};

/** The group with all that it can have. */
function whole(revision: number, more: Snapshot = {}): Update {
  const update = snapshot(revision, []);
  const tls = { useSsl: true, caId: 'aa00aa00' };
  const body: Snapshot = {
    ...update.snapshot,
    servers: [
      { ...writer, ...tls },
      { ...readerA, ...tls },
    ],
    certificates: [
      { id: 'aa00aa00', pem: pem('one') },
      { id: 'bb00bb00', pem: pem('two') },
    ],
    clientCertificate: { certificatePem: pem('client'), keyPem: pem('key') },
    hostgroupAttributes: [row({ hostgroup_id: '20', init_connect: 'SET x = 1', comment: 'chester orders attributes' })],
    users: [row(app)],
    ruleIds: { first: 100, last: 199 },
    queryRules: [row(readRule)],
    ...more,
  };
  return { ...update, snapshot: body };
}

function fleet(revision: number, variables: Readonly<Record<string, string>>): Update {
  return {
    nonce: `f${revision}`,
    group: 'fleet:shop',
    revision,
    hash: `f${revision}`,
    fleet: { variables: row(variables).columns ?? [] },
  };
}

describe('an agent that brings in more than servers', { timeout: 300_000 }, () => {
  const world = useWorld();
  const count = async (table: string) => Number((await world.person.run(`SELECT count(*) FROM ${table}`))[0]?.[0]);
  const files = async () => (await readdir(path.join(world.stateDir, 'tls'))).toSorted();

  it('answers when users, rules, attributes and TLS parameters run as well', async () => {
    await world.startWith(whole(1));
    const { person } = world;
    assert.deepEqual(await person.run('SELECT username, password, frontend, comment FROM runtime_mysql_users'), [
      ['app', hash, '1', app.comment],
      ['app', hash, '0', app.comment],
    ]);
    assert.deepEqual(await person.run('SELECT rule_id, destination_hostgroup FROM runtime_mysql_query_rules'), [
      ['100', '20'],
    ]);
    assert.deepEqual(await person.run('SELECT hostgroup_id, init_connect FROM runtime_mysql_hostgroup_attributes'), [
      ['20', 'SET x = 1'],
    ]);
    const folder = path.join(world.stateDir, 'tls');
    const [ca = '', cert = '', key = ''] = await files();
    assert.deepEqual([ca, (await stat(path.join(folder, key))).mode & 0o777], ['ca-aa00aa00.pem', 0o640]);
    assert.deepEqual(
      await person.run('SELECT hostname, ssl_ca, ssl_cert, ssl_key FROM runtime_mysql_servers_ssl_params ORDER BY 1'),
      [writer, readerA].map(({ hostname }) => [hostname, ...[ca, cert, key].map((name) => path.join(folder, name))]),
    );
  });

  it('exchanges an authority: the new file, the row, then the old file goes', async () => {
    const call = await world.startWith(whole(1));
    const before = await world.loads();
    const tls = { useSsl: true, caId: 'bb00bb00' };
    call.send({
      update: whole(2, {
        servers: [
          { ...writer, ...tls },
          { ...readerA, ...tls },
        ],
      }),
    });
    await call.next(ack('n2'));
    const rows = await world.person.run('SELECT DISTINCT ssl_ca FROM runtime_mysql_servers_ssl_params');
    assert.deepEqual(rows, [[path.join(world.stateDir, 'tls', 'ca-bb00bb00.pem')]]);
    assert.equal(await world.loads(), before + 1);
    await waitFor(async () => !(await files()).includes('ca-aa00aa00.pem'));
    assert.ok((await files()).includes('ca-bb00bb00.pem'));
  });

  it('takes all of a removed group out, and nothing of others', async () => {
    await world.person.runAll([
      "INSERT INTO mysql_users (username, password) VALUES ('dba', 'plain')",
      "INSERT INTO mysql_query_rules (rule_id, active, match_digest) VALUES (1, 1, '^SHOW')",
      'LOAD MYSQL USERS TO RUNTIME',
      'LOAD MYSQL QUERY RULES TO RUNTIME',
    ]);
    const call = await world.startWith(whole(1));
    const gone = [leaving(writer, 2), leaving(readerA, 2)];
    call.send({
      update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', removed: { ...hostgroups, leaving: gone } },
    });
    await call.next(ack('n2'));
    assert.deepEqual(await world.person.run('SELECT username, password FROM mysql_users'), [['dba', 'plain']]);
    assert.deepEqual(await world.person.run('SELECT rule_id FROM mysql_query_rules'), [['1']]);
    for (const table of ['mysql_hostgroup_attributes', 'mysql_servers_ssl_params']) assert.equal(await count(table), 0);
  });

  it("waits for somebody's edit of a user, says whose row it is, and goes on when that is loaded", async () => {
    await world.person.run("INSERT INTO mysql_users (username) VALUES ('dba')");
    await world.startAgent();
    const call = await world.welcome();
    call.send({ update: whole(1) });
    const waiting = await call.next(ack('n1', 'RETRYING'));
    assert.equal(waiting.error?.code, 'FOREIGN_PENDING');
    assert.match(waiting.error.message, /mysql_users added: username dba/);
    assert.equal(await count('runtime_mysql_users'), 0);
    await world.person.run('LOAD MYSQL USERS TO RUNTIME');
    await call.next(ack('n1'));
    assert.equal(await count('runtime_mysql_users'), 4);
  });

  it('refuses what can never be, before it touches anything', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const before = await world.loads();
    call.send({ update: whole(2, { users: [row({ ...app, password: 'plain' })] }) });
    const refused = await call.next(ack('n2', 'REJECTED'));
    assert.match(refused.error?.message ?? '', /mysql_users username "app": password is not a hash/);
    assert.doesNotMatch(JSON.stringify(refused), /plain/);
    assert.deepEqual([await world.loads(), await count('mysql_users')], [before, 0]);
  });

  it("sets the fleet's variables, and takes back what ProxySQL does not keep", async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const read = () =>
      world.person.run(
        "SELECT variable_value FROM runtime_global_variables WHERE variable_name = 'mysql-max_connections'",
      );
    call.send({ update: fleet(1, { 'mysql-max_connections': '3000' }) });
    await call.next(ack('f1'));
    assert.deepEqual(await read(), [['3000']]);
    call.send({ update: fleet(2, { 'mysql-max_connections': '4000', 'mysql-threads': '64' }) });
    const refused = await call.next(ack('f2', 'REJECTED'));
    assert.match(refused.error?.message ?? '', /mysql-threads wanted "64"/);
    assert.deepEqual(await read(), [['3000']]);
  });
});
