import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from '../../process/log.ts';
import { imagePath, loadChesterV1 } from '../../proto/load.ts';

export type GrpcServerOptions = { readonly host: string; readonly port: number };

export type GrpcServices = {
  readonly agent: UntypedServiceImplementation;
  readonly admin: UntypedServiceImplementation;
};

const messageBytesMax = 4 * 1024 * 1024;

/** gRPC: agents' streams, administration, health and reflection. */
export class GrpcServer {
  readonly name = 'grpc-server';
  readonly #options: GrpcServerOptions;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #health: HealthImplementation;
  #port = 0;

  constructor(services: GrpcServices, log: Logger, options: GrpcServerOptions) {
    this.#options = options;
    this.#log = log;
    this.#server = new Server({
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.max_receive_message_length': messageBytesMax,
    });
    const { AgentService, AdminService } = loadChesterV1();
    this.#server.addService(AgentService.service, services.agent);
    this.#server.addService(AdminService.service, services.admin);
    this.#health = new HealthImplementation({ '': 'NOT_SERVING' });
    this.#health.addToServer(this.#server);
    new ReflectionService(loadFileDescriptorSetFromBuffer(readFileSync(imagePath))).addToServer(this.#server);
  }

  /** Where it listens, once started. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    this.#health.setStatus('', 'SERVING');
    this.#log.info({ host, port: this.#port }, 'grpc listens');
  }

  /** Tells health watchers, then ends what does not end by itself. */
  stop(): Promise<void> {
    this.#health.setStatus('', 'NOT_SERVING');
    return new Promise((resolve) => {
      const force = setTimeout(() => {
        this.#server.forceShutdown();
      }, 1000);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }
}
