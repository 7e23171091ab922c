import type { Welcome } from '../core/messages.ts';
import type { StreamEnd } from '../core/reconnect.ts';
import type { Session } from '../core/session.ts';
import type { CoordinatorStream } from '../ports.ts';

/** One stream, from its Hello to its end. */
export type Conversation = {
  readonly stream: CoordinatorStream;
  readonly finish: (reason: string) => void;
  session: Session | null;
  welcome: Welcome | null;
  /** When SyncDone came, on the clock that never goes back. */
  syncedAtMs: number | null;
  /** Groups that this coordinator said it does not know. */
  readonly unknown: Set<string>;
  /** The coordinator's wish for the next connection. */
  asked: StreamEnd['asked'];
  /** By group: stops waiting for the newest update to be slow. */
  readonly cancelSlow: Map<string, () => void>;
  /** Messages are taken one after another: an epoch is on disk before the update behind it is looked at. */
  receiving: Promise<void>;
};
