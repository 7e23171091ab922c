import type { LoadOfServer__Output } from '../proto/gen/chester/v1/LoadOfServer.ts';
import type { RenderStyle } from './render.ts';
import { type Cell, orDash, renderTable } from './table.ts';

/** Renders what servers do right now, the busiest of a group first. */
export function renderLoad(loads: readonly LoadOfServer__Output[], style: RenderStyle): string {
  const heading = ['GROUP', 'ROLE', 'SERVER', 'INSTANCE', 'ONLINE', 'USED', 'FREE', 'QUERIES/S', 'LATENCY', 'LAG'];
  const sorted = [...loads].sort(
    (one, other) => compare(one.group, other.group) || other.queriesPerSecond - one.queriesPerSecond,
  );
  const rows = sorted.map((load): readonly Cell[] => [
    orDash(load.group),
    orDash(load.role === '' ? String(load.hostgroup) : load.role),
    `${load.hostname}:${load.port}`,
    orDash(load.instance),
    { text: `${load.online}/${load.proxies}`, tone: load.offline === 0 ? 'good' : 'busy' },
    load.connUsed,
    load.connFree,
    load.queriesPerSecond >= 100 ? Math.round(load.queriesPerSecond) : load.queriesPerSecond.toFixed(1),
    renderMicros(load.latencyMicros),
    load.lagMsMax === undefined ? '-' : `${load.lagMsMax} ms`,
  ]);
  return renderTable(heading, rows, style);
}

function renderMicros(micros: number): string {
  if (micros === 0) return '-';
  return micros < 1000 ? `${micros} µs` : `${(micros / 1000).toFixed(1)} ms`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
