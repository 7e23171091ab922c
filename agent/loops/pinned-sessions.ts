import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { describePinned, pinnedAfterMs, type ProxySession } from '../core/pinned-sessions.ts';
import type { GroupPlan, Removing, ServersPlan } from '../core/plan.ts';
import { addressOf } from '../core/rows.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';

/** Listing sessions costs ProxySQL tens of milliseconds. */
const lookEveryMs = 5000;
/** At most this many are ended at a time. */
const endMax = 100;

export type PinnedSessionsDeps = {
  readonly admin: Pick<ProxyAdmin, 'readSessions' | 'endSession'>;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Looks into drains that do not end: says who holds them, and ends those sessions where the group's policy says so. */
export class PinnedSessions {
  readonly #deps: PinnedSessionsDeps;
  /** Monotonic, by address: since when it drains. */
  #drainsSince: ReadonlyMap<string, number> = new Map();
  #lookedAtMs = -Infinity;
  #sessions: readonly ProxySession[] = [];

  constructor(deps: PinnedSessionsDeps) {
    this.#deps = deps;
  }

  /** Returns the plan with the words about its drains. */
  async attend<Plan extends ServersPlan>(plan: Plan): Promise<Plan> {
    const nowMs = this.#deps.clock.monotonicMs();
    const draining = plan.groups.flatMap(({ removing }) => removing.filter(isUsed));
    const before = this.#drainsSince;
    this.#drainsSince = new Map(draining.map((one) => [addressOf(one), before.get(addressOf(one)) ?? nowMs]));
    const pinned = draining.filter((one) => this.#ageMs(one, nowMs) >= pinnedAfterMs || this.#isOver(plan, one, nowMs));
    if (pinned.length === 0) return plan;
    if (nowMs - this.#lookedAtMs >= lookEveryMs) {
      this.#lookedAtMs = nowMs;
      this.#sessions = await this.#deps.admin.readSessions(pinned);
      await this.#end(pinned.filter((one) => this.#isOver(plan, one, nowMs)));
    }
    const words = new Map(pinned.map((one) => [addressOf(one), describePinned(one, one.connUsed, this.#sessions)]));
    return { ...plan, groups: plan.groups.map((group) => withWords(group, words)) };
  }

  #ageMs(one: Removing, nowMs: number): number {
    return nowMs - (this.#drainsSince.get(addressOf(one)) ?? nowMs);
  }

  /** Whether a group's policy ends what still holds the address. */
  #isOver(plan: ServersPlan, one: Removing, nowMs: number): boolean {
    return plan.groups.some(({ target: { body }, removing }) => {
      const graceMs = body.kind === 'removed' ? 0 : body.policy.endPinnedAfterSeconds * 1000;
      return graceMs > 0 && this.#ageMs(one, nowMs) >= graceMs && removing.includes(one);
    });
  }

  async #end(over: readonly Removing[]): Promise<void> {
    const addresses = new Set(over.map(addressOf));
    const sessions = this.#sessions.filter((session) => addresses.has(addressOf(session)));
    for (const session of sessions.slice(0, endMax)) {
      const { id, user, client, seconds, pins } = session;
      this.#deps.log.warn({ id, user, client, seconds, pins, server: addressOf(session) }, 'ending a pinned session');
      try {
        await this.#deps.admin.endSession(id);
        this.#deps.metrics.sessionEnded();
      } catch (error) {
        // It may have ended by itself meanwhile; the next look tells.
        if (!(error instanceof AgentError) || error.isRetryable) throw error;
      }
    }
  }
}

function isUsed({ reason, connUsed }: Removing): boolean {
  return reason === 'DRAINING' && connUsed > 0;
}

function withWords(group: GroupPlan, words: ReadonlyMap<string, string>): GroupPlan {
  const removing = group.removing.map((one) => {
    const detail = isUsed(one) ? words.get(addressOf(one)) : undefined;
    return detail === undefined ? one : { ...one, reason: 'PINNED' as const, detail };
  });
  return { ...group, removing };
}
