import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { InstanceData } from '../../../../coordinator/core/legacy-shapes.ts';
import { fc } from '../../../properties.ts';
import { addBody, basic, LegacyServer } from './legacy-server.ts';

let server: LegacyServer;
beforeEach(async () => {
  server = await new LegacyServer({ env: { HTTP_LOG_REQUESTS: 'true' } }).start();
  await server.call('POST', '/', addBody());
});
afterEach(() => server.http.stop());

const reader = { authorization: basic('reader', 'r-pass') };
const payments = { authorization: basic('payments', 'p-pass') };

/** Every call that asks who calls, about a database that there is and one that there is not. */
const calls = (name: string): readonly (readonly [method: string, path: string, body: unknown])[] => [
  ['GET', `/databases/${name}`, null],
  ['GET', `/users/app?instance_group=${name}`, null],
  ['POST', '/', addBody({ instance_name: name })],
  ['PATCH', '/', { instance_name: name }],
  ['DELETE', '/', { instance_name: name }],
  ['PATCH', `/queryrules/1?instance_group=${name}`, { rule_id: 1, match_digest: 'x', apply: 1 }],
  ['POST', `/users?instance_group=${name}`, { username: 'u', password: 'p' }],
  ['PATCH', `/users?instance_group=${name}`, { username: 'u' }],
  ['DELETE', `/users/app?instance_group=${name}`, null],
  ['PATCH', `/key/${name}`, { key: 'k' }],
  ['PATCH', `/cert/${name}`, { cert: 'c' }],
];

describe("Chester's API, who may", () => {
  it('answers 401 to who shows nothing or something wrong, whatever they ask for, and tells nothing', async () => {
    const credentials: Record<string, string>[] = [
      {},
      { authorization: basic('terraform', 'wrong') },
      { authorization: 'Basic' },
    ];
    for (const headers of credentials) {
      const answers = new Set<string>();
      for (const [method, path, body] of [
        ...calls('orders'),
        ...calls('nope'),
        ['GET', '/databases', null] as const,
        ['POST', '/', 'no json'] as const,
      ]) {
        const answer = await server.call(method, path, body, headers);
        assert.equal(answer.status, 401, `${method} ${path}`);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic/);
        answers.add(answer.text);
      }
      assert.equal(answers.size, 1);
      assert.doesNotMatch([...answers].join(''), /wrong|tf-pass|terraform/);
    }
  });

  it('gives a wrong role the same answer for a database that there is and one that there is not', async () => {
    const there = calls('orders');
    const absent = calls('nope');
    for (const [index, [method, path, body]] of there.entries()) {
      const [otherMethod, otherPath, otherBody] = absent[index]!;
      const one = await server.call(method, path, body, payments);
      const other = await server.call(otherMethod, otherPath, otherBody, payments);
      assert.deepEqual([one.status, one.text], [other.status, other.text], `${method} ${path}`);
      assert.equal(one.status, 403, one.text);
    }
  });

  it('lets a viewer look and change nothing', async () => {
    for (const [method, path, body] of calls('orders')) {
      const answer = await server.call(method, path, body, reader);
      assert.equal(answer.status, method === 'GET' ? 200 : 403, `${method} ${path}: ${answer.text}`);
    }
  });

  it('takes no change from a web page, whose login the browser may send along', async () => {
    const headers = { authorization: basic('terraform', 'tf-pass'), origin: 'http://evil.example' };
    for (const [method, path, body] of calls('orders').filter(([one]) => one !== 'GET')) {
      assert.equal((await server.call(method, path, body, headers)).status, 403, `${method} ${path}`);
    }
    assert.deepEqual(server.audited, ['terraform POST / 200'], 'nothing but what the test set up');
  });

  it('lists what the caller may see, and no more', async () => {
    const names = async (headers: Record<string, string>) =>
      (JSON.parse((await server.call('GET', '/databases', null, headers)).text) as InstanceData[]).map(
        (one) => one.instance_name,
      );
    assert.deepEqual(await names(reader), ['orders']);
    assert.deepEqual(await names(payments), []);
  });

  it('writes every change into the audit trail, and those that were denied', async () => {
    await server.call('PATCH', '/', { instance_name: 'orders', read_replicas: [] });
    await server.call('PATCH', '/', { instance_name: 'nope' });
    await server.call('DELETE', '/', { instance_name: 'orders' }, payments);
    await server.call('GET', '/databases');
    assert.deepEqual(server.audited, [
      'terraform POST / 200',
      'terraform PATCH / 200',
      'terraform PATCH / 400',
      'payments DELETE / denied 403',
    ]);
  });

  it('logs every request when that is asked for, and no URL, header or body', async () => {
    await server.call('GET', '/databases/orders?filter=true&auth_token=planted');
    await server.call('PATCH', '/', { instance_name: 'orders', new_password: 'planted' });
    const lines = server.logged.join('\n');
    assert.match(lines, /"route":"\/databases\/:instance","status":200/);
    assert.doesNotMatch(lines, /planted|hunter2|tf-pass|dGVycmFmb3Jt/);
  });

  it('logs no request unless that is asked for', async () => {
    const quiet = await new LegacyServer().start();
    await quiet.call('GET', '/databases');
    await quiet.http.stop();
    assert.doesNotMatch(quiet.logged.join('\n'), /http request/);
  });
});

describe("Chester's API, whatever is sent", () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('planted-secret', 'orders', -1, 2 ** 53, '', null, { planted: 'planted-secret' }),
  );
  const fields = [
    'instance_name',
    'username',
    'new_username',
    'password',
    'new_password',
    'key',
    'cert',
    'key_data',
    'rule_id',
  ];
  const objects = fc.dictionary(
    fc.oneof(
      fc.constantFrom(...fields, 'read_replicas', 'add_query_rules', 'chester_meta_data', '__proto__'),
      fc.string(),
    ),
    value,
    { maxKeys: 8 },
  );
  const bodies = fc.oneof(
    objects.map((body) => JSON.stringify(body)),
    fc.string(),
    fc.constant('{"password":"planted-secret"'),
  );

  it('never fails inside, and shows no secret of the request again', async () => {
    const routes = calls('orders').filter(([, , body]) => body !== null);
    await fc.assert(
      fc.asyncProperty(fc.nat(routes.length - 1), bodies, async (index, body) => {
        const [method, path] = routes[index]!;
        const { status, text } = await server.call(method, path, body);
        assert(status === 200 || status === 400 || status === 409, `${method} ${path} ${body}: ${status} ${text}`);
        if (/"(?:new_)?password":"planted-secret|"key(?:_data)?":|"cert":/.test(body)) {
          assert(!text.includes('planted-secret'), text);
        }
      }),
      { numRuns: 300 },
    );
  });
});
