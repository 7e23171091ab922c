import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../process/clock.ts';
import { sleep } from '../../process/clock.ts';
import { ApiError, apiError, apiErrorOfStatus, renderApiError } from './api-error.ts';
import { type CallKind, callKinds, type FaultBook } from './faults.ts';
import type { JsonObject } from './json.ts';
import type { ListQuery } from './listing.ts';
import type { CloudSqlModel } from './model.ts';
import type { PageRequest } from './paging.ts';
import { applyFieldMask, parseFieldMask } from './partial.ts';

const packed = promisify(gzip);

export type HttpDeps = {
  readonly clock: Clock;
  readonly model: CloudSqlModel;
  readonly faults: FaultBook;
  readonly calls: CallCounter;
  /** Lets time pass in the model; called before and after each call. */
  readonly settle: () => void;
};

type Params = { readonly project: string; readonly instance: string; readonly operation: string };
type ApiRequest = FastifyRequest<{ Params: Params; Querystring: Readonly<Record<string, unknown>> }>;
type Work = (request: ApiRequest, nowMs: number) => JsonObject;
type Route = readonly ['GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, CallKind, Work];

/** How often each kind of call came in, refused ones counted too. */
export class CallCounter {
  readonly #counts = new Map<CallKind, number>();

  add(kind: CallKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  clear(): void {
    this.#counts.clear();
  }

  counts(): Readonly<Record<CallKind, number>> {
    const entries = callKinds.map((kind) => [kind, this.#counts.get(kind) ?? 0] as const);
    return Object.fromEntries(entries) as Record<CallKind, number>;
  }
}

/** Makes the HTTP server of the Admin API, v1 and v1beta4; every error has the API's shape. */
export function createHttpServer(deps: HttpDeps, project: string): FastifyInstance {
  const server = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => {
      void sendError(error, reply);
    },
  });
  // Clients send bodies with and without a content type, and empty ones: any is read as JSON.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? null : (JSON.parse(text as string) as unknown));
    } catch {
      done(apiError('invalid', 'Invalid JSON payload received. Unexpected token.'));
    }
  });
  server.setErrorHandler((error, _request, reply) => sendError(error, reply));
  server.setNotFoundHandler((_request, reply) => sendError(apiError('notFound'), reply));
  const routes = apiRoutes(deps);
  for (const prefix of ['/v1', '/sql/v1beta4']) {
    for (const [method, path, kind, work] of routes) {
      server.route<{ Params: Params; Querystring: Readonly<Record<string, unknown>> }>({
        method,
        url: `${prefix}/projects/:project${path}`,
        handler: (request, reply) => {
          if (request.params.project === project) return answerCall(deps, { kind, work }, request, reply);
          deps.calls.add(kind);
          return sendError(apiError('notAuthorized'), reply);
        },
      });
    }
  }
  return server;
}

/** Sends any error in the API's shape. */
function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const refused = error instanceof ApiError ? error : foreignError(error);
  if (refused.retryAfterSeconds !== null) void reply.header('retry-after', String(refused.retryAfterSeconds));
  return reply.code(refused.status).send(renderApiError(refused));
}

function apiRoutes({ model, faults }: HttpDeps): Route[] {
  const instances = '/instances';
  const instance = '/instances/:instance';
  return [
    ['GET', instances, 'instances.list', ({ query }) => model.listInstances(listQuery(query), faults.takeListGap())],
    ['POST', instances, 'instances.insert', ({ body }, nowMs) => model.insertInstance(body, nowMs)],
    ['GET', instance, 'instances.get', ({ params }) => model.getInstance(params.instance)],
    ['PATCH', instance, 'instances.patch', (request, nowMs) => changeInstance(model, request, nowMs)],
    ['PUT', instance, 'instances.update', (request, nowMs) => changeInstance(model, request, nowMs)],
    ['DELETE', instance, 'instances.delete', ({ params }, nowMs) => model.deleteInstance(params.instance, nowMs)],
    [
      'POST',
      `${instance}/promoteReplica`,
      'instances.promoteReplica',
      ({ params }, nowMs) => model.promoteReplica(params.instance, nowMs),
    ],
    [
      'POST',
      `${instance}/switchover`,
      'instances.switchover',
      ({ params }, nowMs) => model.switchover(params.instance, nowMs),
    ],
    [
      'GET',
      '/operations',
      'operations.list',
      ({ query }) => model.listOperations({ ...pageRequest(query), instance: queryText(query, 'instance') }),
    ],
    ['GET', '/operations/:operation', 'operations.get', ({ params }) => model.getOperation(params.operation)],
  ];
}

async function answerCall(
  { clock, faults, calls, settle }: HttpDeps,
  { kind, work }: { readonly kind: CallKind; readonly work: Work },
  request: ApiRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  calls.add(kind);
  settle();
  const refusal = faults.takeHttpError(kind);
  if (refusal !== null) return sendError(refusal, reply);
  const mask = parseFieldMask(queryText(request.query, 'fields') ?? '');
  const answer = work(request, clock.nowMs());
  settle();
  const delayMs = faults.takeDelayMs(kind);
  if (delayMs > 0) await sleep(clock, delayMs);
  if (faults.takeDroppedAnswer(kind)) {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  return sendAnswer(mask === null ? answer : applyFieldMask(mask, answer), request, reply);
}

/** What is smaller goes as it is. */
const packedBytesMin = 1024;

/**
 * Compresses for clients that ask for it in both ways that Google wants.
 *
 * @see https://cloud.google.com/sql/docs/mysql/admin-api/performance#gzip
 */
async function sendAnswer(answer: JsonObject, { headers }: ApiRequest, reply: FastifyReply): Promise<FastifyReply> {
  const takesPacked = [headers['accept-encoding'], headers['user-agent']].every((value) =>
    String(value).includes('gzip'),
  );
  const text = JSON.stringify(answer);
  if (!takesPacked || text.length < packedBytesMin) return reply.send(answer);
  void reply.header('content-type', 'application/json; charset=utf-8').header('content-encoding', 'gzip');
  return reply.send(await packed(text));
}

function changeInstance(model: CloudSqlModel, request: ApiRequest, nowMs: number): JsonObject {
  const change = { body: request.body, isWhole: request.method === 'PUT' };
  return model.changeInstance(request.params.instance, change, nowMs);
}

function listQuery(query: Readonly<Record<string, unknown>>): ListQuery {
  return { ...pageRequest(query), filter: queryText(query, 'filter') };
}

function pageRequest(query: Readonly<Record<string, unknown>>): PageRequest {
  return { maxResults: queryText(query, 'maxResults'), pageToken: queryText(query, 'pageToken') };
}

/** One query parameter; a repeated one is refused. */
function queryText(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw apiError('invalid', `Invalid request: ${name} is given more than once.`);
}

/** Errors of the HTTP server itself (body too large, bad URL) carry a status; any other is a bug of ours, a 500. */
function foreignError(error: unknown): ApiError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error ? error.message : String(error);
  return apiErrorOfStatus(status, { reason: status < 500 ? 'invalid' : 'internalError', message });
}
