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
export type Summary = Omit<Life, 'story' | 'stakes' | 'situations' | 'faults'> & {
  readonly faults: readonly string[];
  readonly stakes: readonly (readonly [rule: number, count: number])[];
  readonly situations: readonly (readonly [reason: string, count: number])[];
};

/** What every seed has to have. */
const least = { steps: 500, faults: 5, scaleOuts: 1, scaleIns: 1 };

export function summarize({ seed, steps, virtualMs, scaleOuts, scaleIns, violation, ...kept }: Life): Summary {
  return {
    ...{ seed, steps, virtualMs, scaleOuts, scaleIns, violation },
    faults: kept.faults.map(({ kind }) => kind),
    stakes: [...kept.stakes],
    situations: [...kept.situations],
  };
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
    `decided, waited for and ordered: ${renderCounts(lives.flatMap(({ situations }) => situations))}`,
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
  return renderCounts(lives.flatMap(({ faults }) => faults.map((kind) => [kind, 1] as const)));
}

function renderCounts(counted: readonly (readonly [what: string, count: number])[]): string {
  const counts = new Map<string, number>();
  for (const [what, count] of counted) counts.set(what, (counts.get(what) ?? 0) + count);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
