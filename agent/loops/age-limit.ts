import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { ageMs } from '../core/last-known-good.ts';
import { type Groups, momentNow } from './groups.ts';

export type AgeLimitDeps = { readonly clock: Clock; readonly log: Logger };

/** A proxy that lost its rows does not get those back whose address may be another database's by now. */
export class AgeLimit {
  readonly #groups: Groups;
  readonly #deps: AgeLimitDeps;
  readonly #ageMaxMs: number;
  /** The boot of the proxy that the last look found. */
  #metBoot = '';

  constructor(groups: Groups, deps: AgeLimitDeps, ageMaxMs: number) {
    this.#groups = groups;
    this.#deps = deps;
    this.#ageMaxMs = ageMaxMs;
  }

  /**
   * Looks at the groups' ages when the proxy has another boot than before: what serves is never taken away. `isFollowed`
   * says whether a coordinator is there for a group. True when owned servers were left out.
   */
  meet(proxyBoot: string, isFollowed: (group: string) => boolean): boolean {
    if (proxyBoot === this.#metBoot) return false;
    this.#metBoot = proxyBoot;
    const now = momentNow(this.#deps.clock);
    const aged = this.#groups.leaveAgedOut(({ target, unconfirmedBoot, currentAt }) => {
      if (unconfirmedBoot === proxyBoot || isFollowed(target.group)) return false;
      return ageMs(currentAt, now) > this.#ageMaxMs;
    });
    for (const { target, currentAt } of aged) {
      const fields = { group: target.group, revision: target.revision, staleSinceMs: currentAt.wallMs };
      this.#deps.log.warn(fields, 'no coordinator for too long: owned servers are left out');
    }
    return aged.length > 0;
  }
}
