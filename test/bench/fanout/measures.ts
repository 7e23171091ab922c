import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../figures.ts';
import { ms } from './print.ts';
import { Floor, Swarm, type Synced } from './processes.ts';
import type { Change, Stage } from './stage.ts';
import type { TlsFiles } from './swarm-messages.ts';

const rounds = 7;
/** Processes of agents. */
export const swarmProcesses = 2;

/** Of several rounds: medians, and the slowest. */
export type Figures = {
  readonly p50: number;
  readonly max: number;
  readonly blockedMs: number;
  readonly ownBlockedMs: number;
  readonly cpuMs: number;
};

type Round = {
  readonly tookMs: number;
  readonly blockedMs: number;
  readonly ownBlockedMs: number;
  readonly cpuMs: number;
};

function figuresOf(seen: readonly Round[]): Figures {
  const took = seen.map(({ tookMs }) => tookMs);
  const median = (pick: (one: Round) => number): number => percentile(seen.map(pick), 0.5);
  return {
    p50: percentile(took, 0.5),
    max: Math.max(...took),
    blockedMs: median(({ blockedMs }) => blockedMs),
    ownBlockedMs: median(({ ownBlockedMs }) => ownBlockedMs),
    cpuMs: median(({ cpuMs }) => cpuMs),
  };
}

export function renderFigures({ p50, max }: Figures): string {
  return `${p50.toFixed(1)} (max ${max.toFixed(1)}) ms`;
}

/** Several changes of a group; the first one warms up and does not count. */
export async function measureChanges(stage: Stage, group: string): Promise<Figures & { readonly waits: string }> {
  const seen: Change[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const one = await stage.change(group);
    if (round > 0) seen.push(one);
    await pause(100);
  }
  const median = (pick: (one: Change) => number): string => ms(percentile(seen.map(pick), 0.5));
  const waits = `first wave ${median(({ firstWaveMs }) => firstWaveMs)}, merged ${median(({ mergedMs }) => mergedMs)}`;
  return { ...figuresOf(seen.map((one) => ({ ...one, tookMs: one.fanoutMs }))), waits };
}

/** What a floor takes for each message, and for all connections to be made again. */
export type FloorFigures = {
  readonly sent: readonly Figures[];
  /** Null unless asked for, as the next. */
  readonly back: (Synced & { readonly cpuMs: number }) | null;
  readonly reports: Share | null;
};

/** Shares of a core: of a server whose agents are silent, and of one to which all report. */
export type Share = { readonly idle: number; readonly reporting: number };

export const report = { intervalMs: 10_000, servers: 20 };
const settleMs = 2000;

/** A server whose use of a core is measured. */
type Measured = {
  readonly cpuMicros: () => Promise<number>;
  /** Whether it looks for blocks of its event loop, which costs CPU of its own. */
  readonly watchBlocks: (isWatching: boolean) => Promise<unknown>;
};

/** Looks what a server uses while its agents are silent, and while all of them report; they go on with it. */
export async function measureReports({ cpuMicros, watchBlocks }: Measured, swarm: Swarm): Promise<Share> {
  const share = async (durationMs: number): Promise<number> => {
    const [before, startedMs] = [await cpuMicros(), performance.now()];
    await pause(durationMs);
    return ((await cpuMicros()) - before) / 1000 / (performance.now() - startedMs);
  };
  await watchBlocks(false);
  const idle = await share(report.intervalMs);
  swarm.report(report.intervalMs, report.servers);
  await pause(report.intervalMs + settleMs);
  const reporting = await share(2 * report.intervalMs);
  await watchBlocks(true);
  return { idle, reporting };
}

export type FloorOf = {
  readonly protocol: 'tcp' | 'http2';
  readonly count: number;
  readonly messages: readonly Buffer[];
  readonly tls: TlsFiles | null;
  readonly isBroken: boolean;
};

/** Lets a server that knows nothing else send the same bytes to as many agents. */
export async function measureFloor({ protocol, count, messages, tls, isBroken }: FloorOf): Promise<FloorFigures> {
  const floor = new Floor();
  const swarm = new Swarm(swarmProcesses);
  try {
    const port = await floor.listen(protocol, tls);
    await swarm.connect(count, { port, protocol, tls });
    // A client is connected before its server knows.
    while ((await floor.used()).peers < count) await pause(10);
    const sent: Figures[] = [];
    for (const message of messages) {
      const seen: Round[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const { tookMs, cpuMs, probe } = await floor.send(message);
        if (round > 0) seen.push({ ...probe, tookMs, cpuMs });
        await pause(100);
      }
      sent.push(figuresOf(seen));
    }
    if (!isBroken) return { sent, back: null, reports: null };
    const cpuMicros = async () => (await floor.used()).cpuMicros;
    const watchBlocks = (isWatching: boolean) => {
      floor.watchBlocks(isWatching);
      return Promise.resolve();
    };
    const reports = await measureReports({ cpuMicros, watchBlocks }, swarm);
    const before = await floor.used();
    const back = await swarm.break(false);
    return { sent, reports, back: { ...back, cpuMs: ((await floor.used()).cpuMicros - before.cpuMicros) / 1000 } };
  } finally {
    swarm.stop();
    floor.stop();
  }
}
