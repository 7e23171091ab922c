import type { CoordinatorSign } from '../core/cells.ts';

type Seen = { readonly sign: CoordinatorSign; readonly firstSeenMs: number; readonly changedAtMs: number | null };

/**
 * Who gives signs of life. A sign counts from when it was seen to change, by this process's clock that never goes back:
 * what is merely found in the store may be of yesterday, and clocks of other machines are not compared.
 */
export class CellSigns {
  readonly #seen = new Map<string, Seen>();

  /** Takes what the store says of a coordinator; null: it took its leave. */
  take(id: string, sign: CoordinatorSign | null, nowMs: number): void {
    if (sign === null) {
      this.#seen.delete(id);
      return;
    }
    const known = this.#seen.get(id);
    const isNews = known !== undefined && known.sign.beat !== sign.beat;
    const changedAtMs = isNews ? nowMs : (known?.changedAtMs ?? null);
    this.#seen.set(id, { sign, firstSeenMs: known?.firstSeenMs ?? nowMs, changedAtMs });
  }

  /** How long ago a coordinator of the cell gave a sign; null: none was seen to. */
  ageMs(cell: string, nowMs: number): number | null {
    const ages = [...this.#seen.values()].flatMap(({ sign, changedAtMs }) =>
      sign.cell === cell && changedAtMs !== null ? [nowMs - changedAtMs] : [],
    );
    return ages.length === 0 ? null : Math.min(...ages);
  }

  /** The coordinators that gave a sign within `maxMs`. */
  alive(maxMs: number, nowMs: number): CoordinatorSign[] {
    return [...this.#seen.values()].flatMap(({ sign, changedAtMs }) =>
      changedAtMs !== null && nowMs - changedAtMs <= maxMs ? [sign] : [],
    );
  }

  /** Those that gave none for so long that their records can go. */
  stale(maxMs: number, nowMs: number): string[] {
    return [...this.#seen].flatMap(([id, { changedAtMs, firstSeenMs }]) =>
      nowMs - (changedAtMs ?? firstSeenMs) > maxMs ? [id] : [],
    );
  }
}
