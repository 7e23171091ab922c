import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keys } from '../../../../coordinator/core/records.ts';
import type { InstanceData } from '../../../../coordinator/core/legacy-shapes.ts';
import { replica as replicas } from '../../builders.ts';
import { addBody, basic, LegacyServer } from './legacy-server.ts';

let server: LegacyServer;
beforeEach(async () => {
  server = await new LegacyServer().start();
});
afterEach(() => server.http.stop());

describe("Chester's API, adding a database", () => {
  it('answers as the old API did, with the default rules and no password', async () => {
    const answer = await server.call('POST', '/', addBody());
    assert.equal(answer.status, 200, answer.text);
    const rule = (id: number, match: string, hostgroup: number, comment: string) => ({
      rule_id: id,
      username: 'app',
      active: 1,
      match_digest: match,
      destination_hostgroup: hostgroup,
      apply: 1,
      comment: `${comment}: orders`,
    });
    assert.deepEqual(JSON.parse(answer.text), {
      action: 'add_database',
      query_rules: [
        rule(1, '^SELECT .* FOR UPDATE', 5, 'select for update goes to the writer'),
        rule(2, '^SELECT', 10, 'selects go to the reader'),
        rule(3, '.*', 5, 'catch all to writer'),
        rule(4, '^DELETE', 5, 'deletes to writer'),
      ],
      instance_name: 'orders',
      username: 'app',
      password: 'REDACTED',
      write_host_group: 5,
      read_host_group: 10,
      ssl_enabled: 0,
      chester_meta_data: { instance_group: 'orders', max_chester_instances: 3 },
    });
  });

  it('declares a group in a fleet of its own, and keeps the password by reference', async () => {
    await server.call('POST', '/', addBody());
    const group = (await server.store.get(keys.group('orders')))?.value;
    assert.equal(group?.fleet, 'orders');
    assert.equal(group.policy.replicasMax, 3);
    assert.equal(group.serverDefaults.maxConnections, 1000);
    assert.deepEqual((await server.store.get(keys.fleet('orders')))?.value.cell, 'default');
    assert.equal(group.users[0]?.passwordSecret, 'orders-app');
    assert.deepEqual([...server.vault.kept], [['orders-app', 'hunter2-secret']]);
    assert(!JSON.stringify(group).includes('hunter2'));
  });

  it('gives two databases with the same hostgroups and rule ids each its own fleet', async () => {
    await server.call('POST', '/', addBody());
    const second = addBody({
      instance_name: 'payments',
      master_instance: { name: 'payments', ip_address: '10.0.0.2' },
    });
    assert.equal((await server.call('POST', '/', second)).status, 200);
    const names = (JSON.parse((await server.call('GET', '/databases')).text) as InstanceData[]).map(
      (one) => one.instance_name,
    );
    assert.deepEqual(names, ['orders', 'payments']);
  });

  it('declares a database that there is anew, and keeps what the old API does not know', async () => {
    await server.call('POST', '/', addBody());
    const before = (await server.store.get(keys.group('orders')))!;
    await server.groups.putGroup({ ...before.value, template: { tier: 'db-custom-4-16384' } }, before.revision);
    const again = addBody({ read_replicas: [], chester_meta_data: { max_chester_instances: 5 }, password: 'REDACTED' });
    assert.equal((await server.call('POST', '/', again)).status, 200);
    const group = (await server.store.get(keys.group('orders')))?.value;
    assert.deepEqual(group?.staticReaders, []);
    assert.equal(group.policy.replicasMax, 5);
    assert.equal(group.template.tier, 'db-custom-4-16384');
    assert.equal(server.vault.kept.size, 1);
  });

  it('takes rules in the order of their ids, and numbers those that have none', async () => {
    const rules = [
      { rule_id: 20, match_digest: 'b', destination_hostgroup: 10, apply: 1, active: 1, username: 'app', comment: '' },
      { rule_id: 7, match_digest: 'a', destination_hostgroup: 5, apply: 0, active: 0, username: '', comment: 'first' },
    ];
    await server.call('POST', '/', addBody({ query_rules: rules }));
    assert.deepEqual(
      (await server.read()).query_rules.map(({ rule_id: id, match_digest: match, active }) => [id, match, active]),
      [
        [7, 'a', 0],
        [20, 'b', 1],
      ],
    );
    await server.call('POST', '/', addBody({ query_rules: rules.map((rule) => ({ ...rule, rule_id: 0 })) }));
    assert.deepEqual(
      (await server.read()).query_rules.map(({ rule_id: id, match_digest: match }) => [id, match]),
      [
        [1, 'b'],
        [2, 'a'],
      ],
    );
  });

  it('keeps a client certificate and its key, and uses them once the group has TLS', async () => {
    await server.call('POST', '/', addBody({ enable_ssl: 1, key_data: 'KEY', cert_data: 'CERT' }));
    const group = (await server.store.get(keys.group('orders')))?.value;
    assert.equal(group?.clientCertificateSecret, 'orders-client-cert');
    assert.equal(group.clientKeySecret, 'orders-client-key');
    assert.equal((await server.read()).use_ssl, 1);
    await server.done('PATCH', '/key/orders', { key: 'KEY-2' });
    assert.equal(server.vault.kept.get('orders-client-key'), 'KEY-2');
    await server.done('PATCH', '/cert/orders', { cert: 'CERT-2' });
    assert.equal(server.vault.kept.get('orders-client-cert'), 'CERT-2');
  });

  const bad: readonly (readonly [what: string, change: Record<string, unknown>, RegExp])[] = [
    [
      'another address of the primary than Cloud SQL has',
      { master_instance: { name: 'orders', ip_address: '10.9.9.9' } },
      /master_instance\.ip_address is "10\.9\.9\.9"; allowed: 10\.0\.0\.1/,
    ],
    ['no primary', { master_instance: null }, /master_instance\.name/],
    ['no user', { username: '' }, /users\.0\.username/],
    ['no password', { password: '' }, /password is \(hidden\); allowed: the password, or secret:NAME/],
    ['a name that is none', { instance_name: 'Orders!' }, /name is "Orders!"/],
    [
      'a hostgroup that it does not have',
      { query_rules: [{ destination_hostgroup: 7, match_digest: 'x', apply: 1 }] },
      /query_rules\.0\.destination_hostgroup is 7; allowed: 5, the writers, or 10, the readers/,
    ],
    ['a password that is no text', { password: 12345678 }, /password is \(hidden\)/],
    ['a key that is no text', { key_data: { secret: 'planted' } }, /key_data is \(hidden\)/],
    ['a number that is none', { chester_meta_data: { max_chester_instances: '3' } }, /max_chester_instances/],
  ];
  for (const [what, change, expected] of bad) {
    it(`refuses ${what}, and names it`, async () => {
      const error = await server.refused('POST', '/', addBody(change));
      assert.match(error, expected);
      assert.doesNotMatch(error, /hunter2|planted|12345678/);
      assert.equal(await server.store.get(keys.group('orders')), null);
    });
  }

  it('answers 400, not 500, to a body that is no JSON, and repeats nothing of it', async () => {
    for (const body of ['{"password":"hunter2', '"hunter2"', '[]', '7', 'null', '']) {
      assert.doesNotMatch(await server.refused('POST', '/', body), /hunter2/, body);
    }
  });

  it('takes a reference to a secret that is kept elsewhere', async () => {
    await server.call('POST', '/', addBody({ password: 'secret:orders-password' }));
    assert.equal((await server.store.get(keys.group('orders')))?.value.users[0]?.passwordSecret, 'orders-password');
    assert.equal(server.vault.kept.size, 0);
  });
});

