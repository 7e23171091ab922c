import { connect, createServer, type Server, type Socket } from 'node:net';

const queryCommand = 3;

/** Stands between an agent and its proxy, and counts the statements that pass. */
export class StatementRelay {
  #statements = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  /** @param port The proxy's admin port on this machine. */
  constructor(port: number) {
    this.#server = createServer((agent) => {
      const proxy = connect(port, '127.0.0.1');
      for (const socket of [agent, proxy]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => socket.destroy());
      }
      agent.on('data', (chunk: Buffer) => {
        if (chunk[4] === queryCommand) this.#statements += 1;
      });
      agent.pipe(proxy).pipe(agent);
    });
  }

  /** Statements so far. */
  get statements(): number {
    return this.#statements;
  }

  /** Resolves to the port that the agent has to use. */
  start(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
