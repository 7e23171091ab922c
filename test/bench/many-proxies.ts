import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { GroupSpec__Output } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { StaticServer__Output } from '../../proto/gen/chester/v1/StaticServer.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import type { ProxySqlBinary } from '../../sandbox/proxysql/real-proxysql.ts';
import { bundleFolder } from '../agent/fakes/bundled-agent.ts';
import { row } from '../agent/fakes/fake-admin.ts';
import { BareScript } from './bare-script.ts';
import type { Comparison } from './figures.ts';

const proxies = 10;
/** As often as where there is one proxy; the script, which is one process for all ten, has run ten times as often by then. */
const warmUp = 400;
const rounds = 80;
const ratioMax = 1.5;
const betweenMs = 20;
/**
 * What agents do a moment after their answer, the last known good on disk, falls into nobody's time; nor does it cost
 * anything to watch, as nobody watches before: the coordinator keeps how long a change took.
 */
const afterMs = 400;
const deadlineMs = 10_000;

type Bench = {
  readonly client: AdminClient;
  readonly spec: GroupSpec__Output;
  readonly reader: StaticServer__Output;
  readonly scripts: readonly BareScript[];
};

/**
 * Ten proxies on this machine, each with its agent: from a change's commit in the coordinator's store to the last
 * APPLIED, against one script that does the same on all ten at once.
 */
export async function measureManyProxies(proxysql: ProxySqlBinary | null): Promise<Comparison> {
  // Without LOAD_INTERVAL_MS each change would wait for its turn.
  const world = new World({
    proxysql,
    proxies,
    agentProgram: path.join(bundleFolder, 'chester-agent.cjs'),
    agentEnv: { LOAD_INTERVAL_MS: '0' },
    coordinatorEnv: { POLL_INTERVAL_MS: '', IDLE_INTERVAL_MS: '', SAMPLE_INTERVAL_MS: '', REPORT_INTERVAL_MS: '' },
  });
  try {
    await world.start();
    const bench = await prepare(world);
    const comparison = await takeTurns(bench);
    bench.client.close();
    for (const script of bench.scripts) script.close();
    return comparison;
  } finally {
    await world.stop();
  }
}

/** Brings a declared group into all proxies and connects the bare script to them. */
async function prepare(world: World): Promise<Bench> {
  const client = world.adminClient();
  await declareGroup(world, client);
  const endMs = performance.now() + deadlineMs;
  while ((await client.getGroup(groupName)).agentsConverged < proxies) {
    if (performance.now() > endMs) throw new Error('the agents did not converge');
    await pause(20);
  }
  const { spec } = await client.getGroup(groupName);
  const [reader] = spec?.staticReaders ?? [];
  if (spec === null || reader === undefined) throw new Error('the group has no static reader');
  const scripts = await Promise.all(world.pods.map(({ adminAddress }) => BareScript.connect(adminAddress)));
  return { client, spec, reader, scripts };
}

/** In turns, so that a busy moment of the machine hits both. */
async function takeTurns(bench: Bench): Promise<Comparison> {
  const [chester, bare]: [number[], number[]] = [[], []];
  let seen = 0;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const isMeasured = round >= warmUp;
    const revision = await change(bench, 100 + round);
    if (isMeasured) await pause(afterMs);
    const { sequence, message } = await awaitConverged(bench, { revision, seen });
    seen = sequence;
    const byHandMs = await changeByHand(bench, 2000 + round);
    if (!isMeasured) continue;
    await pause(betweenMs);
    chester.push(Number(/([\d.]+) ms after commit/.exec(message)?.[1] ?? Number.NaN));
    bare.push(byHandMs);
  }
  return { name: `1 server in ${proxies} proxies`, chester, bare, roundTrip: null, ratioMax };
}

/** Changes one server's weight through the administration. Returns the revision that was there before. */
async function change({ client, spec, reader }: Bench, weight: number): Promise<number> {
  const { revision } = await client.getGroup(groupName);
  await client.putGroup({ ...spec, staticReaders: [{ ...reader, weight }] });
  return revision;
}

type Since = { readonly revision: number; readonly seen: number };

/** The event by which the coordinator says how long the proxies took. */
async function awaitConverged({ client }: Bench, { revision, seen }: Since): Promise<Event__Output> {
  const watcher = new EventWatcher(client, groupName, seen);
  const isNext = ({ kind, subject }: Event__Output) => kind === 'SNAPSHOT_CONVERGED' && Number(subject) > revision;
  try {
    return await watcher.next('the change in every proxy', isNext, deadlineMs);
  } finally {
    watcher.close();
  }
}

async function changeByHand({ scripts, reader, spec }: Bench, weight: number): Promise<number> {
  const { hostname, port } = reader;
  const changed = row(spec.readerHostgroup ?? 0, hostname, {
    port,
    weight,
    comment: `chester ${groupName} static`,
  });
  const startMs = performance.now();
  await Promise.all(scripts.map((script) => script.change(changed)));
  return performance.now() - startMs;
}
