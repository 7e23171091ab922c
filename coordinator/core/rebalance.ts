/**
 * Whether a coordinator has more streams than it should, and how many of its agents have to connect anew. It cannot know
 * whether that brings them elsewhere: what did not help is tried more and more rarely.
 */
export type Balancing = {
  /** How many it had when it last asked some to go, and how many it asked; null: it has not. */
  readonly asked: { readonly had: number; readonly count: number } | null;
  /** It looks again after this time. */
  readonly pauseMs: number;
};

export const balancePauseMs = { min: 60_000, max: 3_600_000 };

/** What it may have above its share: a quarter, and a few. */
const tolerance = { share: 0.25, agents: 20 };

export const notBalancing: Balancing = { asked: null, pauseMs: balancePauseMs.min };

/** Decides how many agents are asked to go; `peers` are the numbers of the other coordinators that live. */
export function planRebalance(
  { asked, pauseMs }: Balancing,
  own: number,
  peers: readonly number[],
): { readonly balancing: Balancing; readonly count: number } {
  const share = (own + peers.reduce((sum, one) => sum + one, 0)) / (peers.length + 1);
  const isTooMany = peers.length > 0 && own > share * (1 + tolerance.share) + tolerance.agents;
  if (!isTooMany) return { balancing: notBalancing, count: 0 };
  const hasHelped = asked === null || asked.had - own >= asked.count / 4;
  const count = Math.ceil(own - share);
  const nextPauseMs = hasHelped ? balancePauseMs.min : Math.min(balancePauseMs.max, 2 * pauseMs);
  return { balancing: { asked: { had: own, count }, pauseMs: nextPauseMs }, count };
}
