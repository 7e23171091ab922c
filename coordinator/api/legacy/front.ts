import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import type { Logger } from '../../../process/log.ts';
import { type Caller, type Scope, seesGroup } from '../../core/access.ts';
import { type Author, nobody } from '../../core/history.ts';
import { parseWith, type Problem, renderProblems } from '../../core/problems.ts';
import { type AdminFaultCode, type AdminResult, concealOthers } from '../admin-result.ts';
import type { HttpAct, HttpGuard } from '../auth/http-guard.ts';
import type { LegacyDatabases } from './databases.ts';
import { type LegacyRoute, legacyRoutes } from './routes.ts';

export type LegacyFrontDeps = {
  readonly databases: LegacyDatabases;
  readonly guard: Pick<HttpGuard, 'admit' | 'change'>;
  readonly log: Logger;
};

const bodyBytesMax = 1024 * 1024;

/** The old API answered 400 to whatever it did not know or take; only what it had no word for is 409. */
const statusOf: Readonly<Record<AdminFaultCode, number>> = {
  INVALID: 400,
  NOT_FOUND: 400,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  PRECONDITION: 409,
  OUT_OF_RANGE: 400,
  TIMEOUT: 503,
};

/** Chester's HTTP API at the root of the server: who may, what was sent, what it came to, in the old API's shapes. */
export class LegacyFront {
  readonly #deps: LegacyFrontDeps;

  constructor(deps: LegacyFrontDeps) {
    this.#deps = deps;
  }

  /** Adds the routes; bodies arrive as text, whatever their content type says. */
  addTo(app: FastifyInstance): void {
    for (const route of legacyRoutes) {
      app.route({
        method: route.method,
        url: route.path,
        bodyLimit: bodyBytesMax,
        // Before the body is read: who is unknown gets the same answer whatever they send.
        onRequest: (request, reply) => this.#identify(route, request, reply),
        handler: (request, reply) => this.#answer(route, request, reply),
      });
    }
  }

  async #identify(route: LegacyRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (route.permission === null) return;
    if (route.method !== 'GET' && request.headers.origin !== undefined) {
      // A page that somebody looks at must not act in their name; none of the API's clients is a page.
      await reply.code(403).send({ error: 'this API takes no changes from web pages' });
      return;
    }
    const needs = [{ permission: route.permission, scope: { kind: 'visible' as const } }];
    await this.#admit(actOf(route, needs, null), request, reply);
  }

  async #answer(route: LegacyRoute, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const read = readCall(route, request);
    if (!read.ok) return reply.code(400).send({ error: describe(read.problems) });
    const { databases, guard } = this.#deps;
    const { permission } = route;
    if (permission === null) {
      return send(reply, await route.run({ ...read.value, databases, sees: () => false, author: nobody }));
    }
    const group = route.group(read.value);
    const scope: Scope = group === null ? { kind: 'visible' } : { kind: 'group', group };
    const act = actOf(route, [{ permission, scope }], maskSecrets(read.value));
    const caller = await this.#admit(act, request, reply);
    if (caller === null) return reply;
    const author: Author = { who: caller.name, reason: '' };
    const run = () => route.run({ ...read.value, databases, author, sees: (name) => seesGroup(caller, name) });
    const result = act.isChange
      ? await guard.change({ request: request.raw, caller, act }, run, (made) =>
          made.ok ? '200' : String(statusOf[made.code]),
        )
      : await run();
    if (!result.ok)
      return send(
        reply,
        concealOthers(result, (name) => seesGroup(caller, name)),
      );
    return route.method === 'GET' ? sendFresh(request, reply, result.value) : send(reply, result);
  }

  /** Null: refused, and answered. */
  async #admit(act: HttpAct, request: FastifyRequest, reply: FastifyReply): Promise<Caller | null> {
    const admission = await this.#deps.guard.admit(request.raw, act);
    if (admission.isAdmitted) return admission.caller;
    void reply.headers(admission.headers);
    await reply.code(admission.status).send({ error: admission.message });
    return null;
  }
}

function actOf({ method, path, permission }: LegacyRoute, needs: HttpAct['needs'], request: unknown): HttpAct {
  return { needs, isChange: permission !== 'view' && permission !== null, what: `${method} ${path}`, request };
}

type Read = {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

function readCall(
  route: LegacyRoute,
  request: FastifyRequest,
): { readonly ok: true; readonly value: Read } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const path = textsOf(request.params);
  const query = textsOf(request.query);
  if (route.body === null) return { ok: true, value: { path, query, body: null } };
  const body = readBody(route.body, typeof request.body === 'string' ? request.body : '');
  return body.ok ? { ok: true, value: { path, query, body: body.value } } : body;
}

function readBody(schema: ZodType, text: string): ReturnType<typeof parseWith> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // What a parser says of a bad text quotes it.
    return {
      ok: false,
      problems: [{ field: 'body', value: `${text.length} characters that are no JSON`, allowed: 'a JSON object' }],
    };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { ok: false, problems: [{ field: 'body', value: 'no JSON object', allowed: 'a JSON object' }] };
  }
  return parseWith(schema, json);
}

/** A parameter that is given twice counts once, as its first. */
function textsOf(parameters: unknown): Record<string, string> {
  const entries = Object.entries(parameters as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string][] => {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      return typeof first === 'string' ? [[name, first]] : [];
    }),
  );
}

const secretFields = /password|key|cert|ca_data/i;

/** What the audit trail keeps of a call. */
function maskSecrets({ path, query, body }: Read): unknown {
  const mask = (name: string, value: unknown): unknown =>
    secretFields.test(name) && value !== '' && typeof value === 'string' ? '(hidden)' : value;
  return { ...path, ...query, body: body === null ? null : (JSON.parse(JSON.stringify(body, mask)) as unknown) };
}

/** Says what is wrong without a word of what may be a secret. */
function describe(problems: readonly Problem[]): string {
  return renderProblems(
    problems.map((problem) => (secretFields.test(problem.field) ? { ...problem, value: '(hidden)' } : problem)),
  );
}

function send(reply: FastifyReply, result: AdminResult<unknown>): FastifyReply {
  if (!result.ok) return reply.code(statusOf[result.code]).send({ error: result.message });
  return sendJson(reply, JSON.stringify(result.value));
}

/** A null is a text of its own: fastify would send nothing. */
function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).type('application/json; charset=utf-8').send(text);
}

/** Answers 304 to who has this very answer already. */
function sendFresh(request: FastifyRequest, reply: FastifyReply, value: unknown): FastifyReply {
  const text = JSON.stringify(value);
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  void reply.header('etag', tag).header('cache-control', 'private, no-cache');
  return isNamed(request.headers['if-none-match'] ?? '', tag) ? reply.code(304).send() : sendJson(reply, text);
}

function isNamed(header: string, tag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);
}
