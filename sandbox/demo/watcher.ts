import type { ClientReadableStream } from '@grpc/grpc-js';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { AdminClient } from './admin-client.ts';

type Waiter = { readonly wanted: (event: Event__Output) => boolean; readonly resolve: (event: Event__Output) => void };

/** Remembers the coordinator's events and lets one wait for those to come. */
export class EventWatcher {
  readonly events: Event__Output[] = [];
  readonly #stream: ClientReadableStream<Event__Output>;
  readonly #waiters = new Set<Waiter>();

  constructor(client: AdminClient, group: string, afterSequence = 0) {
    this.#stream = client.watch(group, afterSequence);
    this.#stream.on('data', (event: Event__Output) => {
      this.#take(event);
    });
    // A lost stream shows as a wait that ends by its deadline.
    this.#stream.on('error', () => undefined);
  }

  /** Resolves with the first event, past or to come, that is wanted. @throws {Error} after `deadlineMs`. */
  async next(what: string, wanted: (event: Event__Output) => boolean, deadlineMs: number): Promise<Event__Output> {
    const past = this.events.find(wanted);
    if (past !== undefined) return past;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`waited ${deadlineMs / 1000} s for: ${what}`));
      }, deadlineMs);
    });
    let waiter: Waiter | undefined;
    const come = new Promise<Event__Output>((resolve) => {
      waiter = { wanted, resolve };
      this.#waiters.add(waiter);
    });
    try {
      return await Promise.race([come, late]);
    } finally {
      clearTimeout(timer);
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  close(): void {
    this.#stream.cancel();
  }

  #take(event: Event__Output): void {
    this.events.push(event);
    for (const waiter of this.#waiters) if (waiter.wanted(event)) waiter.resolve(event);
  }
}
