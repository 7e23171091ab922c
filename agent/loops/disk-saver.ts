import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Module } from '../core/table.ts';
import type { ProxyAdmin } from '../ports.ts';

/** ProxySQL killed while it saves can lose the table: saved is what has been quiet for this long. */
const quietMs = 30_000;

export type DiskSaverDeps = {
  readonly admin: Pick<ProxyAdmin, 'saveToDisk' | 'countUnsaved'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Saves to ProxySQL's disk what the agent changed, if it was told to, and looks whether it is there. */
export class DiskSaver {
  readonly #deps: DiskSaverDeps;
  readonly #isOn: boolean;
  #unsaved = new Set<Module>();
  /** Monotonic. */
  #changedAtMs = 0;

  constructor(deps: DiskSaverDeps, isOn: boolean) {
    this.#deps = deps;
    this.#isOn = isOn;
  }

  /** Notes that memory was changed by us. */
  noteChange(module: Module): void {
    if (!this.#isOn) return;
    this.#unsaved.add(module);
    this.#changedAtMs = this.#deps.clock.monotonicMs();
  }

  /** How long until there is something to save; `null`: nothing. */
  get delayMs(): number | null {
    if (this.#unsaved.size === 0) return null;
    return Math.max(1, this.#changedAtMs + quietMs - this.#deps.clock.monotonicMs());
  }

  /** Saves what is due. A save writes whole tables: nobody else's edit may be pending. @throws {AgentError} */
  async saveDue(): Promise<void> {
    const { admin, clock, log } = this.#deps;
    if (this.#unsaved.size === 0 || clock.monotonicMs() - this.#changedAtMs < quietMs) return;
    const modules = [...this.#unsaved];
    for (const module of modules) await admin.saveToDisk(module);
    const left = await admin.countUnsaved(modules);
    if (left === 0) {
      this.#unsaved = new Set();
      log.info({ modules }, 'saved to disk');
      return;
    }
    this.#changedAtMs = clock.monotonicMs();
    log.warn({ modules, rows: left }, 'disk differs from memory after a save: saving again later');
  }
}
