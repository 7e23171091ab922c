import { keyOf, type ServerRow } from './rows.ts';
import type { SnapshotBody } from './snapshot.ts';
import { rowsIn, type ViewIndex } from './view.ts';

/**
 * For how long a server that was SHUNNED is doubted: every LOAD un-shuns the dead ones too, and ProxySQL's monitor
 * needs some 25 s to take one out again that nobody asks.
 */
export const doubtMs = 30_000;

/**
 * Notes when a look last had reason to doubt a server, by key: it was SHUNNED, or it was and has been out of service
 * since, so that nobody has asked it. What has been ONLINE for long enough is forgotten.
 */
export function noteShuns(
  before: ReadonlyMap<string, number>,
  runtime: readonly ServerRow[],
  nowMs: number,
): ReadonlyMap<string, number> {
  const doubted = runtime
    .map((row) => ({ key: keyOf(row), status: row.status }))
    .filter(({ key, status }) => status === 'SHUNNED' || (status !== 'ONLINE' && before.has(key)));
  const recent = [...before].filter(([, atMs]) => nowMs - atMs < doubtMs);
  return new Map([...recent, ...doubted.map(({ key }) => [key, nowMs] as const)]);
}

/** Whether a row in this state gets queries. ProxySQL gives none to a server without weight or connections. */
export function canServe(row: ServerRow | undefined): boolean {
  return row?.status === 'ONLINE' && row.weight > 0 && row.maxConnections > 0;
}

/** Rows of the reader hostgroup that get queries now. */
export function findServing(body: Pick<SnapshotBody, 'readerHostgroup'>, index: ViewIndex): readonly ServerRow[] {
  return rowsIn(index, 'runtime', [body.readerHostgroup]).filter(canServe);
}

/** What is to be written, by key; `null`: the row goes. */
export type Written = ReadonlyMap<string, ServerRow | null>;

/** What a LOAD after these writes makes of a key: others' rows become what memory holds of them. */
export function afterLoad(written: Written, index: ViewIndex, key: string): ServerRow | undefined {
  return written.has(key) ? (written.get(key) ?? undefined) : index.memory.get(key);
}
