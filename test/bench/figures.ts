/** Percentiles, ratios and rows of the benches' tables. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One line of a table: ours against the floor, and what is allowed of their medians' ratio. */
export type Comparison = {
  readonly name: string;
  /** Milliseconds. */
  readonly chester: readonly number[];
  readonly bare: readonly number[];
  /** Ours with the way of the update and of its answer, where `chester` is without. */
  readonly roundTrip: readonly number[] | null;
  readonly ratioMax: number;
};

/** The ratio of the medians. */
export function ratioOf({ chester, bare }: Comparison): number {
  return percentile(chester, 0.5) / percentile(bare, 0.5);
}

/** The heading of a table of comparisons. */
export const comparisonHeading = renderCells('', [
  'bare p50',
  'p90',
  'chester p50',
  'p90',
  'ratio',
  'at most',
  'both ways',
]);

/** Renders one line of it: medians, 90th percentiles, ratio, verdict. */
export function renderComparison(row: Comparison): string {
  const ms = [row.bare, row.chester].flatMap((values) => [percentile(values, 0.5), percentile(values, 0.9)]);
  const ratio = ratioOf(row);
  const bothWays = row.roundTrip === null ? '' : `${percentile(row.roundTrip, 0.5).toFixed(1)} ms`;
  const cells = [...ms.map((value) => `${value.toFixed(1)} ms`), ratio.toFixed(2), row.ratioMax.toFixed(2), bothWays];
  return `${renderCells(row.name, cells)}   ${ratio <= row.ratioMax ? 'met' : 'MISSED'}`;
}

function renderCells(name: string, cells: readonly string[]): string {
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(13)).join('')}`;
}
