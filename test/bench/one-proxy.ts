import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../../sandbox/demo/child.ts';
import { type ProxySqlBinary, startRealProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import type { Server } from '../../proto/gen/chester/v1/Server.ts';
import { BundledAgent, bundleFolder } from '../agent/fakes/bundled-agent.ts';
import { type AgentCall, TestCoordinator } from '../agent/fakes/coordinator.ts';
import { row } from '../agent/fakes/fake-admin.ts';
import { ack, server, snapshot } from '../agent/fakes/updates.ts';
import { freePort } from '../contract/proxysql-admin/targets.ts';
import { BareScript } from './bare-script.ts';
import type { Comparison } from './figures.ts';
import { StatementRelay } from './statement-relay.ts';

/** V8 compiles what has run a few hundred times: before that, both take longer and differ more from run to run. */
const sizes = [
  { servers: 3, warmUp: 400, rounds: 100 },
  { servers: 30, warmUp: 400, rounds: 100 },
  { servers: 300, warmUp: 150, rounds: 60 },
  { servers: 3000, warmUp: 40, rounds: 20 },
] as const;
const ratioMax = 1.3;
const betweenMs = 20;
const equalUpdates = 200;
const welcome = { coordinatorId: 'bench', epoch: 1, reportIntervalMs: 600_000, applyDeadlineMs: 60_000 };

/** One changed server among 3 to 3,000: from the update's arrival at the agent to its answer, against the same by hand. */
export async function* measureSizes(proxysql: ProxySqlBinary | null): AsyncGenerator<Comparison> {
  for (const { servers, warmUp, rounds } of sizes) {
    const name = `1 of ${servers} servers`;
    yield await withPair({ proxysql, servers }, async (pair) => ({ name, ...(await takeTurns(pair, warmUp, rounds)) }));
  }
}

/** In turns, so that a busy moment of the machine hits both. */
async function takeTurns(pair: Pair, warmUp: number, rounds: number): Promise<Omit<Comparison, 'name'>> {
  const [chester, roundTrip, bare]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const isMeasured = round >= warmUp;
    const took = await pair.change(2000 + round);
    if (isMeasured) await pause(betweenMs);
    const byHandMs = await pair.changeByHand(7000 + round);
    if (!isMeasured) continue;
    await pause(betweenMs);
    chester.push(took.applyMs);
    roundTrip.push(took.roundTripMs);
    bare.push(byHandMs);
  }
  return { chester, bare, roundTrip, ratioMax };
}

/** What a snapshot costs whose content the proxy has already. */
export type EqualHash = {
  /** By the agent's own clock, from arrival to answer; milliseconds. */
  readonly applyMs: readonly number[];
  readonly roundTripMs: readonly number[];
  /** Statements that reached the proxy meanwhile. */
  readonly statements: number;
};

/** Sends the same content again and again under new revisions. */
export function measureEqualHash(proxysql: ProxySqlBinary | null): Promise<EqualHash> {
  return withPair({ proxysql, servers: 3, isRelayed: true }, async (pair, relay) => {
    for (let round = 0; round < equalUpdates; round += 1) await pair.repeat();
    await untilPeriodicStatements(relay);
    const before = relay.statements;
    const applyMs: number[] = [];
    const roundTripMs: number[] = [];
    for (let round = 0; round < equalUpdates; round += 1) {
      const took = await pair.repeat();
      applyMs.push(took.applyMs);
      roundTripMs.push(took.roundTripMs);
    }
    return { applyMs, roundTripMs, statements: relay.statements - before };
  });
}

/** The agent watches its proxy's statuses every two seconds, whatever comes: what follows has the time between two looks. */
async function untilPeriodicStatements(relay: StatementRelay): Promise<void> {
  const before = relay.statements;
  while (relay.statements === before) await pause(10);
  await pause(200);
}

/** How long an update took: by the agent's clock from its arrival to its answer, and from its sending to the answer's arrival. */
type Took = { readonly applyMs: number; readonly roundTripMs: number };

