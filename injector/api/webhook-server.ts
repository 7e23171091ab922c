// What the API server asks: POST /inject with an AdmissionReview, over TLS, HTTP/2 or 1.1. Nothing is ever rejected; what
// cannot be answered in time is refused as a whole, and then the webhook's failurePolicy decides.
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { type AdmissionRequest, buildReview, parseReview } from '../core/admission.ts';
import type { Injection } from '../core/injection.ts';
import type { Json } from '../core/json.ts';
import { InjectorError } from '../errors.ts';
import type { Certificate, InjectorMetrics } from '../ports.ts';

export type WebhookOptions = {
  /** `null`: all addresses. */
  readonly host: string | null;
  readonly port: number;
  readonly requestsMax: number;
};

export type WebhookDeps = {
  readonly inject: (request: AdmissionRequest) => Promise<Injection | null>;
  readonly metrics: InjectorMetrics;
  readonly log: Logger;
  readonly monotonicMs: () => number;
};

/** etcd takes no pod beyond 1.5 MiB, and a review has it once. */
const bodyBytesMax = 3 * 1024 * 1024;
const bodyDeadlineMs = 5000;

export class WebhookServer implements Component {
  readonly name = 'webhook';
  readonly #deps: WebhookDeps;
  readonly #options: WebhookOptions;
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  #inFlight = 0;

  constructor(deps: WebhookDeps, options: WebhookOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#server = createSecureServer({ allowHTTP1: true, settings: { maxConcurrentStreams: 250 } });
    this.#server.on('request', (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Takes a certificate into use, for connections from now on. */
  readonly serve = ({ certificatePem, keyPem }: Certificate): void => {
    this.#server.setSecureContext({ cert: certificatePem, key: keyPem, minVersion: 'TLSv1.2' });
  };

  /** @throws {InjectorError} `ADDRESS_UNAVAILABLE`. */
  start(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: Error) => {
        reject(new InjectorError('ADDRESS_UNAVAILABLE', `cannot listen on port ${port}: ${error.message}`));
      });
      this.#server.listen({ port, backlog: 4096, ...(host === null ? {} : { host }) }, resolve);
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const path = request.url.split('?', 1)[0];
    if (request.method !== 'POST' || path !== '/inject') {
      request.resume();
      send(response, 404, { error: 'known is POST /inject' });
      return;
    }
    const beganAtMs = this.#deps.monotonicMs();
    const count = (outcome: Parameters<InjectorMetrics['reviewed']>[0], reason: string): void => {
      this.#deps.metrics.reviewed(outcome, reason, (this.#deps.monotonicMs() - beganAtMs) / 1000);
    };
    if (this.#inFlight >= this.#options.requestsMax) {
      request.resume();
      send(response, 503, { error: `more than ${this.#options.requestsMax} requests at a time` });
      count('shed', 'tooMany');
      return;
    }
    this.#inFlight += 1;
    try {
      await this.#review(request, response, count);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #review(
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    count: (outcome: Parameters<InjectorMetrics['reviewed']>[0], reason: string) => void,
  ): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      send(response, 413, { error: `allowed: ${bodyBytesMax} bytes within ${bodyDeadlineMs / 1000} s` });
      count('malformed', 'body');
      return;
    }
    const admission = parse(body);
    if (admission === null) {
      send(response, 400, { error: 'allowed: an AdmissionReview of admission.k8s.io/v1 with a request' });
      count('malformed', 'review');
      return;
    }
    try {
      const injection = await this.#deps.inject(admission);
      send(response, 200, buildReview(admission.uid, injection));
      if (injection === null) count('skipped', 'notAPod');
      else count(injection.outcome, injection.outcome === 'injected' ? 'wanted' : injection.reason);
    } catch (error) {
      // A pod must be able to start whatever is wrong here.
      this.#deps.log.error({ err: error, namespace: admission.namespace }, 'injection failed');
      const warnings = ['the injector failed; the pod starts without an agent'];
      send(response, 200, buildReview(admission.uid, { outcome: 'skipped', reason: 'unsupported', warnings }));
      count('failed', 'bug');
    }
  }
}

/** The whole body; `null` when it is too large, too slow or broken off. */
function readBody(request: Http2ServerRequest): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(() => {
      finish(null);
    }, bodyDeadlineMs);
    const finish = (body: string | null): void => {
      clearTimeout(deadline);
      if (body === null) request.resume();
      resolve(body);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) finish(null);
      else chunks.push(chunk);
    });
    request.once('end', () => {
      finish(size > bodyBytesMax ? null : Buffer.concat(chunks).toString());
    });
    request.once('aborted', () => {
      finish(null);
    });
  });
}

function parse(body: string): AdmissionRequest | null {
  try {
    return parseReview(JSON.parse(body) as Json);
  } catch {
    return null;
  }
}

function send(response: Http2ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, status === 503 ? { ...headers, 'retry-after': '1' } : headers);
  response.end(text);
}
