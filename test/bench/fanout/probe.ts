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
};

const resolutionMs = 1;

/** Reads what this process has used; the next reading begins its own search for the longest block. */
export function startProbe(): () => Probe {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const blockedMs = Math.max(0, delay.max / 1e6 - resolutionMs);
    delay.reset();
    return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external, cpuMicros: user + system, blockedMs };
  };
}

/**
 * Answers each line with one of JSON: `probe`; `collect` for the same after garbage was collected; `weigh GROUP WEIGHT`
 * for the same after a change of the group's first static reader was committed.
 */
export function serveProbe(port: number, weigh: (group: string, weight: number) => Promise<void>): void {
  const read = startProbe();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  createServer((socket) => {
    socket.on('error', () => undefined);
    const answer = async (line: string): Promise<void> => {
      const [word, group, weight] = line.split(' ');
      if (word === 'weigh') await weigh(group ?? '', Number(weight));
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
