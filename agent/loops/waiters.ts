/** Those who wait for something to have happened. */
export class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `release`, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.#waiting.push(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const finish of waiting) finish();
  }
}
