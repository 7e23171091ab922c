import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { Registry } from 'prom-client';
import type { Logger } from '../../process/log.ts';
import type { TlsMaterial } from '../../process/tls-files.ts';
import type { TlsWatch } from '../../process/tls-watch.ts';
import type { NotificationSink } from '../ports.ts';

export type HttpServerDeps = {
  readonly sink: NotificationSink;
  readonly registry: Registry;
  readonly log: Logger;
  /** Null when the coordinator can do its work, else what it lacks. */
  readonly readiness: () => string | null;
  /** What else answers on this port; bodies arrive as text. */
  readonly routes?: readonly HttpRoutes[];
};

/** Adds routes to the server before it listens. */
export type HttpRoutes = (app: FastifyInstance) => void;

export type HttpServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly webhook: WebhookAccess;
  /** Null or left out: plain text. */
  readonly tls?: TlsWatch | null;
};

/** What a sender of the webhook shows: the token or the login, whichever is set. Nothing set: it asks for nothing. */
export type WebhookAccess = {
  /** Empty: none. */
  readonly token: string;
  /** Null: none. */
  readonly basic: { readonly username: string; readonly password: string } | null;
};

const bodyBytesMax = 256 * 1024;
/** What is being answered when the server stops has so long. */
const stopPatienceMs = 2000;

/** HTTP: Cloud Monitoring's webhook, probes, metrics, and what is added. Query strings carry the token, so no URL is ever logged. */
export class HttpServer {
  readonly name = 'http-server';
  readonly #app: FastifyInstance;
  readonly #routes: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #options: HttpServerOptions;
  readonly #log: Logger;

  constructor(deps: HttpServerDeps, options: HttpServerOptions) {
    this.#options = options;
    this.#log = deps.log;
    const limits = { bodyLimit: bodyBytesMax, requestTimeout: 10_000, connectionTimeout: 30_000 };
    this.#app = options.tls ? encrypted(options.tls, limits) : fastify(limits);
    this.#app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.#routes.push(`${one} ${url}`);
    });
    this.#app.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#app.removeAllContentTypeParsers();
    // Read as text: what is no JSON is kept with its reason, not turned away unseen.
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    this.#addProbes(deps);
    this.#addWebhook(deps);
    for (const add of deps.routes ?? []) add(this.#app);
    this.#app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is no such route' }));
    this.#app.setErrorHandler((error: FastifyError, _request, reply) => this.#answerError(error, reply));
  }

  /** Where it listens, once started. */
  get port(): number {
    const address = this.#app.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** What it answers, for example `GET /metrics`. */
  get routes(): readonly string[] {
    return this.#routes;
  }

  async start(): Promise<void> {
    await this.#app.listen({ host: this.#options.host, port: this.#options.port });
    this.#log.info({ host: this.#options.host, port: this.port }, 'http listens');
  }

  /** Waits for what is being answered; a request that does not come to its end holds nothing up. */
  async stop(): Promise<void> {
    const force = setTimeout(() => {
      // Its own closeAllConnections() leaves those that have said nothing of TLS yet.
      for (const socket of this.#sockets) socket.destroy();
    }, stopPatienceMs);
    await this.#app.close();
    clearTimeout(force);
  }

  #addProbes({ registry, readiness }: HttpServerDeps): void {
    const ok = { status: 'ok' };
    this.#app.get('/healthz/started', () => ok);
    this.#app.get('/healthz/live', () => ok);
    this.#app.get('/healthz/ready', (_request, reply) => {
      const missing = readiness();
      return missing === null ? ok : reply.code(503).send({ status: 'not ready', reason: missing });
    });
    this.#app.get('/metrics', async (_request, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
  }

  #addWebhook({ sink }: HttpServerDeps): void {
    const authorize = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { webhook } = this.#options;
      if (isAuthorized(request, webhook)) return;
      // Monitoring sends a login without being asked; others ask for it first.
      if (webhook.basic !== null) void reply.header('www-authenticate', 'Basic realm="chester"');
      await reply.code(401).send({ error: "the webhook's token or login is missing or wrong" });
    };
    const post = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const text = typeof request.body === 'string' ? request.body : '';
      const accepted = await sink.accept({ source: 'webhook', text });
      return reply
        .code(accepted.kind === 'unusable' ? 422 : 200)
        .send({ taken: accepted.kind, reason: accepted.reason });
    };
    // A body that is not read leaves a trace all the same; only who has the token gets this far.
    const setAside = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
      if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') {
        this.#answerError(error, reply);
        return;
      }
      const fault = `the body is too large; allowed: at most ${bodyBytesMax} bytes`;
      sink.accept({ source: 'webhook', text: '', fault }).then(
        () => reply.code(413).send({ taken: 'unusable', reason: fault }),
        (cause: unknown) => this.#answerError(cause as FastifyError, reply),
      );
    };
    this.#app.post('/webhooks/monitoring', { onRequest: authorize, errorHandler: setAside }, post);
  }

  #answerError(error: FastifyError, reply: FastifyReply): FastifyReply {
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply.code(error.statusCode).send({ error: error.message });
    }
    this.#log.error({ err: error }, 'http request failed');
    return reply.code(503).send({ error: 'the coordinator could not store this; send it again' });
  }
}

/** A server whose certificate follows its files: new connections get the new one. */
function encrypted(tls: TlsWatch, limits: FastifyServerOptions): FastifyInstance {
  const server: { current: TlsServer | null } = { current: null };
  const use = (material: TlsMaterial): void => {
    server.current?.setSecureContext(contextOf(material));
  };
  const app = fastify({
    ...limits,
    serverFactory: (listener) => {
      // Who shows no certificate, or one of another authority, is asked for something else. Without authorities of ours
      // nobody is asked for one: Node would take every authority of the world for good.
      server.current = createTlsServer({ requestCert: tls.hasCa, rejectUnauthorized: false }, listener);
      return server.current;
    },
  });
  let unwatch = (): unknown => null;
  app.addHook('onReady', (done) => {
    use(tls.material);
    unwatch = tls.onChange(use);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    unwatch();
    done();
  });
  return app;
}

function contextOf({ certificate, key, ca }: TlsMaterial): SecureContextOptions {
  return { ...(certificate ? { cert: certificate } : {}), ...(key ? { key } : {}), ...(ca ? { ca } : {}) };
}

/**
 * Takes the token from the query (as Monitoring's token webhooks send it) or from the Authorization header, the login
 * from that header. Both are always compared, in constant time.
 */
function isAuthorized(request: FastifyRequest, { token, basic }: WebhookAccess): boolean {
  if (token === '' && basic === null) return true;
  const query = request.query as Readonly<Record<string, unknown>>;
  const header = request.headers.authorization ?? '';
  const given = typeof query['auth_token'] === 'string' ? query['auth_token'] : credentialsOf(header, 'bearer');
  const hasToken = isSame(given, token) && token !== '';
  const login = Buffer.from(credentialsOf(header, 'basic'), 'base64').toString();
  const hasLogin = isSame(login, `${basic?.username ?? ''}:${basic?.password ?? ''}`) && basic !== null;
  return hasToken || hasLogin;
}

/** What follows the scheme, which may be written in any case; empty for another scheme. */
function credentialsOf(header: string, scheme: string): string {
  const space = header.indexOf(' ');
  return header.slice(0, Math.max(space, 0)).toLowerCase() === scheme ? header.slice(space + 1).trim() : '';
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
