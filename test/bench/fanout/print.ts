import { loadavg } from 'node:os';

let missed = 0;

export type Row = { readonly value: string; readonly atMost?: string; readonly isMet?: boolean };

/** How many targets were missed. */
export function missedTargets(): number {
  return missed;
}

/** Prints one figure, and whether it is as it has to be. */
export function print(name: string, { value, atMost, isMet }: Row): void {
  if (isMet === false) missed += 1;
  const verdict = isMet === undefined ? '' : isMet ? 'met' : 'MISSED';
  process.stdout.write(`  ${name.padEnd(64)} ${value.padStart(24)}  ${(atMost ?? '').padEnd(16)} ${verdict}\n`);
}

export function printHead(text: string): void {
  const load = loadavg().map((one) => one.toFixed(1));
  process.stdout.write(`\n${text} (load average ${load.join(' ')})\n`);
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** Says how long the event loop was blocked; the time in which other processes had the CPU is not the coordinator's. */
export function printBlocked({ blockedMs, ownBlockedMs }: Blocked, mostMs?: number): void {
  const value = `${ownBlockedMs.toFixed(1)} (${blockedMs.toFixed(1)}) ms`;
  const verdict = mostMs === undefined ? {} : { atMost: `<= ${mostMs} ms`, isMet: ownBlockedMs <= mostMs };
  print('  event loop blocked, longest (with waiting for a CPU)', { value, ...verdict });
}

export type Blocked = { readonly blockedMs: number; readonly ownBlockedMs: number };

/** Says how well times grow in a line with the number of agents: the slope, and how far off the worst point is. */
export function printFit(points: readonly (readonly [count: number, ms: number])[]): void {
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
