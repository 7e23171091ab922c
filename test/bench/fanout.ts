/**
 * Measures one coordinator with many agents: from the commit of a change to the last APPLIED, against raw TCP and
 * node:http2 that move the same bytes between the same processes in the same run; what a stream costs in memory; how
 * long the event loop is blocked; what reports cost; how fast all agents come back.
 *
 * AGENTS=10000 how many; PARTS=plain,defaults,tls which; TLS_AGENTS=5000 of the last.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Figures,
  type FloorFigures,
  measureChanges,
  measureFloor,
  measureReports,
  renderFigures,
  report,
  swarmProcesses,
} from './fanout/measures.ts';
import { missedTargets, ms, print, printBlocked, printFit, printHead } from './fanout/print.ts';
import { Swarm, type Synced } from './fanout/processes.ts';
import { Stage, type Watched } from './fanout/stage.ts';

const agents = Number(process.env['AGENTS'] ?? 10_000);
const tlsAgents = Number(process.env['TLS_AGENTS'] ?? Math.min(agents, 5000));
const parts = (process.env['PARTS'] ?? 'plain,defaults,tls').split(',');
const smallFleet = 100;
const unlimited = { NEW_STREAMS_PER_SECOND: '1000000' };
const kb = 1024;

type Ours = Figures & { readonly waits: string };

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const seconds = (tookMs: number): string => `${(tookMs / 1000).toFixed(1)} s`;
const each = (cpuMs: number, count: number): string => `${((cpuMs * 1000) / count).toFixed(1)} µs`;

/** Compares a fan-out with the floors of the same run. */
function printFanout(name: string, ours: Ours, floors: { readonly tcp: Figures; readonly http2: Figures }): void {
  const { tcp, http2 } = floors;
  print(`${name}: raw TCP`, { value: renderFigures(tcp) });
  print(`${name}: node:http2`, { value: renderFigures(http2) });
  print(`${name}: chester (${ours.waits})`, { value: renderFigures(ours) });
  const [toTcp, toHttp2] = [ours.p50 / tcp.p50, ours.p50 / http2.p50];
  print('  ratio to raw TCP', { value: toTcp.toFixed(2), atMost: '<= 4', isMet: toTcp <= 4 });
  print('  ratio to node:http2', { value: toHttp2.toFixed(2), atMost: '<= 2', isMet: toHttp2 <= 2 });
  printBlocked(ours, 20);
}

function printCpu(count: number, ours: Figures, { tcp, http2 }: { tcp: Figures; http2: Figures }): void {
  const [own, toTcp, toHttp2] = [ours, tcp, http2].map(({ cpuMs }) => each(cpuMs, count));
  const value = `${own} (${toTcp}, ${toHttp2})`;
  print("  the server's CPU for an agent (raw TCP, node:http2)", { value });
}

type Back = { readonly result: Synced; readonly watched: Watched };

/** Compares what it takes that all come back with connections to a server that does nothing with them. */
function printBack({ result, watched }: Back, floor: FloorFigures['back'], { count, mostMs }: Most): void {
  const isMet = result.tookMs <= mostMs;
  print('all come back at once, without limit', {
    value: seconds(result.tookMs),
    atMost: `<= ${mostMs / 1000} s`,
    isMet,
  });
  if (floor === null) return;
  const ratio = (result.tookMs / floor.tookMs).toFixed(2);
  print('  node:http2, and the ratio to it', { value: `${seconds(floor.tookMs)}, ${ratio}` });
  const value = `${each(watched.cpuMs, count)} (${each(floor.cpuMs, count)})`;
  print("  the server's CPU for an agent (node:http2)", { value });
}

type Most = { readonly count: number; readonly mostMs: number };

