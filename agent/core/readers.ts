import type { WantedRow } from './plan.ts';
import { keyOf, type ServerRow } from './rows.ts';
import type { SnapshotBody } from './snapshot.ts';
import type { ViewIndex } from './view.ts';

/**
 * For how long a server that was SHUNNED is doubted: every LOAD un-shuns the dead ones too, and ProxySQL's monitor
 * needs some 25 s to take one out again that nobody asks.
 */
export const doubtMs = 30_000;

/** Whether a row in this state gets queries. ProxySQL gives none to a server without weight or connections. */
export function canServe(row: ServerRow | undefined): boolean {
  return row?.status === 'ONLINE' && row.weight > 0 && row.maxConnections > 0;
}

/** Rows of the reader hostgroup that get queries now. */
export function findServing(body: Pick<SnapshotBody, 'readerHostgroup'>, index: ViewIndex): readonly ServerRow[] {
  return [...index.runtime.values()].filter((row) => row.hostgroup === body.readerHostgroup && canServe(row));
}

/** What a LOAD after these writes makes of each key: others' rows become what memory holds of them. */
export function rowsAfterLoad(wanted: readonly WantedRow[], index: ViewIndex): ReadonlyMap<string, ServerRow> {
  const rows = new Map(index.memory);
  for (const { key, want } of wanted) {
    if (want === null) rows.delete(keyOf(key));
    else rows.set(keyOf(key), want);
  }
  return rows;
}
