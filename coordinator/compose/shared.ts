import type { systemClock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { EmbeddedStore } from '../adapters/store-embedded.ts';
import type { TermKeeper } from '../loops/term-keeper.ts';
import type { Metrics } from '../ports.ts';

/** What most parts of a coordinator are made with. */
export type Shared = {
  readonly store: EmbeddedStore;
  readonly clock: typeof systemClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly term: TermKeeper;
};
