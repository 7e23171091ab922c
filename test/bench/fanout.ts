/**
 * Measures one coordinator with many agents: from the commit of a change to the last APPLIED, against raw TCP and
 * node:http2 that move the same bytes between the same processes in the same run; what a stream costs in memory; how
 * long the event loop is blocked; what reports cost; how fast all agents come back.
 *
 * AGENTS=10000 how many; PARTS=plain,defaults,tls which; TLS_AGENTS=5000 of the last.
 */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './figures.ts';
import { Floor, Swarm } from './fanout/processes.ts';
import { type Change, Stage } from './fanout/stage.ts';
import type { TlsFiles } from './fanout/swarm-messages.ts';

const agents = Number(process.env['AGENTS'] ?? 10_000);
const tlsAgents = Number(process.env['TLS_AGENTS'] ?? Math.min(agents, 5000));
const parts = (process.env['PARTS'] ?? 'plain,defaults,tls').split(',');
const rounds = 7;
const swarmProcesses = 2;
const smallFleet = 100;
const report = { intervalMs: 10_000, servers: 20, settleMs: 3000, watchMs: 12_000 };
const unlimited = { NEW_STREAMS_PER_SECOND: '1000000' };
const kb = 1024;
let missed = 0;

type Row = { readonly value: string; readonly atMost?: string; readonly isMet?: boolean };

function print(name: string, { value, atMost, isMet }: Row): void {
  if (isMet === false) missed += 1;
  const verdict = isMet === undefined ? '' : isMet ? 'met' : 'MISSED';
  process.stdout.write(`  ${name.padEnd(64)} ${value.padStart(24)}  ${(atMost ?? '').padEnd(16)} ${verdict}\n`);
}

function head(text: string): void {
  const load = loadavg().map((one) => one.toFixed(1));
  process.stdout.write(`\n${text} (load average ${load.join(' ')})\n`);
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

type Figures = { readonly p50: number; readonly max: number; readonly blockedMs: number; readonly cpuMs: number };

/** Several changes; the first one warms up and does not count. */
async function measureChanges(stage: Stage, group: string): Promise<Figures & { readonly waits: string }> {
  const seen: Change[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const one = await stage.change(group);
    if (round > 0) seen.push(one);
    await pause(100);
  }
  const each = (pick: (one: Change) => number): number[] => seen.map(pick);
  return {
    p50: percentile(
      each(({ fanoutMs }) => fanoutMs),
      0.5,
    ),
    max: Math.max(...each(({ fanoutMs }) => fanoutMs)),
    blockedMs: percentile(
      each(({ blockedMs }) => blockedMs),
      0.5,
    ),
    cpuMs: percentile(
      each(({ cpuMs }) => cpuMs),
      0.5,
    ),
    waits: `first wave ${ms(
      percentile(
        each(({ firstWaveMs }) => firstWaveMs),
        0.5,
      ),
    )}, merged ${ms(
      percentile(
        each(({ mergedMs }) => mergedMs),
        0.5,
      ),
    )}`,
  };
}

async function measureFloor(
  protocol: 'tcp' | 'http2',
  count: number,
  messages: readonly Buffer[],
  tls: TlsFiles | null,
): Promise<readonly Figures[]> {
  const floor = new Floor();
  const swarm = new Swarm(swarmProcesses);
  try {
    const port = await floor.listen(protocol, tls);
    await swarm.connect(count, { port, protocol, tls });
    const figures: Figures[] = [];
    for (const message of messages) {
      const seen: { readonly tookMs: number; readonly blockedMs: number }[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const { tookMs, probe } = await floor.send(message);
        if (round > 0) seen.push({ tookMs, blockedMs: probe.blockedMs });
        await pause(100);
      }
      const took = seen.map(({ tookMs }) => tookMs);
      const blockedMs = percentile(
        seen.map((one) => one.blockedMs),
        0.5,
      );
      figures.push({ p50: percentile(took, 0.5), max: Math.max(...took), blockedMs, cpuMs: 0 });
    }
    return figures;
  } finally {
    swarm.stop();
    floor.stop();
  }
}

function renderFigures({ p50, max }: Figures): string {
  return `${p50.toFixed(1)} (max ${max.toFixed(1)}) ms`;
}

/** Says how well times grow in a line with the number of agents: the slope, and how far off the worst point is. */
function printFit(points: readonly (readonly [count: number, ms: number])[]): void {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const slope =
    points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) /
    points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const base = meanY - slope * meanX;
  const rest = points.reduce((sum, [x, y]) => sum + (y - base - slope * x) ** 2, 0);
  const all = points.reduce((sum, [, y]) => sum + (y - meanY) ** 2, 0);
  const fit = 1 - rest / all;
  for (const [x, y] of points) print(`  ${x} agents`, { value: ms(y) });
  const value = `${(slope * 1000).toFixed(1)} µs an agent + ${base.toFixed(1)} ms`;
  print('grows in a line with the agents (R² of the fit)', {
    value: `${value}, ${fit.toFixed(3)}`,
    atMost: '>= 0.95',
    isMet: fit >= 0.95,
  });
}

