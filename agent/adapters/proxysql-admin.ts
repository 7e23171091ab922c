import assert from 'node:assert/strict';
import type { Connection } from 'mysql2';
import type { AnswerRow } from '../core/answers.ts';
import type { Gate } from '../core/client-gate.ts';
import {
  parseColumns,
  parseState,
  type ProxyState,
  selectSiblingColumns,
  selectState,
  selectUnmarked,
} from '../core/look.ts';
import type { TableColumns } from '../core/siblings.ts';
import type { Owner } from '../core/ownership.ts';
import type { MonitorLog } from '../core/monitor-gate.ts';
import type { ProxySession } from '../core/pinned-sessions.ts';
import type { Address, PoolRow, ServerKey, ServerRow } from '../core/rows.ts';
import * as sql from '../core/statements.ts';
import type { Module } from '../core/table.ts';
import { AgentError } from '../errors.ts';
import type { ProxyAdmin } from '../ports.ts';
import { translateAdminError } from './admin-errors.ts';
import { type AdminLogin, logIn } from './admin-login.ts';
import { AdminWire } from './admin-wire.ts';
import { ProxysqlModules } from './proxysql-modules.ts';

export type ProxysqlAdminOptions = AdminLogin & {
  /** Nothing is written: every statement that is no look is refused here. */
  readonly isShadow?: boolean;
};

type PreparedLook = { readonly statement: string; readonly columns: TableColumns };

/** One open connection; what runs on it fails when it breaks, whatever mysql2 calls back. */
type Session = {
  readonly connection: Connection;
  readonly wire: AdminWire;
  /** What to look with and how to read the answer, once the tables beside mysql_servers were read. */
  look: PreparedLook | null;
  /** The look that was sent along with a LOAD, while nothing else was. */
  lookAhead: Promise<readonly AnswerRow[]> | null;
};

/**
 * ProxySQL's admin port: one connection that stays open, text queries only. mysql2 connects and logs in; its placeholders,
 * prepared statements, pools and transactions all fail there, some of them in silence.
 */
