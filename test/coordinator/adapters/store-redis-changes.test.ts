import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisChanges } from '../../../coordinator/adapters/store-redis-changes.ts';
import { RedisHistory } from '../../../coordinator/adapters/store-redis-history.ts';
import type { RedisLink } from '../../../coordinator/adapters/store-redis-link.ts';
import { StoreWatchers } from '../../../coordinator/adapters/store-watchers.ts';

type Entry = readonly [id: string, fields: readonly string[]];

/** A server whose stream of changes brings what it is given, and nothing else. */
class Feed {
  readonly told: string[] = [];
  readonly changes: RedisChanges;
  revision = 5;
  /** What the server answers to who asks for every key. */
  keys: () => Promise<readonly string[]> = () => Promise.resolve(['all']);
  #given: Entry[] = [];
  #isClosed = false;

  constructor() {
    const watchers = new StoreWatchers();
    watchers.watch('', (keys) => this.told.push(...keys));
    const xread = async () => {
      while (this.#given.length === 0 && !this.#isClosed) await sleep(1);
      return [['changes', this.#given.splice(0)]];
    };
    const link = {
      run: (work: (session: unknown) => Promise<unknown>) => work({ client: { xread } }),
      drop: () => undefined,
    } as unknown as RedisLink;
    const readHead = () =>
      Promise.resolve({ storeId: 'store', revision: this.revision, fencingToken: 1, seals: [] as const });
    const history = new RedisHistory();
    this.changes = new RedisChanges({
      ...{ link, stream: 'changes', history, watchers, readHead },
      listKeys: () => this.keys(),
    });
    this.changes.start(5, ['first']);
  }

  give(revision: number, previous: number): void {
    this.#given.push([`${revision}-0`, ['p', String(previous), 'k', JSON.stringify([`key-${revision}`]), 'e', '0']]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.changes.stop();
  }
}

const feeds: Feed[] = [];
function openFeed(): Feed {
  const feed = new Feed();
  feeds.push(feed);
  return feed;
}

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.close()));
});

describe('RedisChanges', { timeout: 120_000 }, () => {
  it('tells behind a gap of what is not there any more, whenever it came', async () => {
    const feed = openFeed();
    feed.keys = () => Promise.resolve(['second']);
    feed.revision = 9;
    feed.give(9, 8);
    while (!(await feed.changes.isTold())) await sleep(1);
    assert.deepEqual(new Set(feed.told), new Set(['first', 'second', 'key-9']));
    feed.told.length = 0;
    feed.keys = () => Promise.resolve([]);
    feed.revision = 13;
    feed.give(13, 12);
    while (!(await feed.changes.isTold())) await sleep(1);
    assert.deepEqual(new Set(feed.told), new Set(['first', 'second', 'key-9', 'key-13']));
  });
});

describe('RedisChanges.isTold', { timeout: 120_000 }, () => {
  it('is so while nothing was committed since', async () => {
    const feed = openFeed();
    assert.equal(await feed.changes.isTold(), true);
  });

  it('is not so where a commit does not come, and is once it came', async () => {
    const feed = openFeed();
    feed.revision = 6;
    assert.equal(await feed.changes.isTold(), false);
    const asked = feed.changes.isTold();
    feed.give(6, 5);
    while (!(await feed.changes.isTold())) await sleep(1);
    assert.deepEqual(feed.told, ['key-6']);
    await asked;
  });

  it('is so behind a gap only when everything was told', async () => {
    const feed = openFeed();
    feed.revision = 9;
    feed.give(9, 8);
    while (!(await feed.changes.isTold())) await sleep(1);
    assert.ok(feed.told.includes('all'));
  });

  it('is not so behind a gap while it is asked what is there', async () => {
    const feed = openFeed();
    let answer: (keys: readonly string[]) => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => {
      feed.keys = () => {
        resolve();
        return new Promise((found) => {
          answer = found;
        });
      };
    });
    feed.revision = 9;
    feed.give(9, 8);
    await isAsked;
    const isTold = await feed.changes.isTold();
    answer(['all']);
    assert.equal(isTold, false);
    while (!(await feed.changes.isTold())) await sleep(1);
    assert.ok(feed.told.includes('all'));
  });

  it('is not so on a server that is behind what was told', async () => {
    const feed = openFeed();
    feed.revision = 4;
    assert.equal(await feed.changes.isTold(), false);
  });
});
