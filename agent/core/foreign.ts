import { isRuntimeEqual, keyOf, type ServerKey, type ServerRow } from './rows.ts';

/** Somebody's edit of a row that is not ours, in memory and not yet loaded. */
export type ForeignPending = ServerKey & {
  /** What a LOAD would do with the row. */
  readonly wouldBe: 'added' | 'removed' | 'changed';
};

/**
 * Lists what a LOAD would publish besides our own rows. Not pending: SHUNNED in runtime for ONLINE in memory, and
 * OFFLINE_HARD for nothing, because ProxySQL shows a removed row so while connections remain.
 */
export function findForeignPending(
  view: { readonly memory: ReadonlyMap<string, ServerRow>; readonly runtime: ReadonlyMap<string, ServerRow> },
  ours: ReadonlySet<string>,
): readonly ForeignPending[] {
  const pending: ForeignPending[] = [];
  for (const [key, row] of view.memory) {
    if (ours.has(key)) continue;
    const runtime = view.runtime.get(key);
    if (runtime === undefined) {
      if (row.status !== 'OFFLINE_HARD') pending.push(render(row, 'added'));
    } else if (!isLoadNothingNew(runtime, row)) {
      pending.push(render(row, 'changed'));
    }
  }
  for (const [key, row] of view.runtime) {
    if (!ours.has(key) && !view.memory.has(key) && row.status !== 'OFFLINE_HARD') {
      pending.push(render(row, 'removed'));
    }
  }
  return pending;
}

/** Renders what is pending for people; at most five rows by name. */
export function describeForeignPending(pending: readonly ForeignPending[]): string {
  const named = pending.slice(0, 5).map((row) => `${row.wouldBe}: hostgroup ${keyOf(row)}`);
  const more = pending.length > named.length ? `, and ${pending.length - named.length} more` : '';
  return `a LOAD would publish somebody's pending edit of mysql_servers: ${named.join(', ')}${more}`;
}

function isLoadNothingNew(runtime: ServerRow, memory: ServerRow): boolean {
  return (
    isRuntimeEqual(runtime, memory) &&
    runtime.gtidPort === memory.gtidPort &&
    runtime.compression === memory.compression &&
    runtime.maxLatencyMs === memory.maxLatencyMs
  );
}

function render(row: ServerRow, wouldBe: ForeignPending['wouldBe']): ForeignPending {
  return { hostgroup: row.hostgroup, hostname: row.hostname, port: row.port, wouldBe };
}
