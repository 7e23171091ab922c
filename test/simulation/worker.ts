import { parentPort, workerData } from 'node:worker_threads';
import { live } from './life.ts';
import { summarize } from './report.ts';

/** Lives every `stride`-th seed of a range and tells of each. */
type Work = { readonly from: number; readonly until: number; readonly stride: number };

const { from, until, stride } = workerData as Work;
for (let seed = from; seed < until; seed += stride) parentPort?.postMessage(summarize(await live(seed)));
