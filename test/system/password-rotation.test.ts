import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { hashPassword } from '../../coordinator/adapters/password-hash.ts';
import type { Update } from '../../proto/gen/chester/v1/Update.ts';
import { findProxySql, startRealProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { ack, server, snapshot } from '../agent/fakes/updates.ts';
import { useWorld } from '../agent/fakes/world.ts';
import { type Backend, Backends } from '../contract/proxysql-admin/backends.ts';
import { freePort } from '../contract/proxysql-admin/targets.ts';

const proxysql = await findProxySql(process.env);
const skip = proxysql === null ? 'install proxysql 2.7, or set PROXYSQL_BIN to its path' : false;

/** docs/security.md, "Exchanging a database user's password": one user, with MySQL 8's second password. */
describe('exchanging the password of a user', { skip, timeout: 300_000 }, () => {
  const world = useWorld();
  const open: Connection[] = [];
  let mysql: Backends;
  let primary: Backend;
  let proxy: Awaited<ReturnType<typeof startRealProxySql>>;
  let [adminPort, clientPort] = [0, 0];

  before(async () => {
    mysql = await Backends.create();
    primary = await mysql.start('primary', { isReplica: false });
    [adminPort, clientPort] = [await freePort(), await freePort()];
    proxy = await startRealProxySql({
      bin: proxysql?.bin ?? '',
      adminPort,
      clientPort,
      monitor: false,
      mysqlVariables: {},
    });
  });
  after(async () => {
    for (const connection of open) connection.destroy();
    await proxy.close();
    await mysql.close();
  });

  /** The group with one user, who has this password. */
  const update = (revision: number, password: string): Update => {
    const columns = {
      username: 'app',
      password: hashPassword(password),
      default_hostgroup: '10',
      comment: 'chester orders user',
    };
    const row = { columns: Object.entries(columns).map(([name, value]) => ({ name, value })) };
    const { hostname, port } = primary;
    const servers = [server(10, hostname, { port, comment: 'chester orders primary' })];
    const base = snapshot(revision, []);
    return { ...base, snapshot: { ...base.snapshot, servers, users: [row] } };
  };
  const login = async (password: string): Promise<Connection> => {
    const connection = await createConnection({ host: '127.0.0.1', port: clientPort, user: 'app', password });
    connection.on('error', () => undefined);
    open.push(connection);
    return connection;
  };
  /** Takes a connection to MySQL of its own: a lock belongs to one. */
  const pin = (connection: Connection, name: string) => connection.query(`SELECT GET_LOCK('${name}', 0)`);

  it('costs no session and no login while MySQL takes both passwords', async () => {
    mysql.users['app'] = 'old';
    const admin = { host: '127.0.0.1', port: adminPort, user: 'radmin', password: 'radmin', deadlineMs: 30_000 };
    const call = await world.startWith(update(1, 'old'), { admin });
    const [there, pinned] = [await login('old'), await login('old')];
    await there.query('SELECT 1');
    await pin(pinned, 'before');

    mysql.users['app'] = ['new', 'old'];
    call.send({ update: update(2, 'new') });
    await call.next(ack('n2'));

    // Those that are there go on, also over connections to MySQL that are opened only now.
    await there.query('SELECT 1');
    await pin(there, 'there');
    await pinned.query('SELECT 1');
    const newcomer = await login('new');
    await pin(newcomer, 'newcomer');
    await assert.rejects(login('old'), { code: 'ER_ACCESS_DENIED_ERROR' });

    mysql.users['app'] = 'new';
    await pin(await login('new'), 'afterwards');
    await pinned.query('SELECT 1');
  });

  it('needs that second password: without it connections to MySQL that are opened later fail', async () => {
    mysql.users['app'] = 'newest';
    const pinOneMore = async () => {
      // Those in the pool are still good; each of these takes one away.
      for (let count = 0; count < 10; count += 1) await pin(await login('new'), `alone-${count}`);
    };
    await assert.rejects(pinOneMore(), /Access denied|ProxySQL Error/);
  });
});
