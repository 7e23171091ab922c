import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keys } from '../../../../coordinator/core/records.ts';
import { replica } from '../../builders.ts';
import { LegacyServer } from './legacy-server.ts';
import { type Resource, TerraformClient } from './terraform-client.ts';

let server: LegacyServer;
let client: TerraformClient;
beforeEach(async () => {
  server = await new LegacyServer().start();
  client = new TerraformClient(server.http.port);
});
afterEach(() => server.http.stop());

const resource: Resource = {
  instance_name: 'orders',
  username: 'app',
  password: 'hunter2-secret',
  enable_ssl: 0,
  read_hostgroup: 10,
  write_hostgroup: 5,
  max_chester_instances: 3,
  master_instance: { name: 'orders', ip_address: '10.0.0.1' },
  read_replicas: [{ name: 'orders-read-1', ip_address: '10.0.1.1' }],
};

/** A replica that Chester made. */
async function scaleOut(): Promise<void> {
  const own = replica.serving('orders-ro-1', { address: '10.0.2.1' });
  await server.store.commit({ writes: [{ key: keys.replica('orders', own.name), value: own, ifRevision: null }] });
}

describe("Chester's API, as its Terraform provider calls it", () => {
  it('lives a whole life: create, read, update, destroy', async () => {
    let state = await client.create(resource);
    assert.deepEqual(client.diff(state, resource), []);
    assert.deepEqual(await client.read('orders'), state, 'a second read shows no difference');

    const steps: readonly Partial<Resource>[] = [
      { max_chester_instances: 6 },
      { read_replicas: [...resource.read_replicas, { name: 'orders-read-2', ip_address: '10.0.1.2' }] },
      { username: 'app-2' },
      { read_replicas: [] },
      { username: 'app-3', max_chester_instances: 2, read_replicas: resource.read_replicas },
    ];
    let wanted = resource;
    for (const step of steps) {
      wanted = { ...wanted, ...step };
      state = await client.update(state, wanted);
      assert.deepEqual(client.diff(state, wanted), [], JSON.stringify(step));
      assert.deepEqual(await client.update(state, wanted), state, 'a second apply changes nothing');
    }
    assert.equal(state.query_rules[0]?.username, 'app-3');

    await client.destroy(wanted);
    await assert.rejects(client.read('orders'), /bad status code: .*not declared/);
  });

  it('sees no difference while Chester scales', async () => {
    const state = await client.create(resource);
    await scaleOut();
    assert.deepEqual(await client.read('orders'), state);
    const more = { ...resource, max_chester_instances: 4 };
    assert.deepEqual(client.diff(await client.update(state, more), more), []);
    assert.notEqual(await server.store.get(keys.replica('orders', 'orders-ro-1')), null);
  });

  it('changes a password when Terraform sends one, and none when it sends what it read', async () => {
    const state = await client.create(resource);
    const version = async () => (await server.store.get(keys.group('orders')))?.revision;
    const before = await version();
    // Terraform compares with what it read, so it sends the password with every apply.
    await client.update(state, { ...resource, password: 'new-password' });
    assert.equal(server.vault.kept.get('orders-app'), 'new-password');
    await client.update(state, { ...resource, password: 'REDACTED' });
    assert.equal(server.vault.kept.get('orders-app'), 'new-password');
    assert.equal(await version(), before, 'the group names the same secret');
  });

  it('takes over a database that was declared otherwise, and finds no difference', async () => {
    await server.groups.putFleet({ name: 'main' });
    const declared = {
      name: 'orders',
      fleet: 'main',
      project: 'shop-prod-1',
      primary: 'orders',
      writerHostgroup: 5,
      readerHostgroup: 10,
      gate: { username: 'gate', passwordSecret: 'gate' },
      staticReaders: [{ hostname: '10.0.1.1', name: 'orders-read-1' }],
      users: [{ username: 'app', passwordSecret: 'app' }],
    };
    assert((await server.groups.putGroup(declared, 0)).ok);
    const state = await client.read('orders');
    assert.deepEqual(client.diff(state, resource), []);
    assert.deepEqual(client.diff(await client.create({ ...resource, password: 'REDACTED' }), resource), []);
    assert.equal((await server.store.get(keys.group('orders')))?.value.fleet, 'main');
  });
});
