import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { CoordinatorError } from '../errors.ts';
import type { ReplicaSight } from './store-redis-replicas.ts';
import { type ScriptName, scripts } from './store-redis-scripts.ts';

/** One connection, opened and sealed: what runs on it runs on one life of one server. */
export type RedisSession = {
  readonly client: Redis;
  /** The server's run id and the store's: calls are refused where that is another one meanwhile. */
  run: string;
  /** The server's clock, at least, minus ours that never goes back. */
  clockOffsetMs: number;
  replicas: ReplicaSight;
};

export type RedisLinkOptions = {
  /** Connects, and finds the server fit for use. `onLost` is called once when the connection ends. */
  readonly open: (onLost: (reason: string) => void) => Promise<RedisSession>;
  /** The store for people: stands in every error. */
  readonly title: string;
  readonly deadlineMs: number;
  readonly inFlightMax: number;
  readonly onChange: () => void;
};

const backoff = { baseMs: 25, maxMs: 1000 };

/** What Redis answers when another connection may do better: elsewhere, or a moment later. */
const transient = /^(READONLY|LOADING|MASTERDOWN|NOREPLICAS|NOSCRIPT|UNBLOCKED|CLUSTERDOWN|TRYAGAIN|BUSY|MOVED)\b/;
/** What nobody cures by waiting: a start that meets it fails at once. */
const permanent = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR Client sent AUTH)|certificate|Hostname\/IP/;

/** A server that is not fit for use, in words. */
export class RedisUnfit extends Error {
  readonly isPermanent: boolean;

  constructor(message: string, isPermanent: boolean) {
    super(message);
    this.name = 'RedisUnfit';
    this.isPermanent = isPermanent;
  }
}

/** The connection may be of no use any more: what ran on it is asked again on another one. */
export class RedisLost extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RedisLost';
  }
}

/**
 * Keeps one connection to Redis: makes another when it is lost, with growing pauses, and runs what it is given on the
 * one that there is. Everything run must bear being run twice. Nothing waits longer than its deadline, and after the
 * server was away for one deadline nothing waits at all.
 */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  #session: RedisSession | null = null;
  #waiting = new Set<() => void>();
  #inFlight = 0;
  #attempts = 0;
  #downSinceMs: number | null = performance.now();
  #problem = 'it was not reached yet';
  #isPermanent = false;
  #isStopped = true;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
  }

  /** Why there is no connection; null when there is one. */
  get problem(): string | null {
    return this.#session === null ? this.#problem : null;
  }

  /** Connects. @throws {CoordinatorError} STORE_UNAVAILABLE when there is no connection by then, or there cannot be. */
  async start(deadlineMs: number): Promise<void> {
    this.#isStopped = false;
    this.#downSinceMs = performance.now();
    void this.#connect();
    const deadlineAtMs = performance.now() + deadlineMs;
    while (this.#session === null && !this.#isPermanent && performance.now() < deadlineAtMs) {
      await this.#change(deadlineAtMs);
    }
    if (this.#session === null) throw this.#unavailable(this.#problem);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#problem = 'it was closed';
    if (this.#session !== null) this.#lose(this.#session, this.#problem);
    this.#announce();
  }

  /**
   * Runs `action` on the connection, again on another one when it was lost meanwhile.
   *
   * @throws {CoordinatorError} STORE_UNAVAILABLE; whether a change was made is then not known.
   */
  async run<T>(action: (session: RedisSession, deadlineAtMs: number) => Promise<T>, extraMs = 0): Promise<T> {
    const { inFlightMax, deadlineMs } = this.#options;
    if (this.#inFlight >= inFlightMax) throw this.#unavailable(`${inFlightMax} calls wait for it already`);
    const deadlineAtMs = performance.now() + deadlineMs + extraMs;
    this.#inFlight += 1;
    try {
      for (;;) {
        const session = await this.#usable(deadlineAtMs);
        try {
          const answer = await within(action(session, deadlineAtMs), deadlineAtMs);
          this.#attempts = 0;
          return answer;
        } catch (error) {
          this.#check(session, error);
        }
        if (performance.now() >= deadlineAtMs) throw this.#unavailable(this.#problem);
      }
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Gives up the connection, if it still is this one. */
  drop(session: RedisSession, reason: string): void {
    this.#lose(session, reason);
  }

  /** Passes what another connection cures; throws the rest. */
  #check(session: RedisSession, error: unknown): void {
    if (error instanceof CoordinatorError || error instanceof assert.AssertionError) throw error;
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ReplyError' && !transient.test(error.message)) throw this.#unavailable(error.message);
    this.#lose(session, error.message);
  }

  async #usable(deadlineAtMs: number): Promise<RedisSession> {
    while (this.#session === null) {
      const downForMs = this.#downSinceMs === null ? 0 : performance.now() - this.#downSinceMs;
      if (this.#isStopped || downForMs > this.#options.deadlineMs || performance.now() >= deadlineAtMs) {
        // A caller that asks again at once must not keep the timer of the next connect from firing.
        await new Promise(setImmediate);
        throw this.#unavailable(this.#problem);
      }
      await this.#change(deadlineAtMs);
    }
    return this.#session;
  }

  #change(deadlineAtMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, deadlineAtMs - performance.now()));
      this.#waiting.add(done);
    });
  }

  async #connect(): Promise<void> {
    const opening: { session: RedisSession | null; lost: string | null } = { session: null, lost: null };
    try {
      opening.session = await this.#options.open((reason) => {
        opening.lost = reason;
        if (opening.session !== null) this.#lose(opening.session, reason);
      });
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#isPermanent = isPermanent(error);
    }
    const { session, lost } = opening;
    if (session !== null && !this.#isStopped && lost === null) {
      this.#session = session;
      this.#downSinceMs = null;
    } else {
      session?.client.disconnect();
      if (lost !== null) this.#problem = lost;
      this.#reconnect();
    }
    this.#announce();
  }

  #reconnect(): void {
    if (this.#isStopped) return;
    const delayMs =
      this.#attempts === 0 ? 0 : Math.random() * Math.min(backoff.maxMs, backoff.baseMs * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 10);
    this.#timer = setTimeout(() => void this.#connect(), delayMs);
  }

  #lose(session: RedisSession, reason: string): void {
    if (this.#session !== session) return;
    this.#session = null;
    if (!this.#isStopped) this.#problem = reason;
    this.#downSinceMs ??= performance.now();
    session.client.disconnect();
    this.#announce();
    this.#reconnect();
  }

  #announce(): void {
    for (const resume of [...this.#waiting]) resume();
    this.#options.onChange();
  }

  #unavailable(reason: string): CoordinatorError {
    return new CoordinatorError('STORE_UNAVAILABLE', `the store ${this.#options.title}: ${reason}`);
  }
}

function isPermanent(error: unknown): boolean {
  if (error instanceof RedisUnfit) return error.isPermanent;
  // A secret or a file is missing.
  return error instanceof CoordinatorError || (error instanceof Error && permanent.test(error.message));
}

/** Runs one of the store's scripts. */
export function runScript(
  { client }: RedisSession,
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return client.evalsha(scripts[name].sha, keys.length, ...keys, ...args);
}

/** @throws {RedisLost} when it takes longer. What comes of it then is ignored. */
export async function within<T>(promise: Promise<T>, deadlineAtMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new RedisLost('it does not answer in time'));
      },
      Math.max(1, deadlineAtMs - performance.now()),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
