import type { JsonObject } from './json.ts';

export const operationTypes = [
  'CREATE_REPLICA',
  'UPDATE',
  'DELETE',
  'PROMOTE_REPLICA',
  'RECONFIGURE_OLD_PRIMARY',
  'SWITCHOVER',
  'SWITCHOVER_TO_REPLICA',
] as const;
export type OperationType = (typeof operationTypes)[number];

export type OperationError = { readonly code: string; readonly message: string };

/** What goes wrong with an operation on demand. */
export type OperationFault = { readonly error: OperationError } | { readonly durationMs: number } | 'hangs';

/**
 * A long-running job: PENDING until `startMs`, RUNNING until `finishMs`, then DONE for ever.
 * There is no failed status: a failed operation is DONE and carries an error.
 */
export type Operation = {
  readonly name: string;
  readonly operationType: OperationType;
  readonly targetId: string;
  /** The primary whose replication family is held while the operation is in flight. */
  readonly familyName: string;
  readonly status: 'PENDING' | 'RUNNING' | 'DONE';
  readonly insertMs: number;
  readonly startMs: number;
  /** Null: it never finishes (a fault asked for that). */
  readonly finishMs: number | null;
  /** Decided when the operation is accepted, shown when it is DONE. */
  readonly error: OperationError | null;
  /** The settings that an UPDATE brings when it is done; null for other types. */
  readonly settings: JsonObject | null;
};

/** When the operation changes next; null when it never does. */
function nextChangeMs(operation: Operation): number | null {
  switch (operation.status) {
    case 'PENDING':
      return operation.startMs;
    case 'RUNNING':
      return operation.finishMs;
    case 'DONE':
      return null;
  }
}

/** Finds the operation that changes first among those due by `nowMs`; `isReady` may hold one back. */
export function nextDueOperation(
  operations: Iterable<Operation>,
  isReady: (operation: Operation) => boolean,
  nowMs: number,
): Operation | null {
  let first: { readonly operation: Operation; readonly atMs: number } | null = null;
  for (const operation of operations) {
    const atMs = nextChangeMs(operation);
    if (atMs === null || atMs > nowMs || !isReady(operation)) continue;
    if (first === null || atMs < first.atMs) first = { operation, atMs };
  }
  return first?.operation ?? null;
}

/** When the first of the operations that are ready changes; null when time alone moves none. */
export function earliestChangeMs(
  operations: Iterable<Operation>,
  isReady: (operation: Operation) => boolean,
): number | null {
  const times = [...operations].filter(isReady).map(nextChangeMs);
  return times.reduce((first, atMs) => (first === null || (atMs !== null && atMs < first) ? atMs : first), null);
}
