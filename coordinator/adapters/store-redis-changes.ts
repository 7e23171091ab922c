import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisHistory, SealedHead } from './store-redis-history.ts';
import type { RedisLink } from './store-redis-link.ts';
import type { StoreWatchers } from './store-watchers.ts';

export type RedisChangesDeps = {
  readonly link: RedisLink;
  readonly stream: string;
  readonly history: RedisHistory;
  readonly watchers: StoreWatchers;
  /** Every key that there is. */
  readonly listKeys: () => Promise<readonly string[]>;
  /** By another connection. */
  readonly readHead: () => Promise<SealedHead>;
};

type Entry = readonly [id: string, fields: readonly string[]];

const blockMs = 1000;
const entriesMax = 256;
const pauseMs = 100;
/** How often, and after how long each time, what was committed is looked for among what was told. */
const [toldTriesMax, toldPauseMs] = [10, 20];
/** Of keys that were there or were told, kept to be told again after a gap: they may have gone in it. */
const knownMax = 100_000;

/**
 * Follows the stream of changes, commit by commit. Each entry names the one before it, so a gap shows itself whatever
 * made it: a trimmed stream, a failover, a restore. Behind a gap all keys are told.
 */
export class RedisChanges {
  readonly #deps: RedisChangesDeps;
  readonly #known = new Set<string>();
  #position = 0;
  #hasGap = false;
  #isStopped = true;
  #following: Promise<void> = Promise.resolve();

  constructor(deps: RedisChangesDeps) {
    this.#deps = deps;
  }

  /** Follows from behind `revision`, where `keys` were there. */
  start(revision: number, keys: readonly string[]): void {
    this.#position = revision;
    for (const key of keys) this.#remember(key);
    this.#isStopped = false;
    this.#following = this.#follow();
  }

  /** Ends once its connection is closed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#following;
  }

  /** Whether all that the server has now was told, of which it waits for what is on its way. */
  async isTold(): Promise<boolean> {
    const before = this.#position;
    const { revision } = await this.#deps.readHead();
    // A server behind what was told is another one, or went back: what that means is for those who look.
    if (revision < before) return false;
    for (let left = toldTriesMax; left > 0; left -= 1) {
      if (this.#isStopped) return false;
      if (!this.#hasGap && this.#position >= revision) return true;
      await sleep(toldPauseMs);
    }
    return false;
  }

  async #follow(): Promise<void> {
    let expected = 0;
    while (!this.#isStopped) {
      try {
        if (this.#hasGap) await this.#tellAll();
        expected = await this.#read(expected);
      } catch {
        // The link has said why. It is tried again for as long as this runs.
        await sleep(pauseMs);
      }
    }
  }

  /** Reads once. When nothing came: the revision that has to come, or this connection sees another server's past. */
  async #read(expected: number): Promise<number> {
    const { link, stream } = this.#deps;
    const { session, reply } = await link.run(async (used) => {
      const from = `${this.#position}-0`;
      const answer = await used.client.xread('COUNT', entriesMax, 'BLOCK', blockMs, 'STREAMS', stream, from);
      return { session: used, reply: answer };
    }, blockMs);
    const entries = (reply?.[0]?.[1] ?? []) as readonly Entry[];
    for (const entry of entries) this.#take(entry);
    if (entries.length > 0 || this.#isStopped) return 0;
    if (this.#position < expected) link.drop(session, 'it is behind the primary');
    return (await this.#deps.readHead()).revision;
  }

  #take([id, fields]: Entry): void {
    const revision = Number(id.split('-')[0]);
    const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
    if (Number(field('p')) !== this.#position) this.#hasGap = true;
    this.#position = revision;
    // Behind a gap nothing counts as seen before it was asked what is missing.
    if (!this.#hasGap) this.#deps.history.note(revision);
    const changedKeys = JSON.parse(field('k')) as string[];
    for (const key of changedKeys) this.#remember(key);
    this.#deps.watchers.announce({ changedKeys, hasEvents: field('e') !== '0', revision });
  }

  async #tellAll(): Promise<void> {
    const { history, readHead, listKeys } = this.#deps;
    const { seenRevision } = history;
    history.compare(await readHead(), seenRevision);
    const keys = await listKeys();
    const changedKeys = [...new Set([...keys, ...this.#known])];
    for (const key of keys) this.#remember(key);
    this.#hasGap = false;
    this.#deps.watchers.announce({ changedKeys, hasEvents: true });
  }

  #remember(key: string): void {
    this.#known.delete(key);
    this.#known.add(key);
    if (this.#known.size > knownMax) this.#known.delete(this.#known.values().next().value ?? '');
  }
}
