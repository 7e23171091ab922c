import type { HistoryLoss } from '../ports.ts';

/** Where the history of a store stands, as its server said a moment ago. */
export type SealedHead = {
  readonly storeId: string;
  readonly revision: number;
  readonly fencingToken: number;
  /** Stretches of history that ended: the last revision that was kept, and the one with which the next began. */
  readonly seals: readonly (readonly [kept: number, next: number])[];
};

/** Reads a head as scripts answer it: store, revision, token, seals. */
export function sealedHeadOf([storeId = '', revision = '', token = '', seals = '[]']: readonly string[]): SealedHead {
  const pairs = JSON.parse(seals) as [string, string][];
  return {
    storeId,
    revision: Number(revision),
    fencingToken: Number(token),
    seals: pairs.map(([kept, next]) => [Number(kept), Number(next)]),
  };
}

/**
 * What this process has seen of the store, and whether the store still has it: a failover or a restart loses the newest
 * commits, a restore or a wiped server more.
 */
export class RedisHistory {
  readonly #onLoss = new Set<(loss: HistoryLoss) => void>();
  #storeId: string | null = null;
  #seenRevision = 0;
  /** The last loss that was told, as JSON: who asked before that may find it again. */
  #told = '';

  /** The newest revision that this process knows of. */
  get seenRevision(): number {
    return this.#seenRevision;
  }

  watch(onLoss: (loss: HistoryLoss) => void): () => void {
    this.#onLoss.add(onLoss);
    return () => {
      this.#onLoss.delete(onLoss);
    };
  }

  note(revision: number): void {
    this.#seenRevision = Math.max(this.#seenRevision, revision);
  }

  /**
   * Compares a head with what had been seen when it was asked for (what was seen since may be newer), tells of a loss,
   * and goes on from there.
   */
  compare(head: SealedHead, seenRevision: number): void {
    const loss = this.#lossOf(head, seenRevision);
    this.#storeId = head.storeId;
    const told = JSON.stringify(loss);
    if (loss === null || told === this.#told) {
      this.note(head.revision);
      return;
    }
    this.#told = told;
    this.#seenRevision = head.revision;
    for (const onLoss of this.#onLoss) onLoss(loss);
  }

  #lossOf({ storeId, revision, seals }: SealedHead, seenRevision: number): HistoryLoss | null {
    if (this.#storeId === null) return null;
    if (this.#storeId !== storeId) return { kind: 'otherStore', storeId };
    const seal = seals.find(([kept, next]) => kept < seenRevision && seenRevision < next);
    if (seal !== undefined) return { kind: 'writesLost', keptRevision: seal[0], seenRevision };
    return revision < seenRevision ? { kind: 'writesLost', keptRevision: revision, seenRevision } : null;
  }
}
