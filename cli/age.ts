const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Renders how long ago something was: `12s`, `3m`, `2h`, `4d`; `-` when it is not known (0). */
export function renderAge(atMs: number, nowMs: number): string {
  return atMs === 0 ? '-' : renderSpan(nowMs - atMs);
}

/** Renders how long until something ends: `58m left`, `over` when it has. */
export function renderUntil(atMs: number, nowMs: number): string {
  return atMs <= nowMs ? 'over' : `${renderSpan(atMs - nowMs)} left`;
}

function renderSpan(ms: number): string {
  const spanMs = Math.max(0, ms);
  if (spanMs < 2 * minuteMs) return `${Math.floor(spanMs / secondMs)}s`;
  if (spanMs < 2 * hourMs) return `${Math.floor(spanMs / minuteMs)}m`;
  if (spanMs < 2 * dayMs) return `${Math.floor(spanMs / hourMs)}h`;
  return `${Math.floor(spanMs / dayMs)}d`;
}