async function measurePlain(): Promise<void> {
  const stage = await Stage.start(unlimited, false);
  const [swarm, small] = [new Swarm(swarmProcesses), new Swarm(1)];
  try {
    const { port } = stage;
    const little = await stage.updateBytes();
    await small.connect(smallFleet, { port, protocol: 'chester', fleet: 'small' });
    const alone = await measureChanges(stage, 'billing');
    const empty = await stage.probe('collect');
    printHead(`${agents} agents, plain`);
    const points: (readonly [number, number])[] = [];
    let full: Ours | null = null;
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
    const cpuMicros = async () => (await stage.probe()).cpuMicros;
    const watchBlocks = (isWatching: boolean) => stage.probe(isWatching ? 'watch' : 'rest');
    const steady = await measureReports({ cpuMicros, watchBlocks }, swarm);
    // The agents still report.
    const { watched: reports } = await stage.watch(pause(report.intervalMs));
    const back = await stage.watch(swarm.break(false));
    await pause(1000);
    await stage.enlarge('orders');
    const large = await stage.updateBytes();
    const big = await measureChanges(stage, 'orders');
    swarm.stop();
    small.stop();
    const messages = [little, large];
    const floor = { count: agents, messages, tls: null, isBroken: false };
    const [tcp, tcpBig] = (await measureFloor({ ...floor, protocol: 'tcp' })).sent;
    const floorOfHttp2 = await measureFloor({ ...floor, protocol: 'http2', isBroken: true });
    const [http2, http2Big] = floorOfHttp2.sent;
    for (const [size, ours, bare, h2] of [
      [little.length, full, tcp, http2],
      [large.length, big, tcpBig, http2Big],
    ] as const) {
      if (bare === undefined || h2 === undefined) continue;
      printFanout(`${(size / kb).toFixed(1)} KB, commit to last APPLIED`, ours, { tcp: bare, http2: h2 });
      printCpu(agents, ours, { tcp: bare, http2: h2 });
    }
    printFit(points);
    print('memory of a stream', { value: `${perStream.toFixed(1)} KB`, atMost: '<= 40 KB', isMet: perStream <= 40 });
    print(`${smallFleet} agents of another fleet, alone`, { value: `${renderFigures(alone)}, CPU ${ms(alone.cpuMs)}` });
    print(`  and among ${agents} others`, { value: `${renderFigures(among)}, CPU ${ms(among.cpuMs)}` });
    print(`reports of ${report.servers} servers every ${report.intervalMs / 1000} s, of a core`, {
      value: percent(steady.reporting),
      atMost: '<= 15 %',
      isMet: steady.reporting <= 0.15,
    });
    print('  while no agent reports', { value: percent(steady.idle) });
    const bareReports = floorOfHttp2.reports;
    if (bareReports !== null) {
      const value = `${percent(bareReports.reporting)}, ${percent(bareReports.idle)}`;
      print('  node:http2 that drops the same bytes, and while none come', { value });
    }
    printBlocked(reports);
    printBack(back, floorOfHttp2.back, { count: agents, mostMs: 10_000 });
    print('  updates sent, probes failed, slowest probe', {
      value: `${back.result.updates}, ${back.watched.probesFailed}, ${ms(back.watched.probeMaxMs)}`,
    });
    printBlocked(back.watched);
  } finally {
    swarm.stop();
    small.stop();
    await stage.stop();
  }
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
    const taken = (tookMs: number, sentAway: number): string => `${seconds(tookMs)}, ${sentAway} sent away`;
    print('all come for the first time', { value: taken(first.result.tookMs, first.result.sentAway) });
    print('all come back, default settings', {
      value: taken(back.result.tookMs, back.result.sentAway),
      atMost: `<= ${allowedMs / 1000} s`,
      isMet: back.result.tookMs <= allowedMs,
    });
    print('  probes failed, slowest probe', {
      value: `${back.watched.probesFailed}, ${ms(back.watched.probeMaxMs)}`,
      atMost: '0',
      isMet: back.watched.probesFailed === 0,
    });
    printBlocked(back.watched);
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
    printHead(`${tlsAgents} agents, mutual TLS`);
    const little = await stage.updateBytes();
    const empty = await stage.probe('collect');
    await swarm.connect(tlsAgents, { port: stage.port, protocol: 'chester', tls: stage.tls });
    await pause(1000);
    const ours = await measureChanges(stage, 'orders');
    const filled = await stage.probe('collect');
    const perStream = (filled.rssBytes - empty.rssBytes) / tlsAgents / kb;
    const back = await stage.watch(swarm.break(false));
    swarm.stop();
    const floor = { count: tlsAgents, messages: [little], tls: stage.tls };
    const tcp = await measureFloor({ ...floor, protocol: 'tcp', isBroken: false });
    const http2 = await measureFloor({ ...floor, protocol: 'http2', isBroken: true });
    const [bare, h2] = [tcp.sent[0], http2.sent[0]];
    if (bare === undefined || h2 === undefined) return;
    const floors = { tcp: bare, http2: h2 };
    printFanout(`${(little.length / kb).toFixed(1)} KB, commit to last APPLIED`, ours, floors);
    printCpu(tlsAgents, ours, floors);
    print('  slowest of all rounds', { value: ms(ours.max), atMost: '<= 250 ms', isMet: ours.max <= 250 });
    print('memory of a stream', { value: `${perStream.toFixed(1)} KB`, atMost: '<= 90 KB', isMet: perStream <= 90 });
    printBack(back, http2.back, { count: tlsAgents, mostMs: 30_000 });
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
  printHead(`${agents} agents, plain, default settings`);
  await measureReconnect(agents, false, 60_000);
}
if (parts.includes('tls')) {
  await measureTls();
  printHead(`${tlsAgents} agents, mutual TLS, default settings`);
  await measureReconnect(tlsAgents, true, 60_000);
}
const missed = missedTargets();
process.stdout.write(missed === 0 ? '\nEvery target was met.\n' : `\n${missed} targets were missed.\n`);
process.exit(missed === 0 ? 0 : 1);
