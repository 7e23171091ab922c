import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component } from '../../process/lifecycle.ts';
import { AgentError } from '../errors.ts';

export type ProbesOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Whether the proxy was brought to the state its clients may meet. */
  readonly isReady: () => boolean;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** Answers Kubernetes' probes and Prometheus. Live never depends on ProxySQL or a coordinator. */
export class Probes implements Component {
  readonly name = 'probes';
  readonly #options: ProbesOptions;
  readonly #server: Server;

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
      void this.#answer(request, response);
    });
  }

  /** @throws {AgentError} `HTTP_ADDRESS_UNAVAILABLE`. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new AgentError('HTTP_ADDRESS_UNAVAILABLE', `cannot listen on ${host}:${port}: ${error.message}`));
      });
      this.#server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** The port that is listened on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, 'only GET is answered here\n');
      return;
    }
    switch (request.url?.split('?')[0]) {
      case '/healthz/started':
      case '/healthz/live':
        send(response, 200, 'ok\n');
        return;
      case '/healthz/ready':
        if (this.#options.isReady()) send(response, 200, 'ok\n');
        else send(response, 503, 'the proxy was not brought to a known state yet\n');
        return;
      case '/metrics': {
        const { contentType, text } = await this.#options.metrics();
        send(response, 200, text, contentType);
        return;
      }
      default:
        send(response, 404, 'known are /healthz/started, /healthz/ready, /healthz/live and /metrics\n');
    }
  }
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
