import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import type { Lag } from '../core/scaling-view.ts';
import { isQuiet, isSameForGroup, type Unlisted } from '../core/resting.ts';

/** A look that found nothing to do, and nothing that time alone brings about before `untilMs`. */
export type Rest = {
  /** What it was planned from. */
  readonly unlisted: Unlisted;
  /** What Cloud SQL listed when it was planned last. */
  readonly instances: readonly CloudInstance[];
  readonly fencingToken: number;
  readonly lag: Lag | null | undefined;
  readonly atMs: number;
  /** Null: time alone brings nothing about. */
  readonly untilMs: number | null;
};

/** What a group is seen with now. */
export type Sight = {
  readonly listing: CloudListing;
  readonly fencingToken: number;
  readonly lag: Lag | null | undefined;
  readonly nowMs: number;
};

/**
 * Groups at rest: what their last look was made of. While all of that is the same, the next look would find the same
 * again, and is not made. The store has to tell of every change before anybody else learns of it, or to be asked each
 * time whether it has told of all.
 */
export class RestBook {
  readonly #rests = new Map<string, Rest>();
  /** Looks under way, and whether the group was changed since they began. */
  readonly #looks = new Map<string, { isOutdated: boolean }>();

  /** Something of the group was changed in the store. */
  noteChange(group: string): void {
    this.#rests.delete(group);
    const look = this.#looks.get(group);
    if (look !== undefined) look.isOutdated = true;
  }

  /** Begins a look; what was known of an earlier one is forgotten. */
  beginLook(group: string): void {
    this.#rests.delete(group);
    this.#looks.set(group, { isOutdated: false });
  }

  /** Ends a look. Null: it found something, or failed. */
  endLook(group: string, rest: Rest | null): void {
    const look = this.#looks.get(group);
    this.#looks.delete(group);
    if (rest !== null && look?.isOutdated === false) this.#rests.set(group, rest);
  }

  /** The group was planned again, for what Cloud SQL lists now, and nothing was found. */
  noteListing(group: string, rest: Rest, instances: readonly CloudInstance[]): void {
    if (rest.instances !== instances && this.#rests.get(group) === rest) this.#rests.set(group, { ...rest, instances });
  }

  /** The group's last look, if it found nothing; null: it has to be looked at. */
  of(group: string): Rest | null {
    return this.#rests.get(group) ?? null;
  }
}

/**
 * Whether a look would find what it found before. What has not changed is listed as the very same instances; where one
 * of the group's own has, the group is planned anew, from what the store told.
 */
export function stillRests(rest: Rest, { listing, fencingToken, lag, nowMs }: Sight): boolean {
  return (
    listing.isComplete &&
    fencingToken === rest.fencingToken &&
    isSameLag(lag, rest.lag) &&
    nowMs >= rest.atMs &&
    nowMs < (rest.untilMs ?? Number.POSITIVE_INFINITY) &&
    (isSameForGroup(rest.unlisted, rest.instances, listing.instances) || isQuiet(rest.unlisted, listing, nowMs))
  );
}

function isSameLag(one: Lag | null | undefined, other: Lag | null | undefined): boolean {
  return (
    one?.lagging === other?.lagging &&
    one?.primaryIsCause === other?.primaryIsCause &&
    (one === null) === (other === null)
  );
}
