/**
 * Keeps 16 clients busy behind a real ProxySQL and MariaDB while an agent adds a reader, changes its weight, drains and
 * removes it, over and over. No client may see an error.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { exitOnSignal } from '../../sandbox/at-exit.ts';
import { ack, groupReport, isAbsent } from '../agent/fakes/updates.ts';
import { findMissing, RealStack } from '../system/real-stack.ts';

const clients = 16;
const rows = 1000;
const runMs = 30_000;
const betweenMs = 200;
const warmUpMs = 2000;
const settleMs = 15_000;

/** What clients do, each its own: `id` differs at every turn. */
const work: readonly ((connection: Connection, id: number) => Promise<unknown>)[] = [
  (connection, id) => connection.query(`SELECT /* ;hostgroup=20 */ total FROM shop.orders WHERE id = ${id}`),
  (connection, id) => connection.execute('SELECT /* ;hostgroup=20 */ total FROM shop.orders WHERE id = ?', [id]),
  async (connection, id) => {
    await connection.query('BEGIN /* ;hostgroup=20 */');
    await connection.query(`SELECT total FROM shop.orders WHERE id = ${id}`);
    await connection.query('SELECT count(*) FROM shop.orders');
    await connection.query('COMMIT');
  },
  async (connection, id) => {
    await connection.query('BEGIN');
    await connection.query(`UPDATE shop.orders SET total = total + 1 WHERE id = ${id}`);
    await connection.execute('SELECT total FROM shop.orders WHERE id = ?', [id]);
    await connection.query('COMMIT');
  },
];

class Clients {
  readonly tookMs: number[] = [];
  readonly errors: string[] = [];
  readonly #port: number;
  #isStopping = false;
  #running: Promise<void>[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  start(): void {
    this.#running = Array.from({ length: clients }, (_, number) => this.#run(number));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #run(number: number): Promise<void> {
    const turn = work[number % work.length];
    let connection: Connection | null = null;
    for (let id = number; !this.#isStopping; id += clients) {
      try {
        connection ??= await this.#connect();
        const startMs = performance.now();
        await turn?.(connection, id % rows);
        this.tookMs.push(performance.now() - startMs);
      } catch (error) {
        this.errors.push(error instanceof Error ? error.message : String(error));
        connection?.destroy();
        connection = null;
        await pause(10);
      }
    }
    connection?.destroy();
  }

  async #connect(): Promise<Connection> {
    const connection = await createConnection({ host: '127.0.0.1', port: this.#port, user: 'app', password: 'app' });
    // Whatever is wrong with it, the next statement says so and is counted.
    connection.on('error', () => undefined);
    return connection;
  }
}

/**
 * One change every 200 ms: the second reader comes, weighs less, goes. Every other time it comes back while it may still
 * drain, else once it is proven absent. Returns how many changes there were.
 */
async function change(stack: RealStack): Promise<number> {
  const [first, second] = stack.readers;
  const endMs = performance.now() + runMs;
  for (let cycle = 0; ; cycle += 1) {
    stack.send([first, second]);
    await pause(betweenMs);
    stack.send([first, { ...second, weight: 300 }]);
    await pause(betweenMs);
    const revision = stack.send([first], [second]);
    await pause(betweenMs);
    const isOver = performance.now() > endMs;
    if (cycle % 2 === 0 || isOver) await awaitAbsent(stack, revision);
    if (isOver) return revision;
  }
}

/** @throws {Error} when the second reader is not proven absent in time. */
async function awaitAbsent({ call, readers: [, second] }: RealStack, revision: number): Promise<void> {
  const late = pause(settleMs, null, { ref: false });
  const absent = call.next(groupReport(isAbsent(second, revision)));
  if ((await Promise.race([absent, late])) === null) throw new Error(`revision ${revision}: the reader is not gone`);
}

/** Counts what the proxy was told, and what the agent proved; what came meanwhile is part of the next step. */
function describeChanges(stack: RealStack, changes: number): string {
  const { received } = stack.call;
  const answered = (status: string): number =>
    new Set(received.flatMap(({ ack: one }) => (one?.status === `ACK_STATUS_${status}` ? [one.nonce] : []))).size;
  const gone = new Set(
    received.flatMap(({ report }) => report?.groups.flatMap(({ absent }) => absent.map((one) => one.revision)) ?? []),
  ).size;
  return (
    `${changes} changes sent: ${answered('APPLIED')} applied each on its own, ${answered('REJECTED')} rejected; ` +
    `${gone} drains ended with the reader proven absent`
  );
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  return `${(sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)} ms`;
}

async function measure(stack: RealStack): Promise<number> {
  await stack.person.runAll([
    "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 10)",
    'LOAD MYSQL USERS TO RUNTIME',
  ]);
  const revision = stack.send([stack.readers[0]]);
  await stack.call.next(ack(`n${revision}`));
  const load = new Clients(stack.clientPort);
  load.start();
  await pause(warmUpMs);
  const changes = await change(stack).finally(() => load.stop());
  const { tookMs, errors } = load;
  const lines = [
    `${clients} clients for ${runMs / 1000} s: ${tookMs.length} turns (a query or a transaction), ${errors.length} errors`,
    `p50 ${percentile(tookMs, 0.5)}, p99 ${percentile(tookMs, 0.99)}, longest ${percentile(tookMs, 1 - 1e-12)}`,
    describeChanges(stack, changes),
    ...new Set(errors),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return errors.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const missing = await findMissing();
  if (missing !== null) {
    process.stdout.write(`SKIPPED: nothing was measured; ${missing}\n`);
    return 0;
  }
  const stack = await RealStack.start([
    'CREATE DATABASE shop',
    'CREATE TABLE shop.orders (id INT PRIMARY KEY, total INT) ENGINE=InnoDB',
    `INSERT INTO shop.orders SELECT seq, 0 FROM shop.seq_0_to_${rows - 1}`,
  ]);
  try {
    return await measure(stack);
  } finally {
    await stack.close();
  }
}

exitOnSignal();
process.exit(await main());
