import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { prefixes } from '../../../../coordinator/core/records.ts';
import { adminMethods } from '../../../../coordinator/api/auth/admin-methods.ts';
import { guardAdmin } from '../../../../coordinator/api/auth/admin-guard.ts';
import { loadChesterV1 } from '../../../../proto/load.ts';
import { AccessServer, ask, basic, bearer, digestOf, hashOf, showing, tokenOf } from './access-server.ts';

const password = 'c0rrect-h0rse';
const accessFile = `
identities:
  - { name: root, tokens: [${digestOf(tokenOf('root'))}], roles: [{ role: admin }] }
  - { name: ci, tokens: [${digestOf(tokenOf('ci'))}], roles: [{ role: operator, groups: [orders] }] }
  - { name: eve, tokens: [${digestOf(tokenOf('eve'))}], roles: [{ role: viewer, groups: [orders] }] }
  - { name: terraform, passwordHash: '${hashOf(password)}', roles: [{ role: operator }] }
`;
const server = new AccessServer();
before(() => server.start({ ACCESS_FILE: '{dir}/access.yaml' }, { 'access.yaml': accessFile }));
after(() => server.stop());

describe('adminMethods', () => {
  it('has a row for every method of the service, and no other', () => {
    const methods = Object.values(loadChesterV1().AdminService.service).map(({ path }) => path.split('/').pop());
    assert.deepEqual(Object.keys(adminMethods).sort(), methods.sort());
  });

  it('lets no method in that has no row', () => {
    const deps = {} as never;
    assert.throws(() => guardAdmin(deps, { Unheard: () => undefined }), /AdminService\.Unheard has no rule/);
  });

  for (const method of Object.keys(adminMethods).filter((one) => one !== 'WatchEvents')) {
    it(`asks who calls ${method}`, async () => {
      const handled = server.handled.length;
      const { code, details } = await ask(server.admin(), method, {});
      assert.deepEqual([code, details], ['UNAUTHENTICATED', 'show a credential that this coordinator takes']);
      assert.equal(server.handled.length, handled);
    });
  }
});

