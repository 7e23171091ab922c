import { z } from 'zod';
import { seconds } from './fields.ts';

/** How long each step of a replica's life may take before people are told; 0: for ever. */
export const deadlinesSchema = z.strictObject({
  createSeconds: seconds.default(5400),
  /** After this a replica that never passed its gate is given up: withdrawn, deleted, and tried anew. */
  gateSeconds: seconds.default(3600),
  drainSeconds: seconds.default(1800),
  deleteSeconds: seconds.default(3600),
});

export type Deadlines = z.infer<typeof deadlinesSchema>;

/** Whether a step that began at `sinceMs` takes longer than it may. */
export function isOverdue(deadlineSeconds: number, sinceMs: number, nowMs: number): boolean {
  return deadlineSeconds > 0 && nowMs - sinceMs > deadlineSeconds * 1000;
}
