import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadChesterV1 } from '../../proto/load.ts';

/** AdminService alone on any free port of this machine. */
export class AdminBenchServer {
  readonly #server = new Server();
  #port = 0;

  constructor(handlers: UntypedServiceImplementation) {
    this.#server.addService(loadChesterV1().AdminService.service, handlers);
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.tryShutdown(() => {
        resolve();
      });
    });
  }
}
