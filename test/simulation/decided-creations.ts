import type { Replica } from '../../coordinator/core/replica.ts';

/** From what a look reads to what it decides. */
const lookMs = 1000;

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

  /** When what an instance was decided by was read: what is asked for after that comes too late to call it off. */
  decidedAtMs({ name, sinceMs }: { readonly name: string; readonly sinceMs: number }): number {
    return Math.min(sinceMs, (this.#createdAtMs.get(name) ?? Infinity) - lookMs);
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