export class ProxysqlAdmin implements ProxyAdmin {
  /** The tables beside mysql_servers. */
  readonly modules = new ProxysqlModules((statement) => this.#query(statement));
  readonly #options: ProxysqlAdminOptions;
  #session: Promise<Session> | null = null;
  /** The session that serves; one that broke is not this any more. */
  #open: Session | null = null;
  #lostListener: () => void = () => undefined;
  /** A proxy did not answer all of what was sent together: from then on it gets one statement at a time. */
  #isApart = false;
  /** In shadow: what stands for the mark that is not written. */
  #unmarked: sql.Sentinel | null = null;

  constructor(options: ProxysqlAdminOptions) {
    this.#options = options;
  }

  async readVersion(): Promise<string> {
    const rows = await this.#query(sql.selectVersion);
    return String(rows[0]?.[0] ?? '');
  }

  async readState(): Promise<ProxyState | null> {
    if (this.#options.isShadow === true) return this.#readUnmarked();
    const { statement, columns } = await this.#prepareLook();
    const rows = await this.#queryMarked(statement);
    return rows === null ? null : parseState(rows, columns);
  }

  async readMonitor(addresses: readonly Address[], sinceMs: number): Promise<MonitorLog> {
    return sql.parseMonitor(await this.#query(sql.selectMonitor(addresses, sinceMs)));
  }

  /** Whoever only looks leaves no mark: what stands for it is as good as the connection. */
  async #readUnmarked(): Promise<ProxyState | null> {
    const { columns } = await this.#prepareLook();
    if (this.#unmarked === null) return null;
    return parseState(await this.#query(selectUnmarked(columns, this.#unmarked)), columns);
  }

  async createSentinel(sentinel: sql.Sentinel): Promise<ProxyState> {
    if (this.#options.isShadow === true) this.#unmarked = sentinel;
    else await this.#writeSentinel(sentinel);
    const state = await this.readState();
    if (state === null) throw new AgentError('ADMIN_STATEMENT_FAILED', 'the sentinel vanished: rebuilt once more');
    return state;
  }

  async #writeSentinel(sentinel: sql.Sentinel): Promise<void> {
    await this.#query(sql.createSentinel);
    await this.#query(sql.insertSentinel(sentinel));
  }

  async claimSentinel(owner: Owner, bootIdBefore: string): Promise<void> {
    await this.#query(sql.claimSentinel(owner, bootIdBefore));
  }

  async beatSentinel(bootId: string, sign: 'alive' | 'ended'): Promise<void> {
    await this.#query(sql.beatSentinel(bootId, sign));
  }

  async markPause(bootId: string, mark: sql.PauseMark): Promise<void> {
    await this.#query(sql.markPause(bootId, mark));
  }

  async readSessions(addresses: readonly Address[]): Promise<readonly ProxySession[]> {
    return sql.parseSessions(await this.#query(sql.selectSessions(addresses)));
  }

  async endSession(id: number): Promise<void> {
    await this.#query(sql.endSession(id));
  }

  async readDiskServers(): Promise<readonly ServerKey[]> {
    return sql.parseKeys(await this.#query(sql.selectDiskServers));
  }

  async readConnectionPool(): Promise<readonly PoolRow[]> {
    return sql.parsePool(await this.#query(sql.selectConnectionPool));
  }

  async saveToDisk(module: Module): Promise<void> {
    await this.#query(sql.saveToDisk(module));
  }

  async countUnsaved(modules: readonly Module[]): Promise<number> {
    const rows = await this.#query(sql.countUnsaved(modules, (await this.#prepareLook()).columns));
    return Number(rows[0]?.[0] ?? 0);
  }

  async readStatuses(): Promise<ReadonlyMap<string, string>> {
    return sql.parseStatuses(await this.#query(sql.selectStatuses));
  }

  async readLag(): Promise<ReadonlyMap<string, number>> {
    return sql.parseLag(await this.#query(sql.selectLag));
  }

  async readClients(): Promise<number> {
    const rows = await this.#query(sql.selectClients);
    return Number(rows[0]?.[0] ?? 0);
  }

  async readGate(): Promise<Gate | null> {
    const rows = await this.#queryMarked(sql.selectGate);
    return rows === null ? null : sql.parseGate(rows);
  }

  async pause(): Promise<void> {
    await this.#query(sql.pauseProxy);
  }

  async resume(): Promise<void> {
    await this.#query(sql.resumeProxy);
  }

  async replaceServers(rows: readonly ServerRow[]): Promise<void> {
    await this.#query(sql.replaceServers(rows));
  }

  async deleteServers(keys: readonly ServerKey[]): Promise<void> {
    await this.#query(sql.deleteServers('mysql_servers', keys));
  }

  async deleteDiskServers(keys: readonly ServerKey[]): Promise<void> {
    await this.#query(sql.deleteServers('disk.mysql_servers', keys));
  }

  async publishServers(rows: readonly ServerRow[]): Promise<void> {
    const [written, loaded] = await this.#load([sql.replaceServers(rows)]);
    if (loaded?.status === 'rejected') throw loaded.reason;
    if (written?.status === 'rejected') throw written.reason;
  }

  async loadServers(): Promise<void> {
    const [loaded] = await this.#load([]);
    if (loaded?.status === 'rejected') throw loaded.reason;
  }

  /** Whoever loads looks next: that goes along. */
  async #load(before: readonly string[]): Promise<readonly PromiseSettledResult<unknown>[]> {
    const session = await this.#connected();
    const look = session.look === null ? [] : [session.look.statement];
    const answers = this.#send(session, [...before, sql.loadServers, ...look]);
    const lookAhead = session.look === null ? null : (answers.at(-1) ?? null);
    lookAhead?.catch(() => undefined);
    session.lookAhead = lookAhead;
    const settled = await Promise.allSettled(answers.slice(0, before.length + 1));
    // It shows what is now, and nobody may take it for that later.
    setImmediate(() => {
      if (session.lookAhead === lookAhead) session.lookAhead = null;
    });
    return settled;
  }

  onConnectionLost(listener: () => void): void {
    this.#lostListener = listener;
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    this.#open = null;
    session?.connection.destroy();
    session?.wire.fail(new AgentError('ADMIN_CONNECTION_LOST', 'the connection was closed'));
  }

  /** Once a connection: behind another one may be another ProxySQL. */
  async #prepareLook(): Promise<PreparedLook> {
    const session = await this.#connected();
    if (session.look !== null) return session.look;
    const columns = parseColumns(await this.#query(selectSiblingColumns));
    session.look = { statement: selectState(columns), columns };
    return session.look;
  }

  /** Resolves to `null` where the sentinel's table is missing. */
  async #queryMarked(statement: string): Promise<readonly AnswerRow[] | null> {
    try {
      return await this.#query(statement);
    } catch (error) {
      if (error instanceof AgentError && error.message.includes('no such table: main.chester_agent')) return null;
      throw error;
    }
  }

  async #query(statement: string): Promise<readonly AnswerRow[]> {
    const session = await this.#connected();
    const { lookAhead } = session;
    session.lookAhead = null;
    if (lookAhead !== null && statement === session.look?.statement) return lookAhead;
    const [answer] = this.#send(session, [statement]);
    return answer ?? [];
  }

  #send(session: Session, statements: readonly string[]): Promise<readonly AnswerRow[]>[] {
    // The last door: no mistake above it writes into a proxy that is only looked at.
    const write = statements.find((statement) => !isLook(statement)) ?? '';
    assert(this.#options.isShadow !== true || write === '', `in shadow, and about to ${write.slice(0, 40)}`);
    return session.wire.send(statements);
  }

  #connected(): Promise<Session> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<Session> {
    const { deadlineMs } = this.#options;
    const { connection, socket } = await logIn(this.#options).catch((error: unknown) => {
      this.#session = null;
      throw error;
    });
    const lost = (error: unknown): void => {
      const translated = translateAdminError(error, 'statement');
      // It may be slow; or it is one that reads no statement behind another. Then the next connection gets on with it.
      if (translated.code === 'ADMIN_TIMED_OUT' && wire.isStuckTogether) this.#isApart = true;
      // After a time-out the statement may still happen; what comes next has to look, on a connection of its own.
      this.#drop(session, translated);
    };
    const wire = new AdminWire(socket, { deadlineMs, onBroken: lost, isApart: this.#isApart });
    const session: Session = { connection, wire, look: null, lookAhead: null };
    connection.on('error', lost);
    connection.on('end', () => {
      lost(Object.assign(new Error('connection closed'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    });
    this.#open = session;
    return session;
  }

  /** Gives a connection up: what runs on it fails now, the next call opens another. Once for each session. */
  #drop(session: Session, error: AgentError): void {
    if (session !== this.#open) return;
    this.#open = null;
    this.#session = null;
    this.#unmarked = null;
    session.connection.destroy();
    session.wire.fail(error);
    this.#lostListener();
  }
}

/** Statements that change nothing in ProxySQL. */
function isLook(statement: string): boolean {
  return /^(?:SELECT|CHECKSUM)\b/.test(statement);
}
