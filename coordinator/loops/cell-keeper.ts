import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Cell, CellView, CoordinatorSign } from '../core/cells.ts';
import { rosterVersion } from '../core/cells.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { Cells, CellStanding, SnapshotFanout, Store } from '../ports.ts';
import { CellSigns } from './cell-signs.ts';
import { commitFact } from './commits.ts';

export type CellKeeperDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fanout: Pick<SnapshotFanout, 'recompare'>;
  /** How many agents are connected here. */
  readonly agents: () => number;
  /** Told of each cell whether it is silent. */
  readonly onSilent: (cell: string, isSilent: boolean) => void;
};

export type CellKeeperOptions = {
  readonly coordinatorId: string;
  /** Empty: nobody named one. */
  readonly cell: string;
  readonly mayDecide: boolean;
  readonly signMs: number;
  readonly silentMs: number;
};

/** Records of coordinators that gave no sign for so long are dropped. */
const staleMs = 600_000;
/** Of a given-up cell so many voters leave in one commit. */
const votersAtOnce = 500;
const conflictsMax = 20;

/** Gives this coordinator's signs of life, watches those of the others, and registers its cell. */
export class CellKeeper implements Cells {
  readonly name = 'cell-keeper';
  readonly #deps: CellKeeperDeps;
  readonly #options: CellKeeperOptions;
  readonly #signs = new CellSigns();
  #cells: readonly Cell[] = [];
  #beat = 0;
  #isStopped = false;
  #cancelTimer: (() => void) | null = null;
  readonly #unwatch: (() => void)[] = [];

  constructor(deps: CellKeeperDeps, options: CellKeeperOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { store } = this.#deps;
    this.#unwatch.push(
      store.watch(prefixes.coordinators, (changed) => {
        for (const key of new Set(changed)) void this.#readSign(key).catch(this.#noteFailure);
      }),
      store.watch(prefixes.cells, () => void this.#readCells().catch(this.#noteFailure)),
    );
    for (const { value } of await store.list(prefixes.coordinators)) this.#take(value.id, value);
    await this.#readCells();
    await this.#sign();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    const key = keys.coordinator(this.#options.coordinatorId);
    await this.#deps.store.commit({ writes: [{ key, value: null, ifRevision: null }] }).catch(this.#noteFailure);
  }

  async views(group: string): Promise<readonly CellView[]> {
    const { store } = this.#deps;
    const counting = this.#cells.filter(({ retired }) => retired === null);
    if (counting.length === 0) return [];
    const ballot = await store.get(keys.ballot(group));
    return Promise.all(
      counting.map(async ({ name }) => ({
        name,
        isSilent: this.#isSilent(name),
        entry: ballot?.value.cells[name] ?? null,
        rosterVersion: rosterVersion(await store.list(prefixes.votersOfCell(group, name))),
      })),
    );
  }

