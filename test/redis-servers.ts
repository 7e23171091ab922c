import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Why tests on a real Redis are skipped here; false when they run. */
export const withoutRedis: string | false =
  spawnSync('redis-server', ['--version']).status === 0 ? false : 'install redis-server';

/** Why tests with Sentinel are skipped here; false when they run. */
export const withoutSentinel: string | false =
  withoutRedis === false && spawnSync('redis-sentinel', ['--version']).status === 0
    ? false
    : 'install redis-server and redis-sentinel';

/** A Redis process of the test's own on a loopback port. */
export type RedisServer = {
  readonly port: number;
  readonly pid: number;
  /** Ends the process and removes its folder. */
  readonly stop: () => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
};

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  server.close();
  await once(server, 'close');
  return address.port;
}

/** Starts a server and waits until it answers. `options` are those of redis.conf, as `--name value`. */
export async function startRedis(options: readonly string[] = [], port?: number): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-redis-'));
  const at = port ?? (await freePort());
  const common = [
    '--port',
    String(at),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--repl-diskless-sync-delay',
    '0',
  ];
  return runServer('redis-server', [...common, ...options], { port: at, folder });
}

/** Starts a Sentinel that watches `primaryPort` under the name `orders`, with a quorum of two. */
export async function startSentinel(primaryPort: number, downAfterMs = 1000): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-sentinel-'));
  const port = await freePort();
  const file = path.join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor orders 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds orders ${downAfterMs}`,
    'sentinel failover-timeout orders 3000',
    'sentinel parallel-syncs orders 2',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const sentinel = await runServer('redis-sentinel', [file], { port, folder });
  // After a pause of two seconds it looks away for thirty (TILT), and then takes no replica that has been without its
  // primary for longer than ten times downAfterMs: on a machine that stood still nobody would ever take over.
  await askRedis(port, 'SENTINEL', 'DEBUG', 'TILT-PERIOD', '2000').catch(() => undefined);
  return sentinel;
}

async function runServer(
  command: string,
  args: readonly string[],
  { port, folder }: { readonly port: number; readonly folder: string },
): Promise<RedisServer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await untilListening(child, port, () => output);
  assert(child.pid !== undefined);
  return {
    port,
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const closed = once(child, 'close');
        child.kill('SIGKILL');
        await closed;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (;;) {
    assert.equal(child.exitCode, null, output());
    if (/Ready to accept connections|Sentinel ID is/.test(output())) return;
    assert(!output().includes('Address already in use'), `port ${port} is taken`);
    await sleep(5);
  }
}

/** One command to a server, as a string for people and tests. */
export async function askRedis(port: number, ...command: readonly [string, ...string[]]): Promise<unknown> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [name, ...args] = command;
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
