import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Applier } from './applier.ts';

/** Has the proxy looked at every so often, whoever changed what. */
export class DriftChecker implements Component {
  readonly name = 'drift-checker';
  readonly #deps: { readonly applier: Pick<Applier, 'check'>; readonly clock: Clock };
  readonly #intervalMs: number;
  #cancel: (() => void) | null = null;

  constructor(deps: { readonly applier: Pick<Applier, 'check'>; readonly clock: Clock }, intervalMs: number) {
    this.#deps = deps;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    this.#cancel = this.#deps.clock.setTimer(this.#intervalMs, () => {
      this.#deps.applier.check();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
