import { type AddressInfo, createServer, type Server as Listener, type Socket } from 'node:net';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from '../../process/log.ts';
import { loadChesterV1 } from '../../proto/load.ts';
import { agentServiceOfBytes } from './coordinator-bytes.ts';
import { takeAnyBytes } from './lenient-service.ts';
import { addHealth, addReflection } from './public-services.ts';

export type GrpcServerOptions = {
  readonly host: string;
  readonly port: number;
  /** Asked for at the start; plain text when left out. */
  readonly credentials?: () => ServerCredentials;
};

export type GrpcServices = {
  readonly agent: UntypedServiceImplementation;
  readonly admin: UntypedServiceImplementation;
};

const messageBytesMax = 4 * 1024 * 1024;
/** grpc-js would have 511: of ten thousand agents that come at once most would wait for TCP to try again. */
const listenBacklog = 4096;

/** gRPC: agents' streams, administration, health and reflection. */
export class GrpcServer {
  readonly name = 'grpc-server';
  readonly #options: GrpcServerOptions;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #health: HealthImplementation;
  readonly #listener: Listener;
  /** Open connections, by the peer's address and port. */
  readonly #sockets = new Map<string, Socket>();
  #port = 0;

  constructor(services: GrpcServices, log: Logger, options: GrpcServerOptions) {
    this.#options = options;
    this.#log = log;
    this.#server = new Server({
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.max_receive_message_length': messageBytesMax,
      // Counters of each connection and stream that nobody asks for.
      'grpc.enable_channelz': 0,
    });
    const { AdminService } = loadChesterV1();
    this.#server.addService(takeAnyBytes(agentServiceOfBytes()), services.agent);
    this.#server.addService(takeAnyBytes(AdminService.service), services.admin);
    this.#health = new HealthImplementation({ '': 'NOT_SERVING' });
    addHealth(this.#server, this.#health);
    addReflection(this.#server);
    this.#listener = createServer({ noDelay: true });
    this.#listener.on('error', (error) => {
      log.error({ err: error }, 'grpc listener failed');
    });
  }

  /** Where it listens, once started. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const { host, port, credentials = () => ServerCredentials.createInsecure() } = this.#options;
    const injector = this.#server.createConnectionInjector(credentials());
    this.#listener.on('connection', (socket) => {
      this.#keep(socket);
      injector.injectConnection(socket);
    });
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen({ host, port, backlog: listenBacklog }, resolve);
    });
    this.#port = (this.#listener.address() as AddressInfo).port;
    this.#health.setStatus('', 'SERVING');
    this.#log.info({ host, port: this.#port }, 'grpc listens');
  }

  /** Breaks the connection of a peer, as a call names it. */
  disconnect(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  /** Tells health watchers, then ends what does not end by itself. */
  stop(): Promise<void> {
    this.#health.setStatus('', 'NOT_SERVING');
    this.#listener.close();
    return new Promise((resolve) => {
      const force = setTimeout(() => {
        // Its own forceShutdown() ends nothing: without channelz grpc-js keeps no list of sessions for it.
        for (const socket of this.#sockets.values()) socket.destroy();
      }, 1000);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  #keep(socket: Socket): void {
    const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.#sockets.set(peer, socket);
    socket.once('close', () => this.#sockets.delete(peer));
  }
}
