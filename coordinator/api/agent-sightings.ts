import type { Store } from '../ports.ts';

const eventsPerRead = 1000;
/** Older events are not gone through for this. */
const eventsBackMax = 20_000;
const agentsMax = 50_000;
const signs: readonly string[] = ['CONNECTED', 'DISCONNECTED', 'REPLACED', 'REFUSED'];

/** When each agent was last told of in the events: of one that is away, when its stream ended. */
export class AgentSightings {
  readonly #store: Store;
  readonly #seenAtMs = new Map<string, number>();
  #afterSequence: number | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  async read(): Promise<ReadonlyMap<string, number>> {
    const next = this.#reading.then(() => this.#catchUp());
    this.#reading = next.catch(() => undefined);
    await next;
    return this.#seenAtMs;
  }

  async #catchUp(): Promise<void> {
    const last = await this.#store.lastEventSequence();
    let after = this.#afterSequence ?? (await this.#start(last));
    while (after < last) {
      const events = await this.#store.readEvents({ afterSequence: after, limit: eventsPerRead });
      for (const { kind, reason, subject, atMs } of events) {
        if (kind === 'AGENT' && signs.includes(reason) && this.#hasRoom(subject)) this.#seenAtMs.set(subject, atMs);
      }
      after = events.at(-1)?.sequence ?? last;
    }
    this.#afterSequence = after;
  }

  /** So many events back, unless numbers are left out on the way: then they do not tell how many events there are. */
  async #start(last: number): Promise<number> {
    const after = Math.max(0, last - eventsBackMax);
    const [next] = await this.#store.readEvents({ afterSequence: after, limit: 1 });
    return next?.sequence === after + 1 ? after : 0;
  }

  #hasRoom(agentId: string): boolean {
    return this.#seenAtMs.has(agentId) || this.#seenAtMs.size < agentsMax;
  }
}
