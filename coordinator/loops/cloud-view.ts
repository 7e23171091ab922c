import type { Clock } from '../../process/clock.ts';
import type { CloudListing, CloudOperation } from '../core/cloud.ts';
import type { Replica } from '../core/replica.ts';
import type { CloudSql } from '../ports.ts';

type Cached = { readonly listing: Promise<CloudListing>; readonly readAtMs: number };

/** Reads Cloud SQL for the scaler; groups of one project share a listing for as long as it is fresh. */
export class CloudView {
  readonly #deps: { readonly cloudSql: CloudSql; readonly clock: Clock };
  readonly #maxAgeMs: number;
  readonly #listings = new Map<string, Cached>();

  constructor(deps: { readonly cloudSql: CloudSql; readonly clock: Clock }, maxAgeMs: number) {
    this.#deps = deps;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The instances of a project, at most `maxAgeMs` old. */
  async listing(project: string): Promise<CloudListing> {
    const nowMs = this.#deps.clock.monotonicMs();
    const cached = this.#listings.get(project);
    if (cached !== undefined && nowMs - cached.readAtMs < this.#maxAgeMs) return cached.listing;
    const fresh = { listing: this.#deps.cloudSql.listInstances(project), readAtMs: nowMs };
    this.#listings.set(project, fresh);
    try {
      return await fresh.listing;
    } catch (error) {
      this.forget(project);
      throw error;
    }
  }

  /** Makes the next listing a fresh one: something was changed, or is about to be. */
  forget(project: string): void {
    this.#listings.delete(project);
  }

  /** The operations that the records still wait for. */
  async operations(project: string, replicas: readonly Replica[]): Promise<Map<string, CloudOperation>> {
    const names = replicas.flatMap((replica) =>
      'operationName' in replica && replica.operationName !== null ? [replica.operationName] : [],
    );
    const operations = await Promise.all(names.map((name) => this.#deps.cloudSql.readOperation(project, name)));
    return new Map(operations.flatMap((operation) => (operation === null ? [] : [[operation.name, operation]])));
  }
}
