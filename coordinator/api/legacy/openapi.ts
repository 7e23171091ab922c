import { z, type ZodType } from 'zod';
import { errorAnswer } from '../../core/legacy-shapes.ts';
import { type LegacyRoute, legacyRoutes } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every route of the HTTP port as an OpenAPI document. @see https://spec.openapis.org/oas/v3.1.0 */
export function buildOpenApi(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chester',
      version: '1',
      description:
        "Chester's HTTP API, as its Terraform provider and scripts call it, and what Cloud Monitoring and Kubernetes call. " +
        'Whatever else there is to administer has gRPC and the command `chester`.',
    },
    paths: mergePaths([...legacyRoutes.map(describeRoute), ...otherPaths]),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        iap: { type: 'apiKey', in: 'header', name: 'X-Goog-IAP-JWT-Assertion' },
        token: { type: 'apiKey', in: 'query', name: 'auth_token' },
      },
    },
  };
}

type PathItem = readonly [path: string, method: string, operation: Json];

function describeRoute(route: LegacyRoute): PathItem {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const text = { type: 'string' };
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: text })),
    ...Object.entries(route.query).map(([name, description]) => ({
      ...{ name, in: 'query', description, schema: text },
      ...(description.includes('required') ? { required: true } : {}),
    })),
  ];
  const operation = {
    operationId: operationId(route),
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === null ? {} : { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } }),
    ...(route.permission === null ? {} : { security: [{ basic: [] }, { bearer: [] }, { iap: [] }] }),
    responses: responsesOf(route),
  };
  return [route.path.replace(/:(\w+)/g, '{$1}'), route.method.toLowerCase(), operation];
}

function responsesOf({ method, permission, answer }: LegacyRoute): Json {
  const answered = answer === null ? { type: 'null' } : schemaOf(answer, 'output');
  const error = (description: string) => ({ description, content: json(schemaOf(errorAnswer, 'output')) });
  const ok = { description: 'Done', content: json(answered) };
  if (permission === null) return { 200: ok };
  return {
    200: ok,
    ...(method === 'GET' ? { 304: { description: 'As the caller has it: its If-None-Match names this ETag' } } : {}),
    400: error('What was sent is not taken, or names something that is not known'),
    401: error('No credential that is known'),
    403: error('The caller may not do this'),
    409: error('It was changed by somebody else meanwhile, or something else has to be done first'),
    413: error('The body is too large'),
    503: error('Nothing was done: try again'),
  };
}

function operationId({ method, path }: LegacyRoute): string {
  const words = path.split(/\W+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...(words.length === 0 ? ['root'] : words)].join('_');
}

function schemaOf(schema: ZodType, io: 'input' | 'output'): Json {
  const described = Object.entries(z.toJSONSchema(schema, { io }));
  // OpenAPI 3.1 has this dialect by itself.
  return Object.fromEntries(described.filter(([name]) => name !== '$schema'));
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

const answerOf = (schema: Json, description = 'The answer') => ({ description, content: json(schema) });
const statusSchema = schemaOf(z.object({ status: z.string(), reason: z.string().optional() }), 'output');
const takenSchema = schemaOf(
  z.object({ taken: z.enum(['incident', 'ignored', 'unusable']), reason: z.string() }),
  'output',
);
const errorSchema = schemaOf(errorAnswer, 'output');

/** What is no part of the old API. */
const otherPaths: readonly PathItem[] = [
  ['/healthz/started', 'get', { summary: 'Whether it has started', responses: { 200: answerOf(statusSchema) } }],
  ['/healthz/live', 'get', { summary: 'Whether it lives', responses: { 200: answerOf(statusSchema) } }],
  [
    '/healthz/ready',
    'get',
    {
      summary: 'Whether it can do its work',
      responses: { 200: answerOf(statusSchema), 503: answerOf(statusSchema, 'What it lacks') },
    },
  ],
  [
    '/metrics',
    'get',
    { summary: "Prometheus's text", responses: { 200: { description: 'Metrics', content: { 'text/plain': {} } } } },
  ],
  ['/openapi.json', 'get', { summary: 'This document', responses: { 200: answerOf({ type: 'object' }) } }],
  [
    '/webhooks/monitoring',
    'post',
    {
      summary: "An incident of Cloud Monitoring's",
      parameters: [{ name: 'auth_token', in: 'query', schema: { type: 'string' } }],
      requestBody: { required: true, content: json({}) },
      security: [{ token: [] }, { bearer: [] }, { basic: [] }],
      responses: {
        200: answerOf(takenSchema, 'It is stored'),
        401: answerOf(errorSchema, 'Token or login is missing or wrong'),
        413: answerOf(takenSchema, 'Too large, and set aside'),
        422: answerOf(takenSchema, 'It cannot be used, and was set aside'),
        503: answerOf(errorSchema, 'Not stored: send it again'),
      },
    },
  ],
];

function mergePaths(items: readonly PathItem[]): Json {
  const paths: Record<string, Json> = {};
  for (const [path, method, operation] of items) paths[path] = { ...paths[path], [method]: operation };
  return paths;
}
