import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keys } from '../../../../coordinator/core/records.ts';
import { groupSpec, replica as replicas } from '../../builders.ts';
import { addBody, LegacyServer } from './legacy-server.ts';

const otherRows = {
  ...{ writerHostgroup: 105, readerHostgroup: 110, staticReaders: [], queryRules: [], ruleIds: undefined },
  users: [{ username: 'theirs', passwordSecret: 'theirs' }],
};

let server: LegacyServer;
beforeEach(async () => {
  server = await new LegacyServer().start();
});
afterEach(() => server.http.stop());

describe("Chester's API, changing a database", () => {
  beforeEach(() => server.call('POST', '/', addBody()));

  it('renames the user, in its rules too, and keeps the password', async () => {
    await server.done('PATCH', '/', { instance_name: 'orders', new_username: 'app2' });
    const { username, query_rules: rules } = await server.read();
    assert.equal(username, 'app2');
    assert.deepEqual([...new Set(rules.map((rule) => rule.username))], ['app2']);
    assert.equal((await server.store.get(keys.group('orders')))?.value.users[0]?.passwordSecret, 'orders-app');
  });

  it('takes a new password, and leaves other users alone', async () => {
    await server.done('POST', '/users?instance_group=orders', { username: 'second', password: 'p2' });
    await server.done('PATCH', '/', { instance_name: 'orders', new_password: 'new-one' });
    assert.equal(server.vault.kept.get('orders-app'), 'new-one');
    assert.equal((await server.store.get(keys.group('orders')))?.value.users.length, 2);
  });

  it('keeps the password of a change that is refused', async () => {
    const orders = (await server.store.get(keys.group('orders')))?.value;
    const other = groupSpec({ ...{ name: 'other', primary: 'other', fleet: orders?.fleet ?? '' }, ...otherRows });
    await server.store.commit({ writes: [{ key: keys.group('other'), value: other, ifRevision: 0 }] });
    const change = { instance_name: 'orders', new_username: 'theirs', new_password: 'new-one' };
    assert.match(await server.refused('PATCH', '/', change), /a name that no user of group other of fleet orders has/);
    assert.equal(server.vault.kept.get('orders-app'), 'hunter2-secret');
  });

  it('replaces the readers that are listed, and leaves them when none are', async () => {
    await server.done('PATCH', '/', {
      instance_name: 'orders',
      chester_meta_data: { max_chester_instances: 4 },
      read_replicas: null,
    });
    assert.equal((await server.read()).read_replicas.length, 2);
    const reader = { name: 'new', ip_address: '10.0.1.9' };
    await server.done('PATCH', '/', { instance_name: 'orders', read_replicas: [reader] });
    assert.deepEqual((await server.read()).read_replicas, [reader]);
    await server.done('PATCH', '/', { instance_name: 'orders', read_replicas: [] });
    assert.deepEqual((await server.read()).read_replicas, []);
    assert.equal((await server.read()).chester_meta_data.max_chester_instances, 4);
  });

  it('appends rules, and takes several out without doubling the others', async () => {
    const rule = { match_digest: '^INSERT', destination_hostgroup: 5, apply: 1, active: 1, comment: 'mine' };
    await server.done('PATCH', '/', { instance_name: 'orders', add_query_rules: [rule, rule] });
    const ids = async () => (await server.read()).query_rules.map(({ rule_id: id }) => id);
    assert.deepEqual(await ids(), [1, 2, 3, 4, 5, 6]);
    await server.done('PATCH', '/', { instance_name: 'orders', remove_query_rules: [2, 4, 99] });
    assert.deepEqual(await ids(), [1, 3, 5, 6], 'those that stay keep their ids');
    await server.done('PATCH', '/', { instance_name: 'orders', remove_query_rules: [6], add_query_rules: [rule] });
    assert.deepEqual(await ids(), [1, 3, 5, 7]);
    assert.equal((await server.read()).query_rules.at(-1)?.username, 'app');
  });

  it('replaces one rule, whose id has to be that of the path', async () => {
    const rule = {
      rule_id: 2,
      username: 'app',
      active: 0,
      match_digest: '^SELECT 1',
      destination_hostgroup: 5,
      apply: 1,
      comment: 'x',
    };
    await server.done('PATCH', '/queryrules/2?instance_group=orders', rule);
    assert.deepEqual((await server.read()).query_rules[1], rule);
    assert.match(
      await server.refused('PATCH', '/queryrules/3?instance_group=orders', rule),
      /rule_id is 2; allowed: 3, as in the path/,
    );
    assert.match(
      await server.refused('PATCH', '/queryrules/77?instance_group=orders', { ...rule, rule_id: 77 }),
      /rule_id is 77/,
    );
    assert.match(await server.refused('PATCH', '/queryrules/x?instance_group=orders', rule), /id is "x"/);
    // As the Terraform provider sends it.
    assert.match(await server.refused('PATCH', '/queryrules/2', rule), /instance_group/);
  });

  it('loses no change of two that come at once', async () => {
    const rule = { match_digest: '^INSERT', destination_hostgroup: 5, apply: 1, active: 1 };
    await Promise.all([
      server.done('PATCH', '/', { instance_name: 'orders', add_query_rules: [rule] }),
      server.done('PATCH', '/', { instance_name: 'orders', chester_meta_data: { max_chester_instances: 9 } }),
      server.done('POST', '/users?instance_group=orders', { username: 'second', password: 'p2' }),
    ]);
    const database = await server.read();
    assert.equal(database.query_rules.length, 5);
    assert.equal(database.chester_meta_data.max_chester_instances, 9);
  });

  it('changes nothing when nothing is new', async () => {
    const before = await server.store.get(keys.group('orders'));
    await server.done('PATCH', '/', {
      instance_name: 'orders',
      new_password: 'REDACTED',
      read_replicas: addBody()['read_replicas'],
    });
    assert.deepEqual((await server.store.get(keys.group('orders')))?.value, before?.value);
  });

  it('removes a database, but not while it owns replicas', async () => {
    const replica = replicas.serving('orders-ro-1', { address: '10.0.2.1' });
    const key = keys.replica('orders', replica.name);
    await server.store.commit({ writes: [{ key, value: replica, ifRevision: 0 }] });
    const body = { action: 'remove', instance_name: 'orders', username: 'app' };
    assert.match(await server.refused('DELETE', '/', body, 409), /still owns orders-ro-1/);
    await server.store.commit({ writes: [{ key, value: null, ifRevision: null }] });
    await server.done('DELETE', '/', body);
    assert.match(await server.refused('DELETE', '/', body), /not declared/);
  });
});

