import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../process/log.ts';
import type { StoreStanding } from '../core/doctor-store.ts';
import type { Key, Prefix, StoredEvent, Term } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import type {
  Commit,
  CommitResult,
  HistoryLoss,
  LeaseRequest,
  LeaseResult,
  Store,
  Stored,
  StoreHead,
  StoreInspector,
} from '../ports.ts';
import type { SecretReader } from './secrets.ts';
import { RedisChanges } from './store-redis-changes.ts';
import { type RedisTarget, renderTarget } from './store-redis-client.ts';
import { loadRedis } from './store-redis-load.ts';
import type { StoreDump } from './store-dump.ts';
import { RedisHistory, sealedHeadOf } from './store-redis-history.ts';
import { RedisLink, RedisLost, type RedisSession, runScript } from './store-redis-link.ts';
import { noteClock, openSession, readServer } from './store-redis-open.ts';
import { type Acknowledging, neededNow, replicasThatHave, shortage } from './store-redis-replicas.ts';
import { eventOf, pairsOf, storedOf } from './store-redis-replies.ts';
import { keyNames, type ScriptName } from './store-redis-scripts.ts';
import { StoreWatchers } from './store-watchers.ts';
import { assertDistinctKeys, jsonOf } from './store-writes.ts';

export type RedisStoreOptions = {
  readonly target: RedisTarget;
  /** What all keys begin with, in braces. */
  readonly prefix: string;
  /** Which replicas have acknowledged a commit or a lease before it counts. */
  readonly acknowledging: Acknowledging;
  /** Of every call. */
  readonly deadlineMs: number;
  readonly startDeadlineMs: number;
  readonly firstLeaseAfterMs: number;
  /** Whether it is opened to be loaded: then it may be half loaded. */
  readonly forLoad?: boolean;
  /** Called when the store is lost, with the reason, and when it is back, with null. */
  readonly onHealth?: (problem: string | null) => void;
};

const inFlightMax = 1024;
/** How many commits somebody may be behind and still be told of each. */
const changesMax = 10_000;

/**
 * The store of several coordinators: Redis, alone, behind Sentinels, or a managed one. Every step is one script on the
 * primary, and answered by as many replicas as were asked for. A call whose answer was lost is repeated on the next
 * connection until its deadline: a commit has an id by which it is done once.
 *
 * Three connections: for reads and commits, for the lease (a long list must not delay a renewal), and for changes.
 */
export class RedisStore implements Store, StoreInspector {
  readonly name = 'store';
  readonly #options: RedisStoreOptions;
  readonly #log: Logger;
  readonly #keys: readonly string[];
  readonly #title: string;
  readonly #history = new RedisHistory();
  readonly #watchers = new StoreWatchers();
  readonly #data: RedisLink;
  readonly #lease: RedisLink;
  readonly #feed: RedisLink;
  readonly #changes: RedisChanges;
  #problem: string | null = 'it was not reached yet';
  /** Why the last commit did not count; null when enough replicas had it. */
  #shortage: string | null = null;

