/**
 * `make chaos`: real processes, two coordinators on Redis with Sentinels, agents beside proxies, and a network of the
 * test's own between them. A replica comes and goes, over and over; each time something else breaks in the middle. The
 * rules are checked from outside all the time.
 *
 * MINUTES=10 how long; AGENTS=20 how many; PROXYSQL_BIN names a real proxysql, and then clients query through each.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { ClientLoad, type LoadCount } from '../../../sandbox/demo/client-load.ts';
import { renderTable } from '../../../sandbox/demo/display.ts';
import { findProxySql } from '../../../sandbox/proxysql/real-proxysql.ts';
import { withoutSentinel } from '../../redis-servers.ts';
import { type Fault, faults } from './faults.ts';
import { uncommitted } from './published.ts';
import { RuleWatch } from './rules.ts';
import { ChaosStage } from './stage.ts';
import { Takeovers } from './takeovers.ts';

const minutes = Number(process.env['MINUTES'] ?? 10);
const agents = Number(process.env['AGENTS'] ?? 20);
const seed = Number(process.env['SEED'] ?? 1);
const roundDeadlineMs = 180_000;
/** The fault comes at some moment of this time after the alert. */
const faultWithinMs = 3000;

type Phase = 'scale-out' | 'scale-in';
type Round = { readonly fault: string; readonly phase: Phase; readonly tookMs: number };

/** The same moments for the same seed. */
let state = seed;
function random(): number {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
}

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + roundDeadlineMs;
  while (!(await isDone().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`waited ${roundDeadlineMs / 1000} s for: ${what}`);
    await pause(100);
  }
}

/** Whether every proxy sends reads to the one replica that Chester has made. */
async function isServed(stage: ChaosStage): Promise<boolean> {
  const [owned, ...others] = stage.owned();
  if (owned === undefined || others.length > 0) return false;
  const served = await Promise.all(
    stage.world.pods.map(async ({ eye }) =>
      (await eye.runtimeServers()).some(({ hostname, status }) => hostname === owned.address && status === 'ONLINE'),
    ),
  );
  return served.every(Boolean);
}

type Watch = { readonly rules: RuleWatch; readonly takeovers: Takeovers };

async function playRound(stage: ChaosStage, { rules, takeovers }: Watch, fault: Fault, phase: Phase): Promise<Round> {
  const startedMs = performance.now();
  const desired = phase === 'scale-out' ? 1 : 0;
  rules.expect(desired);
  await stage.alert({ action: phase, state: 'open' });
  await pause(random() * faultWithinMs);
  const happening = fault.happen(stage, takeovers);
  // It is looked at below; until then it must not end the process, and leave all others behind.
  happening.catch(() => undefined);
  if (phase === 'scale-out') await until('one replica to serve in every proxy', () => isServed(stage));
  else await until('the replica to be gone', () => Promise.resolve(stage.owned().length === 0));
  const tookMs = performance.now() - startedMs;
  await happening;
  await stage.alert({ action: phase, state: 'closed' });
  rules.settle(desired);
  say(`${phase.padEnd(9)}  ${fault.name.padEnd(38)} ${(tookMs / 1000).toFixed(1)} s`);
  return { fault: fault.name, phase, tookMs };
}

async function playAll(stage: ChaosStage, watch: Watch): Promise<readonly Round[]> {
  const endMs = performance.now() + minutes * 60_000;
  const rounds: Round[] = [];
  for (let index = 0; performance.now() < endMs; index += 1) {
    const fault = faults[index % faults.length];
    if (fault === undefined) break;
    try {
      rounds.push(await playRound(stage, watch, fault, 'scale-out'));
      rounds.push(await playRound(stage, watch, fault, 'scale-in'));
    } catch (error) {
      watch.rules.violations.push(`${fault.name}: ${error instanceof Error ? error.message : String(error)}`);
      break;
    }
  }
  return rounds;
}

function tableOf(rounds: readonly Round[]): (readonly [string, string])[] {
  return faults.flatMap(({ name }) => {
    const seconds = (phase: Phase): string => {
      const took = rounds
        .filter((round) => round.fault === name && round.phase === phase)
        .map(({ tookMs }) => tookMs / 1000);
      return took.length === 0 ? '-' : took.map((one) => one.toFixed(1)).join(', ');
    };
    const times = `${seconds('scale-out').padEnd(20)} ${seconds('scale-in')}`;
    return rounds.some(({ fault }) => fault === name) ? [[name, times] as const] : [];
  });
}

type Seen = {
  readonly rounds: readonly Round[];
  readonly rules: RuleWatch;
  readonly figures: readonly string[];
  readonly count: LoadCount | null;
};

/** Prints what was seen, and counts what clients saw among the violations. */
function tell({ rounds, rules, figures, count }: Seen): void {
  if (count !== null && count.failed > 0) {
    rules.violations.push(`${count.failed} client errors, the first: ${count.firstError}`);
  }
  const heading = `${'scale-out, s'.padEnd(20)} scale-in, s`;
  process.stdout.write(`\n${renderTable([['what broke', heading], ...tableOf(rounds)])}\n\n`);
  const clients = count === null ? 'no clients (no real proxysql)' : `${count.queries} queries, ${count.failed} failed`;
  const { looks, withoutHolder, ownedMax, cutOff, violations } = rules;
  const seen = `${looks} looks, ${withoutHolder} of them without a decider; at most ${ownedMax} replicas; ${cutOff} times a proxy reached no database`;
  process.stdout.write(`${rounds.length} rounds, ${seen}; ${clients}\n`);
  for (const figure of figures) process.stdout.write(`${figure}\n`);
  for (const violation of violations) process.stdout.write(`VIOLATION: ${violation}\n`);
  process.stdout.write(`${violations.length} violations\n`);
}

async function main(): Promise<number> {
  if (withoutSentinel !== false) {
    process.stdout.write(`make chaos cannot run: ${withoutSentinel}\n`);
    return 2;
  }
  const proxysql = await findProxySql(process.env);
  say(
    `${agents} agents on ${proxysql === null ? 'the emulator' : `proxysql ${proxysql.version}`}, ${minutes} minutes, seed ${seed}`,
  );
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const stage = await ChaosStage.start(proxysql, agents);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stage.stop(false).finally(() => process.exit(1));
    });
  }
  const load = proxysql === null ? null : new ClientLoad(stage.world.pods);
  const rules = new RuleWatch(stage);
  let isBroken = true;
  try {
    await load?.start();
    rules.start();
    say('everything serves');
    const takeovers = new Takeovers();
    const rounds = await playAll(stage, { rules, takeovers });
    await rules.stop();
    const { lines, violations } = takeovers.report(delays.max / 1e6);
    const pushed = await uncommitted(stage);
    rules.violations.push(...violations, ...pushed.violations);
    const figures = [
      ...lines,
      `${pushed.proven} revisions proven by agents, ${pushed.violations.length} of them never committed`,
    ];
    tell({ rounds, rules, figures, count: (await load?.stop()) ?? null });
    isBroken = rules.violations.length > 0;
    if (isBroken) process.stdout.write(`logs: ${stage.world.folder}\n`);
    return isBroken ? 1 : 0;
  } finally {
    await stage.stop(isBroken);
  }
}

process.exit(await main());