/** One agent between one proxy and a stand-in for a coordinator. */
class Pair {
  readonly #call: AgentCall;
  readonly #script: BareScript;
  readonly #servers: number;
  #revision = 0;
  #hash = '';
  #weight = 0;

  constructor(call: AgentCall, script: BareScript, servers: number) {
    this.#call = call;
    this.#script = script;
    this.#servers = servers;
  }

  /** Sends a snapshot in which one reader has this weight. */
  change(weight: number): Promise<Took> {
    this.#weight = weight;
    this.#hash = `h${this.#revision + 1}`;
    return this.#send();
  }

  /** Sends the last content once more. */
  repeat(): Promise<Took> {
    return this.#send();
  }

  /** The same change by hand. */
  changeByHand(weight: number): Promise<number> {
    const { hostname, comment } = this.#reader(0);
    return this.#script.change(row(20, hostname, { weight, maxConnections: 100, comment }));
  }

  async #send(): Promise<Took> {
    this.#revision += 1;
    this.#call.received.length = 0;
    const readers = Array.from({ length: this.#servers - 1 }, (_, index) => this.#reader(index));
    const update = { ...snapshot(this.#revision, readers), hash: this.#hash };
    const startMs = performance.now();
    this.#call.send({ update });
    const { applyMicros } = await this.#call.next(ack(`n${this.#revision}`));
    return { roundTripMs: performance.now() - startMs, applyMs: applyMicros / 1000 };
  }

  #reader(index: number): Server & { readonly hostname: string; readonly comment: string } {
    const hostname = `10.1.${index >> 8}.${index & 255}`;
    const comment = 'chester orders replica';
    return { ...server(20, hostname, { weight: index === 0 ? this.#weight : 1000 }), hostname, comment };
  }
}

type PairOptions = {
  readonly proxysql: ProxySqlBinary | null;
  readonly servers: number;
  /** Whether the agent's statements are counted on their way. */
  readonly isRelayed?: boolean;
};

async function withPair<Found>(
  { proxysql, servers, isRelayed = false }: PairOptions,
  work: (pair: Pair, relay: StatementRelay) => Promise<Found>,
): Promise<Found> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chester-bench-'));
  const [proxy, coordinator] = [await startProxy(proxysql, folder), new TestCoordinator()];
  const relay = new StatementRelay(proxy.port);
  const agent = new BundledAgent({
    folder: bundleFolder,
    coordinatorPort: await coordinator.start(),
    adminPort: isRelayed ? await relay.start() : proxy.port,
    stateDir: path.join(folder, 'state'),
    // Else each change waits for its turn.
    env: { LOAD_INTERVAL_MS: '0' },
  });
  try {
    const call = await coordinator.call(0);
    await call.next((message) => message.hello);
    call.send({ welcome });
    call.send({ syncDone: {} });
    const script = await BareScript.connect(`127.0.0.1:${proxy.port}`);
    const pair = new Pair(call, script, servers);
    await pair.change(1);
    const found = await work(pair, relay);
    script.close();
    return found;
  } finally {
    await agent.stop();
    coordinator.stop();
    relay.stop();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Proxy = { readonly port: number; readonly close: () => Promise<void> };

/** The emulator is a process of its own, as the real one is. */
async function startProxy(proxysql: ProxySqlBinary | null, folder: string): Promise<Proxy> {
  if (proxysql === null) {
    const args = ['sandbox', 'proxysql', '--port', '0'];
    const child = Child.start({ args, env: {}, logFile: path.join(folder, 'proxysql.log') });
    const { address = '' } = await child.ready();
    return { port: Number(address.split(':')[1]), close: () => child.stop() };
  }
  const [port, clientPort] = await Promise.all([freePort(), freePort()]);
  const real = await startRealProxySql({ bin: proxysql.bin, adminPort: port, clientPort });
  return { port, close: () => real.close() };
}
