import type { Clock } from '../../process/clock.ts';
import { notBalancing, planRebalance } from '../core/rebalance.ts';

export type StreamBalancerDeps = {
  readonly clock: Clock;
  /** The coordinators of the same cell that live, this one among them. */
  readonly alive: () => readonly { readonly id: string; readonly agents: number }[];
  /** How many agents are connected here. */
  readonly agents: () => number;
  /** Asks so many of them to connect anew. */
  readonly rebalance: (count: number, reason: string) => void;
};

/**
 * Sends agents elsewhere when this coordinator has many more of them than the others: after the others were restarted one
 * by one, all agents are with whoever was last.
 */
export class StreamBalancer {
  readonly name = 'stream-balancer';
  readonly #deps: StreamBalancerDeps;
  readonly #id: string;
  #balancing = notBalancing;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: StreamBalancerDeps, coordinatorId: string) {
    this.#deps = deps;
    this.#id = coordinatorId;
  }

  start(): void {
    this.#cancelTimer = this.#deps.clock.setTimer(this.#balancing.pauseMs, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancelTimer?.();
  }

  #look(): void {
    const { alive, agents, rebalance } = this.#deps;
    const peers = alive().filter(({ id }) => id !== this.#id);
    const { balancing, count } = planRebalance(
      this.#balancing,
      agents(),
      peers.map((peer) => peer.agents),
    );
    this.#balancing = balancing;
    if (count > 0)
      rebalance(count, `${agents()} agents are here, ${peers.map((peer) => peer.agents).join(', ')} elsewhere`);
  }
}