  standings(): readonly CellStanding[] {
    const nowMs = this.#deps.clock.monotonicMs();
    const alive = this.alive();
    return this.#cells.map((cell) => ({
      ...cell,
      isSilent: this.#isSilent(cell.name),
      signAgeMs: cell.name === this.#options.cell ? 0 : this.#signs.ageMs(cell.name, nowMs),
      coordinators: alive.filter((sign) => sign.cell === cell.name).map(({ id }) => id),
    }));
  }

  alive(): readonly CoordinatorSign[] {
    return this.#signs.alive(this.#options.silentMs, this.#deps.clock.monotonicMs());
  }

  async retire(name: string, by: { readonly owner: string; readonly reason: string }): Promise<string | null> {
    const { clock } = this.#deps;
    await this.#readCells();
    if (!this.#cells.some((cell) => cell.name === name)) return `there is no cell ${name}`;
    if (!this.#isSilent(name)) return `cell ${name} gives signs of life: stop its coordinators first`;
    const atMs = clock.nowMs();
    const message = `given up by ${by.owner}: ${by.reason}; its agents count no more`;
    await this.#put(name, { ...by, atMs }, this.#event(name, 'RETIRED', message));
    const isGone = await this.#dropVoters(name);
    await this.#readCells();
    return isGone ? null : `cell ${name} came back meanwhile, and counts again`;
  }

  /** Takes a given-up cell off the rosters. False when it came back: its agents may be voters anew, and stay. */
  async #dropVoters(name: string): Promise<boolean> {
    const { store } = this.#deps;
    for (let conflicts = 0; conflicts < conflictsMax;) {
      const cell = await store.get(keys.cell(name));
      if (cell?.value.retired == null) return false;
      const voters = (await store.list(prefixes.allVoters)).filter(({ value }) => value.cell === name);
      if (voters.length === 0) return true;
      const writes = [
        { key: cell.key, value: cell.value, ifRevision: cell.revision },
        ...voters.slice(0, votersAtOnce).map(({ key, revision }) => ({ key, value: null, ifRevision: revision })),
      ];
      const { outcome } = await store.commit({ writes });
      if (outcome !== 'committed') conflicts += 1;
    }
    throw new Error(`the rosters of cell ${name} change all the time`);
  }

  #isSilent(name: string): boolean {
    if (name === this.#options.cell) return false;
    const ageMs = this.#signs.ageMs(name, this.#deps.clock.monotonicMs());
    return ageMs === null || ageMs > this.#options.silentMs;
  }

  /**
   * A cell counts before any of its agents is told anything: one that is new, one that was given up and comes back, and
   * one that the store has lost.
   */
  async #register(): Promise<void> {
    const { cell } = this.#options;
    const known = this.#cells.find(({ name }) => name === cell);
    const isBack = known !== undefined;
    const message = isBack ? `it had been given up by ${known.retired?.owner ?? ''}, and counts again` : 'first seen';
    await this.#put(cell, null, this.#event(cell, isBack ? 'BACK' : 'REGISTERED', message));
    await this.#readCells();
    // Its agents were taken off the rosters; those that are connected are voters again.
    for (const { value } of await this.#deps.store.list(prefixes.groups)) this.#deps.fanout.recompare(value.name);
  }

  async #put(name: string, retired: Cell['retired'], event: NewEvent): Promise<void> {
    const { store, clock } = this.#deps;
    const key = keys.cell(name);
    await commitFact(store, async () => {
      const stored = await store.get(key);
      const value: Cell = { name, sinceMs: stored?.value.sinceMs ?? clock.nowMs(), retired };
      return { writes: [{ key, value, ifRevision: stored?.revision ?? 0 }], events: [event] };
    });
  }

  async #readCells(): Promise<void> {
    this.#cells = (await this.#deps.store.list(prefixes.cells)).map(({ value }) => value);
    const own = this.#cells.find(({ name }) => name === this.#options.cell);
    const isCounted = own?.retired === null;
    if (!this.#isStopped && !isCounted && this.#options.cell !== '') await this.#register();
  }

  async #readSign(key: string): Promise<void> {
    const id = key.slice(prefixes.coordinators.length);
    const stored = await this.#deps.store.get(keys.coordinator(id));
    this.#take(id, stored?.value ?? null);
  }

  #take(id: string, sign: CoordinatorSign | null): void {
    this.#signs.take(id, sign, this.#deps.clock.monotonicMs());
  }

  async #sign(): Promise<void> {
    const { store, clock, agents } = this.#deps;
    const { coordinatorId: id, cell, mayDecide } = this.#options;
    this.#beat += 1;
    const beat = clock.nowMs() + this.#beat;
    const value: CoordinatorSign = { id, cell, beat, agents: agents(), mayDecide, atMs: clock.nowMs() };
    const stale = this.#signs.stale(staleMs, clock.monotonicMs()).filter((other) => other !== id);
    const writes = [
      { key: keys.coordinator(id), value, ifRevision: null },
      ...stale.map((other) => ({ key: keys.coordinator(other), value: null, ifRevision: null })),
    ];
    await store.commit({ writes });
  }

  #schedule(): void {
    const { clock, onSilent } = this.#deps;
    this.#cancelTimer = clock.setTimer(this.#options.signMs, () => {
      for (const { name, retired } of this.#cells) onSilent(name, retired === null && this.#isSilent(name));
      void this.#sign()
        .catch(this.#noteFailure)
        .then(() => {
          if (!this.#isStopped) this.#schedule();
        });
    });
  }

  readonly #noteFailure = (error: unknown): void => {
    this.#deps.log.warn({ err: error }, 'signs of life could not be given or read');
  };

  #event(cell: string, reason: string, message: string): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), group: '', kind: 'CELL', subject: cell, reason, message };
  }
}
