import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';

const run = promisify(execFile);
const mysqlPort = 36_081;

function isInstalled(): boolean {
  try {
    execFileSync('mariadb', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // Not on the PATH.
  }
}

type Login = { readonly host: string; readonly port: number; readonly user: string; readonly password: string };

/** Runs statements with Debian's command-line client; resolves to its tab-separated rows. */
async function query({ host, port, user, password }: Login, sql: string): Promise<string> {
  const connection = ['--no-defaults', '-h', host, '-P', String(port), '-u', user, `-p${password}`, '--skip-ssl'];
  const { stdout } = await run('mariadb', [...connection, '--connect-timeout=60', '-N', '-B', '-e', sql], {
    timeout: 60_000,
  });
  return stdout;
}

/** The emulators speak MySQL to a client that is not ours. */
describe("MariaDB's command-line client", { skip: isInstalled() ? false : 'install mariadb-client' }, () => {
  let proxysql: ProxySqlEmulator;
  let cloudSql: CloudSqlEmulator;

  before(async () => {
    proxysql = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
    cloudSql = await startCloudSqlEmulator({ mysqlPort, addressPrefix: '127.64' });
  });
  after(async () => {
    await proxysql.close();
    await cloudSql.close();
  });

  it('administers the ProxySQL emulator', async () => {
    const admin = { host: '127.0.0.1', port: proxysql.port, user: 'radmin', password: 'radmin' };
    const written = "INSERT INTO mysql_servers (hostgroup_id, hostname, comment) VALUES (10, '10.0.0.1', 'it''s')";
    // The client splits at semicolons itself; a packet never holds two statements.
    await query(admin, `${written}; LOAD MYSQL SERVERS TO RUNTIME`);
    const rows = await query(admin, 'SELECT hostgroup_id, hostname, port, status, comment FROM runtime_mysql_servers');
    assert.equal(rows, "10\t10.0.0.1\t3306\tONLINE\tit's\n");
    await assert.rejects(query(admin, 'SELECT * FROM nowhere'), /ERROR 1045 \(28000\).*no such table: nowhere/);
    await assert.rejects(query({ ...admin, password: 'wrong' }, 'SELECT 1'), /ERROR 1045/);
  });

  it('asks a replica of the Cloud SQL emulator about itself', async () => {
    const address = cloudSql.mysqlAddress('orders-primary-static');
    assert(address);
    const gate = { ...address, user: 'chester-gate', password: 'gate' };
    assert.equal(await query(gate, 'SELECT 1'), '1\n');
    assert.match(await query(gate, 'SHOW REPLICA STATUS'), /\S/);
    assert.match(await query(gate, 'SHOW PROCESSLIST'), /chester-gate/);
    await assert.rejects(query({ ...gate, password: 'wrong' }, 'SELECT 1'), /ERROR 1045/);
  });
});
