/** Runs tasks one after the other, in the order in which they came: ProxySQL's one lock around every admin statement. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as `task` does. A failed task does not stop the next. */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
