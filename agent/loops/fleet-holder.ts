import type { Logger } from '../../process/log.ts';
import type { Failure, KnownGroup } from '../core/messages.ts';
import type { GroupStanding } from '../core/session.ts';
import { describeShadow } from '../core/shadow.ts';
import type { FleetTarget } from '../core/variables.ts';
import type { Keeper } from './keeper.ts';
import type { SideOutcome } from './module-proof.ts';
import type { Side } from './side.ts';

export type FleetHolderDeps = { readonly keeper: Pick<Keeper, 'keepFleet'>; readonly log: Logger };

/** What the fleet's proxies have in common, as this one has it. */
export class FleetHolder {
  readonly #deps: FleetHolderDeps;
  #target: FleetTarget | null = null;
  #proven: { readonly target: FleetTarget; readonly proxyBoot: string } | null = null;
  #standing: GroupStanding | null = null;
  #restedBoot: string | null = null;

  constructor(deps: FleetHolderDeps) {
    this.#deps = deps;
  }

  get target(): FleetTarget | null {
    return this.#target;
  }

  get standing(): GroupStanding | null {
    return this.#standing;
  }

  /** Takes a new target. */
  put(target: FleetTarget): void {
    this.#target = target;
  }

  /** Drops what was found on a proxy that is not the same any more. */
  forgetLooks(): void {
    this.#standing = null;
  }

  isCaughtUp(proxyBoot: string): boolean {
    return this.#target === null || this.#restedBoot === proxyBoot;
  }

  known(proxyBoot: string): readonly KnownGroup[] {
    const target = this.#target;
    if (target === null || this.#proven?.target !== target || this.#proven.proxyBoot !== proxyBoot) return [];
    return [{ group: target.group, revision: target.revision, hash: target.hash }];
  }

  /** Says why settings that are not proven are not; returns what is to be told. */
  fail(failure: Failure, proxyBoot: string): GroupStanding | null {
    if (this.#target === null || this.known(proxyBoot).length > 0) return null;
    const { group, revision } = this.#target;
    return { ...nothingToTell, group, revision, isSettled: false, failure: { ...failure, isPermanent: false } };
  }

  /** Makes the proxy's variables as wanted, or in shadow says what would be changed. Returns what is to be told. */
  async converge(
    side: Pick<Side, 'convergeFleet' | 'preview'>,
    proxyBoot: string,
    isShadow: boolean,
  ): Promise<{ readonly standing: GroupStanding | null; readonly hasChanged: boolean }> {
    const target = this.#target;
    const outcome = isShadow
      ? shadowOutcome(await side.preview(proxyBoot, [], target))
      : await side.convergeFleet(proxyBoot, target);
    if (target === null || outcome === null) return { standing: null, hasChanged: false };
    return { standing: this.#take(target, outcome, proxyBoot), hasChanged: outcome.hasChanged };
  }

  /** Takes how the variables stand; returns what is to be told. A refused target gives way to the one before it. */
  #take(target: FleetTarget, { isSettled, failure }: SideOutcome, proxyBoot: string): GroupStanding | null {
    if (this.#target !== target || (!isSettled && failure === null)) return null;
    this.#restedBoot = proxyBoot;
    this.#standing = { ...nothingToTell, group: target.group, revision: target.revision, isSettled, failure };
    if (isSettled && this.#proven?.target !== target) this.#deps.keeper.keepFleet(target);
    if (isSettled) this.#proven = { target, proxyBoot };
    if (failure?.isPermanent === true) {
      this.#deps.log.error({ fleet: target.group, revision: target.revision, failure }, 'fleet settings refused');
      this.#target = this.#proven?.target ?? null;
    }
    return this.#standing;
  }
}

const nothingToTell = {
  removing: [],
  absent: [],
  unmanaged: [],
  warming: [],
  cordoned: [],
  isWriterFallback: false,
  runtimeHash: '',
};

/** How variables stand that are only looked at. */
function shadowOutcome(differences: readonly string[]): SideOutcome {
  return { isSettled: false, failure: { ...describeShadow(differences), isPermanent: false }, hasChanged: false };
}
