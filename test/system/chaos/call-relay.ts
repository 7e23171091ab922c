import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';

/** Passes one coordinator's calls on to Cloud SQL, and counts those that ask for a change. */
export class CallRelay {
  changes = 0;
  readonly #target: () => string;
  readonly #server: Server;

  constructor(target: () => string) {
    this.#target = target;
    this.#server = createServer((asked, answered) => {
      if (asked.method !== 'GET') this.changes += 1;
      const { method = 'GET', headers, url = '/' } = asked;
      const passed = request(new URL(url, this.#target()), { method, headers }, (answer) => {
        answered.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(answered);
      });
      passed.on('error', () => answered.destroy());
      asked.pipe(passed);
    });
  }

  /** Resolves with the root URL that the coordinator has to call. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