async function measurePlain(): Promise<void> {
  const stage = await Stage.start(unlimited, false);
  const [swarm, small] = [new Swarm(swarmProcesses), new Swarm(1)];
  try {
    const { port } = stage;
    const [little] = [await stage.updateBytes()];
    await small.connect(smallFleet, { port, protocol: 'chester', fleet: 'small' });
    const alone = await measureChanges(stage, 'billing');
    const empty = await stage.probe('collect');
    head(`${agents} agents, plain`);
    const points: (readonly [number, number])[] = [];
    let full: (Figures & { readonly waits: string }) | null = null;
    const steps = [...new Set([100, 1000, 4000, agents])].filter((count) => count <= agents);
    for (const count of steps) {
      await swarm.connect(count, { port, protocol: 'chester' });
      await pause(500);
      full = await measureChanges(stage, 'orders');
      points.push([count, full.p50]);
    }
    if (full === null) return;
    const filled = await stage.probe('collect');
    const perStream = (filled.rssBytes - empty.rssBytes) / agents / kb;
    const among = await measureChanges(stage, 'billing');
    const { result: steady, watched: reports } = await stage.watch(measureReports(stage, swarm));
    const back = await stage.watch(swarm.break(false));
    await pause(1000);
    await stage.enlarge('orders');
    const large = await stage.updateBytes();
    const big = await measureChanges(stage, 'orders');
    swarm.stop();
    small.stop();
    const messages = [little, large];
    const [tcp, tcpBig] = await measureFloor('tcp', agents, messages, null);
    const [http2, http2Big] = await measureFloor('http2', agents, messages, null);
    for (const [size, ours, bare, h2] of [
      [little.length, full, tcp, http2],
      [large.length, big, tcpBig, http2Big],
    ] as const) {
      if (bare === undefined || h2 === undefined) continue;
      const name = `${(size / kb).toFixed(1)} KB, commit to last APPLIED`;
      print(`${name}: raw TCP`, { value: renderFigures(bare) });
      print(`${name}: node:http2`, { value: renderFigures(h2) });
      print(`${name}: chester (${ours.waits})`, { value: renderFigures(ours) });
      const [toTcp, toHttp2] = [ours.p50 / bare.p50, ours.p50 / h2.p50];
      print('  ratio to raw TCP', { value: toTcp.toFixed(2), atMost: '<= 4', isMet: toTcp <= 4 });
      print('  ratio to node:http2', { value: toHttp2.toFixed(2), atMost: '<= 2', isMet: toHttp2 <= 2 });
      print('  event loop blocked, longest', {
        value: ms(ours.blockedMs),
        atMost: '<= 20 ms',
        isMet: ours.blockedMs <= 20,
      });
      print("  the coordinator's CPU", { value: `${((ours.cpuMs * 1000) / agents).toFixed(1)} µs an agent` });
    }
    printFit(points);
    print('memory of a stream', { value: `${perStream.toFixed(1)} KB`, atMost: '<= 40 KB', isMet: perStream <= 40 });
    print(`${smallFleet} agents of another fleet, alone`, { value: `${renderFigures(alone)}, CPU ${ms(alone.cpuMs)}` });
    print(`  and among ${agents} others`, { value: `${renderFigures(among)}, CPU ${ms(among.cpuMs)}` });
    print(`reports of ${report.servers} servers every ${report.intervalMs / 1000} s, of a core`, {
      value: `${(steady * 100).toFixed(1)} %`,
      atMost: '<= 15 %',
      isMet: steady <= 0.15,
    });
    print('  event loop blocked, longest', { value: ms(reports.blockedMs) });
    print('all come back at once, without limit', {
      value: `${(back.result.tookMs / 1000).toFixed(1)} s`,
      atMost: '<= 10 s',
      isMet: back.result.tookMs <= 10_000,
    });
    print('  updates sent, probes failed, slowest probe', {
      value: `${back.result.updates}, ${back.watched.probesFailed}, ${ms(back.watched.probeMaxMs)}`,
    });
    print('  event loop blocked, longest', { value: ms(back.watched.blockedMs) });
  } finally {
    swarm.stop();
    small.stop();
    await stage.stop();
  }
}

