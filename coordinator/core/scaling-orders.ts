/**
 * What people order of a group's autoscaler, besides its declaration: a pause of one direction or both, and a count for
 * a while. Facts in the store, with who, why and until when.
 */
export type Direction = 'out' | 'in';

export type Order = {
  readonly owner: string;
  readonly reason: string;
  readonly sinceMs: number;
};

/** Nothing is done by itself in this direction until then; null: until somebody resumes it. */
export type Pause = Order & { readonly untilMs: number | null };

export type Pauses = Readonly<Record<Direction, Pause | null>>;

/** The count that a person wants until then, within the bounds in force. */
export type Override = Order & { readonly replicas: number; readonly untilMs: number };

export type ScalingOrders = { readonly pauses: Pauses; readonly override: Override | null };

export const noOrders: ScalingOrders = { pauses: { out: null, in: null }, override: null };

/** Drops what has expired. */
export function ordersAt({ pauses, override }: ScalingOrders, nowMs: number): ScalingOrders {
  return {
    pauses: { out: inForce(pauses.out, nowMs), in: inForce(pauses.in, nowMs) },
    override: inForce(override, nowMs),
  };
}

function inForce<T extends { readonly untilMs: number | null }>(order: T | null, nowMs: number): T | null {
  return order !== null && (order.untilMs === null || nowMs < order.untilMs) ? order : null;
}

/** The directions that a word of a command stands for; null for another word. */
export function readDirections(word: string): readonly Direction[] | null {
  if (word === 'both') return ['out', 'in'];
  return word === 'out' || word === 'in' ? [word] : null;
}
