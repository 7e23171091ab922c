import type { Logger } from './log.ts';

/** Something that runs until it is stopped. `stop` can be called twice and before `start`. */
export interface Component {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}

export type LifecycleOptions = {
  readonly log: Logger;
  /** For all components together; what is not stopped by then is abandoned. */
  readonly stopDeadlineMs: number;
  /** Ends the process; a test passes its own. */
  readonly exit?: (code: number) => void;
};

/**
 * Starts components in order and stops them in reverse under one deadline.
 * A component that fails to start stops those before it; the first signal stops, the second exits at once.
 */
export class Lifecycle {
  readonly #components: readonly Component[];
  readonly #options: LifecycleOptions;
  readonly #started: Component[] = [];
  #stopping: Promise<boolean> | null = null;
  /** The component that starts now; it is stopped once it has. */
  #starting: Promise<void> = Promise.resolve();

  constructor(components: readonly Component[], options: LifecycleOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** @throws what the failing component threw, after those before it were stopped. */
  async start(): Promise<void> {
    for (const component of this.#components) {
      if (this.#stopping !== null) return;
      try {
        this.#started.push(component);
        const starting = Promise.resolve(component.start());
        this.#starting = starting.catch(() => undefined);
        await starting;
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  /** Stops what was started. Resolves to false when the deadline passed first. */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Stops and exits on SIGTERM and SIGINT: 0 when all stopped in time, else 1. A second signal exits 1 at once. */
  stopOnSignals(): void {
    const exit = this.#options.exit ?? ((code) => process.exit(code));
    let signalled = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (signalled) {
          exit(1);
          return;
        }
        signalled = true;
        this.#options.log.info({ signal }, 'stopping');
        void this.stop().then((isClean) => {
          exit(isClean ? 0 : 1);
        });
      });
    }
  }

  async #stopAll(): Promise<boolean> {
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      deadline = setTimeout(() => {
        resolve(false);
      }, this.#options.stopDeadlineMs);
    });
    const isClean = await Promise.race([this.#stopInReverse(), late]);
    clearTimeout(deadline);
    if (!isClean) this.#options.log.error({ stopDeadlineMs: this.#options.stopDeadlineMs }, 'stop deadline passed');
    return isClean;
  }

  async #stopInReverse(): Promise<boolean> {
    let isClean = true;
    await this.#starting;
    for (const component of this.#started.reverse()) {
      try {
        await component.stop();
      } catch (error) {
        isClean = false;
        this.#options.log.error({ component: component.name, err: error }, 'component failed to stop');
      }
    }
    return isClean;
  }
}
