import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, type ClientReadableStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { adminMethods } from '../../../coordinator/api/auth/admin-methods.ts';
import { guardAdmin } from '../../../coordinator/api/auth/admin-guard.ts';
import type { Caller } from '../../../coordinator/core/access.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { createLogger } from '../../../process/log.ts';
import { groupInput, groupSpec, incident, published } from '../builders.ts';
import { TestServer } from './server.ts';

/** What somebody learns of groups that are not theirs, asked of the real handlers behind the real guard: nothing. */
const grants: Readonly<Record<string, Caller['grants']>> = {
  root: [{ role: 'admin', groups: ['*'] }],
  viewer: [{ role: 'viewer', groups: ['mine*'] }],
  operator: [{ role: 'operator', groups: ['mine*'] }],
};
const guard = (handlers: Parameters<typeof guardAdmin>[1]) =>
  guardAdmin(
    {
      gate: {
        identify: ({ authorization: name, source }) =>
          Promise.resolve(
            Object.hasOwn(grants, name) ? { name, proof: 'token', source, grants: grants[name]! } : 'unknown',
          ),
      },
      audit: { begin: () => Promise.resolve({ finish: () => Promise.resolve() }), denied: () => undefined },
      log: createLogger('test', 'silent'),
    },
    handlers,
  );

type Answer = { readonly code: string; readonly details: string; readonly metadata: unknown; readonly value: unknown };
type Unary = (
  this: Client,
  request: object,
  metadata: Metadata,
  done: (e: ServiceError | null, a: unknown) => void,
) => void;

const hidden = ['ahead', 'hidden-1', 'hidden-2', 'middle', 'zebra'];
const server = new TestServer(1000, guard);
let client: Client;

function ask(who: string, method: string, request: object): Promise<Answer> {
  const metadata = new Metadata();
  if (who !== '') metadata.set('authorization', who);
  if (method === 'WatchEvents') return watch(request, metadata);
  return new Promise((resolve) => {
    (client as unknown as Record<string, Unary>)[method]!.call(client, request, metadata, (error, value) => {
      resolve(error === null ? { code: 'OK', details: '', metadata: null, value } : refused(error));
    });
  });
}

const refused = ({ code, details, metadata }: ServiceError): Answer => {
  const sent = Object.fromEntries(Object.entries(metadata.getMap()).filter(([name]) => name !== 'date'));
  return { code: status[code], details, metadata: sent, value: null };
};

async function watch(request: object, metadata: Metadata): Promise<Answer> {
  const call = (client as unknown as { watchEvents: (...of: unknown[]) => ClientReadableStream<unknown> }).watchEvents(
    request,
    metadata,
    { deadline: Date.now() + 30_000 },
  );
  try {
    for await (const event of call) return { code: 'OK', details: '', metadata: null, value: event };
    return { code: 'OK', details: '', metadata: null, value: null };
  } catch (error) {
    return refused(error as ServiceError);
  }
}

before(async () => {
  await server.start();
  client = server.admin();
  const put = (name: string, index: number) => {
    const numbers = { writerHostgroup: 100 + 2 * index, readerHostgroup: 101 + 2 * index };
    return { ...groupInput, name, primary: `${name}-primary`, ...numbers };
  };
  await ask('root', 'PutFleet', { fleet: { name: 'main' } });
  for (const [index, name] of [...hidden, 'mine', 'mine-too'].entries()) {
    const { code, details } = await ask('root', 'PutGroup', { spec: put(name, index) });
    assert.equal(code, 'OK', details);
  }
  const writes = hidden.concat('mine').flatMap((group, index) => [
    {
      key: keys.incident(group, `x${index}`),
      value: incident({ group, id: `x${index}`, openedAtMs: index }),
      ifRevision: 0,
    },
  ]);
  // An incident whose id may be taken for the name of a group of the caller's.
  const sly = incident({ group: 'zebra', id: 'mine-incident' });
  const index = { key: keys.incidentIndex(sly.id), value: { groups: ['zebra'], earlyClose: null }, ifRevision: 0 };
  await server.store.commit({
    writes: [...writes, { key: keys.incident('zebra', sly.id), value: sly, ifRevision: 0 }, index],
  });
  // One agent of each fleet runs a group: the caller's, or a hidden one.
  for (const [fleet, group] of [
    ['main', 'mine'],
    ['other', 'zebra'],
  ] as const) {
    const snapshot = published({ group, fleet });
    await server.store.commit({ writes: [{ key: keys.snapshot(group), value: snapshot, ifRevision: null }] });
    await server.joined({ agentId: `agent-of-${fleet}`, fleet });
  }
});
after(() => server.stop());

