import { CoordinatorError } from '../errors.ts';
import { headAfterLoad, lastSequenceAfterLoad, type StoreDump } from './store-dump.ts';
import type { RedisLink, RedisSession } from './store-redis-link.ts';
import { runScript } from './store-redis-link.ts';

const linesAtOnce = 500;
const sequenceDigits = 16;
/** The name under which the index has events of all groups. */
const everyGroup = '\x01';

/**
 * Puts a dump in place of what a store on Redis holds. It is not one step: until the last one the store says that it is
 * being loaded, and no coordinator opens it, reads it or writes. All of it has to come to one life of one server; another one, or one that
 * is no primary any more, may lack what came before.
 *
 * `settle` resolves once what was written on a connection cannot be lost by a failover.
 *
 * @throws {CoordinatorError} STORE_UNAVAILABLE; the store is then unusable until a load succeeds.
 */
export async function loadRedis(
  link: RedisLink,
  { keys, settle }: { readonly keys: readonly string[]; readonly settle: (session: RedisSession) => Promise<void> },
  dump: StoreDump,
): Promise<void> {
  const [, values = '', names = '', events = '', eventIndex = ''] = keys;
  const { run: loadedIn, target } = await link.run(async (session) => ({
    run: lifeOf(session),
    target: (await runScript(session, 'head', keys, [session.run])) as string[],
  }));
  const run = <T>(action: (session: RedisSession) => Promise<T>): Promise<T> =>
    link.run((session) => {
      if (lifeOf(session) !== loadedIn) throw interrupted();
      return action(session);
    });
  const [, storeId = '', revision, fencingToken, , last] = target;
  const next = headAfterLoad(dump.head, { storeId, revision: Number(revision), fencingToken: Number(fencingToken) });
  await run(async (session) => {
    const [outcome, ownRun = ''] = (await runScript(session, 'beginLoad', keys, [session.run])) as string[];
    if (outcome !== 'ok') throw interrupted();
    session.run = ownRun;
  });
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
        ...some.flatMap(({ group, sequence }) =>
          [group, everyGroup].flatMap((name) => [0, `${name}\0${String(sequence).padStart(sequenceDigits, '0')}`]),
        ),
      );
    });
  }
  const lastSequence = lastSequenceAfterLoad(dump.lastSequence, Number(last));
  const args = [next.storeId, next.revision, next.fencingToken, lastSequence, dump.head.revision];
  const [, loadedRevision] = (await run(async (session) => {
    const ended = await runScript(session, 'endLoad', keys, [session.run, ...args]);
    await settle(session);
    return ended;
  })) as string[];
  await confirm(link, keys, [next.storeId, loadedRevision ?? '']);
}

/** Asks on another connection, which goes to whoever is the primary now, whether the store is the one that was loaded. */
async function confirm(
  link: RedisLink,
  keys: readonly string[],
  [storeId, revision]: readonly string[],
): Promise<void> {
  await link.run((session) => {
    link.drop(session, 'it was loaded');
    return Promise.resolve();
  });
  const [, nowId, nowRevision] = (await link.run((session) =>
    runScript(session, 'head', keys, [session.run]),
  )) as string[];
  if (nowId !== storeId || Number(nowRevision) < Number(revision)) throw interrupted();
}

/** The life of the server and the store of a connection, whether it is being loaded or not. */
function lifeOf({ run }: RedisSession): string {
  return run.split(' ').slice(0, 2).join(' ');
}

function interrupted(): CoordinatorError {
  const reason = 'another server took over, or it was restarted, while it was loaded';
  return new CoordinatorError('STORE_UNAVAILABLE', `${reason}: load it again, with --replace`);
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += linesAtOnce) yield all.slice(from, from + linesAtOnce);
}
