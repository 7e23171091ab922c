import type { Connection } from 'mysql2';
import type { AnswerRow } from '../core/answers.ts';
import type { Sentinel, Writer } from '../core/sentinel.ts';
import type { TableColumns } from '../core/siblings.ts';
import { AgentError } from '../errors.ts';
import { translateAdminError } from './admin-errors.ts';
import { type AdminLogin, logIn } from './admin-login.ts';
import { AdminWire } from './admin-wire.ts';

export type PreparedLook = { readonly statement: string; readonly columns: TableColumns };

/** One open connection; what runs on it fails when it breaks, whatever mysql2 calls back. */
export type AdminSession = {
  readonly connection: Connection;
  readonly wire: AdminWire;
  readonly writer: Writer;
  /** Whether no connection before this one writes any more: what is seen from then on holds. */
  isFenced: boolean;
  /** What to look with and how to read the answer, once the tables beside mysql_servers were read. */
  look: PreparedLook | null;
  /** The look that was sent along with a LOAD, while nothing else was. */
  lookAhead: Promise<readonly AnswerRow[]> | null;
  /** In shadow: what stands for the mark that is not written. */
  unmarked: Sentinel | null;
};

export type AdminSessionsOptions = AdminLogin & {
  /** Of the process that this is of: the proxy's sentinel has to name it, and the connection, for anything to be written. */
  readonly bootId: string;
};

/** The connections to one admin port, one after another: the next is opened when one is asked for and the last one broke. */
export class AdminSessions {
  readonly #options: AdminSessionsOptions;
  readonly #lost: () => void;
  #session: Promise<AdminSession> | null = null;
  /** The session that serves; one that broke is not this any more. */
  #open: AdminSession | null = null;
  /** Opened so far. */
  #count = 0;
  /** A proxy did not answer all of what was sent together: from then on it gets one statement at a time. */
  #isApart = false;

  /** @param lost Called when an open connection breaks. */
  constructor(options: AdminSessionsOptions, lost: () => void) {
    this.#options = options;
    this.#lost = lost;
  }

  /** @throws {AgentError} `ADMIN_UNREACHABLE`, `ADMIN_LOGIN_REFUSED`. */
  current(): Promise<AdminSession> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    this.#open = null;
    session?.connection.destroy();
    session?.wire.fail(new AgentError('ADMIN_CONNECTION_LOST', 'the connection was closed'));
  }

  async #connect(): Promise<AdminSession> {
    const { deadlineMs, bootId } = this.#options;
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
    this.#count += 1;
    const writer = { bootId, connection: this.#count };
    const fresh = { isFenced: false, look: null, lookAhead: null, unmarked: null };
    const session: AdminSession = { connection, wire, writer, ...fresh };
    connection.on('error', lost);
    connection.on('end', () => {
      lost(Object.assign(new Error('connection closed'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    });
    this.#open = session;
    return session;
  }

  /** Gives a connection up: what runs on it fails now, the next call opens another. Once for each session. */
  #drop(session: AdminSession, error: AgentError): void {
    if (session !== this.#open) return;
    this.#open = null;
    this.#session = null;
    session.connection.destroy();
    session.wire.fail(error);
    this.#lost();
  }
}
