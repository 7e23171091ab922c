import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FloorAnswer, FloorOrder } from './floor.ts';
import type { SwarmAnswer, SwarmOrder, TlsFiles } from './swarm-messages.ts';

const deadlineMs = 150_000;

/** A process of the bench that takes orders; it ends with the bench. */
class Worker<Order extends object, Answer extends { readonly kind: string }> {
  readonly #process: ChildProcess;

  constructor(file: string) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.setMaxListeners(0);
  }

  order(order: Order): void {
    this.#process.send(order);
  }

  /** Waits for an answer of this kind. @throws {Error} when the process fails, ends or is too late. */
  next<Kind extends Answer['kind']>(kind: Kind): Promise<Extract<Answer, { readonly kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#process.off('message', take);
        this.#process.off('exit', lose);
        settle();
      };
      const timer = setTimeout(() => {
        finish(() => {
          reject(new Error(`a process of the bench did not say "${kind}" within ${deadlineMs / 1000} s`));
        });
      }, deadlineMs);
      const take = (answer: Answer): void => {
        if (answer.kind === kind) {
          finish(() => {
            resolve(answer as Extract<Answer, { readonly kind: Kind }>);
          });
        } else if (answer.kind === 'failed') {
          finish(() => {
            reject(new Error(JSON.stringify(answer)));
          });
        }
      };
      const lose = (): void => {
        finish(() => {
          reject(new Error('a process of the bench ended'));
        });
      };
      this.#process.on('message', take);
      this.#process.on('exit', lose);
    });
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

export type Synced = { readonly tookMs: number; readonly sentAway: number; readonly updates: number };

/** All agents: some processes, each with its part of them. */
export class Swarm {
  readonly #workers: readonly Worker<SwarmOrder, SwarmAnswer>[];
  #first = 0;

  constructor(processes: number) {
    this.#workers = Array.from({ length: processes }, () => new Worker<SwarmOrder, SwarmAnswer>('./swarm.js'));
  }

  /** Adds agents until there are `count`, and waits until all are in sync. */
  async connect(
    count: number,
    to: {
      port: number;
      protocol: 'tcp' | 'http2' | 'chester';
      fleet?: string;
      tls?: TlsFiles | null;
      atOnceMax?: number;
    },
  ): Promise<Synced> {
    const more = count - this.#first;
    const share = Math.ceil(more / this.#workers.length);
    const { port, protocol, fleet = 'main', tls = null, atOnceMax = 200 } = to;
    const base = { kind: 'connect', port, protocol, fleet, tls, atOnceMax } as const;
    return this.#all('synced', (worker, index) => {
      const first = this.#first + index * share;
      worker.order({ ...base, first, count: Math.max(0, Math.min(share, count - first)) });
    }).finally(() => {
      this.#first = count;
    });
  }

  report(intervalMs: number, servers: number): void {
    for (const worker of this.#workers) worker.order({ kind: 'report', intervalMs, servers });
  }

  /** Breaks all connections at once, and waits until all agents are in sync again. */
  break(obeysWindow: boolean): Promise<Synced> {
    return this.#all('synced', (worker) => {
      worker.order({ kind: 'break', obeysWindow });
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#workers.map((worker) => {
        const closed = worker.next('closed');
        worker.order({ kind: 'close' });
        return closed;
      }),
    );
    this.#first = 0;
  }

  stop(): void {
    for (const worker of this.#workers) worker.stop();
  }

  async #all(kind: 'synced', give: (worker: Worker<SwarmOrder, SwarmAnswer>, index: number) => void): Promise<Synced> {
    const done = this.#workers.map((worker) => worker.next(kind));
    // One that fails fails all; what the others say then is heard by nobody.
    for (const one of done) one.catch(() => undefined);
    for (const [index, worker] of this.#workers.entries()) give(worker, index);
    const all = await Promise.all(done);
    return {
      tookMs: Math.max(...all.map(({ tookMs }) => tookMs)),
      sentAway: all.reduce((sum, one) => sum + one.sentAway, 0),
      updates: all.reduce((sum, one) => sum + one.updates, 0),
    };
  }
}

/** A server that only moves bytes. */
export class Floor {
  readonly #worker = new Worker<FloorOrder, FloorAnswer>('./floor.js');

  async listen(protocol: 'tcp' | 'http2', tls: TlsFiles | null): Promise<number> {
    const listens = this.#worker.next('listens');
    this.#worker.order({ kind: 'listen', protocol, tls });
    return (await listens).port;
  }

  /** Sends the bytes to every connection; resolves when the last answer came. */
  send(message: Buffer): Promise<Extract<FloorAnswer, { kind: 'answered' }>> {
    const answered = this.#worker.next('answered');
    this.#worker.order({ kind: 'send', message: message.toString('base64') });
    return answered;
  }

  /** Whether it looks for blocks of its event loop. */
  watchBlocks(isWatching: boolean): void {
    this.#worker.order({ kind: 'watch', isWatching });
  }

  /** The CPU that it has used, and how many it has accepted. */
  used(): Promise<Extract<FloorAnswer, { kind: 'used' }>> {
    const used = this.#worker.next('used');
    this.#worker.order({ kind: 'use' });
    return used;
  }

  stop(): void {
    this.#worker.stop();
  }
}
