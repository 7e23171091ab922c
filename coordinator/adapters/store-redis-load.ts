import { CoordinatorError } from '../errors.ts';
import { headAfterLoad, type StoreDump } from './store-dump.ts';
import type { RedisLink, RedisSession } from './store-redis-link.ts';
import { runScript } from './store-redis-link.ts';

const linesAtOnce = 500;
const sequenceDigits = 16;

/**
 * Puts a dump in place of what a store on Redis holds. It is not one step: until the last one the store says that it is
 * being loaded, and no coordinator opens it.
 *
 * @throws {CoordinatorError} STORE_UNAVAILABLE; the store is then unusable until a load succeeds.
 */
export async function loadRedis(link: RedisLink, keys: readonly string[], dump: StoreDump): Promise<void> {
  assertContiguous(dump);
  const run = <T>(action: (session: RedisSession) => Promise<T>): Promise<T> => link.run(action);
  const [, values = '', names = '', events = '', eventIndex = ''] = keys;
  const target = (await run((session) => runScript(session, 'head', keys, [session.runId]))) as string[];
  const [, storeId = '', revision, fencingToken] = target;
  const next = headAfterLoad(dump.head, { storeId, revision: Number(revision), fencingToken: Number(fencingToken) });
  await run((session) => runScript(session, 'beginLoad', keys, [session.runId]));
  for (const entries of chunksOf(dump.entries)) {
    await run(async ({ client }) => {
      await client.hset(
        values,
        ...entries.flatMap(({ key, ...entry }) => [key, `${entry.revision}:${JSON.stringify(entry.value)}`]),
      );
      await client.zadd(names, ...entries.flatMap(({ key }) => [0, key]));
    });
  }
  for (const some of chunksOf(dump.events)) {
    await run(async ({ client }) => {
      await client.hset(
        events,
        ...some.flatMap(({ sequence, atMs, group, kind, subject, reason, message }) => [
          String(sequence),
          JSON.stringify([atMs, group, kind, subject, reason, message]),
        ]),
      );
      await client.zadd(
        eventIndex,
        ...some.flatMap(({ group, sequence }) => [0, `${group}\0${String(sequence).padStart(sequenceDigits, '0')}`]),
      );
    });
  }
  const first = dump.events[0]?.sequence ?? dump.lastSequence + 1;
  const args = [next.storeId, next.revision, next.fencingToken, first, dump.lastSequence, dump.head.revision];
  await run((session) => runScript(session, 'endLoad', keys, [session.runId, ...args]));
}

function assertContiguous({ events, lastSequence }: StoreDump): void {
  const isContiguous = events.every(({ sequence }, at) => sequence === lastSequence - events.length + 1 + at);
  if (!isContiguous) {
    throw new CoordinatorError('BACKUP_UNUSABLE', 'events are missing between the first and the last');
  }
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += linesAtOnce) yield all.slice(from, from + linesAtOnce);
}
