import { findProxySql, type ProxySqlBinary } from '../proxysql/real-proxysql.ts';
import { ClientLoad, type LoadCount } from './client-load.ts';
import { Display, renderTable } from './display.ts';
import { declareGroup, groupName, type Outcome, Story } from './story.ts';
import { World } from './world.ts';

const proxies = 3;
const createMs = 3000;

/** The demo: the whole job on this machine, from an alert to a deleted replica. Exits 0 only when all of it was seen. */
async function runDemo(): Promise<number> {
  const display = new Display({ isTTY: process.stdout.isTTY, write: (text) => process.stdout.write(text) });
  const proxysql = process.env['PROXYSQL'] === 'emulator' ? null : await findBinary();
  if (proxysql === 'unusable') {
    display.line(`PROXYSQL_BIN is ${JSON.stringify(process.env['PROXYSQL_BIN'])}; allowed: an executable proxysql`);
    return 2;
  }
  display.line('Chester: a Cloud Monitoring alert becomes a read replica in every ProxySQL, and leaves again.\n');
  display.line(`  ProxySQL: ${describeProxySql(proxysql)}`);
  // MySQL's own port, as on Cloud SQL.
  const world = new World({ proxysql, proxies, cloudSql: { createMs, mysqlPort: 3306 } });
  stopOnSignal(world, display);
  let hasFailed = false;
  try {
    await display.step(
      'starting coordinator, Cloud SQL emulator, proxies and agents',
      () => world.start(),
      () => `coordinator, Cloud SQL emulator, ${proxies} proxies with an agent each`,
    );
    return await tell(world, display, proxysql);
  } catch (error) {
    hasFailed = true;
    display.line(`\n  The demo stopped: ${error instanceof Error ? error.message : String(error)}`);
    display.line(`  The logs of its processes are in ${world.folder}`);
    return 1;
  } finally {
    await world.stop({ keepLogs: hasFailed });
  }
}

/** Tells the story once. Returns 1 when a client's query failed. */
async function tell(world: World, display: Display, proxysql: ProxySqlBinary | null): Promise<number> {
  const load = proxysql === null ? null : new ClientLoad(world.pods);
  const client = world.adminClient();
  await declareGroup(world, client);
  const story = new Story({ world, client, display, load });
  try {
    await story.settle();
    const outcome = await story.play();
    const count = (await load?.stop()) ?? null;
    display.line(`\n${renderTable(summarize(outcome, count))}\n`);
    if (process.env['STAY'] === '1') await stay(world, display);
    return count !== null && count.failed > 0 ? 1 : 0;
  } finally {
    story.close();
    client.close();
    await load?.stop();
  }
}

/** Finds a real proxysql; one that is named and cannot be run is a mistake to be told. */
async function findBinary(): Promise<ProxySqlBinary | null | 'unusable'> {
  try {
    return await findProxySql(process.env);
  } catch {
    return 'unusable'; // Only a binary that PROXYSQL_BIN names is run here.
  }
}

function describeProxySql(proxysql: ProxySqlBinary | null): string {
  if (proxysql !== null)
    return `${proxies} × real proxysql ${proxysql.version} (PROXYSQL=emulator forces the emulator)`;
  return `${proxies} × the admin emulator (no proxysql on the PATH, or PROXYSQL=emulator)`;
}

function summarize(outcome: Outcome, count: LoadCount | null): [string, string][] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const rows: [string, string][] = [
    ['replica', `${outcome.replica} at ${outcome.address}`],
    [
      'alert → serving in every proxy',
      `${seconds(outcome.alertToServingMs)} (Cloud SQL's emulator took ${seconds(createMs)} of it)`,
    ],
    ['publish → last of 3 ACKs', `${outcome.publishToLastAckMs} ms`],
    ['drain → proven absent in every proxy', seconds(outcome.drainMs)],
    ['alert → deleted', seconds(outcome.alertToDeletedMs)],
  ];
  if (count !== null) {
    const failed = count.failed === 0 ? 'none failed' : `${count.failed} FAILED, first: ${count.firstError}`;
    rows.push(['client queries meanwhile', `${count.queries}, ${failed}`]);
  }
  return rows;
}

/** Leaves everything running until Ctrl-C. */
async function stay(world: World, display: Display): Promise<void> {
  const { http, grpc } = world.coordinator;
  const chester = `CHESTER_COORDINATOR=${grpc} node dist/bin/chester.js`;
  display.line(`  Still running (Ctrl-C, or kill ${process.pid}, stops all of it):`);
  const addresses: [string, string][] = [
    ['coordinator HTTP', `http://${http}   /metrics, /healthz/ready, POST /webhooks/monitoring`],
    ['coordinator gRPC', grpc],
    ['Cloud SQL emulator', world.cloudSql.url],
    ...world.pods.map(({ name, adminAddress }): [string, string] => [
      `${name} admin`,
      `${adminAddress} (radmin/radmin)`,
    ]),
    ['logs and state', world.folder],
  ];
  display.line(renderTable(addresses));
  display.line('\n  Try next:');
  display.line(`    ${chester} status`);
  display.line(`    ${chester} scale ${groupName} 2`);
  display.line(`    ${chester} watch ${groupName}`);
  await new Promise<never>(() => undefined);
}

/** A wrapper (make, npm, timeout) may pass one Ctrl-C on twice. */
const sameSignalMs = 1000;

/** Ctrl-C stops all that the demo started; a later second one kills it and leaves at once. */
function stopOnSignal(world: World, display: Display): void {
  let stoppingSinceMs: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stoppingSinceMs !== null) {
        if (performance.now() - stoppingSinceMs < sameSignalMs) return;
        world.abandon();
        process.exit(1);
      }
      stoppingSinceMs = performance.now();
      display.stop();
      display.line('  stopping everything …');
      void world.stop().then(() => process.exit(130));
    });
  }
}

process.exit(await runDemo());
