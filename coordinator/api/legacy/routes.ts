import type { z, ZodType } from 'zod';
import type { Permission } from '../../core/access.ts';
import type { Author } from '../../core/history.ts';
import {
  addDatabaseAnswer,
  addDatabaseBody,
  addUserBody,
  certBody,
  instanceDataAnswer,
  keyBody,
  modifyDatabaseBody,
  modifyUserBody,
  queryRuleBody,
  removeDatabaseBody,
  statusAnswer,
  userAnswer,
} from '../../core/legacy-shapes.ts';
import { type AdminResult, invalid } from '../admin-result.ts';
import type { LegacyDatabases } from './databases.ts';

/** One call, after it was read. */
export type LegacyCall<Body> = {
  readonly databases: LegacyDatabases;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
  /** Whether the caller may see a group. */
  readonly sees: (group: string) => boolean;
  /** Who calls, for the group's history. */
  readonly author: Author;
};

/** One route of the old API: how it is called, what it needs, and what it does. */
export type LegacyRoute = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** Null: nobody is asked who they are. */
  readonly permission: Permission | null;
  readonly query: Readonly<Record<string, string>>;
  readonly body: ZodType | null;
  readonly answer: ZodType | null;
  /** The group that the call concerns; null: whatever the caller may see. */
  readonly group: (call: Pick<LegacyCall<unknown>, 'path' | 'query' | 'body'>) => string | null;
  readonly run: (call: LegacyCall<unknown>) => Promise<AdminResult<unknown>>;
};

const filter = { filter: 'true leaves out the replicas that Chester made itself' };
const instanceGroup = { instance_group: 'the database; required' };
const inPath: LegacyRoute['group'] = ({ path }) => path['instance'] ?? '';
const inQuery: LegacyRoute['group'] = ({ query }) => query['instance_group'] ?? '';
const inBody: LegacyRoute['group'] = ({ body }) => (body as { readonly instance_name: string }).instance_name;

const health = {
  method: 'GET',
  summary: 'Whether the API answers',
  permission: null,
  query: {},
  body: null,
  answer: statusAnswer,
  group: () => null,
  run: () => Promise.resolve({ ok: true, value: { status: 'ok' } }),
} as const satisfies Omit<LegacyRoute, 'path'>;

const reads: readonly LegacyRoute[] = [
  { ...health, path: '/' },
  { ...health, path: '/healthcheck' },
  {
    method: 'GET',
    path: '/databases',
    summary: 'All databases that the caller may see, by name',
    permission: 'view',
    query: filter,
    body: null,
    answer: instanceDataAnswer.array(),
    group: () => null,
    run: async ({ databases, query, sees }) => ({ ok: true, value: await databases.list(isFiltered(query), sees) }),
  },
  {
    method: 'GET',
    path: '/databases/:instance',
    summary: 'One database',
    permission: 'view',
    query: filter,
    body: null,
    answer: instanceDataAnswer,
    group: inPath,
    run: ({ databases, path, query }) => databases.get(path['instance'] ?? '', isFiltered(query)),
  },
  {
    method: 'GET',
    path: '/users/:username',
    summary: 'One user of a database',
    permission: 'view',
    query: instanceGroup,
    body: null,
    answer: userAnswer,
    group: inQuery,
    run: ({ databases, path, query }) => inGroup(query, (group) => databases.getUser(group, path['username'] ?? '')),
  },
];

const databaseChanges: readonly LegacyRoute[] = [
  change({
    method: 'POST',
    path: '/',
    summary: 'Adds a database, or declares it anew',
    body: addDatabaseBody,
    answer: addDatabaseAnswer,
    group: inBody,
    run: ({ databases, body, author }) => databases.add(body, author),
  }),
  change({
    method: 'PATCH',
    path: '/',
    summary: 'Changes user, password, rules, readers or the maximum; readers that are given replace those before',
    body: modifyDatabaseBody,
    group: inBody,
    run: ({ databases, body, author }) => databases.modify(body, author),
  }),
  change({
    method: 'DELETE',
    path: '/',
    summary: 'Removes a database from all proxies; refused while Chester owns replicas of it',
    body: removeDatabaseBody,
    group: inBody,
    run: ({ databases, body, author }) => databases.remove(body.instance_name, author),
  }),
];

