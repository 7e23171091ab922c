import type { Socket } from 'node:net';
import type { AnswerRow } from '../core/answers.ts';
import { AdminPackets, renderQuery } from './admin-packets.ts';
import { translateAdminError } from './admin-errors.ts';

type Waiting = {
  readonly resolve: (rows: readonly AnswerRow[]) => void;
  readonly reject: (error: Error) => void;
  rows: AnswerRow[];
  /** What comes next: the answer's first packet, its columns, or its rows. */
  expects: 'head' | 'columns' | 'rows';
  /** When it became its turn, on the clock that never goes back. */
  sinceMs: number;
};

/** 0xff, and the number. */
const errorHeadBytes = 3;

type Bundle = { readonly bytes: Buffer; readonly statements: readonly Waiting[] };

export type AdminWireOptions = {
  /** For each statement, from when the one before it was answered. */
  readonly deadlineMs: number;
  /** Called once, with what broke the connection or what took too long. */
  readonly onBroken: (error: Error) => void;
  /** Sends one statement at a time, whatever belongs together. */
  readonly isApart?: boolean;
};

/**
 * Statements and answers on a connection whose login is done, in place of mysql2, which sends a statement only after the
 * answer to the one before. ProxySQL's admin port reads statements that came together one after another and answers all,
 * those behind a failed one too: so what belongs together goes out in one write and comes back in one read, which wakes
 * agent and proxy once in place of three times.
 */
export class AdminWire {
  readonly #socket: Socket;
  readonly #options: AdminWireOptions;
  readonly #packets: AdminPackets;
  /** Sent and not answered, in order. */
  #awaited: Waiting[] = [];
  #queued: Bundle[] = [];
  #hasCompany = false;
  #timer: NodeJS.Timeout | null = null;
  /** Why nothing is sent any more. */
  #failure: Error | null = null;

  /** @param socket Its next byte is the first of an answer; who reads it otherwise is cut off. */
  constructor(socket: Socket, options: AdminWireOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#packets = new AdminPackets((payload) => {
      this.#take(payload);
    });
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => {
      this.#packets.push(chunk);
    });
  }

  /** Sends statements together once everything before them was answered. Each has an answer of its own, in order. */
  send(statements: readonly string[]): Promise<readonly AnswerRow[]>[] {
    const waiting: Waiting[] = [];
    const answers = statements.map(
      () =>
        new Promise<readonly AnswerRow[]>((resolve, reject) => {
          if (this.#failure === null) waiting.push({ resolve, reject, rows: [], expects: 'head', sinceMs: 0 });
          else reject(this.#failure);
        }),
    );
    if (this.#failure !== null) return answers;
    const packets = statements.map(renderQuery);
    if (this.#options.isApart !== true) this.#queued.push({ bytes: joined(packets), statements: waiting });
    else {
      for (const [index, bytes] of packets.entries()) {
        this.#queued.push({ bytes, statements: waiting.slice(index, index + 1) });
      }
    }
    if (this.#awaited.length === 0) this.#sendNext();
    return answers;
  }

  /** Whether an answer is missing that was asked for together with others. */
  get isStuckTogether(): boolean {
    return this.#hasCompany && this.#awaited.length > 0;
  }

  /** Gives up all that waits, and whatever is sent from now on. */
  fail(error: Error): void {
    this.#failure = error;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const given = [...this.#awaited, ...this.#queued.flatMap(({ statements }) => statements)];
    this.#awaited = [];
    this.#queued = [];
    for (const { reject } of given) reject(error);
  }

  #sendNext(): void {
    const bundle = this.#queued.shift();
    if (bundle === undefined) return;
    this.#awaited = [...bundle.statements];
    this.#hasCompany = bundle.statements.length > 1;
    this.#beginTurn();
    this.#socket.write(bundle.bytes);
  }

  #beginTurn(): void {
    const [head] = this.#awaited;
    if (head === undefined) return;
    head.sinceMs = performance.now();
    this.#timer ??= setTimeout(this.#checkDeadline, this.#options.deadlineMs);
  }

  /** One timer for all statements: most are answered long before, and to set and clear one each costs more than this. */
  readonly #checkDeadline = (): void => {
    this.#timer = null;
    const [head] = this.#awaited;
    if (head === undefined) return;
    const leftMs = head.sinceMs + this.#options.deadlineMs - performance.now();
    if (leftMs > 0) this.#timer = setTimeout(this.#checkDeadline, leftMs);
    else this.#break(Object.assign(new Error('no answer in time'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' }));
  };

  #take(payload: Buffer): void {
    const [head] = this.#awaited;
    if (this.#failure !== null) return;
    if (head === undefined) {
      this.#distrust('an answer to nothing');
      return;
    }
    const kind = payload[0];
    if (kind === 0xff) {
      this.#reject(head, payload);
    } else if (head.expects === 'head') {
      if (kind !== 0) head.expects = 'columns';
      else this.#resolve(head);
    } else if (kind === 0xfe && payload.length < 9) {
      if (head.expects === 'columns') head.expects = 'rows';
      else this.#resolve(head);
    } else if (head.expects === 'rows') this.#takeRow(head, payload);
  }

  #takeRow(head: Waiting, payload: Buffer): void {
    const row = readRow(payload);
    if (row === null) this.#distrust('a row that is cut short');
    else head.rows.push(row);
  }

  #reject(head: Waiting, payload: Buffer): void {
    if (payload.length < errorHeadBytes) {
      this.#distrust('an error that is cut short');
      return;
    }
    this.#endTurn();
    head.reject(readError(payload));
  }

  #resolve(head: Waiting): void {
    this.#endTurn();
    head.resolve(head.rows);
  }

  #endTurn(): void {
    this.#awaited.shift();
    if (this.#awaited.length === 0) this.#sendNext();
    else this.#beginTurn();
  }

  /** What comes behind this cannot be told apart either. */
  #distrust(what: string): void {
    this.#break(Object.assign(new Error(what), { code: 'PROTOCOL_PACKETS_OUT_OF_ORDER' }));
  }

  #break(error: Error): void {
    this.#options.onBroken(error);
  }
}

function joined(packets: readonly Buffer[]): Buffer {
  const [first] = packets;
  return first !== undefined && packets.length === 1 ? first : Buffer.concat(packets);
}

/** ERR: number, `#` and SQL state, words. */
function readError(payload: Buffer): Error {
  const hasState = payload[3] === 0x23;
  const error = new Error(payload.toString('utf8', hasState ? 9 : 3));
  return translateAdminError(Object.assign(error, { errno: payload.readUInt16LE(1) }), 'statement');
}

/** Every cell is text with its length before it, or nothing. Null if a cell goes on behind the end. */
function readRow(payload: Buffer): AnswerRow | null {
  const row: (string | null)[] = [];
  for (let at = 0; at < payload.length;) {
    const first = payload[at] ?? 0;
    at += 1;
    if (first === 0xfb) {
      row.push(null);
      continue;
    }
    const lengthBytes = first < 0xfb ? 0 : first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
    if (at + lengthBytes > payload.length) return null;
    const length = lengthBytes === 0 ? first : readLength(payload, at, lengthBytes);
    at += lengthBytes + length;
    if (at > payload.length) return null;
    // All is UTF-8, whatever the column says.
    row.push(payload.toString('utf8', at - length, at));
  }
  return row;
}

function readLength(payload: Buffer, at: number, bytes: 2 | 3 | 8): number {
  return bytes === 8 ? Number(payload.readBigUInt64LE(at)) : payload.readUIntLE(at, bytes);
}
