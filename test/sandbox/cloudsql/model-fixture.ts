import assert from 'node:assert/strict';
import type { ApiError } from '../../../sandbox/cloudsql/api-error.ts';
import { FaultBook } from '../../../sandbox/cloudsql/faults.ts';
import type { PrimarySeed } from '../../../sandbox/cloudsql/instance.ts';
import { type JsonObject, textAt } from '../../../sandbox/cloudsql/json.ts';
import { CloudSqlModel } from '../../../sandbox/cloudsql/model.ts';

export const options = {
  project: 'demo',
  createMs: 1000,
  deleteMs: 500,
  patchMs: 100,
  operationPendingMs: 50,
  catchUpMs: 30_000,
};
export const dayMs = 24 * 3600 * 1000;
export const network = { ipv4Enabled: false, privateNetwork: 'projects/demo/global/networks/default' };

export type World = { readonly model: CloudSqlModel; readonly faults: FaultBook };

export function makeWorld(seed: Partial<PrimarySeed> = {}): World {
  const faults = new FaultBook();
  let count = 0;
  const newId = (): string => `operation-${++count}`;
  const takeOperationFault = faults.takeOperationFault.bind(faults);
  const model = new CloudSqlModel({ newId, takeOperationFault }, options);
  model.seed({ name: 'orders', replicas: [{ name: 'orders-static' }], ...seed }, 0);
  for (const name of model.state.instances.keys()) model.assignAddress(name, '127.0.9.1');
  return { model, faults };
}

export function replicaBody(changes: JsonObject = {}, settings: JsonObject = {}): JsonObject {
  return {
    name: 'orders-ro-1',
    masterInstanceName: 'orders',
    databaseVersion: 'MYSQL_8_0',
    region: 'europe-west1',
    settings: { tier: 'db-custom-2-8192', ipConfiguration: network, ...settings },
    ...changes,
  };
}

/** Creates a replica and lets it become RUNNABLE; returns the time then. */
export function createReplica({ model }: World, name: string, nowMs: number): number {
  model.insertInstance(replicaBody({ name }), nowMs);
  model.assignAddress(name, '127.0.9.7');
  const readyMs = nowMs + options.operationPendingMs + options.createMs;
  model.advance(readyMs);
  return readyMs;
}

export function refusal(act: () => unknown): {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
} {
  let found: ApiError | null = null;
  assert.throws(act, (error: ApiError) => {
    found = error;
    return error.name === 'ApiError';
  });
  const { status, reason, message } = found as unknown as ApiError;
  return { status, reason, message };
}

export function operationOf(model: CloudSqlModel, operation: JsonObject): JsonObject {
  return model.getOperation(textAt(operation, 'name') ?? '');
}
