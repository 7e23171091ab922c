import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { keyNames, scripts } from '../../../coordinator/adapters/store-redis-scripts.ts';

/** Scripts that name a term's token, all as the third of their arguments. */
const ofTerm = new Set([scripts.commit.sha, scripts.renewLease.sha]);
const changing = new Set(['hset', 'hdel', 'xadd', 'set', 'zadd', 'zrem']);

/**
 * Watches from outside, on Redis itself, what a term still writes: calls that carry its token, and those of them that
 * changed anything. By hand: the library's MONITOR ends the process when the first lines come along with its answer.
 */
export class TermWrites {
  tried = 0;
  accepted = 0;
  readonly #socket: Socket;
  readonly #token: string;
  /** Redis tells what a script does right after the call of it. */
  #isInOne = false;

  private constructor(socket: Socket, token: string) {
    this.#socket = socket;
    this.#token = token;
    createInterface({ input: socket }).on('line', (line) => {
      this.#note(line);
    });
  }

  static async watch(port: number, token: string): Promise<TermWrites> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    // It may be killed while it is watched.
    socket.on('error', () => undefined);
    const writes = new TermWrites(socket, token);
    const answered = once(socket, 'data');
    socket.write('MONITOR\r\n');
    await answered;
    return writes;
  }

  stop(): void {
    this.#socket.destroy();
  }

  /** As `+1795389800.997370 [0 lua] "HGET" "{chester}:meta" "run"`. */
  #note(line: string): void {
    const source = /^\+[\d.]+ \[\d+ (\S+)\]/.exec(line)?.[1];
    if (source === undefined) return;
    const args = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
    const [command = '', sha = '', keyCount = '0'] = args;
    if (source === 'lua') {
      if (this.#isInOne && changing.has(command.toLowerCase())) {
        this.accepted += 1;
        this.#isInOne = false;
      }
      return;
    }
    const isCall = command.toLowerCase() === 'evalsha' && ofTerm.has(sha);
    this.#isInOne = isCall && args[3 + Number(keyCount) + 2] === this.#token;
    if (this.#isInOne) this.tried += 1;
  }
}

/** The token of the term that runs. */
export async function tokenAt(port: number, prefix: string): Promise<string> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.hget(`{${prefix}}:${keyNames[0]}`, 'token')) ?? '';
  } finally {
    client.disconnect();
  }
}
