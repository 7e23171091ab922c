import type { Problem } from '../core/problems.ts';

/** Who orders something of a group, and why. */
export type OrderRequest = { readonly group: string; readonly owner: string; readonly reason: string };

/** Longer than a month is no order but a declaration. */
const secondsMax = 30 * 24 * 3600;
const textMax = 200;

/** An order without a name and a cause is not taken: others have to live with it. */
export function checkOrder({ owner, reason }: OrderRequest): Problem[] {
  return [...checkText('owner', owner, 'who orders it'), ...checkText('reason', reason, 'why')];
}

export function checkSeconds(field: string, seconds: number): Problem[] {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= secondsMax) return [];
  return [{ field, value: String(seconds), allowed: `a whole number from 1 to ${secondsMax}` }];
}

/** Renders an order for an event. */
export function describe(what: string, { owner, reason }: OrderRequest, untilMs: number | null): string {
  const until = untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`;
  return `${what}, by ${owner}${until}: ${reason}`;
}

function checkText(field: string, text: string, what: string): Problem[] {
  if (text.trim() !== '' && text.length <= textMax) return [];
  return [{ field, value: JSON.stringify(text.slice(0, 80)), allowed: `${what}, 1 to ${textMax} characters` }];
}
