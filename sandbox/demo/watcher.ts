import { type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { AdminClient } from './admin-client.ts';

type Waiter = { readonly wanted: (event: Event__Output) => boolean; readonly resolve: (event: Event__Output) => void };

/** A channel to a coordinator that was away refuses calls until it has tried again. */
const againMs = 200;

/** Remembers the coordinator's events and lets one wait for those to come. */
export class EventWatcher {
  readonly events: Event__Output[] = [];
  readonly #watch: (afterSequence: number) => ClientReadableStream<Event__Output>;
  readonly #waiters = new Set<Waiter>();
  #stream: ClientReadableStream<Event__Output>;
  #again: NodeJS.Timeout | undefined;
  #afterSequence: number;

  constructor(client: AdminClient, group: string, afterSequence = 0) {
    this.#watch = (after) => client.watch(group, after);
    this.#afterSequence = afterSequence;
    this.#stream = this.#open();
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
    clearTimeout(this.#again);
    this.#stream.cancel();
  }

  /** A stream that is lost for another reason than its coordinator's absence shows as a wait that ends by its deadline. */
  #open(): ClientReadableStream<Event__Output> {
    const stream = this.#watch(this.#afterSequence);
    stream.on('data', (event: Event__Output) => {
      this.#take(event);
    });
    stream.on('error', ({ code }: ServiceError) => {
      if (code !== status.UNAVAILABLE) return;
      this.#again = setTimeout(() => (this.#stream = this.#open()), againMs).unref();
    });
    return stream;
  }

  #take(event: Event__Output): void {
    this.#afterSequence = event.sequence;
    this.events.push(event);
    for (const waiter of this.#waiters) if (waiter.wanted(event)) waiter.resolve(event);
  }
}
