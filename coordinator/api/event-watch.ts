import { type ServerWritableStream, status as grpcStatus } from '@grpc/grpc-js';
import type { Event } from '../../proto/gen/chester/v1/Event.ts';
import type { WatchEventsRequest__Output } from '../../proto/gen/chester/v1/WatchEventsRequest.ts';
import type { Logger } from '../../process/log.ts';
import type { Store } from '../ports.ts';

type WatchCall = ServerWritableStream<WatchEventsRequest__Output, Event>;
type WatchDeps = { readonly store: Store; readonly log: Logger };

const eventsPerRead = 200;

/** Sends kept events, then new ones. A watcher that does not read is waited for, never queued for. */
export function watchEvents(deps: WatchDeps, call: WatchCall): void {
  const { afterSequence, newOnly } = call.request;
  const start = newOnly ? deps.store.lastEventSequence() : Promise.resolve(afterSequence);
  start.then(
    (sequence) => {
      if (call.cancelled) return;
      const watch = new EventWatch(deps, call, Math.max(afterSequence, sequence));
      const unwatch = deps.store.watchEvents(() => {
        watch.wake();
      });
      call.on('cancelled', unwatch);
      call.on('close', unwatch);
      watch.wake();
    },
    (error: unknown) => {
      fail(deps, call, error);
    },
  );
}

class EventWatch {
  readonly #deps: WatchDeps;
  readonly #call: WatchCall;
  #afterSequence: number;
  #isPumping = false;
  #isWoken = false;

  constructor(deps: WatchDeps, call: WatchCall, afterSequence: number) {
    this.#deps = deps;
    this.#call = call;
    this.#afterSequence = afterSequence;
  }

  /** Says that there may be events to send. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#pump()
      .catch((error: unknown) => {
        this.#isWoken = false;
        fail(this.#deps, this.#call, error);
      })
      .finally(() => {
        this.#isPumping = false;
        if (this.#isWoken) this.wake();
      });
  }

  async #pump(): Promise<void> {
    let isMore = true;
    while (isMore) {
      this.#isWoken = false;
      const { group } = this.#call.request;
      const query = { afterSequence: this.#afterSequence, limit: eventsPerRead, ...(group === '' ? {} : { group }) };
      const events = await this.#deps.store.readEvents(query);
      for (const event of events) {
        if (this.#call.cancelled) return;
        this.#afterSequence = event.sequence;
        if (!this.#call.write(event)) await drained(this.#call);
      }
      isMore = events.length === eventsPerRead;
    }
  }
}

/** Waits until the watcher has read, or is gone. */
function drained(call: WatchCall): Promise<void> {
  const signs = ['drain', 'cancelled', 'close'] as const;
  return new Promise((resolve) => {
    if (call.cancelled) {
      resolve();
      return;
    }
    const go = (): void => {
      for (const sign of signs) call.off(sign, go);
      resolve();
    };
    for (const sign of signs) call.on(sign, go);
  });
}

function fail({ log }: WatchDeps, call: WatchCall, error: unknown): void {
  log.error({ err: error }, 'watching events failed');
  if (!call.cancelled)
    call.emit('error', { code: grpcStatus.UNAVAILABLE, details: 'events cannot be read now; try again' });
}
