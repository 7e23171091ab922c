import type { systemClock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { TermKeeper } from '../loops/term-keeper.ts';
import type { Metrics, Store } from '../ports.ts';

/** What most parts of a coordinator are made with. */
export type Shared = {
  readonly store: Store;
  readonly clock: typeof systemClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly term: TermKeeper;
};
