import assert from 'node:assert/strict';
import type { AnswerRow } from '../core/answers.ts';
import type { Gate } from '../core/client-gate.ts';
import {
  namesEarlierConnection,
  parseColumns,
  parseState,
  type ProxyState,
  selectSiblingColumns,
  selectState,
  selectUnmarked,
} from '../core/look.ts';
import type { Owner } from '../core/ownership.ts';
import type { MonitorLog } from '../core/monitor-gate.ts';
import type { ProxySession } from '../core/pinned-sessions.ts';
import type { Address, PoolRow, ServerKey, ServerRow } from '../core/rows.ts';
import * as mark from '../core/sentinel.ts';
import * as sql from '../core/statements.ts';
import type { Module } from '../core/table.ts';
import { AgentError } from '../errors.ts';
import type { ProxyAdmin } from '../ports.ts';
import { type AdminSession, AdminSessions, type AdminSessionsOptions, type PreparedLook } from './admin-sessions.ts';
import { ProxysqlModules } from './proxysql-modules.ts';

export type ProxysqlAdminOptions = AdminSessionsOptions & {
  /** Nothing is written: every statement that is no look is refused here. */
  readonly isShadow?: boolean;
};

/**
 * ProxySQL's admin port: one connection that stays open, text queries only. mysql2 connects and logs in; its placeholders,
 * prepared statements, pools and transactions all fail there, some of them in silence.
 */
export class ProxysqlAdmin implements ProxyAdmin {
  /** The tables beside mysql_servers. */
  readonly modules = new ProxysqlModules({
    query: (statement) => this.#query(statement),
    write: (render) => this.#write(render),
  });
  readonly #options: ProxysqlAdminOptions;
  readonly #sessions: AdminSessions;
  #lostListener: () => void = () => undefined;

