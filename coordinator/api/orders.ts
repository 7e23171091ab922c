import type { Problem } from '../core/problems.ts';

/** Who orders something of a group, and why. */
export type OrderRequest = { readonly group: string; readonly owner: string; readonly reason: string };

const textMax = 200;

/** An order without a name and a cause is not taken: others have to live with it. */
export function checkOrder({ owner, reason }: OrderRequest): Problem[] {
  return [...checkText('owner', owner, 'who orders it (--owner)'), ...checkText('reason', reason, 'why')];
}

/** An order that is done at once needs neither name nor cause, but what is said is kept. */
export function checkLengths(order: OrderRequest): Problem[] {
  return checkOrder(order).filter(({ field }) => (field === 'owner' ? order.owner : order.reason) !== '');
}

/** How long an order lasts. */
export function checkSeconds(field: string, seconds: number, secondsMax: number): Problem[] {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= secondsMax) return [];
  return [{ field, value: String(seconds), allowed: `a whole number from 1 to ${secondsMax}` }];
}

/** Renders an order for an event. */
export function describe(what: string, { owner, reason }: OrderRequest, untilMs: number | null): string {
  const by = owner === '' ? '' : ` by ${owner}`;
  const until = untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`;
  return `${what}${by}${until}${reason === '' ? '' : `: ${reason}`}`;
}

function checkText(field: string, text: string, what: string): Problem[] {
  if (text.trim() !== '' && text.length <= textMax) return [];
  return [{ field, value: JSON.stringify(text.slice(0, 80)), allowed: `${what}, 1 to ${textMax} characters` }];
}
