import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component } from '../../process/lifecycle.ts';
import type { DrainResult } from '../core/client-gate.ts';
import { AgentError } from '../errors.ts';

export type ProbesOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Says why clients should not come here; `null` when they should. */
  readonly findUnready: () => string | null;
  /** What drains the proxy, for who knows the token; `null`: nobody may ask for it. */
  readonly drain: { readonly token: string; readonly run: () => Promise<DrainResult> } | null;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/**
 * Answers Kubernetes' probes and its preStop hook, and Prometheus. Live never depends on ProxySQL or a coordinator.
 * The server's time-outs are for receiving a request: the answer to a drain comes when the drain is over.
 */
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
    const [path, query = ''] = (request.url ?? '').split('?', 2);
    switch (path) {
      case '/healthz/started':
      case '/healthz/live':
        send(response, 200, 'ok\n');
        return;
      case '/healthz/ready': {
        const reason = this.#options.findUnready();
        if (reason === null) send(response, 200, 'ok\n');
        else send(response, 503, `${reason}\n`);
        return;
      }
      case '/drain':
        await this.#drain(request, response, new URLSearchParams(query).get('token') ?? '');
        return;
      case '/metrics': {
        const { contentType, text } = await this.#options.metrics();
        send(response, 200, text, contentType);
        return;
      }
      default:
        send(response, 404, 'known are /healthz/started, /healthz/ready, /healthz/live, /metrics and /drain\n');
    }
  }

  async #drain(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const { drain } = this.#options;
    if (request.method !== 'GET') send(response, 405, 'only GET drains\n');
    else if (drain === null) send(response, 404, 'no token is configured, so nobody may drain\n');
    else if (!isEqualSecret(token, drain.token)) send(response, 403, 'the token is wrong\n');
    else send(response, 200, `${JSON.stringify(await drain.run())}\n`, 'application/json');
  }
}

/** Takes as long for a wrong secret as for the right one, whatever their lengths. */
function isEqualSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function send(response: ServerResponse, status: number, text: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
