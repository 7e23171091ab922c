const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Renders how long ago something was: `12s`, `3m`, `2h`, `4d`; `-` when it is not known (0). */
export function renderAge(atMs: number, nowMs: number): string {
  if (atMs === 0) return '-';
  const ageMs = Math.max(0, nowMs - atMs);
  if (ageMs < 2 * minuteMs) return `${Math.floor(ageMs / secondMs)}s`;
  if (ageMs < 2 * hourMs) return `${Math.floor(ageMs / minuteMs)}m`;
  if (ageMs < 2 * dayMs) return `${Math.floor(ageMs / hourMs)}h`;
  return `${Math.floor(ageMs / dayMs)}d`;
}
