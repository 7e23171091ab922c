import { filterProcesses, processColumns, processRows } from './mysql-processlist.ts';
import { replicaStatus } from './mysql-replica-status.ts';
import type { SqlRows, SqlValue } from './mysql-wire.ts';

/** One client's connection, as the process list shows it. */
export type Session = {
  readonly id: number;
  readonly user: string;
  /** Address and port of the client. */
  readonly host: string;
  readonly database: string | null;
  readonly command: 'Sleep' | 'Query';
  readonly sinceMs: number;
  readonly state: string | null;
  readonly info: string | null;
};

/** What an instance's MySQL knows of itself. */
export type ServerView = {
  readonly name: string;
  /** As the Admin API names it: `MYSQL_8_0`. */
  readonly databaseVersion: string;
  readonly primaryAddress: string | null;
  readonly isReplica: boolean;
  readonly lagSeconds: number | null;
  readonly serverId: number;
  readonly port: number;
  readonly sessions: readonly Session[];
  readonly nowMs: number;
};

export type SqlAnswer =
  | { readonly kind: 'ok' }
  | ({ readonly kind: 'rows'; readonly delayMs?: number } & SqlRows)
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'error'; readonly code: number; readonly state: string; readonly message: string };

type Question = { readonly match: RegExpExecArray; readonly session: Session; readonly view: ServerView };

const sleepMaxMs = 600_000;

/** First match wins. */
const answers: readonly (readonly [RegExp, (question: Question) => SqlAnswer])[] = [
  [/^use\s+`?([^`\s]+)`?$/i, ({ match }) => ({ kind: 'use', database: match[1] ?? '' })],
  [/^show\s+(replica|slave)\s+status\b/i, answerReplicaStatus],
  [/^show\s+(full\s+)?processlist$/i, ({ view }) => ({ kind: 'rows', ...showProcesses(view) })],
  [/^show\s+(?:global\s+|session\s+)?(status|variables)(?:\s+like\s+'([^']*)')?/i, answerShow],
  [/^show\s+grants\b/i, answerGrants],
  [/^show\b/i, () => ({ kind: 'rows', columns: ['Value'], rows: [] })],
  [/^select\s+sleep\(\s*(\d+(?:\.\d+)?)\s*\)$/i, answerSleep],
  [/^select\s+(.+?)\s+from\s+(?:information_schema|performance_schema)\.processlist\b(.*)$/is, answerProcesses],
  [/^select\s+(.+?)(?:\s+from\s.+|\s+limit\s+\d+)?$/is, answerSelect],
  [/^(?:insert|update|delete|replace|create|drop|alter|truncate|load|rename)\b/i, answerWrite],
];

/** Answers a statement as the instance would; what it does not know is answered harmlessly. */
export function answerQuery(sql: string, session: Session, view: ServerView): SqlAnswer {
  const text = sql
    .replace(/^(?:\s+|\/\*(?!!).*?\*\/|--\s[^\n]*\n)+/s, '')
    .replace(/[\s;]+$/, '')
    .trim();
  for (const [pattern, answer] of answers) {
    const match = pattern.exec(text);
    if (match !== null) return answer({ match, session, view });
  }
  return { kind: 'ok' };
}

/** Every account may look, as the accounts that Cloud SQL makes for people may. */
function answerGrants({ session }: Question): SqlAnswer {
  const grants = `GRANT SELECT, PROCESS, REPLICATION CLIENT ON *.* TO \`${session.user}\`@\`%\``;
  return { kind: 'rows', columns: [`Grants for ${session.user}@%`], rows: [[grants]] };
}

/** The text of `@@version`. */
export function versionText(databaseVersion: string): string {
  const known: Readonly<Record<string, string>> = { MYSQL_5_7: '5.7.44-google-log', MYSQL_8_4: '8.4.5-google' };
  return known[databaseVersion] ?? '8.0.41-google';
}

/** SHOW REPLICA STATUS came with 8.0.22, and SHOW SLAVE STATUS went with 8.4. */
function answerReplicaStatus({ match, view }: Question): SqlAnswer {
  const isOldWording = match[1]?.toLowerCase() === 'slave';
  const isKnown = isOldWording ? view.databaseVersion !== 'MYSQL_8_4' : view.databaseVersion !== 'MYSQL_5_7';
  if (!isKnown) return syntaxError(match[0]);
  return { kind: 'rows', ...replicaStatus(view, isOldWording) };
}

function answerShow({ match, session, view }: Question): SqlAnswer {
  const isStatus = match[1]?.toLowerCase() === 'status';
  const known = isStatus ? statusVariables(view) : variables(session, view);
  const pattern = likePattern(match[2] ?? '%');
  const rows = Object.entries(known)
    .filter(([name]) => pattern.test(name))
    .map(([name, value]) => [name, typeof value === 'boolean' ? (value ? 'ON' : 'OFF') : String(value)]);
  return { kind: 'rows', columns: ['Variable_name', 'Value'], rows };
}

function answerSleep({ match }: Question): SqlAnswer {
  const delayMs = Math.min(Number(match[1]) * 1000, sleepMaxMs);
  return { kind: 'rows', columns: [match[0].replace(/^select\s+/i, '')], rows: [[0]], delayMs };
}

