/**
 * Measures how long a change takes from its commit in the coordinator's store to the last of three agents' APPLIED, and
 * compares it with a floor in the same run: a bare mysql2 script that sends the same statements to the same three
 * proxies at once. Only the ratio means anything: the machine is shared.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { GroupSpec__Output } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { StaticServer__Output } from '../../proto/gen/chester/v1/StaticServer.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { World } from '../../sandbox/demo/world.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { type AnswerRow, parseColumns, selectSiblingColumns, selectState } from '../../agent/core/statements.ts';

const rounds = 60;
const warmUp = 10;
const deadlineMs = 10_000;
const betweenMs = 20;
const proxies = 3;
const ratioMax = 2;

/** Changes one server's weight through the administration; the coordinator says how long the proxies took. */
async function measureChester(bench: Bench, weight: number): Promise<number> {
  const { client, spec, reader, watcher } = bench;
  const { revision } = await client.getGroup(groupName);
  await client.putGroup({ ...spec, staticReaders: [{ ...reader, weight }] });
  const isNext = ({ kind, subject }: Event__Output) => kind === 'SNAPSHOT_CONVERGED' && Number(subject) > revision;
  const { message } = await watcher.next('the change in every proxy', isNext, deadlineMs);
  return Number(/([\d.]+) ms after commit/.exec(message)?.[1] ?? Number.NaN);
}

/** The same statements by hand: look, write, LOAD, look again; on all proxies at once. */
async function measureBare({ scripts, reader }: Bench, weight: number): Promise<number> {
  const startMs = performance.now();
  await Promise.all(scripts.map((script) => applyByHand(script, reader, weight)));
  return performance.now() - startMs;
}

async function applyByHand(
  { connection, look }: Script,
  { hostname, port }: StaticServer__Output,
  weight: number,
): Promise<void> {
  const write =
    'REPLACE INTO mysql_servers (hostgroup_id, hostname, port, gtid_port, status, weight, compression, max_connections, ' +
    `max_replication_lag, use_ssl, max_latency_ms, comment) VALUES (10, '${hostname}', ${port}, 0, 'ONLINE', ` +
    `${weight}, 0, 100, 0, 0, 0, 'chester ${groupName} static')`;
  for (const sql of [look, write, 'LOAD MYSQL SERVERS TO RUNTIME', look]) await connection.query(sql);
}

/** The bare script on one proxy; it looks with the very statement that the agent looks with. */
type Script = { readonly connection: Connection; readonly look: string };

async function connect(adminAddress: string): Promise<Script> {
  const [host = '', port = ''] = adminAddress.split(':');
  const connection = await createConnection({ host, port: Number(port), user: 'radmin', password: 'radmin' });
  const [columns] = await connection.query<RowDataPacket[][]>({ sql: selectSiblingColumns, rowsAsArray: true });
  return { connection, look: selectState(parseColumns(columns as unknown as AnswerRow[])) };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

type Bench = {
  readonly client: AdminClient;
  readonly watcher: EventWatcher;
  readonly spec: GroupSpec__Output;
  readonly reader: StaticServer__Output;
  readonly scripts: readonly Script[];
};

/** Brings a declared group into all proxies and connects the bare script to them. */
async function prepare(world: World): Promise<Bench> {
  const client = world.adminClient();
  await declareGroup(world, client);
  const watcher = new EventWatcher(client, groupName);
  const endMs = performance.now() + deadlineMs;
  while ((await client.getGroup(groupName)).agentsConverged < proxies) {
    if (performance.now() > endMs) throw new Error('the agents did not converge');
    await pause(20);
  }
  const { spec } = await client.getGroup(groupName);
  const [reader] = spec?.staticReaders ?? [];
  if (spec === null || reader === undefined) throw new Error('the group has no static reader');
  const scripts = await Promise.all(world.pods.map(({ adminAddress }) => connect(adminAddress)));
  return { client, watcher, spec, reader, scripts };
}

/** Takes turns, so that a busy moment of the machine hits both. */
async function measure(bench: Bench): Promise<{ readonly chester: number[]; readonly bare: number[] }> {
  const chester: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    chester.push(await measureChester(bench, 100 + round));
    await pause(betweenMs);
    bare.push(await measureBare(bench, 500 + round));
    await pause(betweenMs);
  }
  return { chester: chester.slice(warmUp), bare: bare.slice(warmUp) };
}

async function main(): Promise<number> {
  const proxysql = process.env['PROXYSQL'] === 'emulator' ? null : await findProxySql(process.env);
  const world = new World({ proxysql, proxies });
  try {
    await world.start();
    const bench = await prepare(world);
    const { chester, bare } = await measure(bench);
    bench.watcher.close();
    bench.client.close();
    for (const { connection } of bench.scripts) connection.destroy();
    const ratio = percentile(chester, 0.5) / percentile(bare, 0.5);
    const lines = [
      `three proxies (${proxysql === null ? 'emulator' : `proxysql ${proxysql.version}`}), one changed server, ${rounds - warmUp} rounds`,
      renderRow('bare mysql2 script, same statements (floor)', bare),
      renderRow('chester: commit → last of three APPLIED', chester),
      `ratio of the p50s ${ratio.toFixed(2)} (has to be at most ${ratioMax})`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return ratio <= ratioMax ? 0 : 1;
  } finally {
    await world.stop();
  }
}

function renderRow(name: string, values: readonly number[]): string {
  const ms = (share: number) => `${percentile(values, share).toFixed(1).padStart(6)} ms`;
  return `${name.padEnd(44)} p50 ${ms(0.5)}   p90 ${ms(0.9)}`;
}

process.exit(await main());
