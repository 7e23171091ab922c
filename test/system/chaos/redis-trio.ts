import { setTimeout as pause } from 'node:timers/promises';
import { askRedis, freePort, type RedisServer, startRedis, startSentinel } from '../../redis-servers.ts';

/** Three Redis servers, one of them the primary, and three Sentinels that watch over them. */
export class RedisTrio {
  readonly #servers: RedisServer[] = [];
  readonly #sentinels: RedisServer[] = [];

  async start(): Promise<void> {
    const primary = await startRedis([], await freePort());
    this.#servers.push(primary);
    for (let count = 0; count < 2; count += 1) this.#servers.push(await startRedis(replicaOf(primary.port)));
    for (let count = 0; count < 3; count += 1) this.#sentinels.push(await startSentinel(primary.port));
    const untilMs = performance.now() + 30_000;
    while (!(await this.#isWatched())) {
      if (performance.now() > untilMs) throw new Error('the Sentinels did not find the replicas');
      await pause(100);
    }
  }

  get url(): string {
    return `redis+sentinel://${this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/orders`;
  }

  /** The port of the primary, as the Sentinels see it. */
  async primaryPort(): Promise<number> {
    return primaryOf(this.#sentinels[0]?.port ?? 0);
  }

  /** Kills the primary; it comes back as a replica of its successor, with nothing of its own. */
  async killPrimary(backAfterMs: number): Promise<void> {
    const port = await this.primaryPort();
    const index = this.#servers.findIndex((server) => server.port === port);
    await this.#servers[index]?.stop();
    const untilMs = performance.now() + 120_000;
    let successor = await this.#findSuccessor(port);
    while (successor === null) {
      if (performance.now() > untilMs) throw new Error('no other Redis became the primary');
      await pause(100);
      successor = await this.#findSuccessor(port);
    }
    await pause(backAfterMs);
    this.#servers[index] = await startRedis(replicaOf(successor), port);
  }

  /** Freezes the primary for longer than the Sentinels bear, then lets it go on. */
  async freezePrimary(forMs: number): Promise<void> {
    const port = await this.primaryPort();
    const server = this.#servers.find((one) => one.port === port);
    server?.kill('SIGSTOP');
    await pause(forMs);
    server?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    for (const server of [...this.#sentinels, ...this.#servers]) await server.stop();
  }

  /**
   * Who took over for good: all Sentinels say so, and the other replica follows it. Before that a failover may still be
   * given up, and another one promote that replica; what comes back must not stand for it when commits are acknowledged.
   */
  async #findSuccessor(dead: number): Promise<number | null> {
    const named = await Promise.all(this.#sentinels.map(({ port }) => primaryOf(port).catch(() => dead)));
    const [successor] = named;
    if (successor === undefined || successor === dead || named.some((port) => port !== successor)) return null;
    const info = String(await askRedis(successor, 'INFO', 'replication').catch(() => ''));
    return info.includes('role:master') && info.includes('state=online') ? successor : null;
  }

  async #isWatched(): Promise<boolean> {
    const seen = await Promise.all(
      this.#sentinels.map(async ({ port }) => {
        const replicas = await askRedis(port, 'SENTINEL', 'REPLICAS', 'orders');
        const others = await askRedis(port, 'SENTINEL', 'SENTINELS', 'orders');
        return Array.isArray(replicas) && replicas.length === 2 && Array.isArray(others) && others.length === 2;
      }),
    );
    return seen.every(Boolean);
  }
}

async function primaryOf(sentinel: number): Promise<number> {
  const answer = await askRedis(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'orders');
  return Number((answer as readonly string[])[1]);
}

function replicaOf(port: number): string[] {
  return ['--replicaof', '127.0.0.1', String(port)];
}