  constructor(deps: { readonly secrets: SecretReader; readonly log: Logger }, options: RedisStoreOptions) {
    this.#options = options;
    this.#log = deps.log;
    this.#title = renderTarget(options.target);
    this.#keys = keyNames.map((name) => `{${options.prefix}}:${name}`);
    this.#history.watch((loss) => {
      this.#log.error({ store: this.#title, loss }, 'the store lacks what this coordinator has seen in it');
    });
    const shared = { ...deps, ...options, keys: this.#keys, history: this.#history, noted: new Set<string>() };
    const { deadlineMs } = options;
    const link = () =>
      new RedisLink({
        open: (onLost) => openSession(shared, onLost),
        title: this.#title,
        deadlineMs,
        inFlightMax,
        onChange: () => {
          this.#noteHealth();
        },
      });
    [this.#data, this.#lease, this.#feed] = [link(), link(), link()];
    this.#changes = new RedisChanges({
      link: this.#feed,
      stream: this.#keys[keyNames.indexOf('changes')] ?? '',
      history: this.#history,
      watchers: this.#watchers,
      listKeys: () => this.#listKeys(),
      readHead: async () => sealedHeadOf(await this.#read('head', [])),
    });
  }

  /** Why the store cannot be used now; null when it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Connects. @throws {CoordinatorError} STORE_UNAVAILABLE */
  async start(): Promise<void> {
    const { startDeadlineMs } = this.#options;
    try {
      await this.#data.start(startDeadlineMs);
      await Promise.all([this.#lease.start(startDeadlineMs), this.#feed.start(startDeadlineMs)]);
      const { revision } = await this.head();
      this.#changes.start(revision, await this.#listKeys());
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#log.info({ store: this.#title }, 'store opened');
  }

  async stop(): Promise<void> {
    for (const link of [this.#data, this.#lease, this.#feed]) link.stop();
    await this.#changes.stop();
  }

  async get<T>(key: Key<T>): Promise<Stored<T> | null> {
    const [value] = (await this.#read('get', [key])) as [string | null];
    return value === null ? null : storedOf(key, value);
  }

  async list<T>(prefix: Prefix<T>): Promise<readonly Stored<T>[]> {
    return pairsOf(await this.#read('list', [prefix])).map(([key, value]) => storedOf(key as Key<T>, value));
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const { writes, events = [], fencingToken } = commit;
    assertDistinctKeys(writes);
    const args = [
      fencingToken ?? '',
      changesMax,
      writes.length,
      events.length,
      ...writes.flatMap(({ key, value, ifRevision }) => [
        key,
        ifRevision ?? '',
        value === null ? '' : jsonOf(key, value),
      ]),
      ...events.flatMap(({ atMs, group, kind, subject, reason, message }) => [
        group,
        JSON.stringify([atMs, group, kind, subject, reason, message]),
      ]),
    ];
    const [outcome, detail = ''] = await this.#write('commit', args, {
      keys: [...this.#keys, `{${this.#options.prefix}}:commit:${randomUUID()}`],
      acknowledged: 'committed',
    });
    switch (outcome) {
      case 'committed':
        this.#history.note(Number(detail));
        return { outcome, revision: Number(detail) };
      case 'conflict':
        return { outcome, key: detail };
      default:
        assert(outcome === 'fenced');
        return { outcome, fencingToken: Number(detail) };
    }
  }

  async acquireLease({ holder, ttlMs, nowMs, tokenMin = 0, replaces }: LeaseRequest): Promise<LeaseResult> {
    const least = Math.ceil(Math.max(nowMs, tokenMin));
    assert(Number.isSafeInteger(least), 'a fencing token is a whole number');
    const args = [randomUUID(), holder, Math.ceil(ttlMs), least, replaces ?? ''];
    const [outcome, detail = '', remaining = ''] = await this.#write('acquireLease', args, { acknowledged: 'held' });
    if (outcome === 'taken') return { outcome, holder: detail, remainingMs: Number(remaining) };
    assert(outcome === 'held');
    return { outcome, term: { holder, fencingToken: Number(detail) } };
  }

  async renewLease({ fencingToken }: Term, ttlMs: number): Promise<boolean> {
    const [outcome] = await this.#write('renewLease', [fencingToken, Math.ceil(ttlMs)]);
    return outcome === 'renewed';
  }

  async releaseLease({ fencingToken }: Term): Promise<void> {
    await this.#write('releaseLease', [fencingToken]);
  }

  async leaseHolder(): Promise<string | null> {
    const [holder = ''] = await this.#read('leaseHolder', []);
    return holder === '' ? null : holder;
  }

  async head(): Promise<StoreHead> {
    const { storeId, revision, fencingToken } = sealedHeadOf(await this.#read('head', []));
    return { storeId, revision, fencingToken };
  }

  async standing(): Promise<StoreStanding> {
    const place = this.#title;
    try {
      const { acknowledging } = this.#options;
      const server = await this.#data.run(({ client }) => readServer(client, acknowledging));
      return { place, problem: this.#problem, server };
    } catch (error) {
      return {
        place,
        problem: this.#problem ?? (error instanceof Error ? error.message : String(error)),
        server: null,
      };
    }
  }

  watchHistory(onLoss: (loss: HistoryLoss) => void): () => void {
    return this.#history.watch(onLoss);
  }

  watch(prefix: string, onChange: (keys: readonly string[]) => void): () => void {
    return this.#watchers.watch(prefix, onChange, this.#history.seenRevision);
  }

  isTold(): Promise<boolean> {
    return this.#changes.isTold();
  }

  async readEvents(query: { afterSequence: number; limit: number; group?: string }): Promise<readonly StoredEvent[]> {
    const { afterSequence, limit, group } = query;
    const args = [afterSequence, limit, group === undefined ? '' : '1', group ?? ''];
    return pairsOf(await this.#read('readEvents', args)).map(([sequence, json]) => eventOf(Number(sequence), json));
  }

  async lastEventSequence(): Promise<number> {
    return Number((await this.#read('head', []))[4]);
  }

  watchEvents(onEvent: () => void): () => void {
    return this.#watchers.watchEvents(onEvent, this.#history.seenRevision);
  }

  async pruneEvents(keepCount: number, oldestMs = 0): Promise<void> {
    let outcome: string | undefined = 'more';
    while (outcome === 'more') [outcome] = await this.#write('pruneEvents', [keepCount, oldestMs]);
  }

  /** Puts a dump in place of everything, while nobody else uses the store. */
  load(dump: StoreDump): Promise<void> {
    const settle = async (session: RedisSession): Promise<void> => {
      const { acknowledging, deadlineMs } = this.#options;
      const needed = await neededNow(acknowledging, session);
      if (needed === 0) return;
      const acknowledged = await replicasThatHave(session, needed, performance.now() + deadlineMs);
      const missing = await shortage(acknowledging, session, { acknowledged, needed });
      if (missing !== null) this.#refuse(this.#data, session, missing);
    };
    return loadRedis(this.#data, { keys: this.#keys, settle }, dump);
  }

  #read(name: ScriptName, args: readonly (string | number)[]): Promise<string[]> {
    return this.#data.run(async (session) => {
      const [state, ...rest] = (await runScript(session, name, this.#keys, [session.run, ...args])) as string[];
      if (state !== 'ok') throw new RedisLost('it was emptied or replaced');
      return rest;
    });
  }

  #listKeys(): Promise<string[]> {
    return this.#read('listKeys', []);
  }

  /** Runs a script that writes. It is refused once its deadline has passed: nobody would know of what it did. */
  #write(
    name: ScriptName,
    args: readonly (string | number)[],
    { keys = this.#keys, acknowledged }: { readonly keys?: readonly string[]; readonly acknowledged?: string } = {},
  ): Promise<string[]> {
    const link = name.endsWith('Lease') ? this.#lease : this.#data;
    const { acknowledging } = this.#options;
    return link.run(async (session, deadlineAtMs) => {
      const needed = acknowledged === undefined ? 0 : await neededNow(acknowledging, session);
      const notAfterMs = Math.floor(deadlineAtMs + session.clockOffsetMs);
      const running = runScript(session, name, keys, [session.run, notAfterMs, ...args]);
      const asked = needed === 0 ? null : replicasThatHave(session, needed, deadlineAtMs);
      const [nowMs = '', ...rest] = (await running) as string[];
      if (rest[0] === 'unsealed') throw new RedisLost('it was emptied, restarted or replaced');
      noteClock(session, nowMs);
      if (rest[0] === 'late') throw new RedisLost('it was too slow, and took nothing');
      if (asked !== null && rest[0] === acknowledged) {
        this.#noteShortage(await shortage(acknowledging, session, { acknowledged: await asked, needed }));
        if (this.#shortage !== null) this.#refuse(link, session, this.#shortage);
      }
      return rest;
    });
  }

  /** What no replica has may be lost by a failover, and Sentinels may know of another primary already. */
  #refuse(link: RedisLink, session: RedisSession, reason: string): never {
    link.drop(session, reason);
    throw new CoordinatorError(
      'STORE_UNAVAILABLE',
      `the store ${this.#title}: ${reason}; whether it stays is not known`,
    );
  }

  #noteShortage(shortage: string | null): void {
    this.#shortage = shortage;
    this.#noteHealth();
  }

  #noteHealth(): void {
    const problem = [this.#data, this.#lease, this.#feed].map((link) => link.problem).find((text) => text !== null);
    const known = this.#problem;
    this.#problem = problem ?? this.#shortage;
    if ((known === null) === (this.#problem === null)) return;
    this.#options.onHealth?.(this.#problem);
    const store = this.#title;
    if (this.#problem === null) this.#log.info({ store }, 'store is reachable');
    else this.#log.warn({ store, reason: this.#problem }, 'store is not reachable, will retry');
  }
}
