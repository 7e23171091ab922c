/**
 * Measures what a call of the store costs over the least that could do it, in the same run: on Redis a bare EVAL that
 * writes as much and is read from the stream by a bare XREAD, as the store's commits are, a bare HGET, a bare HGETALL; on
 * the embedded store an append with fdatasync. Rounds of both take turns. Only ratios mean anything: the machine is shared.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import type { Key, Prefix } from '../../coordinator/core/records.ts';
import type { Store } from '../../coordinator/ports.ts';
import { redisStore } from '../contract/store/redis-store.ts';
import { startRedis, withoutRedis } from '../redis-servers.ts';
import { comparisonHeading, type Comparison, ratioOf, renderComparison } from './figures.ts';

const rounds = 15;
const calls = 100;
const records = 2000;
const value = { text: 'x'.repeat(2000) };
const text = JSON.stringify(value);
const key = (n: number) => `bench/${String(n % records).padStart(4, '0')}` as Key<typeof value>;

/** Milliseconds of one call, in each round. */
async function measure(act: (n: number) => Promise<unknown>, callsARound = calls): Promise<number> {
  const startedMs = performance.now();
  for (let n = 0; n < callsARound; n += 1) await act(n);
  return (performance.now() - startedMs) / callsARound;
}

async function compare(
  name: string,
  ratioMax: number,
  {
    ours,
    bare,
    callsARound,
  }: { ours: (n: number) => Promise<unknown>; bare: (n: number) => Promise<unknown>; callsARound?: number },
): Promise<Comparison> {
  const [chester, floor]: [number[], number[]] = [[], []];
  await measure(ours, callsARound);
  await measure(bare, callsARound);
  for (let round = 0; round < rounds; round += 1) {
    floor.push(await measure(bare, callsARound));
    chester.push(await measure(ours, callsARound));
  }
  return { name, chester, bare: floor, roundTrip: null, ratioMax };
}

async function fill(store: Store): Promise<void> {
  for (let n = 0; n < records; n += 100) {
    await store.commit({
      writes: Array.from({ length: 100 }, (_, m) => ({ key: key(n + m), value, ifRevision: null })),
    });
  }
}

const commitOf = (store: Store) => (n: number) => store.commit({ writes: [{ key: key(n), value, ifRevision: null }] });
const listOf = (store: Store) => () => store.list('bench/00' as Prefix<typeof value>);

const bareScript = `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) redis.call('ZADD', KEYS[2], 0, ARGV[1])
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'k', ARGV[1])`;

/** Reads the stream of bare commits until its client is disconnected. */
async function followBare(client: Redis): Promise<void> {
  let last = '$';
  for (;;) {
    const reply = await client.xread('COUNT', 256, 'BLOCK', 1000, 'STREAMS', '{bare}:changes', last);
    last = reply?.[0]?.[1].at(-1)?.[0] ?? last;
  }
}

async function onRedis(): Promise<Comparison[]> {
  const server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'everysec']);
  const store = redisStore({ kind: 'single', host: '127.0.0.1', port: server.port });
  const client = new Redis({ host: '127.0.0.1', port: server.port });
  const reader = new Redis({ host: '127.0.0.1', port: server.port, retryStrategy: null });
  const following = followBare(reader).catch(() => undefined);
  try {
    await store.start();
    await fill(store);
    const filled = Array.from({ length: 100 }, (_, n) => [key(n), text]).flat();
    await client.hset('{bare}:list', ...filled);
    return [
      await compare('redis commit : EVAL', 3, {
        ours: commitOf(store),
        bare: (n) => client.eval(bareScript, 3, '{bare}:values', '{bare}:keys', '{bare}:changes', key(n), text),
      }),
      await compare('redis get : HGET', 3, {
        ours: (n) => store.get(key(n)),
        bare: () => client.hget('{bare}:list', key(7)),
      }),
      await compare('redis list 100 : HGETALL', 4, {
        ours: listOf(store),
        bare: () => client.hgetall('{bare}:list'),
        callsARound: 20,
      }),
    ];
  } finally {
    client.disconnect();
    reader.disconnect();
    await Promise.all([store.stop(), following]);
    await server.stop();
  }
}

async function onFile(): Promise<Comparison[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-bench-'));
  const store = EmbeddedStore.open({ file: path.join(folder, 'store.db') });
  const descriptor = openSync(path.join(folder, 'bare'), 'w');
  try {
    await fill(store);
    const append = (): Promise<void> => {
      writeSync(descriptor, text);
      fdatasyncSync(descriptor);
      return Promise.resolve();
    };
    return [await compare('file commit : fdatasync', 4, { ours: commitOf(store), bare: append })];
  } finally {
    closeSync(descriptor);
    store.close();
    rmSync(folder, { recursive: true });
  }
}

const rows = await onFile();
if (withoutRedis === false) rows.push(...(await onRedis()));
else process.stdout.write(`without Redis: ${withoutRedis}\n`);
process.stdout.write(`${comparisonHeading}\n${rows.map(renderComparison).join('\n')}\n`);
process.exitCode = rows.every((row) => ratioOf(row) <= row.ratioMax) ? 0 : 1;
