import { readFile } from 'node:fs/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { CoordinatorError } from '../errors.ts';
import type { SecretReader } from './secrets.ts';
import { within } from './store-redis-link.ts';

export type RedisAddress = { readonly host: string; readonly port: number };

/** Where a Redis is and how one gets in. Secrets are named here, and read at every connect. */
export type RedisTarget = {
  readonly at:
    | ({ readonly kind: 'single' } & RedisAddress)
    | { readonly kind: 'sentinel'; readonly sentinels: readonly RedisAddress[]; readonly primary: string };
  readonly db: number;
  /** An ACL user; null for Redis' default user. */
  readonly username: string | null;
  readonly passwordSecret: string | null;
  readonly sentinelPasswordSecret: string | null;
  readonly tls: {
    /** Null: the authorities that Node trusts. */
    readonly caFile: string | null;
    /** The name that the server's certificate has to be for; null: the host that is connected to. */
    readonly serverName: string | null;
  } | null;
};

/**
 * Makes one connection, which is never renewed: whoever uses it makes another when it is lost. Nothing is queued while
 * there is none, and nothing is sent again.
 *
 * @throws {Error} of ioredis or the network, or CoordinatorError SECRET_MISSING; none carries a secret in its message.
 */
export async function connectRedis(
  { target, secrets, deadlineMs }: { target: RedisTarget; secrets: SecretReader; deadlineMs: number },
  onLost: (reason: string) => void,
): Promise<Redis> {
  const client = new Redis(await optionsOf(target, secrets, deadlineMs));
  let reason = 'the connection was closed';
  client.on('error', (error: Error) => {
    reason = error.message;
  });
  client.on('end', () => {
    onLost(reason);
  });
  try {
    await within(client.connect(), performance.now() + deadlineMs);
    return client;
  } catch (error) {
    client.disconnect();
    // ioredis rejects with what it did last, and says before in an event what came in between.
    throw error instanceof Error && error.message === 'Connection is closed.' ? new Error(reason) : error;
  }
}

/** Replies come as they came before RESP 3. */
type LegacyOptions = RedisOptions & { replyMapping: 'legacy' };

async function optionsOf(target: RedisTarget, secrets: SecretReader, deadlineMs: number): Promise<LegacyOptions> {
  const { at, db, username, passwordSecret, sentinelPasswordSecret } = target;
  const tls = await tlsOf(target.tls);
  const common: LegacyOptions = {
    db,
    ...(username === null ? {} : { username }),
    ...(passwordSecret === null ? {} : { password: await secrets.read(passwordSecret) }),
    ...(tls === null ? {} : { tls }),
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: deadlineMs,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: null,
    disableClientInfo: true,
    keepAlive: 10_000,
  };
  if (at.kind === 'single') return { ...common, host: at.host, port: at.port };
  return {
    ...common,
    sentinels: at.sentinels.map(({ host, port }) => ({ host, port })),
    name: at.primary,
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: deadlineMs,
    failoverDetector: false,
    ...(sentinelPasswordSecret === null ? {} : { sentinelPassword: await secrets.read(sentinelPasswordSecret) }),
    ...(tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  };
}

async function tlsOf(tls: RedisTarget['tls']): Promise<{ ca?: string; servername?: string } | null> {
  if (tls === null) return null;
  const { caFile, serverName } = tls;
  return {
    ...(caFile === null ? {} : { ca: await readAuthority(caFile) }),
    ...(serverName === null ? {} : { servername: serverName }),
  };
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CoordinatorError('STORE_UNAVAILABLE', `REDIS_TLS_CA ${file} cannot be read (${code})`);
  }
}

/** The target for people: never a secret. */
export function renderTarget({ at, db, tls }: RedisTarget): string {
  const scheme = tls === null ? 'redis' : 'rediss';
  const place =
    at.kind === 'single'
      ? `${at.host}:${at.port}`
      : `${at.primary}@${at.sentinels.map(({ host, port }) => `${host}:${port}`).join(',')}`;
  return `${scheme}://${place}${db === 0 ? '' : `/${db}`}`;
}