/** Names a group wherever a request can. */
const naming = (method: string, group: string) => {
  const spec = groupSpec({ name: group, primary: `${group}-primary` });
  const any = { group, name: group, subject: group, spec, owner: 'eve', reason: 'curious' };
  const server = method === 'PutServer' ? { hostname: group } : group;
  return {
    ...any,
    server,
    groups: [{ ...spec, spec }],
    fromRevision: 1,
    replicas: 1,
    direction: 'in',
    username: 'app',
  };
};

/** The name that was asked for is in many an answer: it says nothing that the caller did not know. */
const withoutName = (answer: Answer): string =>
  JSON.stringify(answer, (_, value: unknown) =>
    Buffer.isBuffer(value)
      ? value.toString('latin1')
      : isBytes(value)
        ? Buffer.from(value.data).toString('latin1')
        : value,
  ).replaceAll('zebrb', 'zebra');
const isBytes = (value: unknown): value is { readonly data: number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';

describe('a group of others', () => {
  for (const method of Object.keys(adminMethods)) {
    it(`is for ${method} as one that is not there, whoever asks`, async () => {
      for (const who of ['', 'nobody', 'viewer', 'operator']) {
        const one = await ask(who, method, naming(method, 'zebra'));
        const other = await ask(who, method, naming(method, 'zebrb'));
        assert.equal(withoutName(one), withoutName(other), who);
        if (!Object.hasOwn(grants, who)) assert.equal(one.code, 'UNAUTHENTICATED');
        if (adminMethods[method as keyof typeof adminMethods].isChange) assert.notEqual(one.code, 'OK');
      }
    });
  }
});

describe('bytes that are no message', () => {
  it('are refused by every method as bad input to who may call, and as unknown callers to others', async () => {
    for (const { path: method } of Object.values(loadChesterV1().AdminService.service)) {
      for (const [who, expected] of [
        ['root', ['INVALID_ARGUMENT', 'the request is no message of this method']],
        ['viewer', ['INVALID_ARGUMENT', 'the request is no message of this method']],
        ['nobody', ['UNAUTHENTICATED', 'show a credential that this coordinator takes']],
      ] as const) {
        const metadata = new Metadata();
        metadata.set('authorization', who);
        const answer = await new Promise<Answer>((resolve) => {
          const same = (bytes: Buffer): Buffer => bytes;
          client.makeUnaryRequest(method, same, same, Buffer.from([0xff, 0xff]), metadata, (error, value) => {
            resolve(error === null ? { code: 'OK', details: '', metadata: null, value } : refused(error));
          });
        });
        assert.deepEqual([answer.code, answer.details], expected, method);
      }
    }
  });
});

describe('lists, for who may see some groups', () => {
  const lists = {
    ListGroups: 'groups',
    ListIncidents: 'incidents',
    ListAgents: 'agents',
    ListLoad: 'servers',
  } as const;
  for (const [method, field] of Object.entries(lists)) {
    it(`${method} is cut into pages of what they see: neither tokens nor gaps tell of the rest`, async () => {
      const whole = ((await ask('viewer', method, {})).value as Record<string, unknown[]>)[field]!;
      let pageToken = '';
      let seen = 0;
      do {
        const { code, details, value } = await ask('viewer', method, { pageSize: 1, pageToken });
        assert.equal(code, 'OK', details);
        const page = value as Record<string, unknown[]> & { nextPageToken: string };
        seen += page[field]!.length;
        ({ nextPageToken: pageToken } = page);
        assert.equal(page[field]!.length, Math.min(1, whole.length - seen + page[field]!.length));
        const text = Buffer.from(pageToken, 'base64url').toString() + JSON.stringify(value);
        assert.doesNotMatch(text, /ahead|hidden|middle|zebra|agent-of-other/);
      } while (pageToken !== '');
      assert.equal(seen, whole.length);
      if (method === 'ListGroups') assert.equal(seen, 2);
      if (method === 'ListIncidents' || method === 'ListAgents') assert.equal(seen, 1);
    });
  }

  it('takes a token that somebody made, and shows no more', async () => {
    const scope = JSON.stringify(['', '', '', false]);
    for (const key of ['', 'a', 'zebr', '\u{10ffff}', '__proto__']) {
      const pageToken = Buffer.from(JSON.stringify([key, scope])).toString('base64url');
      const { code, value } = await ask('viewer', 'ListGroups', { pageToken });
      assert.equal(code, 'OK');
      const names = (value as { groups: { spec: { name: string } }[] }).groups.map(({ spec }) => spec.name);
      assert.deepEqual(names, key < 'mine' ? ['mine', 'mine-too'] : []);
    }
    for (const pageToken of ['x', 'bnVsbA', 'W10', 'eyJfX3Byb3RvX18iOjF9', '%', 'a'.repeat(10_000)]) {
      assert.equal((await ask('viewer', 'ListGroups', { pageToken })).code, 'INVALID_ARGUMENT');
    }
  });
});

describe('what is in the way of a declaration', () => {
  const clash = {
    ...groupInput,
    name: 'mine-new',
    primary: 'mine-new-primary',
    writerHostgroup: 108,
    readerHostgroup: 300,
  };

  it('has its name for who may see it, and none for who may not', async () => {
    for (const [method, request] of [
      ['PlanGroups', { groups: [clash] }],
      ['PutGroup', { spec: clash }],
      ['ApplyGroups', { groups: [{ spec: clash }] }],
      ['PutGroup', { spec: { ...clash, writerHostgroup: 301, primary: 'zebra-primary' } }],
    ] as const) {
      const told = await ask('root', method, request);
      const hiddenFrom = await ask('operator', method, request);
      assert.deepEqual([told.code, hiddenFrom.code], ['INVALID_ARGUMENT', 'INVALID_ARGUMENT'], hiddenFrom.details);
      assert.match(told.details, /group zebra/);
      assert.match(hiddenFrom.details, /another group of fleet main does not use/);
      assert.doesNotMatch(hiddenFrom.details + JSON.stringify(hiddenFrom.metadata), /group zebra|ahead|hidden-/);
      const details = (hiddenFrom.metadata as Record<string, Buffer>)['grpc-status-details-bin'];
      assert.doesNotMatch(details!.toString('latin1'), /group zebra/);
    }
  });
});

describe('an incident of others', () => {
  it('is not explained, also when its id could be a name of a group of the caller', async () => {
    const told = await ask('root', 'Explain', { subject: 'mine-incident' });
    assert.equal(told.code, 'OK', told.details);
    const { code, details } = await ask('viewer', 'Explain', { subject: 'mine-incident' });
    assert.deepEqual([code, details], ['NOT_FOUND', 'incident or group "mine-incident" is not known']);
  });
});

describe('an order that names nobody', () => {
  it('is of the caller, whose name is proven', async () => {
    const { code, details } = await ask('operator', 'Pause', { group: 'mine', direction: 'in', reason: 'test' });
    assert.equal(code, 'OK', details);
    assert.equal((await server.store.get(keys.pauses('mine')))?.value.in?.owner, 'operator');
  });
});
