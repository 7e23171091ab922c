import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CloudSqlAdapter } from '../../../coordinator/adapters/cloudsql.ts';
import { startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import {
  acceptedName,
  createFinished,
  emulatorWorld,
  fakeWorld,
  instanceOf,
  requestOf,
  type World,
} from './cloudsql-worlds.ts';

for (const { name, open } of [
  { name: 'FakeCloudSql', open: () => Promise.resolve(fakeWorld()) },
  { name: 'CloudSqlAdapter on the emulator', open: emulatorWorld },
]) {
  describe(`CloudSql: ${name}`, { timeout: 300_000 }, () => {
    const worlds: World[] = [];
    const start = async () => {
      const world = await open();
      worlds.push(world);
      return world;
    };
    after(() => Promise.all(worlds.map((world) => world.close())));

    it('creates a replica with shape and labels, protected, reachable once the operation is done', async () => {
      const world = await start();
      const request = await requestOf(world.cloudSql, 'orders-ro-1');
      const operationName = acceptedName(await world.cloudSql.createReplica(request));
      const creating = await instanceOf(world.cloudSql, 'orders-ro-1');
      assert.equal(creating?.state, 'PENDING_CREATE');
      assert.equal(creating.address, null);
      await world.finish(operationName);
      const created = await instanceOf(world.cloudSql, 'orders-ro-1');
      assert(created !== null);
      assert.equal(created.state, 'RUNNABLE');
      assert.equal(created.instanceType, 'READ_REPLICA_INSTANCE');
      assert.equal(created.primary, 'orders-primary');
      assert.deepEqual(created.labels, { 'chester-group': 'orders' });
      assert.deepEqual(created.shape, request.shape);
      assert.equal(created.isDeletionProtected, true);
      assert.equal(created.isStopped, false);
      assert.match(created.address ?? '', /^[\d.]+$/);
      assert.deepEqual((await instanceOf(world.cloudSql, 'orders-primary'))?.replicaNames, ['orders-ro-1']);
    });

    it('answers busy while another operation runs on the primary', async () => {
      const world = await start();
      const first = await world.cloudSql.createReplica(await requestOf(world.cloudSql, 'orders-ro-1'));
      assert.equal(first.outcome, 'accepted');
      const second = await world.cloudSql.createReplica(await requestOf(world.cloudSql, 'orders-ro-2'));
      assert.deepEqual(second, { outcome: 'busy' });
      assert.equal(await instanceOf(world.cloudSql, 'orders-ro-2'), null);
      await world.finish(acceptedName(first));
    });

    it('answers nameTaken for a name in use, and for that of a deleted instance', async () => {
      const world = await start();
      const { settingsVersion } = await createFinished(world, 'orders-ro-1');
      const again = await requestOf(world.cloudSql, 'orders-ro-1');
      assert.deepEqual(await world.cloudSql.createReplica(again), { outcome: 'nameTaken' });
      const unprotected = await world.cloudSql.unprotect('demo', 'orders-ro-1', settingsVersion);
      await world.finish(acceptedName(unprotected));
      await world.finish(acceptedName(await world.cloudSql.deleteInstance('demo', 'orders-ro-1')));
      assert.equal(await instanceOf(world.cloudSql, 'orders-ro-1'), null);
      assert.deepEqual((await instanceOf(world.cloudSql, 'orders-primary'))?.replicaNames, []);
      assert.deepEqual(await world.cloudSql.createReplica(again), { outcome: 'nameTaken' });
    });

    it('answers stale to a delete of what is protected or gone, and to an outdated settings version', async () => {
      const world = await start();
      const { cloudSql } = world;
      const { settingsVersion } = await createFinished(world, 'orders-ro-1');
      assert.deepEqual(await cloudSql.deleteInstance('demo', 'orders-ro-1'), { outcome: 'stale' });
      assert.deepEqual(await cloudSql.deleteInstance('demo', 'orders-ro-2'), { outcome: 'stale' });
      assert.deepEqual(await cloudSql.unprotect('demo', 'orders-ro-2', '1'), { outcome: 'stale' });
      const outdated = String(Number(settingsVersion) + 7);
      assert.deepEqual(await cloudSql.unprotect('demo', 'orders-ro-1', outdated), { outcome: 'stale' });
      await world.finish(acceptedName(await cloudSql.unprotect('demo', 'orders-ro-1', settingsVersion)));
      const unprotected = await instanceOf(cloudSql, 'orders-ro-1');
      assert.equal(unprotected?.isDeletionProtected, false);
      assert.notEqual(unprotected.settingsVersion, settingsVersion);
      assert.deepEqual(await cloudSql.unprotect('demo', 'orders-ro-1', settingsVersion), { outcome: 'stale' });
    });

    it('writes labels and takes some away at the settings version that was read, and protects', async () => {
      const world = await start();
      const { cloudSql } = world;
      const { settingsVersion } = await createFinished(world, 'orders-ro-1');
      await world.finish(acceptedName(await cloudSql.unprotect('demo', 'orders-ro-1', settingsVersion)));
      const before = await instanceOf(cloudSql, 'orders-ro-1');
      const request = { project: 'demo', name: 'orders-ro-1', labels: { team: 'shop', 'chester-group': null } };
      assert.deepEqual(await cloudSql.relabel({ ...request, settingsVersion }), { outcome: 'stale' });
      const current = before?.settingsVersion ?? '';
      await world.finish(acceptedName(await cloudSql.relabel({ ...request, settingsVersion: current })));
      const relabelled = await instanceOf(cloudSql, 'orders-ro-1');
      assert.deepEqual(relabelled?.labels, { team: 'shop' });
      assert.equal(relabelled.isDeletionProtected, true);
    });

    it('says in which zone an instance runs, and that it has a private address only', async () => {
      const created = await createFinished(await start(), 'orders-ro-1');
      assert.equal(created.zone, 'europe-west1-b');
      assert.deepEqual(created.connectivity, { hasPsc: false, requiresConnector: false, hasPublicAddress: false });
    });

    it('gives each instance the authority of its own server, and another one after a rotation', async () => {
      const world = await start();
      const caOf = async (name: string) => {
        const serverCa = (await instanceOf(world.cloudSql, name))?.serverCa;
        assert(serverCa);
        assert.match(serverCa.pem, /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/);
        assert.match(serverCa.id, /^[0-9a-f]+$/);
        return serverCa;
      };
      const { serverCa: first } = await createFinished(world, 'orders-ro-1');
      assert.deepEqual(await caOf('orders-ro-1'), first);
      assert.notEqual((await caOf('orders-primary')).id, first?.id);
      world.rotateServerCa('orders-ro-1');
      const rotated = await caOf('orders-ro-1');
      assert.notEqual(rotated.id, first?.id);
      assert.notEqual(rotated.pem, first?.pem);
    });

    it('says null of an operation that nobody knows', async () => {
      const { cloudSql } = await start();
      assert.equal(await cloudSql.readOperation('demo', '00000000-0000-4000-8000-000000000000'), null);
    });

    it('calls a listing with a warning incomplete', async () => {
      const world = await start();
      assert.equal((await world.cloudSql.listInstances('demo')).isComplete, true);
      world.warnInNextListing('europe-west1 did not answer');
      const { isComplete, warnings } = await world.cloudSql.listInstances('demo');
      assert.equal(isComplete, false);
      assert.match(warnings.join(), /europe-west1 did not answer/);
    });
  });
}

describe('CloudSqlAdapter on the emulator', { timeout: 300_000 }, () => {
  const open = () =>
    startCloudSqlEmulator({
      primaries: [
        { name: 'orders-primary', replicas: [{ name: 'orders-dr', isDrReplica: true }, { name: 'orders-static' }] },
      ],
      mysqlPort: 36062,
      addressPrefix: '127.62',
      createMs: 30,
      operationPendingMs: 10,
    });

  it('follows all pages and reads what marks an instance', async () => {
    const emulator = await open();
    try {
      const options = { rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000, pageSize: 1 } as const;
      const cloudSql = new CloudSqlAdapter(options);
      const { instances, isComplete } = await cloudSql.listInstances('demo');
      assert.equal(isComplete, true);
      const marks = instances.map(({ name, primary, isDisasterRecoveryReplica }) => [
        name,
        primary,
        isDisasterRecoveryReplica,
      ]);
      assert.deepEqual(marks, [
        ['orders-dr', 'orders-primary', true],
        ['orders-primary', null, false],
        ['orders-static', 'orders-primary', false],
      ]);
      // The first listing asks for certificates too.
      assert.equal(emulator.calls()['instances.list'], 6);
      await cloudSql.listInstances('demo');
      assert.equal(emulator.calls()['instances.list'], 9);
    } finally {
      await emulator.close();
    }
  });

  it('asks for certificates where there are others than before, and keeps what it knows', async () => {
    const emulator = await open();
    try {
      const options = { rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 } as const;
      const cloudSql = new CloudSqlAdapter(options);
      const before = await cloudSql.listInstances('demo');
      assert.ok(before.instances.every(({ serverCa }) => serverCa !== null));
      emulator.rotateServerCa('orders-static');
      const after = await cloudSql.listInstances('demo');
      const whole = await new CloudSqlAdapter(options).listInstances('demo');
      assert.deepEqual(after, whole);
      const changed = after.instances.filter(({ serverCa }, at) => serverCa?.id !== before.instances[at]?.serverCa?.id);
      assert.deepEqual(
        changed.map(({ name }) => name),
        ['orders-static'],
      );
      // Two and two of the one adapter, two of the other.
      assert.equal(emulator.calls()['instances.list'], 6);
      emulator.setLag('orders-static', 5);
      assert.equal((await cloudSql.listInstances('demo')).instances, after.instances);
      assert.equal(emulator.calls()['instances.list'], 7);
    } finally {
      await emulator.close();
    }
  });

  it('sends a changing call once although its answer is lost, and repeats a read', async () => {
    const emulator = await open();
    try {
      const cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
      const request = await requestOf(cloudSql, 'orders-ro-1');
      emulator.addFault({ kind: 'dropAnswer', call: 'instances.insert' });
      await assert.rejects(cloudSql.createReplica(request), { code: 'CLOUDSQL_UNAVAILABLE' });
      assert.equal(emulator.calls()['instances.insert'], 1);
      assert.notEqual(await instanceOf(cloudSql, 'orders-ro-1'), null);
      emulator.addFault({ kind: 'dropAnswer', call: 'instances.list' });
      assert.equal((await cloudSql.listInstances('demo')).isComplete, true);
      emulator.addFault({ kind: 'httpError', call: 'instances.delete', status: 503 });
      await assert.rejects(cloudSql.deleteInstance('demo', 'orders-static'), { code: 'CLOUDSQL_UNAVAILABLE' });
      assert.equal(emulator.calls()['instances.delete'], 1);
    } finally {
      await emulator.close();
    }
  });

  it('reads the kinds of connection that the proxies cannot use', async () => {
    const settings = {
      connectorEnforcement: 'REQUIRED',
      ipConfiguration: { ipv4Enabled: true, pscConfig: { pscEnabled: true } },
    };
    const emulator = await startCloudSqlEmulator({
      primaries: [{ name: 'orders-primary', settings }],
      mysqlPort: 36062,
      addressPrefix: '127.62',
    });
    try {
      const cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
      const primary = await instanceOf(cloudSql, 'orders-primary');
      assert.deepEqual(primary?.connectivity, { hasPsc: true, requiresConnector: true, hasPublicAddress: true });
      assert.equal(primary.shape.network, null);
    } finally {
      await emulator.close();
    }
  });

  it('carries how long the quota asks to be left alone, and sends nothing a second time', async () => {
    const emulator = await open();
    try {
      const cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
      emulator.addFault({ kind: 'httpError', call: 'instances.list', status: 429, retryAfterSeconds: 7 });
      await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_RATE_LIMITED', retryAfterMs: 7000 });
      emulator.addFault({ kind: 'httpError', call: 'instances.delete', status: 429 });
      await assert.rejects(cloudSql.deleteInstance('demo', 'orders-static'), { retryAfterMs: null });
      assert.equal(emulator.calls()['instances.list'], 1);
    } finally {
      await emulator.close();
    }
  });

  it('carries the reason of a failed operation', async () => {
    const emulator = await open();
    try {
      const cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
      emulator.failNextCreate('GCE_STOCKOUT', 'no capacity in the zone');
      const name = acceptedName(await cloudSql.createReplica(await requestOf(cloudSql, 'orders-ro-1')));
      let operation = await cloudSql.readOperation('demo', name);
      while (operation?.isDone === false) operation = await cloudSql.readOperation('demo', name);
      assert.match(operation?.error ?? '', /GCE_STOCKOUT: no capacity in the zone/);
      assert.equal((await instanceOf(cloudSql, 'orders-ro-1'))?.state, 'FAILED');
    } finally {
      await emulator.close();
    }
  });
});
