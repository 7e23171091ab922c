/**
 * Measures how long a change takes from its commit in the coordinator's store to the last of three agents' APPLIED, and
 * compares it with a floor in the same run: a bare mysql2 script that sends the same statements to the same three
 * proxies at once. Only the ratio means anything: the machine is shared.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { World } from '../../sandbox/demo/world.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { selectSentinel, selectServers } from '../../agent/core/statements.ts';

const rounds = 60;
const warmUp = 10;
const deadlineMs = 10_000;
const ratioMax = 2;

type Convergence = { readonly count: number; readonly sumMs: number };

/** Reads the coordinator's own measure: from the commit to the last APPLIED. */
async function readConvergence(http: string): Promise<Convergence> {
  const text = await (await fetch(`http://${http}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  const sumMs = value('chester_convergence_seconds_sum') * 1000;
  return { count: value('chester_convergence_seconds_count'), sumMs };
}

/** Changes one server's weight through the administration and waits until every proxy has it. */
async function measureChester(world: World): Promise<number[]> {
  const client = world.adminClient();
  const { spec } = await client.getGroup(groupName);
  const [reader] = spec?.staticReaders ?? [];
  if (spec == null || reader === undefined) throw new Error('the group has no static reader');
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = await readConvergence(world.coordinator.http);
    await client.putGroup({ ...spec, staticReaders: [{ ...reader, weight: 100 + round }] });
    const after = await until(world, before.count + 1);
    tookMs.push(after.sumMs - before.sumMs);
  }
  client.close();
  return tookMs.slice(warmUp);
}

async function until(world: World, count: number): Promise<Convergence> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const convergence = await readConvergence(world.coordinator.http);
    if (convergence.count >= count) return convergence;
    if (performance.now() > endMs) throw new Error(`no convergence within ${deadlineMs} ms`);
    await pause(5);
  }
}

/** The same statements by hand: look, write, LOAD, look again; on all proxies at once. */
async function measureBare(world: World, hostname: string, port: number): Promise<number[]> {
  const connections = await Promise.all(world.pods.map(({ adminAddress }) => connect(adminAddress)));
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startMs = performance.now();
    await Promise.all(
      connections.map((connection) => applyByHand(connection, { hostname, port, weight: 500 + round })),
    );
    tookMs.push(performance.now() - startMs);
    await pause(20);
  }
  for (const connection of connections) connection.destroy();
  return tookMs.slice(warmUp);
}

async function applyByHand(
  connection: Connection,
  row: { readonly hostname: string; readonly port: number; readonly weight: number },
): Promise<void> {
  const write =
    'REPLACE INTO mysql_servers (hostgroup_id, hostname, port, gtid_port, status, weight, compression, max_connections, ' +
    `max_replication_lag, use_ssl, max_latency_ms, comment) VALUES (10, '${row.hostname}', ${row.port}, 0, 'ONLINE', ` +
    `${row.weight}, 0, 100, 0, 0, 0, 'chester ${groupName} static')`;
  const look = [selectSentinel, selectServers];
  for (const sql of [...look, write, 'LOAD MYSQL SERVERS TO RUNTIME', ...look]) await connection.query(sql);
}

function connect(adminAddress: string): Promise<Connection> {
  const [host = '', port = ''] = adminAddress.split(':');
  return createConnection({ host, port: Number(port), user: 'radmin', password: 'radmin' });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function main(): Promise<number> {
  const proxysql = process.env['PROXYSQL'] === 'emulator' ? null : await findProxySql(process.env);
  const world = new World({ proxysql, proxies: 3 });
  try {
    await world.start();
    const client = world.adminClient();
    await declareGroup(world, client);
    const endMs = performance.now() + deadlineMs;
    while ((await client.getGroup(groupName)).agentsConverged < 3) {
      if (performance.now() > endMs) throw new Error('the agents did not converge');
      await pause(20);
    }
    client.close();
    const fixed = world.cloudSql.mysqlAddress('orders-primary-static');
    if (fixed === null) throw new Error('the hand-made replica does not answer');
    const chester = await measureChester(world);
    const bare = await measureBare(world, fixed.host, fixed.port);
    const ratio = percentile(chester, 0.5) / percentile(bare, 0.5);
    const row = (name: string, values: readonly number[]) =>
      `${name.padEnd(44)} p50 ${percentile(values, 0.5).toFixed(1).padStart(6)} ms   p90 ${percentile(values, 0.9).toFixed(1).padStart(6)} ms`;
    const lines = [
      `three proxies (${proxysql === null ? 'emulator' : `proxysql ${proxysql.version}`}), one changed server, ${rounds - warmUp} rounds`,
      row('bare mysql2 script, same statements (floor)', bare),
      row('chester: commit → last of three APPLIED', chester),
      `ratio of the p50s ${ratio.toFixed(2)} (has to be at most ${ratioMax})`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return ratio <= ratioMax ? 0 : 1;
  } finally {
    await world.stop();
  }
}

process.exit(await main());
