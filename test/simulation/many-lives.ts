import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Summary } from './report.ts';

export type Range = { readonly from: number; readonly seeds: number; readonly workers: number };

/**
 * A life runs some thousand functions a few times each. Node spends a third of some hundred lives on optimising them:
 * compiled plainly at once, and optimised later, they cost less. Many lives earn that back: from some hundred on, a life
 * costs a quarter less as node does it by itself. It counts for what is loaded from now on.
 */
const flags = ['--always-sparkplug', '--interrupt-budget=600000'];
const optimisedFrom = 250;
/** Nearly all that a life makes is thrown away soon. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 };

/** Lives many seeds, each worker its share. Rejects when a worker dies of something that no seed should do. */
export async function liveMany({ from, seeds, workers }: Range, told: (life: Summary) => void): Promise<void> {
  if (seeds / workers < optimisedFrom) for (const flag of flags) setFlagsFromString(flag);
  const until = from + seeds;
  const shares = Array.from({ length: workers }, (_none, index) =>
    runShare({ from: from + index, until, stride: workers }, told),
  );
  await Promise.all(shares);
}

function runShare(
  workerData: { readonly from: number; readonly until: number; readonly stride: number },
  told: (life: Summary) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, resourceLimits });
    worker.on('message', told);
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker exited with ${code}`));
    });
  });
}
