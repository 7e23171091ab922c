import { backoffDelayMs } from '../../process/backoff.ts';
import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import type { NotificationSink } from '../ports.ts';

export type PubSubIntakeDeps = {
  readonly sink: NotificationSink;
  readonly clock: Clock;
  readonly log: Logger;
  /** Opens one pull of the subscription; Google's client unless a test brings its own. */
  readonly openPull?: OpenPull;
};

export type PubSubIntakeOptions = {
  /** `projects/P/subscriptions/S`. */
  readonly subscription: string;
  /**
   * How long a message that could not be taken is held back at first; twice as long each time, up to a minute. A store
   * that is away must not use up the attempts after which Pub/Sub moves a message to the dead-letter topic.
   */
  readonly nackPauseMs?: number;
  /** After so many failures a message is set aside with what failed, if the store takes that. */
  readonly failuresMax?: number;
  /** Between two pulls, when one broke. */
  readonly reopen?: { readonly baseMs: number; readonly maxMs: number };
};

export type PulledMessage = { readonly id: string; readonly data: Buffer; ack(): void; nack(): void };

/** A running pull. `close` returns when the messages that it handed out are answered, or after a while. */
export type Pull = { close(): Promise<void> };
export type PullListener = {
  readonly onMessage: (message: PulledMessage) => void;
  /** The pull is over; can come more than once. */
  readonly onError: (error: unknown) => void;
};
export type OpenPull = (subscription: string, listener: PullListener) => Promise<Pull>;

/** Google's largest message is 10 MB; a notification has a few KB. */
const messageBytesMax = 256 * 1024;
/** They share commits; one more than this waits at Google. */
const messagesAtOnce = 100;
const closeTimeoutMs = 5000;
const nackPauseMsMax = 60_000;
/** Failures are remembered of so many messages. */
const failuresKept = 1000;

/** gRPC's NOT_FOUND, PERMISSION_DENIED and UNAUTHENTICATED: waiting does not help. */
const needsSomebody = [5, 7, 16];

/**
 * Pulls notifications and hands them to the sink. A message is acknowledged only once the sink has taken it, so one that
 * is lost on the way comes again. Google's client ends a pull for good on errors that it does not know; it is then
 * opened anew, with a backoff.
 */
export class PubSubIntake implements Component {
  readonly name = 'pubsub-intake';
  readonly #deps: PubSubIntakeDeps;
  readonly #options: Required<PubSubIntakeOptions>;
  readonly #stopping = new AbortController();
  /** How often each message that is not taken yet has failed, by its id. */
  readonly #failures = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: PubSubIntakeDeps, options: PubSubIntakeOptions) {
    this.#deps = deps;
    this.#options = { nackPauseMs: 5000, failuresMax: 10, reopen: { baseMs: 500, maxMs: 30_000 }, ...options };
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Stops pulling and waits for the messages in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const hasReceived = await this.#pullUntilItBreaks(signal);
      if (hasReceived) attempt = 0;
      await sleep(this.#deps.clock, backoffDelayMs(this.#options.reopen, attempt), signal);
    }
  }

  /** Returns whether any message came. */
  async #pullUntilItBreaks(signal: AbortSignal): Promise<boolean> {
    let hasReceived = false;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    signal.addEventListener('abort', end, { once: true });
    try {
      const pull = await (this.#deps.openPull ?? openGooglePull)(this.#options.subscription, {
        onMessage: (message) => {
          hasReceived = true;
          void this.#take(message);
        },
        onError: (error) => {
          if (!signal.aborted) this.#report(error);
          end();
        },
      });
      if (!signal.aborted) await ended;
      await pull.close();
    } catch (error) {
      this.#report(error);
    } finally {
      signal.removeEventListener('abort', end);
    }
    return hasReceived;
  }

  async #take(message: PulledMessage): Promise<void> {
    const { sink, clock, log } = this.#deps;
    const given = { source: this.#options.subscription, text: textOf(message) };
    try {
      await sink.accept(given);
    } catch (error) {
      const failures = this.#countFailure(message.id);
      log.warn({ messageId: message.id, failures, err: error }, 'notification not taken, it will come again');
      if (failures < this.#options.failuresMax || !(await this.#setAside(given, failures))) {
        const pauseMs = Math.min(this.#options.nackPauseMs * 2 ** Math.min(failures - 1, 30), nackPauseMsMax);
        await sleep(clock, pauseMs, this.#stopping.signal);
        message.nack();
        return;
      }
    }
    this.#failures.delete(message.id);
    message.ack();
  }

  #countFailure(messageId: string): number {
    const failures = (this.#failures.get(messageId) ?? 0) + 1;
    this.#failures.delete(messageId);
    this.#failures.set(messageId, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > failuresKept && oldest !== undefined) this.#failures.delete(oldest);
    return failures;
  }

  /** A message that fails again and again while the store works is the cause itself: it stops nobody else. */
  async #setAside(given: { readonly source: string; readonly text: string }, failures: number): Promise<boolean> {
    try {
      await this.#deps.sink.accept({ ...given, fault: `it could not be stored in ${failures} attempts` });
      return true;
    } catch {
      return false; // The store itself is away, and this was told just now.
    }
  }

  #report(error: unknown): void {
    const { log } = this.#deps;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const fields = { subscription: this.#options.subscription, err: error };
    if (needsSomebody.includes(Number(code))) log.error(fields, 'subscription cannot be pulled');
    else log.warn(fields, 'pull broke off');
  }
}

/** A message too large to be a notification comes cut and with a note, so that the sink sets it aside. */
function textOf({ id, data }: PulledMessage): string {
  if (data.length <= messageBytesMax) return data.toString();
  const note = `[message ${id} has ${data.length} bytes, more than ${messageBytesMax}; cut]`;
  return `${note} ${data.subarray(0, messageBytesMax).toString()}`;
}

/** Google's client is loaded here, when it is needed: it takes half a second and 20 MB. */
async function openGooglePull(subscriptionName: string, listener: PullListener): Promise<Pull> {
  const { Duration, PubSub } = await import('@google-cloud/pubsub');
  const [, projectId = ''] = subscriptionName.split('/');
  const client = new PubSub({ projectId });
  const subscription = client.subscription(subscriptionName, {
    flowControl: { maxMessages: messagesAtOnce, allowExcessMessages: false },
    streamingOptions: { maxStreams: 1 },
    // Durations must be of the client's own class: a plain object passes the compiler and ends the process on close.
    closeOptions: { behavior: 'WAIT', timeout: Duration.from({ milliseconds: closeTimeoutMs }) },
  });
  // Stays for good: an error without a listener would end the process, also one that comes after the close.
  subscription.on('error', listener.onError);
  subscription.on('message', listener.onMessage);
  return {
    async close() {
      await subscription.close();
      await client.close();
    },
  };
}
