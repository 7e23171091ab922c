/**
 * Measures how long 10,000 incident messages, half of them repeats and shuffled, take from their arrival to the durable
 * store, and compares it with as many bare commits to the same kind of store in the same run. Says too whether they end
 * in the same state as the clean sequence. Only the ratio means anything: the machine is shared.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import { type Key, keys, prefixes } from '../../coordinator/core/records.ts';
import { Intake } from '../../coordinator/loops/intake.ts';
import { contentHash } from '../../process/content-hash.ts';
import { createLogger } from '../../process/log.ts';
import { groupSpec } from '../coordinator/builders.ts';
import { closedNotification, notification } from '../coordinator/notifications.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeMetrics } from '../fakes/fake-metrics.ts';

const messages = 10_000;
const ratioMax = 3;
/** As many as a pull holds, or webhooks in flight. */
const atOnce = 100;

const folder = mkdtempSync(path.join(tmpdir(), 'chester-bench-'));
let stores = 0;

async function openStore(): Promise<EmbeddedStore> {
  stores += 1;
  const store = EmbeddedStore.open({ file: path.join(folder, `${stores}.db`) });
  await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
  return store;
}

/** Feeds the texts to an intake, `atOnce` in flight. Returns what took how long, and what is stored in the end. */
async function take(texts: readonly string[]): Promise<{ readonly tookMs: number; readonly end: unknown }> {
  const store = await openStore();
  const log = createLogger('bench', 'silent');
  const intake = new Intake({ store, clock: new FakeClock(), log, hash: contentHash, metrics: new FakeMetrics() });
  const startedMs = performance.now();
  for (let first = 0; first < texts.length; first += atOnce) {
    await Promise.all(texts.slice(first, first + atOnce).map((text) => intake.accept({ source: 'bench', text })));
  }
  const tookMs = performance.now() - startedMs;
  const end = (await store.list(prefixes.allIncidents)).map(({ value }) => value);
  store.close();
  return { tookMs, end };
}

async function commitBare(count: number): Promise<number> {
  const store = await openStore();
  const value = { text: notification() };
  const startedMs = performance.now();
  for (let n = 0; n < count; n += 1) {
    await store.commit({ writes: [{ key: `bare/${n % 2500}` as Key<unknown>, value, ifRevision: null }] });
  }
  const tookMs = performance.now() - startedMs;
  store.close();
  return tookMs;
}

/** A shuffle that is the same in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  let seed = 42;
  for (let index = result.length - 1; index > 0; index -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const other = seed % (index + 1);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}

async function main(): Promise<void> {
  const ids = Array.from({ length: messages / 4 }, (_, index) => `0.bench${index}`);
  const clean = ids.flatMap((incident_id) => [notification({ incident_id }), closedNotification({ incident_id })]);
  const expected = await take(clean);
  const bareMs = await commitBare(messages);
  const { tookMs, end } = await take(shuffled([...clean, ...clean]));
  assert.deepEqual(end, expected.end, 'the shuffled messages end in another state than the clean ones');
  const ratio = tookMs / bareMs;
  process.stdout.write(
    `intake: ${messages} messages, half repeats, shuffled: ${tookMs.toFixed(0)} ms; ` +
      `${messages} bare commits: ${bareMs.toFixed(0)} ms; ratio ${ratio.toFixed(2)} (allowed ${ratioMax}); same end state\n`,
  );
  if (ratio > ratioMax) process.exitCode = 1;
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