describe('guardAdmin', () => {
  const cases = [
    { who: 'root', method: 'PutFleet', request: { fleet: { name: 'main' } }, code: 'OK' },
    { who: 'root', method: 'GetGroup', request: { name: 'orders' }, code: 'OK' },
    { who: 'root', method: 'GetGroup', request: { name: 'nothing' }, code: 'NOT_FOUND' },
    { who: 'ci', method: 'Scale', request: { group: 'orders' }, code: 'OK' },
    { who: 'ci', method: 'Scale', request: { group: 'users' }, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'Scale', request: {}, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'PutGroup', request: {}, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'PutFleet', request: { fleet: { name: 'main' } }, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'ForgetAgent', request: {}, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'Explain', request: { subject: 'orders' }, code: 'OK' },
    { who: 'ci', method: 'Explain', request: { subject: '0.abc' }, code: 'PERMISSION_DENIED' },
    { who: 'ci', method: 'ApplyGroups', request: { groups: [{ spec: { name: 'orders' } }] }, code: 'OK' },
    {
      who: 'ci',
      method: 'ApplyGroups',
      request: { groups: [{ spec: { name: 'orders' } }, { spec: { name: 'users' } }] },
      code: 'PERMISSION_DENIED',
    },
    { who: 'ci', method: 'ApplyGroups', request: { fleets: [{ name: 'main' }] }, code: 'PERMISSION_DENIED' },
    { who: 'eve', method: 'GetGroup', request: { name: 'orders' }, code: 'OK' },
    { who: 'eve', method: 'Scale', request: { group: 'orders' }, code: 'PERMISSION_DENIED' },
  ];
  for (const { who, method, request, code } of cases) {
    it(`answers ${who}'s ${method} ${JSON.stringify(request)} with ${code}`, async () => {
      const handled = server.handled.length;
      const answer = await ask(server.admin(), method, request, bearer(tokenOf(who)));
      assert.equal(answer.code, code);
      if (code === 'PERMISSION_DENIED') assert.equal(server.handled.length, handled);
      else assert.equal(server.callers.at(-1), who);
    });
  }

  it('answers the same for a group that is there and one that is not', async () => {
    for (const metadata of [bearer(tokenOf('ci')), bearer('wrong'), showing({})]) {
      const there = await ask(server.admin(), 'GetGroup', { name: 'users' }, metadata);
      const absent = await ask(server.admin(), 'GetGroup', { name: 'nothing' }, metadata);
      assert.notEqual(there.code, 'OK');
      assert.deepEqual(there, absent);
    }
  });

  it('shows of lists and events what the caller may see', async () => {
    const names = async (who: string) => {
      const { answer } = await ask(server.admin(), 'ListGroups', {}, bearer(tokenOf(who)));
      return (answer?.['groups'] as { spec: { name: string } }[]).map(({ spec }) => spec.name);
    };
    assert.deepEqual(await names('root'), ['orders', 'users']);
    assert.deepEqual(await names('eve'), ['orders']);
    const watched = async (who: string) => {
      const stream = server.admin().watchEvents({}, bearer(tokenOf(who)));
      const groups: string[] = [];
      for await (const event of stream) groups.push((event as { group: string }).group);
      return groups;
    };
    assert.deepEqual(await watched('root'), ['orders', 'users', '']);
    assert.deepEqual(await watched('eve'), ['orders']);
    await assert.rejects(watched('nobody'), /UNAUTHENTICATED/);
  });

  it('takes a login, and another call with it without hashing again', async () => {
    const login = () => ask(server.admin(), 'GetGroup', { name: 'orders' }, basic(`terraform:${password}`));
    assert.equal((await login()).code, 'OK');
    // While there is no room for one more hash, who was hashed before is let in.
    const client = server.admin();
    const others = Array.from({ length: 60 }, (_, index) => ask(client, 'GetGroup', {}, basic(`other-${index}:x`)));
    await Promise.race(others);
    assert.deepEqual([(await login()).code, (await login()).code], ['OK', 'OK']);
    assert.ok((await Promise.all(others)).some(({ code }) => code === 'RESOURCE_EXHAUSTED'));
  });

  const wrong = [
    ['a wrong token', bearer('cht_wrong')],
    ['an empty token', showing({ authorization: 'Bearer ' })],
    ['a scheme without anything', showing({ authorization: 'Basic' })],
    ['a login without a colon', basic('terraform')],
    ['a login that nobody has', basic(`somebody:${password}`)],
    ['a hash in place of the password', basic(`terraform:${hashOf(password)}`)],
    ['an assertion of IAP, which is not configured', showing({ 'x-goog-iap-jwt-assertion': 'a.b.c' })],
    ['a digest in place of the token', bearer(digestOf(tokenOf('root')))],
  ] as const;
  for (const [what, metadata] of wrong) {
    it(`turns ${what} away`, async () => {
      const answer = await ask(server.admin(), 'GetGroup', { name: 'orders' }, metadata);
      assert.deepEqual(
        [answer.code, answer.details],
        ['UNAUTHENTICATED', 'show a credential that this coordinator takes'],
      );
    });
  }

  it('locks a login that fails again and again, also for the right password, and opens it again', async () => {
    for (let failure = 0; failure < 6; failure += 1) {
      await ask(server.admin(), 'GetGroup', { name: 'orders' }, basic('terraform:wrong'));
    }
    const locked = await ask(server.admin(), 'GetGroup', { name: 'orders' }, basic(`terraform:${password}`));
    assert.equal(locked.code, 'UNAUTHENTICATED');
    const other = await ask(server.admin(), 'GetGroup', { name: 'orders' }, bearer(tokenOf('root')));
    assert.equal(other.code, 'OK');
    await server.clock.advance(1001);
    const open = await ask(server.admin(), 'GetGroup', { name: 'orders' }, basic(`terraform:${password}`));
    assert.equal(open.code, 'OK');
  });

  it('bounds how many passwords are checked at once', async () => {
    const logins = Array.from({ length: 60 }, (_, index) => `user-${index}:x`);
    const answers = await Promise.all(logins.map((login) => ask(server.admin(), 'GetGroup', {}, basic(login))));
    const codes = new Set(answers.map(({ code }) => code));
    assert.deepEqual([...codes].sort(), ['RESOURCE_EXHAUSTED', 'UNAUTHENTICATED']);
  });

  it('keeps credentials out of the log', () => {
    assert.match(server.log, /a credential was refused/);
    assert.doesNotMatch(server.log, /cht_|c0rrect|scrypt:/);
  });
});

