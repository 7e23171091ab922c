import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';

/** A content that an agent refused for good. */
export type Rejection = {
  readonly hash: string;
  readonly error: { readonly code: string; readonly message: string } | null;
};

type Refuser = {
  readonly bootId: string;
  readonly proxyBoot: string;
  readonly byGroup: Map<string, Rejection>;
};

/** Agents of which that is kept; the one that was first is forgotten first, and then asked once more. */
const agentsMax = 10_000;

/**
 * What each agent refused for good: it is not sent again to the same process beside the same ProxySQL, also when its
 * stream breaks and comes back, until somebody asks for it.
 */
export class Rejections {
  readonly #refusers = new Map<string, Refuser>();

  /** What this very process refused beside this very ProxySQL. */
  of({
    agentId,
    bootId,
    proxyBoot,
  }: Pick<Hello__Output, 'agentId' | 'bootId' | 'proxyBoot'>): ReadonlyMap<string, Rejection> {
    const refuser = this.#refusers.get(agentId);
    if (refuser === undefined) return none;
    if (refuser.bootId === bootId && refuser.proxyBoot === proxyBoot) return refuser.byGroup;
    this.#refusers.delete(agentId);
    return none;
  }

  note(identity: Pick<Hello__Output, 'agentId' | 'bootId' | 'proxyBoot'>, group: string, rejection: Rejection): void {
    const { agentId, bootId, proxyBoot } = identity;
    const byGroup = new Map(this.of(identity)).set(group, rejection);
    this.#refusers.delete(agentId);
    this.#refusers.set(agentId, { bootId, proxyBoot, byGroup });
    const [first] = this.#refusers.keys();
    if (this.#refusers.size > agentsMax && first !== undefined) this.#refusers.delete(first);
  }

  /** The agent runs another content of the group, or somebody asked for the refused one. */
  forget(agentId: string, group: string): void {
    this.#refusers.get(agentId)?.byGroup.delete(group);
  }

  /** Somebody asked for a group again, also of agents that are away. */
  forgetGroup(group: string): void {
    for (const { byGroup } of this.#refusers.values()) byGroup.delete(group);
  }
}

const none: ReadonlyMap<string, Rejection> = new Map();
