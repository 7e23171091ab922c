/**
 * Measures what the bundled agent costs a pod while nothing changes: private memory, resident memory, CPU; and how soon
 * after its start the proxy is as the coordinator wants it. The floor, a node that does nothing, is measured beside it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitOnSignal } from '../../sandbox/at-exit.ts';
import { startProxySqlEmulator } from '../../sandbox/proxysql/emulator.ts';
import { findProxySql, startRealProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { BundledAgent, bundleFolder } from '../agent/fakes/bundled-agent.ts';
import { freePort } from '../contract/proxysql-admin/targets.ts';
import { TestCoordinator } from '../agent/fakes/coordinator.ts';
import { ack, readerA, readerB, snapshot } from '../agent/fakes/updates.ts';

/** Within this, V8 collects what the start left. */
const settleMs = 15_000;
const idleMs = 60_000;
const starts = 15;
const reportIntervalMs = 10_000;

type Proxy = { readonly name: string; readonly adminPort: number; readonly close: () => Promise<void> };
type Memory = { readonly privateMb: number; readonly residentMb: number };
type Run = { readonly agent: BundledAgent; readonly tookMs: number };

const coordinator = new TestCoordinator();
let calls = 0;

/** Starts an agent and waits for its first APPLIED. The first agent on a proxy finds nothing there. */
async function startAgent(proxy: Proxy, coordinatorPort: number, stateDir: string): Promise<Run> {
  const startMs = performance.now();
  const agent = new BundledAgent({ folder: bundleFolder, coordinatorPort, adminPort: proxy.adminPort, stateDir });
  const call = await coordinator.call(calls);
  calls += 1;
  await call.next((message) => message.hello);
  call.send({ welcome: { coordinatorId: 'bench', epoch: 1, reportIntervalMs, applyDeadlineMs: 5000 } });
  call.send({ update: snapshot(calls, calls % 2 === 0 ? [readerA] : [readerA, readerB]) });
  call.send({ syncDone: {} });
  await call.next(ack(`n${calls}`));
  return { agent, tookMs: performance.now() - startMs };
}

type Starts = { readonly agent: BundledAgent; readonly agentMs: number; readonly bareMs: number };

/**
 * Starts agents and bare nodes in turns; the last agent stays. What else the machine does only adds time, so the
 * quickest of each is what they cost.
 */
async function measureStarts(proxy: Proxy, coordinatorPort: number, folder: string): Promise<Starts> {
  let [agentMs, bareMs] = [Infinity, Infinity];
  for (let start = 1; ; start += 1) {
    bareMs = Math.min(bareMs, measureBareStart());
    const { agent, tookMs } = await startAgent(proxy, coordinatorPort, path.join(folder, String(start)));
    agentMs = Math.min(agentMs, tookMs);
    if (start === starts) return { agent, agentMs, bareMs };
    await agent.stop();
  }
}

/** How long a node that does nothing takes from its start to its end. */
function measureBareStart(): number {
  const startMs = performance.now();
  spawnSync(process.execPath, ['--eval', '0']);
  return performance.now() - startMs;
}

async function readMemory(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { privateMb: mb('Private_Clean') + mb('Private_Dirty'), residentMb: mb('Rss') };
}

/** CPU time of all threads so far, in milliseconds. */
async function readCpuMs(pid: number): Promise<number> {
  let nanoseconds = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    nanoseconds += Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

async function startProxy(): Promise<Proxy> {
  const proxysql = process.env['PROXYSQL'] === 'emulator' ? null : await findProxySql(process.env);
  if (proxysql === null) {
    const emulator = await startProxySqlEmulator({ port: 0, loadCost: 'real' });
    return { name: 'emulator', adminPort: emulator.port, close: () => emulator.close() };
  }
  const [adminPort, clientPort] = await Promise.all([freePort(), freePort()]);
  const real = await startRealProxySql({ bin: proxysql.bin, adminPort, clientPort });
  return { name: `proxysql ${proxysql.version}`, adminPort, close: () => real.close() };
}

type Row = {
  readonly name: string;
  readonly agent: number;
  /** The same of a node that does nothing. */
  readonly floor: number | null;
  readonly max: number;
  /** What would be better still. */
  readonly wish: number | null;
  readonly digits: number;
};

async function measure(proxy: Proxy, folder: string, bare: ChildProcess): Promise<readonly Row[]> {
  const { agent, agentMs, bareMs } = await measureStarts(proxy, await coordinator.start(), folder);
  try {
    await pause(settleMs);
    const cpuBeforeMs = await readCpuMs(agent.pid);
    await pause(idleMs);
    const cpuPercent = ((await readCpuMs(agent.pid)) - cpuBeforeMs) / (idleMs / 100);
    const [own, floor] = [await readMemory(agent.pid), await readMemory(bare.pid ?? 0)];
    return [
      { name: 'private memory, MB', agent: own.privateMb, floor: floor.privateMb, max: 22, wish: 16, digits: 1 },
      { name: 'resident memory, MB', agent: own.residentMb, floor: floor.residentMb, max: 65, wish: 56, digits: 1 },
      { name: 'CPU, % of a core', agent: cpuPercent, floor: null, max: 0.3, wish: null, digits: 2 },
      { name: 'start to first apply, ms', agent: agentMs, floor: bareMs, max: 250, wish: null, digits: 0 },
    ];
  } finally {
    await agent.stop();
  }
}

function renderRow({ name, agent, floor, max, wish, digits }: Row): string {
  const number = (value: number | null) => (value === null ? '' : value.toFixed(digits)).padStart(9);
  const verdict = agent > max ? 'MISSED' : wish !== null && agent <= wish ? 'met, and the wish' : 'met';
  return `${name.padEnd(26)}${[agent, floor, max, wish].map(number).join('')}   ${verdict}`;
}

async function main(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chester-idle-'));
  const bare = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1e9)'], { stdio: 'ignore' });
  const proxy = await startProxy();
  try {
    const rows = await measure(proxy, folder, bare);
    const heading = ['agent', 'bare node', 'at most', 'wish'].map((word) => word.padStart(9)).join('');
    const lines = [
      `the bundled agent beside ${proxy.name}, connected and idle for ${idleMs / 1000} s; quickest of ${starts} starts`,
      `${''.padEnd(26)}${heading}`,
      ...rows.map(renderRow),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return rows.every(({ agent, max }) => agent <= max) ? 0 : 1;
  } finally {
    bare.kill();
    await once(bare, 'exit');
    coordinator.stop();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  }
}

exitOnSignal();
process.exit(await main());
