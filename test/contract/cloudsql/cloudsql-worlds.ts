import assert from 'node:assert/strict';
import { CloudSqlAdapter } from '../../../coordinator/adapters/cloudsql.ts';
import type { CloudInstance, CloudOperation, ReplicaRequest } from '../../../coordinator/core/cloud.ts';
import type { CloudSql } from '../../../coordinator/ports.ts';
import { startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { FakeCloudSql, serverCaOf } from '../../fakes/fake-cloudsql.ts';

/** A project `demo` with the primary `orders-primary`, and what a test has to arrange behind the port. */
export type World = {
  readonly cloudSql: CloudSql;
  /** Lets what runs come to its end. */
  finish(operationName: string): Promise<CloudOperation>;
  warnInNextListing(message: string): void;
  /** Ends a rotation of an instance's server certificate. */
  rotateServerCa(name: string): void;
  close(): Promise<void>;
};

export function fakeWorld(): World {
  const cloudSql = new FakeCloudSql('demo');
  cloudSql.addInstance('orders-primary');
  return {
    cloudSql,
    async finish(operationName) {
      cloudSql.finishOperations();
      const operation = await cloudSql.readOperation('demo', operationName);
      assert(operation !== null);
      return operation;
    },
    warnInNextListing(message) {
      cloudSql.warnings = [message];
    },
    rotateServerCa(name) {
      const instance = cloudSql.instances.get(name);
      assert(instance !== undefined);
      cloudSql.instances.set(name, { ...instance, serverCa: serverCaOf(name, 2) });
    },
    close: () => Promise.resolve(),
  };
}

export async function emulatorWorld(): Promise<World> {
  const emulator = await startCloudSqlEmulator({
    primaries: [{ name: 'orders-primary' }],
    mysqlPort: 36061,
    addressPrefix: '127.61',
    createMs: 600,
    deleteMs: 50,
    patchMs: 50,
    operationPendingMs: 20,
  });
  const cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
  return {
    cloudSql,
    async finish(operationName) {
      for (;;) {
        const operation = await cloudSql.readOperation('demo', operationName);
        assert(operation !== null);
        if (operation.isDone) return operation;
      }
    },
    warnInNextListing(message) {
      emulator.addFault({ kind: 'listWarning', message });
    },
    rotateServerCa(name) {
      emulator.rotateServerCa(name);
    },
    close: () => emulator.close(),
  };
}

export async function instanceOf(cloudSql: CloudSql, name: string): Promise<CloudInstance | null> {
  const { instances } = await cloudSql.listInstances('demo');
  return instances.find((instance) => instance.name === name) ?? null;
}

export async function requestOf(cloudSql: CloudSql, name: string): Promise<ReplicaRequest> {
  const primary = await instanceOf(cloudSql, 'orders-primary');
  assert(primary !== null);
  const labels = { 'chester-group': 'orders' };
  return { name, project: 'demo', primary: 'orders-primary', labels, shape: primary.shape, zone: 'europe-west1-b' };
}

export function acceptedName(result: { readonly outcome: string; readonly operationName?: string }): string {
  assert.equal(result.outcome, 'accepted');
  return result.operationName ?? '';
}

export async function createFinished(world: World, name: string): Promise<CloudInstance> {
  const result = await world.cloudSql.createReplica(await requestOf(world.cloudSql, name));
  assert.deepEqual(await world.finish(acceptedName(result)), { name: acceptedName(result), isDone: true, error: null });
  const instance = await instanceOf(world.cloudSql, name);
  assert(instance !== null);
  return instance;
}