  constructor(options: ProxysqlAdminOptions) {
    this.#options = options;
    this.#sessions = new AdminSessions(options, () => {
      this.#lostListener();
    });
  }

  async readVersion(): Promise<string> {
    const rows = await this.#query(sql.selectVersion);
    return String(rows[0]?.[0] ?? '');
  }

  async readState(): Promise<ProxyState | null> {
    if (this.#options.isShadow === true) return this.#readUnmarked();
    const session = await this.#sessions.current();
    if (!session.isFenced) await this.#fence(session);
    const { statement, columns } = await this.#prepareLook();
    const rows = await this.#queryMarked(statement);
    if (rows === null) return null;
    if (!namesEarlierConnection(rows, session.writer)) return parseState(rows, columns);
    // What made the sentinel ours was given up on an earlier connection, and carried out behind this one's fence.
    session.isFenced = false;
    return this.readState();
  }

  async readMonitor(addresses: readonly Address[], sinceMs: number): Promise<MonitorLog> {
    return sql.parseMonitor(await this.#query(sql.selectMonitor(addresses, sinceMs)));
  }

  /** Whoever only looks leaves no mark: what stands for it is as good as the connection. */
  async #readUnmarked(): Promise<ProxyState | null> {
    const { columns } = await this.#prepareLook();
    const { unmarked } = await this.#sessions.current();
    return unmarked === null ? null : parseState(await this.#query(selectUnmarked(columns, unmarked)), columns);
  }

  async createSentinel(sentinel: mark.Sentinel): Promise<ProxyState> {
    if (this.#options.isShadow === true) (await this.#sessions.current()).unmarked = sentinel;
    else await this.#writeSentinel(sentinel);
    const state = await this.readState();
    if (state === null) throw new AgentError('ADMIN_STATEMENT_FAILED', 'the sentinel vanished: rebuilt once more');
    return state;
  }

  async #writeSentinel(sentinel: mark.Sentinel): Promise<void> {
    const session = await this.#sessions.current();
    await this.#ask(session, mark.createSentinel);
    await this.#ask(session, mark.insertSentinel(sentinel, session.writer.connection));
  }

  async claimSentinel(owner: Owner, bootIdBefore: string): Promise<void> {
    const session = await this.#sessions.current();
    await this.#ask(session, mark.claimSentinel({ ...session.writer, ...owner }, bootIdBefore));
  }

  async beatSentinel(bootId: string, sign: 'alive' | 'ended'): Promise<void> {
    await this.#query(mark.beatSentinel(bootId, sign));
  }

  async markPause(bootId: string, pause: mark.PauseMark): Promise<void> {
    await this.#query(mark.markPause(bootId, pause));
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
    await this.#write((writer) => sql.replaceServers(rows, writer));
  }

  async deleteServers(keys: readonly ServerKey[]): Promise<void> {
    await this.#write((writer) => sql.deleteServers('mysql_servers', keys, writer));
  }

  async deleteDiskServers(keys: readonly ServerKey[]): Promise<void> {
    await this.#write((writer) => sql.deleteServers('disk.mysql_servers', keys, writer));
  }

  async publishServers(rows: readonly ServerRow[]): Promise<void> {
    const session = await this.#writing();
    const [written, loaded] = await this.#load(session, [sql.replaceServers(rows, session.writer)]);
    if (loaded?.status === 'rejected') throw loaded.reason;
    if (written?.status === 'rejected') throw written.reason;
  }

  async loadServers(): Promise<void> {
    const [loaded] = await this.#load(await this.#sessions.current(), []);
    if (loaded?.status === 'rejected') throw loaded.reason;
  }

  /** Whoever loads looks next: that goes along. */
  async #load(session: AdminSession, before: readonly string[]): Promise<readonly PromiseSettledResult<unknown>[]> {
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
    await this.#sessions.close();
  }

  /** Once a connection: behind another one may be another ProxySQL. */
  async #prepareLook(): Promise<PreparedLook> {
    const session = await this.#sessions.current();
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
      if (isUnmarked(error)) return null;
      throw error;
    }
  }

  async #query(statement: string): Promise<readonly AnswerRow[]> {
    const session = await this.#sessions.current();
    const { lookAhead } = session;
    if (lookAhead === null || statement !== session.look?.statement) return this.#ask(session, statement);
    session.lookAhead = null;
    return lookAhead;
  }

  async #ask(session: AdminSession, statement: string): Promise<readonly AnswerRow[]> {
    session.lookAhead = null;
    const [answer] = this.#send(session, [statement]);
    return answer ?? [];
  }

  /** Lets this connection write, and none that was before it. Where there is no sentinel, nothing can be written at all. */
  async #fence(session: AdminSession): Promise<void> {
    await this.#ask(session, mark.fenceWriters(session.writer)).catch(async (error: unknown) => {
      // Another build of the agent left the table: it names another process, so that there is nobody to let in yet.
      if (lacksConnection(error)) await this.#ask(session, mark.addConnection);
      else if (!isUnmarked(error)) throw error;
    });
    session.isFenced = true;
  }

  /** The connection to write on: one that has looked, so that nothing is written for what an earlier one saw. */
  async #writing(): Promise<AdminSession> {
    const session = await this.#sessions.current();
    if (session.isFenced || this.#options.isShadow === true) return session;
    throw new AgentError(
      'ADMIN_CONNECTION_LOST',
      'the connection is new: the proxy is looked at before anything is written',
    );
  }

  async #write(render: (writer: mark.Writer) => string): Promise<void> {
    const session = await this.#writing();
    await this.#ask(session, render(session.writer));
  }

  #send(session: AdminSession, statements: readonly string[]): Promise<readonly AnswerRow[]>[] {
    // The last door: no mistake above it writes into a proxy that is only looked at.
    const write = statements.find((statement) => !isLook(statement)) ?? '';
    assert(this.#options.isShadow !== true || write === '', `in shadow, and about to ${write.slice(0, 40)}`);
    return session.wire.send(statements);
  }
}

function isUnmarked(error: unknown): boolean {
  return error instanceof AgentError && error.message.includes('no such table: main.chester_agent');
}

function lacksConnection(error: unknown): boolean {
  return error instanceof AgentError && error.message.includes('no such column: connection');
}

/** Statements that change nothing in ProxySQL. */
function isLook(statement: string): boolean {
  return /^(?:SELECT|CHECKSUM)\b/.test(statement);
}