describe("Chester's API, passwords", () => {
  const payments = () =>
    addBody({
      instance_name: 'payments',
      username: 'p',
      master_instance: { name: 'payments', ip_address: '10.0.0.2' },
    });
  const secretOf = async (group: string) => (await server.store.get(keys.group(group)))?.value.users[0]?.passwordSecret;

  it("overwrites no secret that another database has, and none that is not a database's", async () => {
    await server.call('POST', '/', addBody());
    for (const [stolen, then] of [
      ['orders-app', 'payments-p'],
      ['gate', 'payments-p'],
      ['redis-password', 'payments-p'],
    ] as const) {
      await server.call('POST', '/', { ...payments(), password: `secret:${stolen}` });
      assert.equal(await secretOf('payments'), stolen);
      await server.done('PATCH', '/', { instance_name: 'payments', new_password: 'mine' });
      assert.equal(await secretOf('payments'), then);
    }
    assert.deepEqual(
      [...server.vault.kept],
      [
        ['orders-app', 'hunter2-secret'],
        ['payments-p', 'mine'],
      ],
    );
  });

  it('keeps two secrets apart whose databases and users make the same name', async () => {
    server.cloudSql.addInstance('orders-b', { address: '10.0.0.3' });
    await server.call('POST', '/', addBody({ username: 'b-app', password: 'one' }));
    const other = {
      instance_name: 'orders-b',
      master_instance: { name: 'orders-b', ip_address: '' },
      password: 'two',
      read_replicas: [],
    };
    assert.equal((await server.call('POST', '/', addBody(other))).status, 200);
    assert.deepEqual([await secretOf('orders'), await secretOf('orders-b')], ['orders-b-app', 'orders-b-app-2']);
    assert.deepEqual([server.vault.kept.get('orders-b-app'), server.vault.kept.get('orders-b-app-2')], ['one', 'two']);
  });

  it('says so when a secret comes from elsewhere, where the new password would not count', async () => {
    server.vault.outside.set('orders-app', 'mounted');
    assert.equal((await server.call('POST', '/', addBody({ password: 'mounted' }))).status, 200);
    assert.equal(server.vault.kept.size, 0, 'what is there already is not kept again');
    const error = await server.refused('PATCH', '/', { instance_name: 'orders', new_password: 'another' });
    assert.match(error, /secret orders-app, which the environment or SECRETS_DIR gives/);
    assert.doesNotMatch(error, /another|mounted/);
  });
});

describe("Chester's API, users", () => {
  beforeEach(() => server.call('POST', '/', addBody()));

  it('adds, shows, changes and removes one', async () => {
    const path = '/users?instance_group=orders';
    await server.done('POST', path, {
      username: 'Report_User',
      password: 'p2',
      default_hostgroup: 10,
      active: 1,
      instance_group: 'orders',
    });
    const user = async (name: string) =>
      JSON.parse((await server.call('GET', `/users/${name}?instance_group=orders`)).text) as unknown;
    const expected = {
      username: 'Report_User',
      password: 'REDACTED',
      default_hostgroup: 10,
      active: 1,
      instance_group: 'orders',
    };
    assert.deepEqual(await user('Report_User'), expected);
    assert.equal(server.vault.kept.get('orders-report-user'), 'p2');
    await server.done('PATCH', path, {
      action: 'modify',
      username: 'Report_User',
      new_username: 'r',
      password: 'p3',
      default_host_group: 5,
    });
    assert.deepEqual(await user('r'), { ...expected, username: 'r', default_hostgroup: 5 });
    assert.equal(server.vault.kept.get('orders-report-user'), 'p3');
    await server.done('DELETE', '/users/r?instance_group=orders', null);
    await server.done('DELETE', '/users/r?instance_group=orders', null);
    assert.match(await server.refused('GET', '/users/r?instance_group=orders', null), /username is "r"/);
  });

  it('refuses a name that is taken in any case, and one that is not there', async () => {
    assert.match(
      await server.refused('POST', '/users?instance_group=orders', { username: 'APP', password: 'x' }),
      /username is "APP"/,
    );
    assert.match(
      await server.refused('PATCH', '/users?instance_group=orders', { username: 'nope' }),
      /username is "nope"/,
    );
    assert.match(await server.refused('GET', '/users/app', null), /instance_group is missing/);
  });

  it('gives two users whose names look alike two secrets', async () => {
    await server.done('POST', '/users?instance_group=orders', { username: 'a_b', password: '1' });
    await server.done('POST', '/users?instance_group=orders', { username: 'a.b', password: '2' });
    assert.deepEqual([server.vault.kept.get('orders-a-b'), server.vault.kept.get('orders-a-b-2')], ['1', '2']);
  });
});
