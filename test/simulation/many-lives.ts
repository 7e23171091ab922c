import { Worker } from 'node:worker_threads';
import type { Summary } from './report.ts';

export type Range = { readonly from: number; readonly seeds: number; readonly workers: number };

/** Lives many seeds, each worker its share. Rejects when a worker dies of something that no seed should do. */
export async function liveMany({ from, seeds, workers }: Range, told: (life: Summary) => void): Promise<void> {
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
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    worker.on('message', told);
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker exited with ${code}`));
    });
  });
}