const partChanges: readonly LegacyRoute[] = [
  change({
    method: 'PATCH',
    path: '/queryrules/:id',
    summary: 'Replaces one query rule',
    query: instanceGroup,
    body: queryRuleBody,
    run: ({ databases, path, query, body, author }) =>
      inGroup(query, (name) => {
        const id = path['id'] ?? '';
        return /^\d{1,9}$/.test(id)
          ? databases.modifyRule({ name, author }, Number(id), body)
          : Promise.resolve(invalid([{ field: 'id', value: JSON.stringify(id.slice(0, 80)), allowed: 'a number' }]));
      }),
  }),
  change({
    method: 'POST',
    path: '/users',
    summary: 'Adds a user to a database',
    query: instanceGroup,
    body: addUserBody,
    run: ({ databases, query, body, author }) => inGroup(query, (name) => databases.addUser({ name, author }, body)),
  }),
  change({
    method: 'PATCH',
    path: '/users',
    summary: 'Changes a user of a database',
    query: instanceGroup,
    body: modifyUserBody,
    run: ({ databases, query, body, author }) => inGroup(query, (name) => databases.modifyUser({ name, author }, body)),
  }),
  change({
    method: 'DELETE',
    path: '/users/:username',
    summary: 'Takes a user out of a database',
    query: instanceGroup,
    body: null,
    run: ({ databases, path, query, author }) =>
      inGroup(query, (name) => databases.removeUser({ name, author }, path['username'] ?? '')),
  }),
  change({
    method: 'PATCH',
    path: '/key/:instance',
    summary: 'Keeps the key of the client certificate that proxies show',
    body: keyBody,
    group: inPath,
    run: ({ databases, path, body, author }) =>
      databases.setTls({ name: path['instance'] ?? '', author }, { certificate: '', key: body.key }),
  }),
  change({
    method: 'PATCH',
    path: '/cert/:instance',
    summary: 'Keeps the client certificate that proxies show',
    body: certBody,
    group: inPath,
    run: ({ databases, path, body, author }) =>
      databases.setTls({ name: path['instance'] ?? '', author }, { certificate: body.cert, key: '' }),
  }),
];

/** The routes of Chester's HTTP API. */
export const legacyRoutes: readonly LegacyRoute[] = [...reads, ...databaseChanges, ...partChanges];

type Change<Body extends ZodType | null> = Pick<LegacyRoute, 'method' | 'path' | 'summary'> & {
  readonly body: Body;
  readonly query?: LegacyRoute['query'];
  readonly answer?: ZodType;
  readonly group?: LegacyRoute['group'];
  readonly run: (call: LegacyCall<Body extends ZodType ? z.infer<Body> : null>) => Promise<AdminResult<unknown>>;
};

/** A route that changes something; without an answer of its own it answers null. */
function change<Body extends ZodType | null>({
  query = {},
  answer,
  group = inQuery,
  ...route
}: Change<Body>): LegacyRoute {
  const run = route.run as LegacyRoute['run'];
  return { ...route, permission: 'operate', query, answer: answer ?? null, group, run };
}

function isFiltered(query: LegacyCall<unknown>['query']): boolean {
  return query['filter'] === 'true';
}

function inGroup<T>(
  query: LegacyCall<unknown>['query'],
  run: (group: string) => Promise<AdminResult<T>>,
): Promise<AdminResult<T>> {
  const group = query['instance_group'] ?? '';
  if (group !== '') return run(group);
  const allowed = 'the name of a database, as ?instance_group=NAME';
  return Promise.resolve(invalid([{ field: 'instance_group', value: 'missing', allowed }]));
}
