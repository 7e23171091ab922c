import { type ServerWritableStream, status as grpcStatus } from '@grpc/grpc-js';
import type { Event } from '../../proto/gen/chester/v1/Event.ts';
import type { WatchEventsRequest__Output } from '../../proto/gen/chester/v1/WatchEventsRequest.ts';
import type { Logger } from '../../process/log.ts';
import { fleetOfSettings } from '../core/fleet-settings.ts';
import { keys } from '../core/records.ts';
import type { Store } from '../ports.ts';
import { grpcCodes } from './admin-call.ts';
import { type AdminFault, notFound } from './admin-result.ts';
import { errorMetadata } from './error-details.ts';

type WatchCall = ServerWritableStream<WatchEventsRequest__Output, Event>;
type WatchDeps = { readonly store: Store; readonly log: Logger };

const eventsPerRead = 200;

/** Sends kept events, then new ones. A watcher that does not read is waited for, never queued for. */
export function watchEvents(deps: WatchDeps, call: WatchCall): void {
  const { afterSequence } = call.request;
  findStart(deps.store, call.request).then(
    (sequence) => {
      if (call.cancelled) return;
      if (typeof sequence !== 'number') {
        const code = grpcCodes[sequence.code];
        call.emit('error', { code, details: sequence.message, metadata: errorMetadata(sequence, code) });
        return;
      }
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

/** Where a watch begins, or why it cannot: nobody waits in silence for what cannot come, or misses what is gone. */
async function findStart(
  store: Store,
  { group, afterSequence, newOnly }: WatchEventsRequest__Output,
): Promise<number | AdminFault> {
  if (group !== '' && !(await isHeardOf(store, group))) return notFound(group);
  const last = await store.lastEventSequence();
  if (newOnly) return last;
  if (afterSequence === 0) return 0;
  const [oldest] = await store.readEvents({ afterSequence: 0, limit: 1 });
  const first = oldest?.sequence ?? last + 1;
  if (afterSequence >= first - 1 && afterSequence <= last) return afterSequence;
  const kept = oldest === undefined ? 'none are kept' : `kept are ${first} to ${last}`;
  const message = `events after ${afterSequence} are not known any more (${kept}): begin again with after_sequence 0`;
  return { ok: false, code: 'OUT_OF_RANGE', reason: 'EVENTS_EXPIRED', message };
}

/** A group that is declared, or that events tell of; a fleet's settings go by a name of their own. */
async function isHeardOf(store: Store, group: string): Promise<boolean> {
  const fleet = fleetOfSettings(group);
  const declared = fleet === null ? await store.get(keys.group(group)) : await store.get(keys.fleet(fleet));
  return declared !== null || (await store.readEvents({ afterSequence: 0, limit: 1, group })).length > 0;
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
