import { setImmediate as nextTurn } from 'node:timers/promises';

import { type Clock, sleep } from '../../process/clock.ts';

/** Measured on a real 2.7.1 (median of `LOAD MYSQL SERVERS TO RUNTIME`), in ascending order. */
const measured = [
  { servers: 3, costMs: 2.0 },
  { servers: 30, costMs: 2.5 },
  { servers: 300, costMs: 7.3 },
  { servers: 3000, costMs: 57 },
] as const;

/** How long a LOAD of so many server rows holds the admin lock; linear between the measured sizes. */
export function loadCostMs(servers: number): number {
  const above = measured.findIndex((point) => servers <= point.servers);
  if (above === 0) return measured[0].costMs;
  const [low, high] = above === -1 ? [measured[2], measured[3]] : [measured[above - 1], measured[above]];
  if (low === undefined || high === undefined) return measured[0].costMs;
  return low.costMs + ((servers - low.servers) / (high.servers - low.servers)) * (high.costMs - low.costMs);
}

/** Waits until `startedMs + costMs` on the monotonic clock, finer than a timer does, without blocking others. */
export async function waitOutCost(clock: Clock, startedMs: number, costMs: number): Promise<void> {
  const endsMs = startedMs + costMs;
  const coarseMs = Math.floor(endsMs - clock.monotonicMs()) - 1;
  if (coarseMs > 0) await sleep(clock, coarseMs);
  while (clock.monotonicMs() < endsMs) await nextTurn();
}
