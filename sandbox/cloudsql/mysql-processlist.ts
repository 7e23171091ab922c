import type { ServerView } from './mysql-answers.ts';
import type { SqlRows, SqlValue } from './mysql-wire.ts';

/** Columns of SHOW PROCESSLIST; information_schema.processlist has the same in capitals. */
export const processColumns = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'] as const;

type ProcessQuery = {
  readonly selected: string;
  /** The text after WHERE; null for none. */
  readonly where: string | null;
  /** What CONNECTION_ID() is. */
  readonly sessionId: number;
};

/** A process list's rows: the server's own threads, as a real instance shows them, then the clients. */
export function processRows(view: ServerView): SqlValue[][] {
  const { isReplica, lagSeconds, nowMs } = view;
  const own: SqlValue[][] = [[5, 'event_scheduler', 'localhost', null, 'Daemon', 0, 'Waiting on empty queue', null]];
  if (isReplica && lagSeconds !== null) {
    const receiving = 'Waiting for source to send event';
    const applying = 'Replica has read all relay log; waiting for more updates';
    own.push([6, 'system user', 'connecting host', null, 'Connect', 0, receiving, null]);
    own.push([7, 'system user', '', null, 'Query', lagSeconds, applying, null]);
  }
  const clients = view.sessions.map(({ id, user, host, database, command, sinceMs, state, info }) => {
    const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
    return [id, user, host, database, command, seconds, state, info];
  });
  return [...own, ...clients];
}

/**
 * Answers a SELECT on the process list: `*`, `COUNT(*)` or columns with aliases, and a WHERE of AND-ed comparisons
 * (`=`, `<>`, `!=`, `IN`, `NOT IN`, `IS [NOT] NULL`). Null when the query is more than that: a condition is better
 * refused than ignored.
 */
export function filterProcesses({ selected, where, sessionId }: ProcessQuery, view: ServerView): SqlRows | null {
  const tests = where === null ? [] : where.split(/\s+and\s+/i).map((term) => parseTerm(term.trim(), sessionId));
  if (tests.includes(null)) return null;
  const rows = processRows(view).filter((row) => tests.every((test) => test?.(row) === true));
  const counted = /^count\(\s*(?:\*|1)\s*\)(?:\s+(?:as\s+)?`?(\w+)`?)?$/i.exec(selected.trim());
  if (counted !== null) return { columns: [counted[1] ?? selected.trim()], rows: [[rows.length]] };
  if (selected.trim() === '*') return { columns: processColumns.map((name) => name.toUpperCase()), rows };
  const picked = selected.split(',').map((item) => parseColumn(item.trim()));
  if (picked.includes(null)) return null;
  const columns = picked.filter((column) => column !== null);
  return {
    columns: columns.map(({ label }) => label),
    rows: rows.map((row) => columns.map(({ index }) => row[index] ?? null)),
  };
}

function parseColumn(item: string): { readonly index: number; readonly label: string } | null {
  const parts = /^(?:\w+\.)?`?(\w+)`?(?:\s+(?:as\s+)?`?(\w+)`?)?$/i.exec(item);
  const name = parts?.[1] ?? '';
  const index = columnIndex(name);
  return index === -1 ? null : { index, label: parts?.[2] ?? name };
}

function columnIndex(name: string): number {
  return processColumns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
}

function parseTerm(term: string, sessionId: number): ((row: readonly SqlValue[]) => boolean) | null {
  const parts = /^(?:\w+\.)?`?(\w+)`?\s*(=|<>|!=|not\s+in|in|is\s+not|is)\s*(.+)$/is.exec(term);
  const index = columnIndex(parts?.[1] ?? '');
  const operator = parts?.[2]?.toLowerCase().replace(/\s+/, ' ');
  const values = parseValues(parts?.[3] ?? '', sessionId);
  if (index === -1 || operator === undefined || values === null) return null;
  const isWanted = operator === '=' || operator === 'in' || operator === 'is';
  const areNullsCompared = operator.startsWith('is');
  return (row) => {
    const found = row[index] ?? null;
    if (found === null && !areNullsCompared) return false;
    return values.includes(found === null ? null : String(found)) === isWanted;
  };
}

/** Reads one value or a list in parentheses; null when it is neither. */
function parseValues(text: string, sessionId: number): (string | null)[] | null {
  const inner = /^\((.*)\)$/s.exec(text)?.[1] ?? text;
  const values = inner.split(',').map((item) => {
    const value = item.trim();
    if (/^connection_id\(\s*\)$/i.test(value)) return String(sessionId);
    if (/^null$/i.test(value)) return null;
    return /^'([^']*)'$/.exec(value)?.[1] ?? /^"([^"]*)"$/.exec(value)?.[1] ?? /^\d+$/.exec(value)?.[0];
  });
  return values.some((value) => value === undefined) ? null : values.filter((value) => value !== undefined);
}
