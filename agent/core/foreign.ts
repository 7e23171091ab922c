import { isRuntimeEqual, keyOf, type ServerRow } from './rows.ts';
import type { SiblingRow } from './siblings.ts';

/** Somebody's edit of a row that is not ours, in memory and not yet loaded. */
export type ForeignPending = {
  readonly table: string;
  /** What identifies the row, for people. */
  readonly row: string;
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
      if (row.status !== 'OFFLINE_HARD') pending.push(pendingServer(row, 'added'));
    } else if (!isLoadNothingNew(runtime, row)) {
      pending.push(pendingServer(row, 'changed'));
    }
  }
  for (const [key, row] of view.runtime) {
    if (!ours.has(key) && !view.memory.has(key) && row.status !== 'OFFLINE_HARD') {
      pending.push(pendingServer(row, 'removed'));
    }
  }
  return pending;
}

/** Renders what is pending for people; at most five rows by name. */
export function describeForeignPending(pending: readonly ForeignPending[]): string {
  const named = pending.slice(0, 5).map(({ table, row, wouldBe }) => `${table} ${wouldBe}: ${row}`);
  const more = pending.length > named.length ? `, and ${pending.length - named.length} more` : '';
  return `a LOAD would publish somebody's pending edit: ${named.join(', ')}${more}`;
}

function isLoadNothingNew(runtime: ServerRow, memory: ServerRow): boolean {
  return (
    isRuntimeEqual(runtime, memory) &&
    runtime.gtidPort === memory.gtidPort &&
    runtime.compression === memory.compression &&
    runtime.maxLatencyMs === memory.maxLatencyMs
  );
}

/** Lists what a LOAD would publish of the tables that it publishes together with mysql_servers. */
export function findSiblingPending(siblings: readonly SiblingRow[]): readonly ForeignPending[] {
  const rendered = siblings.map(({ table, where, row }) => ({ table, where, row: JSON.stringify(row) }));
  const standsIn = (where: SiblingRow['where']): ReadonlySet<string> =>
    new Set(rendered.filter((one) => one.where === where).map(({ table, row }) => `${table} ${row}`));
  const [inMemory, inRuntime] = [standsIn('memory'), standsIn('runtime')];
  return rendered.flatMap(({ table, where, row }): readonly ForeignPending[] => {
    const isElsewhere = (where === 'memory' ? inRuntime : inMemory).has(`${table} ${row}`);
    return isElsewhere ? [] : [{ table, row, wouldBe: where === 'memory' ? 'added' : 'removed' }];
  });
}

/** Renders somebody's edit of a row of mysql_servers. */
export function pendingServer(row: ServerRow, wouldBe: ForeignPending['wouldBe']): ForeignPending {
  return { table: 'mysql_servers', row: `hostgroup ${keyOf(row)}`, wouldBe };
}
