import { openSync, readSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a server process has used. */
export type Probe = {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly cpuMicros: number;
  /** The longest time for which nothing else could run, since the question before. */
  readonly blockedMs: number;
  /** The same without the time in which other processes had the CPU. */
  readonly ownBlockedMs: number;
};

const resolutionMs = 1;
const ownResolutionMs = 4;

/** Reads how long this thread was ready to run and had no CPU, since it began; 0 where the system does not say. */
function watchWaiting(): () => number {
  const bytes = Buffer.alloc(64);
  let file: number;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return () => 0;
  }
  return () => {
    const [, waited = '0'] = bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ');
    return Number(waited) / 1e6;
  };
}

/** Looks again and again how late a timer is, and how much of that was waiting for a CPU. */
function watchOwnBlocks(): { longestMs: number; readonly timer: NodeJS.Timeout } {
  const waitedMs = watchWaiting();
  let last = { atMs: performance.now(), waitedMs: waitedMs() };
  const timer = setInterval(() => {
    const now = { atMs: performance.now(), waitedMs: waitedMs() };
    const lateMs = now.atMs - last.atMs - ownResolutionMs;
    seen.longestMs = Math.max(seen.longestMs, lateMs - (now.waitedMs - last.waitedMs));
    last = now;
  }, ownResolutionMs).unref();
  const seen = { longestMs: 0, timer };
  return seen;
}

type Prober = {
  /** Reads what this process has used; the next reading begins its own search for the longest block. */
  readonly read: () => Probe;
  /** Whether blocks are looked for: that takes three percent of a core, which is not the server's. */
  readonly watchBlocks: (isWatching: boolean) => void;
};

/** Begins to look what this process uses. */
export function startProbe(): Prober {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  let own: ReturnType<typeof watchOwnBlocks> | null = null;
  const watchBlocks = (isWatching: boolean): void => {
    if (own !== null) clearInterval(own.timer);
    own = isWatching ? watchOwnBlocks() : null;
    if (isWatching) delay.enable();
    else delay.disable();
  };
  watchBlocks(true);
  const read = (): Probe => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const blockedMs = Math.max(0, delay.max / 1e6 - resolutionMs);
    const ownBlockedMs = Math.min(own?.longestMs ?? 0, blockedMs);
    delay.reset();
    if (own !== null) own.longestMs = 0;
    const used = { rssBytes: rss, heapBytes: heapUsed, externalBytes: external, cpuMicros: user + system };
    return { ...used, blockedMs, ownBlockedMs };
  };
  return { read, watchBlocks };
}

/**
 * Answers each line with one of JSON: `probe`; `collect` for the same after garbage was collected; `weigh GROUP WEIGHT`
 * for the same after a change of the group's first static reader was committed; `rest` and `watch` for the same, and
 * blocks of the event loop are looked for no more, or again.
 */
export function serveProbe(port: number, weigh: (group: string, weight: number) => Promise<void>): void {
  const { read, watchBlocks } = startProbe();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  createServer((socket) => {
    socket.on('error', () => undefined);
    const answer = async (line: string): Promise<void> => {
      const [word, group, weight] = line.split(' ');
      if (word === 'weigh') await weigh(group ?? '', Number(weight));
      if (line === 'rest' || line === 'watch') watchBlocks(line === 'watch');
      if (line === 'collect') for (let times = 0; times < 3; times += 1) collect();
      socket.write(`${JSON.stringify(read())}\n`);
    };
    createInterface({ input: socket }).on('line', (line) => {
      answer(line).catch((error: unknown) => {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }).listen(port, '127.0.0.1');
}

/** Asks a process that serves its probe. */
export function askProbe(port: number, question: string): Promise<Probe> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error(`no answer to ${question}`));
    });
    createInterface({ input: socket }).once('line', (line) => {
      resolve(JSON.parse(line) as Probe);
      socket.destroy();
    });
    socket.write(`${question}\n`);
  });
}
