import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../../process/log.ts';
import type { StoreServer } from '../core/doctor-store.ts';
import type { SecretReader } from './secrets.ts';
import { connectRedis, type RedisTarget, renderTarget } from './store-redis-client.ts';
import { type RedisHistory, type SealedHead, sealedHeadOf } from './store-redis-history.ts';
import { RedisLost, type RedisSession, RedisUnfit, runScript, within } from './store-redis-link.ts';
import { type Acknowledging, neededOf, readReplicas, type ReplicaSight } from './store-redis-replicas.ts';
import { scripts } from './store-redis-scripts.ts';

/** Of what is kept under the prefix. */
const format = '1';

export type RedisOpenDeps = {
  readonly target: RedisTarget;
  readonly secrets: SecretReader;
  readonly deadlineMs: number;
  /** How long a store that was just created gives out no lease: whoever decided in the one before may not know yet. */
  readonly firstLeaseAfterMs: number;
  /** Whether the store is opened to be loaded: then it may be half loaded. */
  readonly forLoad?: boolean;
  readonly keys: readonly string[];
  readonly acknowledging: Acknowledging;
  readonly history: RedisHistory;
  readonly log: Logger;
  /** Run ids of servers whose shortcomings were said already. */
  readonly noted: Set<string>;
};

/**
 * Opens a connection to the primary, finds the server fit for a store, and seals the history that ended when the server
 * was another one. A loss is told before the connection is used.
 */
export async function openSession(deps: RedisOpenDeps, onLost: (reason: string) => void): Promise<RedisSession> {
  const client = await connectRedis(deps, onLost);
  try {
    return await within(prepare(deps, client), performance.now() + deps.deadlineMs);
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

async function prepare(deps: RedisOpenDeps, client: Redis): Promise<RedisSession> {
  const facts = parseInfo(await client.info());
  checkFit(facts);
  const session: RedisSession = { client, run: facts.runId, clockOffsetMs: 0, replicas: facts.replicas };
  await Promise.all(Object.values(scripts).map(({ text }) => client.script('LOAD', text)));
  const { seenRevision } = deps.history;
  const head = await seal(deps, session);
  deps.history.compare(head, seenRevision);
  note(deps, facts, head);
  return session;
}

async function seal(
  { keys, firstLeaseAfterMs, forLoad = false }: RedisOpenDeps,
  session: RedisSession,
): Promise<SealedHead> {
  const args = [session.run, randomUUID(), firstLeaseAfterMs, format, forLoad ? '1' : '0'];
  const [nowMs = '', outcome, ...rest] = (await runScript(session, 'seal', keys, args)) as string[];
  if (outcome === 'format' && rest[0] === 'loading') {
    throw new RedisUnfit(
      'it is being loaded, or was not loaded to its end: then run chester store migrate or restore again, with --replace',
      true,
    );
  }
  if (outcome === 'format') {
    throw new RedisUnfit(`${keys[0]} has format ${rest[0]}; this program knows format ${format}`, true);
  }
  if (outcome === 'torn') {
    throw new RedisUnfit(
      `keys of a store are there, but ${keys[0]} is not: restore a backup under another prefix`,
      true,
    );
  }
  noteClock(session, nowMs);
  session.run = rest[4] ?? '';
  return sealedHeadOf(rest);
}

/** Takes the server's time from an answer: the server's clock was there before the answer came. */
export function noteClock(session: RedisSession, serverMs: string): void {
  session.clockOffsetMs = Number(serverMs) - performance.now();
}

type ServerFacts = {
  readonly runId: string;
  readonly role: string;
  readonly version: string;
  readonly isLoading: boolean;
  readonly evictionPolicy: string;
  readonly memoryMax: number;
  readonly hasAof: boolean;
  readonly savesAt: string;
  readonly replicas: ReplicaSight;
};

function parseInfo(info: string): ServerFacts {
  const fields = new Map(
    info.split('\r\n').map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1)]),
  );
  const field = (name: string): string => fields.get(name) ?? '';
  if (field('run_id') === '') throw new RedisUnfit('its INFO names no run_id', true);
  return {
    runId: field('run_id'),
    role: field('role'),
    version: field('redis_version'),
    isLoading: field('loading') === '1',
    evictionPolicy: field('maxmemory_policy'),
    memoryMax: Number(field('maxmemory')),
    hasAof: field('aof_enabled') === '1',
    savesAt: field('rdb_last_save_time'),
    replicas: readReplicas(info),
  };
}

/** How the server stands on the other end of a connection. */
export async function readServer(client: Redis, acknowledging: Acknowledging): Promise<StoreServer> {
  const { role, version, hasAof: isPersistent, replicas } = parseInfo(await client.info());
  const { known, inStep } = replicas;
  const needed = neededOf(acknowledging, replicas);
  return { role: role === 'master' ? 'primary' : role, version, isPersistent, replicas: known, inStep, needed };
}

function checkFit({ role, isLoading, evictionPolicy }: ServerFacts): void {
  if (isLoading) throw new RedisLost('it is loading its data');
  if (role !== 'master') throw new RedisLost(`it is no primary but a ${role === 'slave' ? 'replica' : role}`);
  if (evictionPolicy.startsWith('allkeys')) {
    throw new RedisUnfit(
      `its maxmemory-policy is ${evictionPolicy}, which throws records away; allowed: noeviction`,
      true,
    );
  }
}

function note(
  { target, acknowledging, log, noted }: RedisOpenDeps,
  { version, hasAof, evictionPolicy, replicas: { known, inStep }, runId }: ServerFacts,
  { storeId, revision }: SealedHead,
): void {
  if (noted.has(runId)) return;
  noted.add(runId);
  const server = { store: renderTarget(target), version, runId, appendonly: hasAof, evictionPolicy, replicas: known };
  log.info({ ...server, storeId, revision }, 'store is on this server');
  if (!hasAof && known === 0) {
    log.warn(server, 'the store keeps commits in memory only until it next saves: set appendonly yes');
  }
  const needed = neededOf(acknowledging, { inStep });
  const counts = { ...server, acknowledging, inStep };
  if (inStep < needed && acknowledging !== 0) log.warn(counts, 'fewer replicas than have to acknowledge');
  if (inStep > needed) log.warn(counts, 'a failover may lose commits that not every replica has: REDIS_REPLICAS=all');
  if (evictionPolicy !== 'noeviction') log.warn(server, 'the store may evict keys: set maxmemory-policy noeviction');
}