describe("Chester's API without a vault, or without a project", () => {
  it('refuses a password in the clear, and says what to send', async () => {
    await server.http.stop();
    server = await new LegacyServer({ hasVault: false }).start();
    assert.match(await server.refused('POST', '/', addBody()), /secret:NAME/);
    assert.equal((await server.call('POST', '/', addBody({ password: 'secret:app' }))).status, 200);
  });

  it('adds nothing without a project', async () => {
    await server.http.stop();
    server = await new LegacyServer({ env: { LEGACY_PROJECT: '' } }).start();
    assert.match(await server.refused('POST', '/', addBody()), /LEGACY_PROJECT is not set/);
  });
});

describe("Chester's API, reading", () => {
  beforeEach(() => server.call('POST', '/', addBody()));

  it('shows a database as the old API did, and reads the same twice', async () => {
    const database = await server.read();
    assert.deepEqual(
      { ...database, query_rules: database.query_rules.length },
      {
        instance_name: 'orders',
        read_hostgroup: 10,
        write_hostgroup: 5,
        username: 'app',
        password: 'REDACTED',
        query_rules: 4,
        read_replicas: [
          { name: 'orders-read-1', ip_address: '10.0.1.1' },
          { name: 'orders-read-2', ip_address: '10.0.1.2' },
        ],
        master_instance: { name: 'orders', ip_address: '10.0.0.1' },
        use_ssl: 0,
        chester_meta_data: { instance_group: 'orders', max_chester_instances: 3 },
      },
    );
    assert.deepEqual(await server.read(), database);
  });

  it('shows replicas of its own, and hides them from who filters', async () => {
    const replica = replicas.serving('orders-ro-1', { address: '10.0.2.1' });
    await server.store.commit({
      writes: [{ key: keys.replica('orders', replica.name), value: replica, ifRevision: 0 }],
    });
    const own = { name: 'Read Replica Added By Chester', ip_address: '10.0.2.1' };
    for (const path of ['/databases/orders', '/databases']) {
      const whole = JSON.parse((await server.call('GET', path)).text) as InstanceData | InstanceData[];
      assert.deepEqual([whole].flat()[0]?.read_replicas.at(-1), own, path);
      const filtered = JSON.parse((await server.call('GET', `${path}?filter=true`)).text) as
        InstanceData | InstanceData[];
      assert.equal([filtered].flat()[0]?.read_replicas.length, 2, path);
    }
  });

  it('answers 304 to who has the same list, until it changes', async () => {
    const auth = { authorization: basic('terraform', 'tf-pass') };
    for (const path of ['/databases', '/databases?filter=true', '/databases/orders']) {
      const first = await server.call('GET', path);
      const tag = first.headers.get('etag') ?? '';
      assert.match(tag, /^"[\w-]{43}"$/);
      const again = await server.call('GET', path, null, { ...auth, 'if-none-match': `"other", W/${tag}` });
      assert.deepEqual([again.status, again.text], [304, '']);
    }
    const tag = (await server.call('GET', '/databases')).headers.get('etag') ?? '';
    await server.done('PATCH', '/', { instance_name: 'orders', chester_meta_data: { max_chester_instances: 7 } });
    assert.equal((await server.call('GET', '/databases', null, { ...auth, 'if-none-match': tag })).status, 200);
  });

  it('says which database it does not know', async () => {
    assert.match(await server.refused('GET', '/databases/nope', null), /group "nope" is not declared/);
  });

  it('answers who asks for its health without a login', async () => {
    for (const path of ['/', '/healthcheck']) {
      const answer = await server.call('GET', path, null, {});
      assert.deepEqual([answer.status, answer.text], [200, '{"status":"ok"}']);
    }
  });
});
