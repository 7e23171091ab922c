import { type AnswerRow, integer, text } from './answers.ts';
import { quoteText, renderNumber } from './sql-text.ts';

/**
 * The sentinel table lives in ProxySQL's memory only: when it is missing, that memory was rebuilt.
 * The owner writes `heartbeat_at` by ProxySQL's own clock, so that no two clocks are ever compared.
 */
export const createSentinel =
  'CREATE TABLE IF NOT EXISTS main.chester_agent (id INTEGER PRIMARY KEY CHECK (id = 1), ' +
  'proxy_boot VARCHAR NOT NULL, agent_id VARCHAR NOT NULL, boot_id VARCHAR NOT NULL, ' +
  "heartbeat_at INTEGER NOT NULL, pause VARCHAR NOT NULL DEFAULT 'none', connection INTEGER NOT NULL DEFAULT 0)";
/** What the table lacks where an agent made it that did not number its connections. That one does not mind the column. */
export const addConnection = 'ALTER TABLE main.chester_agent ADD COLUMN connection INTEGER NOT NULL DEFAULT 0';

/** Who watches this ProxySQL, since which of its boots. */
export type Sentinel = { readonly proxyBoot: string; readonly agentId: string; readonly bootId: string };

const pauseMarks = ['none', 'paused', 'left'] as const;
/** Whether our drain closed the proxy to clients, and whether the agent then left the rosters. */
export type PauseMark = (typeof pauseMarks)[number];

/** The sentinel as read. */
export type SentinelState = Sentinel & {
  /** Since the owner's last heartbeat. */
  readonly silentSeconds: number;
  readonly pause: PauseMark;
};

/**
 * A process's connections to one ProxySQL, counted from 1. The sentinel names the newest that has looked, and only that one
 * writes: a statement that was given up may still be carried out at any time later, and then it changes nothing.
 */
export type Writer = { readonly bootId: string; readonly connection: number };

/** Renders the statement that lets this connection write, and none before it; nothing where the sentinel is another's. */
export function fenceWriters({ bootId, connection }: Writer): string {
  return (
    `UPDATE main.chester_agent SET connection = ${renderNumber(connection)} ` +
    `WHERE boot_id = ${quoteText(bootId)} AND connection < ${renderNumber(connection)}`
  );
}

/** Renders the condition under which a write happens. Fails with `no such table` where the proxy was rebuilt. */
function whileWriter({ bootId, connection }: Writer): string {
  return (
    `EXISTS (SELECT 1 FROM main.chester_agent WHERE boot_id = ${quoteText(bootId)} ` +
    `AND connection = ${renderNumber(connection)})`
  );
}

/** Renders the statement that marks a fresh ProxySQL; a row that is there already stays. */
export function insertSentinel(sentinel: Sentinel, connection: number): string {
  const values = [sentinel.proxyBoot, sentinel.agentId, sentinel.bootId].map(quoteText).join(', ');
  const columns = 'id, proxy_boot, agent_id, boot_id, heartbeat_at, connection';
  return (
    `INSERT OR IGNORE INTO main.chester_agent (${columns}) ` +
    `VALUES (1, ${values}, strftime('%s', 'now'), ${renderNumber(connection)})`
  );
}

type Claim = Writer & Pick<Sentinel, 'agentId'>;

/** Renders the statement that takes the sentinel over for another agent process, unless a third one was faster. */
export function claimSentinel({ agentId, bootId, connection }: Claim, bootIdBefore: string): string {
  return (
    `UPDATE main.chester_agent SET agent_id = ${quoteText(agentId)}, boot_id = ${quoteText(bootId)}, ` +
    `heartbeat_at = strftime('%s', 'now'), connection = ${renderNumber(connection)} WHERE boot_id = ${quoteText(bootIdBefore)}`
  );
}

/** Renders the owner's sign of life, or with `ended` its last: then anybody may take over at once. */
export function beatSentinel(bootId: string, sign: 'alive' | 'ended'): string {
  const at = sign === 'alive' ? "strftime('%s', 'now')" : '0';
  return `UPDATE main.chester_agent SET heartbeat_at = ${at} WHERE boot_id = ${quoteText(bootId)}`;
}

/** Renders the statement that remembers what the owner's drain did to the listener. */
export function markPause(bootId: string, mark: PauseMark): string {
  return `UPDATE main.chester_agent SET pause = ${quoteText(mark)} WHERE boot_id = ${quoteText(bootId)}`;
}

/** Reads proxy boot, agent, agent's boot, seconds of silence, pause. */
export function parseSentinel(row: AnswerRow): SentinelState {
  const pause = pauseMarks.find((mark) => mark === text(row, 4)) ?? 'none';
  return {
    proxyBoot: text(row, 0),
    agentId: text(row, 1),
    bootId: text(row, 2),
    silentSeconds: integer(row, 3),
    pause,
  };
}

/** Renders one statement that writes rows, each as text in parentheses, for as long as `writer` may. */
export function replaceTuples(table: string, columns: string, tuples: readonly string[], writer: Writer): string {
  return `REPLACE INTO ${table} (${columns}) SELECT * FROM (VALUES ${tuples.join(', ')}) WHERE ${whileWriter(writer)}`;
}

/** Renders one statement that deletes the rows with these keys, each as text in parentheses, for as long as `writer` may. */
export function deleteTuples(table: string, columns: string, tuples: readonly string[], writer: Writer): string {
  return `DELETE FROM ${table} WHERE (${columns}) IN (VALUES ${tuples.join(', ')}) AND ${whileWriter(writer)}`;
}