/** The share of a core that a coordinator uses while all agents report. */
async function measureReports(stage: Stage, swarm: Swarm): Promise<number> {
  swarm.report(report.intervalMs, report.servers);
  await pause(report.intervalMs + report.settleMs);
  const before = await stage.probe();
  const startedMs = performance.now();
  await pause(report.watchMs);
  const after = await stage.probe();
  return (after.cpuMicros - before.cpuMicros) / 1000 / (performance.now() - startedMs);
}

async function measureReconnect(count: number, isTls: boolean, allowedMs: number): Promise<void> {
  const stage = await Stage.start({}, isTls);
  const swarm = new Swarm(swarmProcesses);
  try {
    const to = { port: stage.port, protocol: 'chester', tls: stage.tls, atOnceMax: 1000 } as const;
    const first = await stage.watch(swarm.connect(count, to));
    await pause(2000);
    const steady = await stage.probe('collect');
    const back = await stage.watch(swarm.break(true));
    const memory = back.watched.rssMaxBytes / steady.rssBytes;
    const seconds = (tookMs: number, sentAway: number): string =>
      `${(tookMs / 1000).toFixed(1)} s, ${sentAway} sent away`;
    print('all come for the first time', { value: seconds(first.result.tookMs, first.result.sentAway) });
    print('all come back, default settings', {
      value: seconds(back.result.tookMs, back.result.sentAway),
      atMost: `<= ${allowedMs / 1000} s`,
      isMet: back.result.tookMs <= allowedMs,
    });
    print('  probes failed, slowest probe', {
      value: `${back.watched.probesFailed}, ${ms(back.watched.probeMaxMs)}`,
      atMost: '0',
      isMet: back.watched.probesFailed === 0,
    });
    print('  event loop blocked, longest', { value: ms(back.watched.blockedMs) });
    print('  memory at most, of steady', { value: memory.toFixed(2), atMost: '<= 1.5', isMet: memory <= 1.5 });
  } finally {
    swarm.stop();
    await stage.stop();
  }
}

async function measureTls(): Promise<void> {
  const stage = await Stage.start(unlimited, true);
  const swarm = new Swarm(swarmProcesses);
  try {
    head(`${tlsAgents} agents, mutual TLS`);
    const empty = await stage.probe('collect');
    await swarm.connect(tlsAgents, { port: stage.port, protocol: 'chester', tls: stage.tls });
    await pause(1000);
    const ours = await measureChanges(stage, 'orders');
    const filled = await stage.probe('collect');
    const perStream = (filled.rssBytes - empty.rssBytes) / tlsAgents / kb;
    const back = await stage.watch(swarm.break(false));
    print(`commit to last APPLIED (${ours.waits})`, {
      value: renderFigures(ours),
      atMost: '<= 250 ms',
      isMet: ours.max <= 250,
    });
    print('  event loop blocked, longest', {
      value: ms(ours.blockedMs),
      atMost: '<= 20 ms',
      isMet: ours.blockedMs <= 20,
    });
    print('memory of a stream', { value: `${perStream.toFixed(1)} KB`, atMost: '<= 90 KB', isMet: perStream <= 90 });
    print('all come back at once, without limit', {
      value: `${(back.result.tookMs / 1000).toFixed(1)} s`,
      atMost: '<= 30 s',
      isMet: back.result.tookMs <= 30_000,
    });
  } finally {
    swarm.stop();
    await stage.stop();
  }
}

process.stdout.write(
  `One coordinator process, ${swarmProcesses} processes of agents, ${availableParallelism()} cores; other work shares this machine: only ratios mean anything.\n`,
);
if (parts.includes('plain')) await measurePlain();
if (parts.includes('defaults')) {
  head(`${agents} agents, plain, default settings`);
  await measureReconnect(agents, false, 60_000);
}
if (parts.includes('tls')) {
  await measureTls();
  head(`${tlsAgents} agents, mutual TLS, default settings`);
  await measureReconnect(tlsAgents, true, 60_000);
}
process.stdout.write(missed === 0 ? '\nEvery target was met.\n' : `\n${missed} targets were missed.\n`);
process.exit(missed === 0 ? 0 : 1);
