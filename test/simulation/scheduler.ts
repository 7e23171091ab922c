type Entry = { readonly atMs: number; readonly order: number; run: (() => void) | null };

/** Virtual time: what is due runs in the order of its time, then of its asking. */
export class Scheduler {
  /** Since the world began; never goes back. */
  nowMs = 0;
  /** What ran so far. */
  steps = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Runs `run` after `delayMs`; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, run };
    this.#order += 1;
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** Runs the next thing; false when nothing is left. Waits until all promises that wait for nothing else are settled. */
  async step(): Promise<boolean> {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      if (entry.run === null) continue;
      this.nowMs = entry.atMs;
      this.steps += 1;
      entry.run();
      await settled();
      return true;
    }
    return false;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Waits until all promises that wait for nothing outside are settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    // The queue of ticks comes after that of promises: no turn of the event loop is needed.
    process.nextTick(resolve);
  });
}
