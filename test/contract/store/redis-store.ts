import type { RedisTarget } from '../../../coordinator/adapters/store-redis-client.ts';
import { RedisStore, type RedisStoreOptions } from '../../../coordinator/adapters/store-redis.ts';
import { createLogger } from '../../../process/log.ts';

/** A store on Redis, not yet started. */
export function redisStore(
  at: RedisTarget['at'],
  options: Partial<RedisStoreOptions> = {},
  login: Partial<RedisTarget> = {},
): RedisStore {
  const open = { username: null, passwordSecret: null, sentinelPasswordSecret: null, tls: null };
  const target = { at, db: 0, ...open, ...login };
  const secrets = { read: (name: string) => Promise.resolve(`secret of ${name}`) };
  const timing = { deadlineMs: 10_000, startDeadlineMs: 30_000, firstLeaseAfterMs: 0 };
  const log = createLogger('test', 'silent');
  return new RedisStore({ secrets, log }, { target, prefix: 'test', acknowledging: 0, ...timing, ...options });
}
