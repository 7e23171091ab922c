/**
 * Measures a coordinator that looks after 200 groups with 1,000 replicas at rest, in a process of its own against the
 * Cloud SQL emulator: CPU of one look at all groups, resident memory, and how often Cloud SQL is asked for a list.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import { ownerLabels } from '../../coordinator/core/cloud.ts';
import { parseGroupSpec } from '../../coordinator/core/group-spec.ts';
import { type Key, keys } from '../../coordinator/core/records.ts';
import { startCloudSqlEmulator } from '../../sandbox/cloudsql/emulator.ts';
import type { PrimarySeed } from '../../sandbox/cloudsql/instance.ts';
import { Child } from '../../sandbox/demo/child.ts';
import { replica, scalingRecord } from '../coordinator/builders.ts';

const [groups, replicasEach] = [200, 5];
const allowed = { cpuMs: 30, memoryMb: 150, listsAMinute: 60 };
const [settleMs, restMs] = [20_000, Number(process.env['SECONDS'] ?? 60) * 1000];
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

/** Seconds of CPU so far, and resident megabytes. */
function usageOf(pid: number): { readonly cpuSeconds: number; readonly memoryMb: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksASecond, memoryMb: Number(resident) / 1024 };
}

type Rest = { readonly cpuSeconds: number; readonly memoryMb: number; readonly lists: number };

const folder = mkdtempSync(path.join(tmpdir(), 'chester-bench-'));
const emulator = await startCloudSqlEmulator({ primaries: numbers(groups).map(seedOf) });

/** Runs a coordinator until it has settled, then measures it for a while. */
async function rest(file: string, more: Readonly<Record<string, string>>): Promise<Rest> {
  const child = Child.start({
    args: ['coordinator'],
    logFile: path.join(folder, 'coordinator.log'),
    env: {
      ...{ STATE_FILE: file, CLOUDSQL_ROOT_URL: `http://${emulator.address}/`, INSTALL_ID: install },
      ...{ HTTP_PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'warn', CHESTER_SECRET_GATE: 'gate', ...more },
    },
  });
  try {
    await child.ready();
    await sleep(settleMs);
    await fetch(`http://${emulator.address}/sandbox/calls`, { method: 'DELETE' });
    const before = usageOf(child.pid ?? 0);
    await sleep(restMs);
    const after = usageOf(child.pid ?? 0);
    const counted = (await (await fetch(`http://${emulator.address}/sandbox/calls`)).json()) as {
      readonly calls: Readonly<Record<string, number>>;
    };
    const lists = counted.calls['instances.list'] ?? 0;
    return { cpuSeconds: after.cpuSeconds - before.cpuSeconds, memoryMb: after.memoryMb, lists };
  } finally {
    await child.stop();
  }
}

function tell(what: string, value: number, unit: string, max: number): void {
  const isMet = value <= max;
  process.stdout.write(`${what}: ${value.toFixed(1)} ${unit} (allowed ${max}) ${isMet ? 'met' : 'MISSED'}\n`);
  if (!isMet) process.exitCode = 1;
}

try {
  const addresses = new Map(emulator.instances().map(({ name, address }) => [name, address ?? '']));
  const file = path.join(folder, 'state.db');
  await fillStore(file, (name) => addresses.get(name) ?? '');
  const seconds = restMs / 1000;
  const usual = await rest(file, {});
  tell(`${groups} groups, ${groups * replicasEach} replicas: resident memory`, usual.memoryMb, 'MB', allowed.memoryMb);
  tell('lists asked of Cloud SQL', (usual.lists / seconds) * 60, 'a minute', allowed.listsAMinute);
  process.stdout.write(`CPU at rest: ${((usual.cpuSeconds / seconds) * 100).toFixed(1)} % of a core, lag asked too\n`);
  const often = { IDLE_INTERVAL_MS: '1000', LAG_INTERVAL_MS: '3600000' };
  const busy = await rest(file, often);
  tell('one look at all groups', (busy.cpuSeconds / seconds) * 1000, 'ms of CPU', allowed.cpuMs);
} finally {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
}
