import type { Clock } from '../../process/clock.ts';
import type { CloudListing, CloudOperation } from '../core/cloud.ts';
import type { Replica } from '../core/replica.ts';
import type { CloudSql } from '../ports.ts';

type Cached = { readonly listing: Promise<CloudListing>; readonly readAtMs: number };

/** What one project has cost, and the newest answer. */
type Lane = { cached: Cached | null; last: CloudListing | null; times: number; tokens: number; refilledAtMs: number };

/** Lists that a project may have at once after a quiet time, and how long one takes to come back at the longest. */
const listTokensMax = 30;
const listTokenMs = 2000;

/** Reads Cloud SQL for the scaler; groups of one project share a listing for as long as it is fresh. */
export class CloudView {
  readonly #deps: { readonly cloudSql: CloudSql; readonly clock: Clock };
  readonly #maxAgeMs: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(deps: { readonly cloudSql: CloudSql; readonly clock: Clock }, maxAgeMs: number) {
    this.#deps = deps;
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * The instances of a project, at most `maxAgeMs` old. When the project was listed too often, the last answer once
   * more, and as an incomplete one: nothing is concluded from it, and nobody waits.
   */
  async listing(project: string): Promise<CloudListing> {
    const nowMs = this.#deps.clock.monotonicMs();
    const lane = this.#laneOf(project, nowMs);
    if (lane.cached !== null && nowMs - lane.cached.readAtMs < this.#maxAgeMs) return lane.cached.listing;
    // Who asks for shorter intervals than usual asks for more lists.
    const tokenMs = Math.max(1, Math.min(listTokenMs, this.#maxAgeMs));
    if (!takeToken(lane, tokenMs, nowMs) && lane.last !== null) {
      const warning = `project ${project} was listed too often within a minute; it is listed again soon`;
      return { ...lane.last, isComplete: false, warnings: [...lane.last.warnings, warning] };
    }
    const fresh = { listing: this.#deps.cloudSql.listInstances(project), readAtMs: nowMs };
    lane.cached = fresh;
    lane.times += 1;
    try {
      lane.last = await fresh.listing;
      return lane.last;
    } catch (error) {
      if (lane.cached === fresh) lane.cached = null;
      throw error;
    }
  }

  /** Makes the next listing a fresh one: something was changed, or is about to be. */
  forget(project: string): void {
    const lane = this.#lanes.get(project);
    if (lane !== undefined) lane.cached = null;
  }

  /** How often a project was listed: it tells whether a listing was begun since a moment. */
  listedTimes(project: string): number {
    return this.#lanes.get(project)?.times ?? 0;
  }

  /** How old the listing is that groups of a project share; null without one. */
  ageMs(project: string): number | null {
    const cached = this.#lanes.get(project)?.cached ?? null;
    return cached === null ? null : this.#deps.clock.monotonicMs() - cached.readAtMs;
  }

  /** The operations that the records still wait for, where the listing does not tell already how they stand. */
  async operations(
    project: string,
    replicas: readonly Replica[],
    listing: CloudListing,
  ): Promise<Map<string, CloudOperation>> {
    const names = replicas.flatMap((replica) => {
      const named = 'operationName' in replica ? replica.operationName : null;
      if (named === null) return [];
      const state = listing.instances.find(({ name }) => name === replica.name)?.state;
      return isTold(replica, state) ? [] : [named];
    });
    const operations = await Promise.all(names.map((name) => this.#deps.cloudSql.readOperation(project, name)));
    return new Map(operations.flatMap((operation) => (operation === null ? [] : [[operation.name, operation]])));
  }

  #laneOf(project: string, nowMs: number): Lane {
    const known = this.#lanes.get(project);
    if (known !== undefined) return known;
    const lane = { cached: null, last: null, times: 0, tokens: listTokensMax, refilledAtMs: nowMs };
    this.#lanes.set(project, lane);
    return lane;
  }
}

/** An instance that is PENDING waits for its operation, and one that runs has no creation to wait for. */
function isTold(replica: Replica, state: string | undefined): boolean {
  if (replica.state === 'creating') return state === 'PENDING_CREATE' || state === 'RUNNABLE';
  return state === 'PENDING_DELETE';
}

function takeToken(lane: Lane, tokenMs: number, nowMs: number): boolean {
  const refilled = Math.floor((nowMs - lane.refilledAtMs) / tokenMs);
  if (refilled > 0) {
    lane.tokens = Math.min(listTokensMax, lane.tokens + refilled);
    lane.refilledAtMs += refilled * tokenMs;
  }
  if (lane.tokens === 0) return false;
  lane.tokens -= 1;
  return true;
}
