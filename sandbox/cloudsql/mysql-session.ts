import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../../process/clock.ts';
import { sleep } from '../../process/clock.ts';
import { answerQuery, type ServerView, type Session, type SqlAnswer, versionText } from './mysql-answers.ts';
import {
  authSwitchPayload,
  type ClientReply,
  errorPayload,
  framePackets,
  greetingPayload,
  isPasswordProven,
  nativePlugin,
  okPayload,
  PacketSplitter,
  parseChangeUser,
  parseClientReply,
  resultPayloads,
} from './mysql-wire.ts';

/** Passwords by user; several are good after MySQL 8's `RETAIN CURRENT PASSWORD`. They may change. */
export type MysqlUsers = Readonly<Record<string, string | readonly string[]>>;

export type SessionDeps = {
  readonly clock: Clock;
  readonly users: MysqlUsers;
  view(): ServerView;
};

type Packet = { readonly sequence: number; readonly payload: Buffer };

const command = { quit: 1, initDb: 2, query: 3, statistics: 9, ping: 14, changeUser: 17, setOption: 27, reset: 31 };

/** One client's connection to an instance: greeting, login, then a statement at a time. */
export class MysqlSession {
  readonly id: number;
  readonly #deps: SessionDeps;
  readonly #socket: Socket;
  readonly #scramble = makeScramble();
  readonly #splitter = new PacketSplitter();
  readonly #closed = new AbortController();
  #phase: 'greeting' | 'switching' | 'ready' = 'greeting';
  #reply: ClientReply | null = null;
  #database: string | null = null;
  #running: string | null = null;
  #sinceMs: number;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: SessionDeps, socket: Socket, id: number) {
    this.#deps = deps;
    this.#socket = socket;
    this.id = id;
    this.#sinceMs = deps.clock.nowMs();
    socket.setNoDelay(true);
    // A client that went away needs no answer; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed.abort();
    });
    socket.on('data', (chunk) => {
      this.#receive(chunk);
    });
    this.#send(0, [greetingPayload(versionText(deps.view().databaseVersion), id, this.#scramble)]);
  }

  /** How the process list shows it; null before the login. */
  session(): Session | null {
    if (this.#phase !== 'ready') return null;
    return {
      id: this.id,
      user: this.#reply?.user ?? '',
      host: `${this.#socket.remoteAddress ?? ''}:${this.#socket.remotePort ?? 0}`,
      database: this.#database,
      command: this.#running === null ? 'Sleep' : 'Query',
      sinceMs: this.#sinceMs,
      state: this.#running === null ? '' : 'executing',
      info: this.#running,
    };
  }

  cut(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let packets: Packet[];
    try {
      packets = this.#splitter.push(chunk);
    } catch {
      this.cut();
      return;
    }
    for (const packet of packets) {
      // Whatever is wrong with a packet costs its sender the connection, and nobody else anything.
      this.#work = this.#work
        .then(() => this.#answer(packet))
        .catch(() => {
          this.cut();
        });
    }
  }

  async #answer({ sequence, payload }: Packet): Promise<void> {
    switch (this.#phase) {
      case 'greeting':
        this.#logIn(sequence, parseClientReply(payload));
        break;
      case 'switching':
        if (this.#reply !== null) this.#logIn(sequence, { ...this.#reply, token: payload, plugin: nativePlugin });
        break;
      case 'ready':
        await this.#obey(sequence, payload);
        break;
    }
  }

  #logIn(sequence: number, reply: ClientReply): void {
    this.#reply = reply;
    if (reply.plugin !== nativePlugin) {
      this.#phase = 'switching';
      this.#send(sequence + 1, [authSwitchPayload(this.#scramble)]);
      return;
    }
    const passwords = Object.hasOwn(this.#deps.users, reply.user) ? [this.#deps.users[reply.user] ?? []].flat() : [];
    if (!passwords.some((password) => isPasswordProven(password, this.#scramble, reply.token))) {
      const client = `'${reply.user}'@'${this.#socket.remoteAddress ?? ''}'`;
      const using = reply.token.length > 0 ? 'YES' : 'NO';
      const message = `Access denied for user ${client} (using password: ${using})`;
      this.#socket.end(framePackets(sequence + 1, [errorPayload(1045, '28000', message)]));
      return;
    }
    this.#phase = 'ready';
    this.#database = reply.database === '' ? null : reply.database;
    this.#sinceMs = this.#deps.clock.nowMs();
    this.#send(sequence + 1, [okPayload()]);
  }

  async #obey(sequence: number, payload: Buffer): Promise<void> {
    const rest = payload.subarray(1);
    switch (payload.readUInt8(0)) {
      case command.quit:
        this.#socket.end();
        return;
      case command.initDb:
        this.#database = rest.toString();
        this.#send(sequence + 1, [okPayload()]);
        return;
      case command.query:
        await this.#query(sequence, rest.toString());
        return;
      case command.ping:
      case command.reset:
        this.#send(sequence + 1, [okPayload()]);
        return;
      case command.setOption:
        this.#send(sequence + 1, [Buffer.from([0xfe, 0, 0, 2, 0])]);
        return;
      case command.statistics:
        this.#send(sequence + 1, [Buffer.from('Uptime: 1')]);
        return;
      case command.changeUser:
        this.#logIn(sequence, parseChangeUser(rest));
        return;
      default:
        this.#send(sequence + 1, [errorPayload(1047, '08S01', 'Unknown command (the sandbox has text queries only)')]);
    }
  }

  async #query(sequence: number, sql: string): Promise<void> {
    this.#running = sql;
    this.#sinceMs = this.#deps.clock.nowMs();
    const session = this.session();
    if (session === null) return;
    const answer = answerQuery(sql, session, this.#deps.view());
    if (answer.kind === 'use') this.#database = answer.database;
    if (answer.kind === 'rows' && answer.delayMs !== undefined) {
      await sleep(this.#deps.clock, answer.delayMs, this.#closed.signal);
    }
    this.#running = null;
    this.#sinceMs = this.#deps.clock.nowMs();
    this.#send(sequence + 1, payloadsOf(answer));
  }

  #send(sequence: number, payloads: readonly Buffer[]): void {
    if (this.#socket.writable) this.#socket.write(framePackets(sequence, payloads));
  }
}

function payloadsOf(answer: SqlAnswer): Buffer[] {
  switch (answer.kind) {
    case 'ok':
    case 'use':
      return [okPayload()];
    case 'rows':
      return resultPayloads(answer);
    case 'error':
      return [errorPayload(answer.code, answer.state, answer.message)];
  }
}

/** Twenty random bytes without a zero, which would end the text that carries them. */
function makeScramble(): Buffer {
  return Buffer.from(randomBytes(20).map((byte) => (byte % 127) + 1));
}
