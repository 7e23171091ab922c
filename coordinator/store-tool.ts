import { existsSync } from 'node:fs';
import path from 'node:path';
import { EnvironmentReader } from '../process/environment.ts';
import { sleep, systemClock } from '../process/clock.ts';
import { createLogger } from '../process/log.ts';
import { labelName } from './core/names.ts';
import { restoredEntries } from './core/restored.ts';
import { Secrets } from './adapters/secrets.ts';
import { assertStill, isEmpty, readDump, type StoreDump } from './adapters/store-dump.ts';
import { readDumpFile, writeDumpFile } from './adapters/store-dump-file.ts';
import { EmbeddedStore } from './adapters/store-embedded.ts';
import { renderTarget } from './adapters/store-redis-client.ts';
import { RedisStore } from './adapters/store-redis.ts';
import { parseRedis } from './config-store.ts';
import { CoordinatorError } from './errors.ts';
import type { Store } from './ports.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What was copied. */
export type StoreCopy = {
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  readonly events: number;
  /** The newest revision that was copied. */
  readonly revision: number;
};

/** While it is worked on, a store on Redis gives its lease to nobody else. */
const leaseTtlMs = 60_000;
const startDeadlineMs = 3000;
const live = { attemptsMax: 60, pauseMs: 250 };

/**
 * Copies a store into another one: embedded to Redis, back, or either to its like. A place is a file or a URL of Redis;
 * all else that Redis needs is read from the environment, as a coordinator reads it.
 *
 * @throws {CoordinatorError} CONFIG_INVALID, STORE_IN_USE, STORE_NOT_EMPTY, STORE_UNAVAILABLE
 */
export async function migrateStore(
  { from, to, replace }: { readonly from: string; readonly to: string; readonly replace: boolean },
  env: Environment,
): Promise<StoreCopy> {
  const [source, target] = [placeOf(from, env), placeOf(to, env)];
  if (source.identity === target.identity) {
    throw new CoordinatorError('CONFIG_INVALID', `--from and --to are both ${source.title}`);
  }
  const dump = await read(source);
  await load(target, dump, replace);
  return copyOf(source.title, target.title, dump);
}

/**
 * Writes a backup file of a store; `live`: also while coordinators work on it (Redis).
 *
 * @throws {CoordinatorError} as `migrateStore`, BACKUP_UNUSABLE
 */
export async function backUpStore(
  { from, file, live: isLive }: { readonly from: string; readonly file: string; readonly live: boolean },
  env: Environment,
): Promise<StoreCopy> {
  const source = placeOf(from, env);
  const dump = await (isLive ? readLive(source) : read(source));
  await writeDumpFile(file, dump);
  return copyOf(source.title, file, dump);
}

/**
 * Loads a backup file into a store, with each group frozen until what came after the backup is known.
 *
 * @throws {CoordinatorError} as `migrateStore`, BACKUP_UNUSABLE
 */
export async function restoreStore(
  { file, to, replace }: { readonly file: string; readonly to: string; readonly replace: boolean },
  env: Environment,
): Promise<StoreCopy> {
  const target = placeOf(to, env);
  const dump = await readDumpFile(file);
  const entries = restoredEntries(dump.entries, dump.head.revision, systemClock.nowMs());
  await load(target, { ...dump, entries }, replace);
  return copyOf(file, target.title, dump);
}

function copyOf(from: string, to: string, { head, entries, events }: StoreDump): StoreCopy {
  return { from, to, entries: entries.length, events: events.length, revision: head.revision };
}

type Loadable = Store & { load(dump: StoreDump): Promise<void> };
type Opened = { readonly store: Loadable; readonly close: () => Promise<void> | void };
type Place = {
  readonly title: string;
  readonly identity: string;
  readonly open: (purpose: 'read' | 'load') => Promise<Opened>;
};

async function read(place: Place): Promise<StoreDump> {
  return using(await place.open('read'), (store) =>
    alone(place, store, async () => {
      const dump = await readDump(store);
      // What is written behind its back would be missing in the store that goes on.
      await assertStill(store, dump.head);
      return dump;
    }),
  );
}

/** Reads again for as long as somebody writes meanwhile, so that all of it stood there at one moment. */
async function readLive(place: Place): Promise<StoreDump> {
  return using(await place.open('read'), async (store) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readDump(store);
      } catch (error) {
        const isWritten = error instanceof CoordinatorError && error.code === 'STORE_IN_USE';
        if (!isWritten || attempt === live.attemptsMax) throw error;
        await sleep(systemClock, live.pauseMs);
      }
    }
  });
}

async function load(place: Place, dump: StoreDump, replace: boolean): Promise<void> {
  await using(await place.open('load'), (store) =>
    alone(place, store, async () => {
      if (!replace && !(await isEmpty(store))) {
        throw new CoordinatorError('STORE_NOT_EMPTY', `${place.title} is not empty; --replace deletes what it holds`);
      }
      await store.load(dump);
    }),
  );
}

async function using<T>({ store, close }: Opened, action: (store: Loadable) => Promise<T>): Promise<T> {
  try {
    return await action(store);
  } finally {
    await close();
  }
}

/** Runs `action` while no coordinator can begin to decide. */
async function alone<T>({ title }: Place, store: Store, action: () => Promise<T>): Promise<T> {
  const lease = await store.acquireLease({ holder: 'chester store', ttlMs: leaseTtlMs, nowMs: 0 });
  if (lease.outcome === 'taken') {
    const seconds = Math.ceil(lease.remainingMs / 1000);
    throw new CoordinatorError(
      'STORE_IN_USE',
      `${title} is in use: ${lease.holder} has the lease for another ${seconds} s. Stop every coordinator first`,
    );
  }
  try {
    return await action();
  } finally {
    await store.releaseLease(lease.term);
  }
}

function placeOf(text: string, env: Environment): Place {
  return /^rediss?(?:\+sentinel)?:/.test(text) ? redisPlace(text, env) : filePlace(text);
}

function filePlace(text: string): Place {
  if (/^[a-z+]+:\/\//.test(text)) {
    throw new CoordinatorError(
      'CONFIG_INVALID',
      'a store is a file, or a URL that begins with redis:, rediss:, redis+sentinel: or rediss+sentinel:',
    );
  }
  const file = path.resolve(text);
  return {
    title: text,
    identity: file,
    open: (purpose) => {
      if (purpose === 'read' && !existsSync(file)) {
        throw new CoordinatorError('STORE_UNAVAILABLE', `there is no store ${text}`);
      }
      const store = EmbeddedStore.open({ file });
      return Promise.resolve({ store, close: store.close.bind(store) });
    },
  };
}

function redisPlace(url: string, env: Environment): Place {
  const reader = new EnvironmentReader(env);
  const config = parseRedis(reader, url, reader.text('INSTALL_ID', 'chester', labelName));
  if (reader.problems.length > 0) {
    // The URL comes from the command line here.
    throw new CoordinatorError(
      'CONFIG_INVALID',
      reader.problems.join('\n').replace(/^REDIS_URL is none/m, 'the URL is none of Redis'),
    );
  }
  const title = renderTarget(config.target);
  const secrets = new Secrets({ env, dir: reader.text('SECRETS_DIR', '/etc/chester/secrets') });
  return {
    title,
    identity: `${title} {${config.prefix}}`,
    open: async (purpose) => {
      const options = { ...config, startDeadlineMs, firstLeaseAfterMs: 0, forLoad: purpose === 'load' };
      const store = new RedisStore({ secrets, log: createLogger('chester-store', 'silent') }, options);
      await store.start();
      return { store, close: store.stop.bind(store) };
    },
  };
}
