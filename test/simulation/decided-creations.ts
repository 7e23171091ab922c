import type { Replica } from '../../coordinator/core/replica.ts';

/** When what is being created, or taken over by somebody's order, was decided. */
export class DecidedCreations {
  readonly #createdAtMs = new Map<string, number>();
  readonly #adoptedAtMs = new Map<string, number>();

  /** Takes note of a record's first state. */
  note(replica: Replica, nowMs: number): void {
    if (replica.state !== 'creating') return;
    const decided = replica.adoptedAtMs === undefined ? this.#createdAtMs : this.#adoptedAtMs;
    if (!decided.has(replica.name)) decided.set(replica.name, nowMs);
  }

  /**
   * Whether a person added an instance to the count after the creation of another one was decided: what was asked of Cloud
   * SQL cannot be called off, so it is one more, until it is taken away again.
   */
  wasAddedBeside(name: string, created: string): boolean {
    const adoptedAtMs = this.#adoptedAtMs.get(name) ?? -Infinity;
    return name !== created && adoptedAtMs >= (this.#createdAtMs.get(created) ?? Infinity);
  }
}
