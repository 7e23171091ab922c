import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component } from '../../process/lifecycle.ts';
import { InjectorError } from '../errors.ts';

export type ProbesOptions = {
  /** `null`: all addresses. */
  readonly host: string | null;
  readonly port: number;
  readonly findUnready: () => string | null;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** Answers Kubernetes' probes and Prometheus, in plain text. */
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

  /** @throws {InjectorError} `ADDRESS_UNAVAILABLE`. */
  start(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new InjectorError('ADDRESS_UNAVAILABLE', `cannot listen on port ${port}: ${error.message}`));
      });
      this.#server.listen({ port, ...(host === null ? {} : { host }) }, resolve);
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

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'only GET is answered here\n');
    else if (path === '/metrics') {
      const { contentType, text } = await this.#options.metrics();
      send(response, 200, text, contentType);
    } else if (path === '/healthz' || path === '/healthz/ready') {
      const reason = this.#options.findUnready();
      send(response, reason === null ? 200 : 503, `${reason ?? 'ok'}\n`);
    } else if (path === '/healthz/live' || path === '/healthz/started') send(response, 200, 'ok\n');
    else send(response, 404, 'known are /healthz, /healthz/started, /healthz/ready, /healthz/live and /metrics\n');
  }
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
