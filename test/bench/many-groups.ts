/**
 * Measures a coordinator that looks after 200 groups with 1,000 replicas at rest, in a process of its own against the
 * Cloud SQL emulator: CPU of one look at all groups, resident memory, and how often Cloud SQL is asked for a list. It is
 * the bundle that the image runs, not the sources.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import { ownerLabels } from '../../coordinator/core/cloud.ts';
import { parseGroupSpec } from '../../coordinator/core/group-spec.ts';
import { type Key, keys } from '../../coordinator/core/records.ts';
import { exitOnSignal } from '../../sandbox/at-exit.ts';
import { startCloudSqlEmulator } from '../../sandbox/cloudsql/emulator.ts';
import type { PrimarySeed } from '../../sandbox/cloudsql/instance.ts';
import { Child } from '../../sandbox/demo/child.ts';
import { replica, scalingRecord } from '../coordinator/builders.ts';
import { percentile } from './figures.ts';

const [groups, replicasEach] = [200, 5];
const allowed = { cpuMs: 30, memoryMb: 150, listsAMinute: 60 };
const restSeconds = Number(process.env['SECONDS'] ?? 60);
/** A coordinator has settled when it uses no less CPU than in the window before; its start asks every replica once. */
const [windowMs, windowsMin, windowsMax] = [5000, 12, 60];
/** What V8 allows itself within the 512 MiB that the chart gives a coordinator: half of it, and 1 MiB for the youngest. */
const asInChart = { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=1' };
const program = fileURLToPath(new URL('../../chester/lib/bin/chester.js', import.meta.url));
/** Of /proc/PID/stat. */
const ticksASecond = 100;

const install = 'bench';
const groupName = (index: number): string => `group-${index}`;
const primaryName = (index: number): string => `primary-${index}`;
const replicaName = (index: number, number: number): string => `primary-${index}-r${number}`;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

function seedOf(index: number): PrimarySeed {
  const userLabels = ownerLabels({ install, group: groupName(index), primary: primaryName(index) });
  const settings = { deletionProtectionEnabled: true };
  const replicas = numbers(replicasEach).map((number) => ({ name: replicaName(index, number), userLabels, settings }));
  return { name: primaryName(index), replicas };
}

function specOf(index: number) {
  const parsed = parseGroupSpec({
    name: groupName(index),
    fleet: `fleet-${index % 20}`,
    project: 'demo',
    primary: primaryName(index),
    writerHostgroup: 10 * index,
    readerHostgroup: 10 * index + 1,
    policy: { replicasMin: 1, replicasMax: replicasEach },
    gate: { username: 'chester-gate', passwordSecret: 'gate' },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

/** Writes what a coordinator would have stored by the time that all replicas serve. */
async function fillStore(file: string, addressOf: (name: string) => string): Promise<void> {
  const store = EmbeddedStore.open({ file });
  for (const index of numbers(groups)) {
    const [group, primary] = [groupName(index), primaryName(index)];
    const put = (key: Key<unknown>, value: unknown) => ({ key, value, ifRevision: 0 });
    const records = numbers(replicasEach).map((number) => {
      const name = replicaName(index, number);
      const identity = { group, project: 'demo', primary, sinceMs: 1 };
      const record = replica.serving(name, { ...identity, address: addressOf(name) });
      return put(keys.replica(group, name), record);
    });
    const scaling = put(keys.scaling(group), scalingRecord({ desired: replicasEach }));
    await store.commit({ writes: [put(keys.group(group), specOf(index)), scaling, ...records] });
  }
  store.close();
}

type Usage = { readonly cpuSeconds: number; readonly memoryMb: number; readonly memoryPeakMb: number };

/** Seconds of CPU so far, and resident megabytes, now and at the most since the start. */
function usageOf(pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [memoryMb = Number.NaN, memoryPeakMb = Number.NaN] = [/VmRSS:\s+(\d+) kB/, /VmHWM:\s+(\d+) kB/].map(
    (line) => Number(line.exec(status)?.[1]) / 1024,
  );
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksASecond, memoryMb, memoryPeakMb };
}

async function settle(pid: number): Promise<void> {
  let [before, last] = [usageOf(pid).cpuSeconds, Infinity];
  for (let windows = 1; windows <= windowsMax; windows += 1) {
    await sleep(windowMs);
    const { cpuSeconds } = usageOf(pid);
    const used = cpuSeconds - before;
    if (windows >= windowsMin && used > 0.9 * last) return;
    [before, last] = [cpuSeconds, used];
  }
}

/** How often the autoscaler has looked at a group. */
async function countEvaluations(http: string): Promise<number> {
  const metrics = await (await fetch(`http://${http}/metrics`)).text();
  const counts = [...metrics.matchAll(/^chester_scaling_evaluations_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

type Rest = {
  readonly cpuSeconds: number;
  /** Of each second. */
  readonly memoryMb: readonly number[];
  /** With the start, when all is read and every replica is asked. */
  readonly memoryPeakMb: number;
  readonly lists: number;
  /** Looks at all groups. */
  readonly looks: number;
};

const folder = mkdtempSync(path.join(tmpdir(), 'chester-bench-'));
const emulator = await startCloudSqlEmulator({ primaries: numbers(groups).map(seedOf) });
const calls = `http://${emulator.address}/sandbox/calls`;
const listed = emulator
  .instances()
  .map(({ name }) => name)
  .sort();

/** Runs a coordinator until it has settled, then measures it for a while, in which something may happen each second. */
async function rest(
  file: string,
  more: Readonly<Record<string, string>>,
  eachSecond: (second: number) => Promise<void> = () => Promise.resolve(),
): Promise<Rest> {
  const child = Child.start({
    program,
    args: ['coordinator'],
    logFile: path.join(folder, 'coordinator.log'),
    env: {
      ...{ STATE_FILE: file, CLOUDSQL_ROOT_URL: `http://${emulator.address}/`, INSTALL_ID: install },
      ...{ HTTP_PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'warn', CHESTER_SECRET_GATE: 'gate' },
      ...{ ...asInChart, ...more },
    },
  });
  try {
    const { http = '' } = await child.ready();
    const pid = child.pid ?? 0;
    await settle(pid);
    await fetch(calls, { method: 'DELETE' });
    const evaluations = await countEvaluations(http);
    const before = usageOf(pid);
    const memoryMb: number[] = [];
    for (let second = 0; second < restSeconds; second += 1) {
      await Promise.all([sleep(1000), eachSecond(second)]);
      memoryMb.push(usageOf(pid).memoryMb);
    }
    const { cpuSeconds: cpuSecondsAfter, memoryPeakMb } = usageOf(pid);
    const cpuSeconds = cpuSecondsAfter - before.cpuSeconds;
    const counted = (await (await fetch(calls)).json()) as { readonly calls: Readonly<Record<string, number>> };
    const looks = ((await countEvaluations(http)) - evaluations) / groups;
    return { cpuSeconds, memoryMb, memoryPeakMb, lists: counted.calls['instances.list'] ?? 0, looks };
  } finally {
    await child.stop();
  }
}

/** Gives instances other settings: the listing is another one. */
async function touch(names: readonly string[], second: number): Promise<void> {
  const body = JSON.stringify({ settings: { userLabels: { touched: `at-${second}` } } });
  for (const name of names) {
    await fetch(`http://${emulator.address}/v1/projects/demo/instances/${name}`, { method: 'PATCH', body });
  }
}

/** One of each page of the listing. */
function touchPages(second: number): Promise<void> {
  const names = [0, 1].map((page) => listed[page * 1000 + (second % 200)] ?? '');
  return touch(names, second);
}

/** One of each group: nothing of what was planned of any of them was planned of what is listed now. */
function touchGroups(second: number): Promise<void> {
  const names = numbers(groups).map((index) => replicaName(index, 1 + (second % replicasEach)));
  return touch(names, second);
}

/** `max`: Infinity for what is only told. */
function tellLooks(what: string, { looks, cpuSeconds }: Rest, max = allowed.cpuMs): void {
  process.stdout.write(`looks at all groups: ${looks.toFixed(1)} in ${restSeconds} s\n`);
  tell(what, (cpuSeconds / looks) * 1000, 'ms of CPU', max);
}

function tell(what: string, value: number, unit: string, max: number): void {
  if (max === Infinity) {
    process.stdout.write(`${what}: ${value.toFixed(1)} ${unit} (no limit)\n`);
    return;
  }
  const isMet = value <= max;
  process.stdout.write(`${what}: ${value.toFixed(1)} ${unit} (allowed ${max}) ${isMet ? 'met' : 'MISSED'}\n`);
  if (!isMet) process.exitCode = 1;
}

exitOnSignal();
try {
  const addresses = new Map(emulator.instances().map(({ name, address }) => [name, address ?? '']));
  const file = path.join(folder, 'state.db');
  await fillStore(file, (name) => addresses.get(name) ?? '');
  const usual = await rest(file, {});
  const [median, most] = [percentile(usual.memoryMb, 0.5), Math.max(...usual.memoryMb)];
  process.stdout.write(`${groups} groups, ${groups * replicasEach} replicas at rest for ${restSeconds} s\n`);
  process.stdout.write(
    `resident memory: median ${median.toFixed(1)} MB; since the start ${usual.memoryPeakMb.toFixed(1)} MB\n`,
  );
  tell('resident memory, most', most, 'MB', allowed.memoryMb);
  tell('lists asked of Cloud SQL', (usual.lists / restSeconds) * 60, 'a minute', allowed.listsAMinute);
  process.stdout.write(`CPU: ${((usual.cpuSeconds / restSeconds) * 100).toFixed(1)} % of a core, lag asked too\n`);
  // All that the process does meanwhile counts as part of its looks.
  const often = { POLL_INTERVAL_MS: '1000', IDLE_INTERVAL_MS: '1000', LAG_INTERVAL_MS: '3600000' };
  tellLooks('one look at all groups', await rest(file, often));
  tellLooks('one look at all groups, an instance of each page changed', await rest(file, often, touchPages));
  // The worst that a listing can do; no project is like that.
  const worst = await rest(file, often, touchGroups);
  tellLooks('one look at all groups, an instance of each group changed', worst, Infinity);
} finally {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
}
