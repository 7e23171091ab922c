import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fastify, { type FastifyInstance } from 'fastify';
import { buildOpenApi } from '../../../../coordinator/api/legacy/openapi.ts';
import { addBody, LegacyServer } from './legacy-server.ts';

type Schema = Readonly<Record<string, unknown>>;
type Content = { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
type Operation = { readonly responses: Readonly<Record<string, Content>>; readonly requestBody?: Content };
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** One call of each documented operation that has to succeed, and one that must not. */
const happy: readonly (readonly [method: string, path: string, body: unknown, template: string])[] = [
  ['GET', '/', null, '/'],
  ['GET', '/healthcheck', null, '/healthcheck'],
  ['POST', '/', addBody(), '/'],
  ['GET', '/databases', null, '/databases'],
  ['GET', '/databases/orders', null, '/databases/{instance}'],
  ['PATCH', '/', { instance_name: 'orders', read_replicas: [] }, '/'],
  [
    'PATCH',
    '/queryrules/1?instance_group=orders',
    { rule_id: 1, match_digest: 'x', apply: 1, active: 1 },
    '/queryrules/{id}',
  ],
  ['POST', '/users?instance_group=orders', { username: 'u', password: 'p' }, '/users'],
  ['GET', '/users/u?instance_group=orders', null, '/users/{username}'],
  ['PATCH', '/users?instance_group=orders', { username: 'u', password: 'q' }, '/users'],
  ['DELETE', '/users/u?instance_group=orders', null, '/users/{username}'],
  ['PATCH', '/key/orders', { key: 'k' }, '/key/{instance}'],
  ['PATCH', '/cert/orders', { cert: 'c' }, '/cert/{instance}'],
  ['DELETE', '/', { instance_name: 'orders' }, '/'],
  ['GET', '/healthz/started', null, '/healthz/started'],
  ['GET', '/healthz/live', null, '/healthz/live'],
  ['GET', '/healthz/ready', null, '/healthz/ready'],
  ['GET', '/openapi.json', null, '/openapi.json'],
  ['POST', '/webhooks/monitoring', {}, '/webhooks/monitoring'],
];

describe('GET /openapi.json', () => {
  let server: LegacyServer;
  let validator: FastifyInstance;
  let document: Document;

  /** Holds a value against a schema, with the validator that comes with the HTTP server, as strict as it can be. */
  const check = async (schema: Schema, value: unknown): Promise<string | null> => {
    const url = `/${encodeURIComponent(JSON.stringify(schema)).length}-${Math.random()}`;
    validator = fastify({
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    });
    validator.post(url, (request, reply) => {
      const isValid = request.validateInput({ value }, { type: 'object', properties: { value: schema } });
      return reply.send({ isValid });
    });
    const answer = await validator.inject({ method: 'POST', url, payload: {} });
    await validator.close();
    return (JSON.parse(answer.body) as { readonly isValid: boolean }).isValid ? null : answer.body;
  };

  before(async () => {
    server = await new LegacyServer().start();
    document = JSON.parse((await server.call('GET', '/openapi.json', null, {})).text) as Document;
  });
  after(() => server.http.stop());

  it('names every route of the server, and none that is not there', () => {
    assert.equal(document.openapi, '3.1.0');
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = server.http.routes.filter((route) => !route.startsWith('HEAD '));
    assert.deepEqual(documented.toSorted(), served.toSorted());
  });

  it('says how each operation is called: all of them are tried here', () => {
    const tried = new Set(happy.map(([method, , , template]) => `${method} ${template}`));
    const documented = Object.entries(buildOpenApi()['paths'] as Document['paths']).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(
      documented.filter((one) => !tried.has(one)),
      ['GET /metrics'],
    );
  });

  for (const [method, path, body, template] of happy) {
    it(`describes what ${method} ${path} takes and answers`, async () => {
      const operation = document.paths[template]?.[method.toLowerCase()];
      assert(operation, `${method} ${template} is not described`);
      const taken = operation.requestBody?.content?.['application/json']?.schema;
      if (body !== null) assert.equal(await check(taken ?? {}, body), null);
      const answer = await server.call(method, path, body);
      const schema = operation.responses[String(answer.status)]?.content?.['application/json']?.schema;
      assert(schema, `${answer.status} is not described: ${answer.text}`);
      assert.equal(await check(schema, JSON.parse(answer.text)), null);
    });
  }

  it('describes what is answered to bad input and to strangers', async () => {
    for (const [method, path, , template] of happy.filter(([, path]) => !/health|openapi|webhooks/.test(path))) {
      const operation = document.paths[template]?.[method.toLowerCase()];
      const answers = [await server.call(method, path, method === 'GET' ? null : '[]')];
      if (path !== '/' || method !== 'GET') answers.push(await server.call(method, path, null, {}));
      for (const answer of answers) {
        const schema = operation?.responses[String(answer.status)]?.content?.['application/json']?.schema;
        assert(schema, `${method} ${path}: ${answer.status} is not described`);
        assert.equal(await check(schema, JSON.parse(answer.text)), null);
      }
    }
  });

  it('would notice an answer of another shape', async () => {
    const schema =
      document.paths['/databases/{instance}']?.['get']?.responses['200']?.content?.['application/json']?.schema;
    assert.notEqual(await check(schema ?? {}, { instance_name: 5 }), null);
  });
});