describe('the audit trail', () => {
  it('has every change with who, whence, why and what became of it, and nothing of a look', async () => {
    await ask(server.admin(), 'GetGroup', { name: 'orders' }, bearer(tokenOf('ci')));
    const metadata = bearer(tokenOf('ci'));
    metadata.set('chester-reason', 'load test');
    await ask(server.admin(), 'Scale', { group: 'orders', replicas: 3 }, metadata);
    const records = (await server.store.list(prefixes.audit)).map(({ value }) => value);
    const last = records.at(-1);
    assert.deepEqual(
      [last?.who, last?.proof, last?.source, last?.what, last?.groups, last?.reason, last?.outcome],
      ['ci', 'token', '127.0.0.1', 'Scale', ['orders'], 'load test', 'OK'],
    );
    assert.ok(records.every(({ what }) => !what.startsWith('Get') && !what.startsWith('List')));
  });

  it('has changes that were denied', async () => {
    await server.clock.advance(10_000);
    await ask(server.admin(), 'PutFleet', { fleet: { name: 'main' } }, bearer(tokenOf('eve')));
    await ask(server.admin(), 'DeleteGroup', { name: 'orders' });
    const refusals = (await server.store.list(prefixes.auditRefusals)).map(({ value }) => value);
    const told = refusals.map(({ who, what, outcome }) => `${who} ${what} ${outcome}`);
    assert.ok(told.includes('eve PutFleet PERMISSION_DENIED'));
    assert.ok(told.includes(' DeleteGroup UNAUTHENTICATED'));
  });

  it('keeps few of very many refusals, and says how many it left out', async () => {
    await server.clock.advance(10_000);
    const before = (await server.store.list(prefixes.auditRefusals)).length;
    await Promise.all(Array.from({ length: 60 }, () => ask(server.admin(), 'DeleteGroup', { name: 'orders' })));
    assert.equal((await server.store.list(prefixes.auditRefusals)).length - before, 20);
    await server.clock.advance(10_000);
    await ask(server.admin(), 'DeleteGroup', { name: 'orders' });
    const last = (await server.store.list(prefixes.auditRefusals)).at(-1);
    assert.equal(last?.value.leftOut, 40);
  });

  it('lets no change happen that it cannot write down', async () => {
    const handled = server.handled.length;
    const commit = server.store.commit.bind(server.store);
    server.store.commit = () => Promise.reject(new Error('the store is away'));
    const answer = await ask(server.admin(), 'Scale', { group: 'orders' }, bearer(tokenOf('ci')));
    server.store.commit = commit;
    assert.equal(answer.code, 'UNAVAILABLE');
    assert.equal(server.handled.length, handled);
  });
});

describe('the access file', () => {
  it('is read again when it changes; a bad one changes nothing', async () => {
    const status = async (who: string) =>
      (await ask(server.admin(), 'GetGroup', { name: 'orders' }, bearer(tokenOf(who)))).code;
    const waitFor = async (isSo: () => Promise<boolean> | boolean) => {
      for (let turn = 0; !(await isSo()); turn += 1) {
        assert.ok(turn < 3000, 'waited in vain');
        await server.clock.advance(2001);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await server.write('access.yaml', 'identities: [');
    await waitFor(() => server.log.includes('the access file cannot be used'));
    assert.equal(await status('ci'), 'OK');
    await server.write('access.yaml', accessFile.replace(/ {2}- \{ name: ci.*\n/, ''));
    await waitFor(async () => (await status('ci')) === 'UNAUTHENTICATED');
    assert.equal(await status('root'), 'OK');
  });
});
