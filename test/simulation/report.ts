import type { Life } from './life.ts';

/** What many lives came to. */
export type Report = {
  readonly lives: number;
  readonly seconds: number;
  readonly failed: readonly Summary[];
  /** Seeds in which too little happened to prove anything. */
  readonly poor: readonly Summary[];
  readonly text: string;
};

/** What is kept of a life. */
export type Summary = Omit<Life, 'story' | 'stakes' | 'faults'> & {
  readonly faults: readonly string[];
  readonly stakes: readonly (readonly [rule: number, count: number])[];
};

/** What every seed has to have. */
const least = { steps: 500, faults: 5, scaleOuts: 1, scaleIns: 1 };

export function summarize({ seed, steps, virtualMs, faults, scaleOuts, scaleIns, stakes, violation }: Life): Summary {
  const kinds = faults.map(({ kind }) => kind);
  return { seed, steps, virtualMs, faults: kinds, scaleOuts, scaleIns, stakes: [...stakes], violation };
}

export function report(lives: readonly Summary[], seconds: number): Report {
  const failed = lives.filter(({ violation }) => violation !== null);
  const poor = lives.filter((life) => life.violation === null && isPoor(life));
  const mean = (read: (life: Summary) => number): string =>
    (lives.reduce((sum, life) => sum + read(life), 0) / Math.max(1, lives.length)).toFixed(1);
  const lines = [
    `${lives.length} seeds in ${seconds.toFixed(1)} s: ${failed.length} broke a rule, ${poor.length} were too poor to count`,
    `mean of a seed: ${mean(({ steps }) => steps)} steps, ${mean(({ faults }) => faults.length)} faults, ` +
      `${mean(({ scaleOuts }) => scaleOuts)} whole scale-outs, ${mean(({ scaleIns }) => scaleIns)} whole scale-ins, ` +
      `${mean(({ virtualMs }) => virtualMs / 1000)} s of virtual time`,
    `rules at stake, mean of a seed: ${renderStakes(lives)}`,
    `faults: ${renderFaults(lives)}`,
  ];
  return { lives: lives.length, seconds, failed, poor, text: lines.join('\n') };
}

function isPoor({ steps, faults, scaleOuts, scaleIns }: Summary): boolean {
  return (
    steps < least.steps || faults.length < least.faults || scaleOuts < least.scaleOuts || scaleIns < least.scaleIns
  );
}

function renderStakes(lives: readonly Summary[]): string {
  const sums = new Map<number, number>();
  for (const { stakes } of lives) for (const [rule, count] of stakes) sums.set(rule, (sums.get(rule) ?? 0) + count);
  return [...sums]
    .sort(([one], [other]) => one - other)
    .map(([rule, sum]) => `${rule}: ${(sum / lives.length).toFixed(1)}`)
    .join(', ');
}

function renderFaults(lives: readonly Summary[]): string {
  const counts = new Map<string, number>();
  for (const { faults } of lives) for (const kind of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}
