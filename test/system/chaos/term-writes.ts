import { Redis } from 'ioredis';
import { keyNames, scripts } from '../../../coordinator/adapters/store-redis-scripts.ts';

/** Scripts that name a term's token, all as the third of their arguments. */
const ofTerm = new Set([scripts.commit.sha, scripts.renewLease.sha]);
const changing = new Set(['hset', 'hdel', 'xadd', 'set', 'zadd', 'zrem']);

/**
 * Watches from outside, on Redis itself, what a term still writes: calls that carry its token, and those of them that
 * changed anything.
 */
export class TermWrites {
  tried = 0;
  accepted = 0;
  readonly #monitor: Redis;
  /** Redis tells what a script does right after the call of it. */
  #isInOne = false;

  private constructor(monitor: Redis, token: string) {
    this.#monitor = monitor;
    monitor.on('monitor', (_time: string, args: readonly string[], source: string) => {
      const [command = '', sha = '', keyCount = '0'] = args;
      if (source === 'lua') {
        if (this.#isInOne && changing.has(command.toLowerCase())) {
          this.accepted += 1;
          this.#isInOne = false;
        }
        return;
      }
      const isCall = command.toLowerCase() === 'evalsha' && ofTerm.has(sha);
      this.#isInOne = isCall && args[3 + Number(keyCount) + 2] === token;
      if (this.#isInOne) this.tried += 1;
    });
  }

  static async watch(port: number, token: string): Promise<TermWrites> {
    const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null });
    client.on('error', () => undefined);
    await client.connect();
    return new TermWrites(await client.monitor(), token);
  }

  stop(): void {
    this.#monitor.disconnect();
  }
}

/** The token of the term that runs. */
export async function tokenAt(port: number, prefix: string): Promise<string> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.hget(`{${prefix}}:${keyNames[0]}`, 'token')) ?? '';
  } finally {
    client.disconnect();
  }
}
