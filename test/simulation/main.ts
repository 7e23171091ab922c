import { availableParallelism } from 'node:os';
import { type Life, live } from './life.ts';
import { liveMany } from './many-lives.ts';
import { report, type Summary } from './report.ts';
import { shrink } from './shrink.ts';

/**
 * `SEEDS=n` lives n seeds from `FROM` on; `SEED=s` replays one and prints its whole story, with `VERBOSE=1` the log of
 * all daemons too. Exits 1 when a rule broke.
 */
const { SEED, SEEDS = '200', FROM = '1', WORKERS, VERBOSE } = process.env;

const triesMax = 80;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printLife({ seed, steps, faults, violation, story }: Life): void {
  print(story.join('\n'));
  const verdict = violation === null ? 'every rule held' : `rule ${violation.rule} broke: ${violation.message}`;
  print(`seed ${seed}: ${steps} steps, ${faults.length} faults; ${verdict}`);
}

async function replay(seed: number): Promise<boolean> {
  const life = await live(seed, { verbose: VERBOSE === '1' });
  printLife(life);
  return life.violation === null;
}

async function runMany(): Promise<boolean> {
  const lives: Summary[] = [];
  const startedMs = performance.now();
  const workers = Number(WORKERS ?? Math.min(availableParallelism(), Number(SEEDS)));
  await liveMany({ from: Number(FROM), seeds: Number(SEEDS), workers }, (life) => {
    lives.push(life);
    if (life.violation !== null) print(`seed ${life.seed}: rule ${life.violation.rule}: ${life.violation.message}`);
  });
  const { text, failed, poor } = report(lives, (performance.now() - startedMs) / 1000);
  print(text);
  for (const { seed, steps, faults } of poor.slice(0, 5))
    print(`poor: seed ${seed}, ${steps} steps, ${faults.length} faults`);
  const [first] = failed.toSorted((one, other) => one.steps - other.steps);
  if (first !== undefined) {
    print(`\nThe shortest story of seed ${first.seed}; SEED=${first.seed} make simulate replays it whole:`);
    printLife(await shrink(await live(first.seed), { triesMax }));
  }
  return failed.length === 0 && poor.length === 0;
}

const isFine = SEED === undefined ? await runMany() : await replay(Number(SEED));
process.exitCode = isFine ? 0 : 1;