function showProcesses(view: ServerView): SqlRows {
  return { columns: processColumns, rows: processRows(view) };
}

function answerProcesses({ match, session, view }: Question): SqlAnswer {
  const condition = (match[2] ?? '').trim();
  const where = /^where\s+(.+?)(?:\s+order\s+by\s.+)?$/is.exec(condition)?.[1] ?? null;
  const isPlain = condition === '' || /^order\s+by\s/i.test(condition);
  if (where === null && !isPlain) return syntaxError(condition);
  const result = filterProcesses({ selected: match[1] ?? '*', where, sessionId: session.id }, view);
  return result === null ? syntaxError(match[0]) : { kind: 'rows', ...result };
}

function answerSelect({ match, session, view }: Question): SqlAnswer {
  const items = splitItems(match[1] ?? '').map((item) => {
    const parts = /^(.*?)\s+(?:as\s+)?[`"']?(\w+)[`"']?$/is.exec(item);
    const isAliased = parts !== null && /[\w)'"`]$/.test(parts[1] ?? '');
    const expression = isAliased ? (parts[1] ?? '') : item;
    return { column: isAliased ? (parts[2] ?? item) : item, value: evaluate(expression, session, view) };
  });
  return { kind: 'rows', columns: items.map(({ column }) => column), rows: [items.map(({ value }) => value)] };
}

function answerWrite({ view }: Question): SqlAnswer {
  if (!view.isReplica) return { kind: 'ok' };
  const message = 'The MySQL server is running with the --read-only option so it cannot execute this statement';
  return { kind: 'error', code: 1290, state: 'HY000', message };
}

/** A literal, a system variable or one of a few functions; anything else is 1. */
function evaluate(expression: string, session: Session, view: ServerView): SqlValue {
  const variable = /^@@(?:(?:global|session|local)\.)?(\w+)$/i.exec(expression)?.[1];
  if (variable !== undefined) {
    const value = variables(session, view)[variable.toLowerCase()] ?? null;
    return typeof value === 'boolean' ? Number(value) : value;
  }
  const literal = parseLiteral(expression);
  if (literal !== undefined) return literal;
  const called = /^(\w+)\s*\(\s*\)$/.exec(expression)?.[1]?.toLowerCase();
  return called === undefined ? 1 : callFunction(called, session, view);
}

/** A number, a quoted text or NULL; undefined for anything else. */
function parseLiteral(expression: string): SqlValue | undefined {
  if (/^-?\d{1,15}(?:\.\d+)?$/.test(expression)) return Number(expression);
  const text = /^(?:'([^']*)'|"([^"]*)")$/.exec(expression);
  if (text !== null) return text[1] ?? text[2] ?? '';
  return /^null$/i.test(expression) ? null : undefined;
}

function callFunction(name: string, session: Session, view: ServerView): SqlValue {
  const address = session.host.replace(/:\d+$/, '');
  const known: Readonly<Record<string, SqlValue>> = {
    connection_id: session.id,
    current_user: `${session.user}@%`,
    database: session.database,
    now: new Date(view.nowMs).toISOString().slice(0, 19).replace('T', ' '),
    schema: session.database,
    user: `${session.user}@${address}`,
    version: versionText(view.databaseVersion),
  };
  return Object.hasOwn(known, name) ? (known[name] ?? null) : 1;
}

function variables(session: Session, view: ServerView): Readonly<Record<string, string | number | boolean>> {
  return {
    autocommit: true,
    gtid_mode: 'ON',
    hostname: view.name,
    max_allowed_packet: 33554432,
    max_connections: 1000,
    port: view.port,
    pseudo_thread_id: session.id,
    read_only: view.isReplica,
    server_id: view.serverId,
    server_uuid: `00000000-0000-4000-8000-${String(view.serverId).padStart(12, '0')}`,
    super_read_only: view.isReplica,
    version: versionText(view.databaseVersion),
    version_comment: '(Google)',
    wait_timeout: 28800,
  };
}

function statusVariables(view: ServerView): Readonly<Record<string, string | number>> {
  const running = view.sessions.filter(({ command }) => command === 'Query').length;
  return {
    Ssl_cipher: '',
    Ssl_version: '',
    Threads_connected: view.sessions.length,
    Threads_running: running,
  };
}

/** Splits at the commas that stand outside quotes and parentheses. */
function splitItems(list: string): string[] {
  const items = list.match(/(?:'[^']*'|"[^"]*"|\([^)]*\)|[^,'"(])+/g) ?? [];
  return items.map((item) => item.trim());
}

function likePattern(pattern: string): RegExp {
  const escaped = pattern
    .replaceAll(/\\([_%])|([.*+?^${}()|[\]\\])/g, (_whole, wild: string | undefined, special: string | undefined) =>
      wild === undefined ? `\\${special ?? ''}` : `[${wild}]`,
    )
    .replaceAll(/(?<!\[)%/g, '.*')
    .replaceAll(/(?<!\[)_/g, '.');
  return new RegExp(`^${escaped}$`, 'i');
}

function syntaxError(near: string): SqlAnswer {
  const message = `You have an error in your SQL syntax (or the sandbox does not know it) near '${near.slice(0, 80)}'`;
  return { kind: 'error', code: 1064, state: '42000', message };
}
