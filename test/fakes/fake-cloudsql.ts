import assert from 'node:assert/strict';
import type { Certificate } from '../../coordinator/core/certificate.ts';
import type { CloudInstance, CloudListing, CloudOperation, ReplicaRequest } from '../../coordinator/core/cloud.ts';
import type { ChangeOutcome, CloudSql, CreateOutcome, RelabelRequest } from '../../coordinator/ports.ts';

export type CloudEffect =
  | { readonly call: 'createReplica'; readonly name: string; readonly request: ReplicaRequest }
  | { readonly call: 'unprotect' | 'relabel' | 'deleteInstance'; readonly name: string };

/**
 * Cloud SQL in memory: a project, its instances, and operations that run until `finishOperations` is called.
 * One operation at a time for a primary and its replicas, as the real one.
 */
export class FakeCloudSql implements CloudSql {
  readonly project: string;
  readonly instances = new Map<string, CloudInstance>();
  /** Every change that was accepted, in order. */
  readonly effects: CloudEffect[] = [];
  /** Thrown by the next call, then cleared. */
  nextError: Error | null = null;
  /** Carried by every listing; one makes it incomplete. */
  warnings: readonly string[] = [];
  /** Names that were in use within a week. */
  readonly namesTaken = new Set<string>();
  readonly #operations = new Map<string, FakeOperation>();
  #nextOperation = 1;
  #nextAddress = 10;

  constructor(project = 'demo') {
    this.project = project;
  }

  /** Adds a running instance; a primary unless `overrides` say otherwise. */
  addInstance(name: string, overrides: Partial<CloudInstance> = {}): CloudInstance {
    const instance: CloudInstance = {
      name,
      state: 'RUNNABLE',
      isStopped: false,
      instanceType: 'CLOUD_SQL_INSTANCE',
      primary: null,
      replicaNames: [],
      isDisasterRecoveryReplica: false,
      labels: {},
      address: this.#drawAddress(),
      settingsVersion: '1',
      isDeletionProtected: false,
      zone: 'europe-west1-b',
      connectivity: { hasPsc: false, requiresConnector: false, hasPublicAddress: false },
      serverCa: serverCaOf(name),
      shape: {
        databaseVersion: 'MYSQL_8_0',
        region: 'europe-west1',
        tier: 'db-custom-2-8192',
        edition: 'ENTERPRISE',
        network: `projects/${this.project}/global/networks/default`,
        allocatedIpRange: null,
        diskSizeGb: '10',
        diskType: 'PD_SSD',
        flags: [],
      },
      ...overrides,
    };
    this.instances.set(name, instance);
    return instance;
  }

  /** Ends all running operations: well, or with `error`. */
  finishOperations(error: string | null = null): void {
    for (const operation of this.#operations.values()) {
      if (operation.isDone) continue;
      operation.isDone = true;
      operation.error = error;
      operation.finish(error);
    }
  }

  listInstances(project: string): Promise<CloudListing> {
    return this.#run(() => ({
      instances: project === this.project ? [...this.instances.values()] : [],
      isComplete: this.warnings.length === 0,
      warnings: this.warnings,
    }));
  }

  readOperation(_project: string, name: string): Promise<CloudOperation | null> {
    return this.#run(() => {
      const operation = this.#operations.get(name);
      return operation === undefined ? null : { name, isDone: operation.isDone, error: operation.error };
    });
  }

  createReplica(request: ReplicaRequest): Promise<CreateOutcome> {
    return this.#run((): CreateOutcome => {
      const { name, primary } = request;
      if (this.instances.has(name) || this.namesTaken.has(name)) return { outcome: 'nameTaken' };
      if (this.#isBusy(primary)) return { outcome: 'busy' };
      this.addInstance(name, {
        state: 'PENDING_CREATE',
        instanceType: 'READ_REPLICA_INSTANCE',
        primary,
        labels: request.labels,
        address: null,
        serverCa: null,
        isDeletionProtected: true,
        shape: request.shape,
        ...(request.zone === null ? {} : { zone: request.zone }),
      });
      this.effects.push({ call: 'createReplica', name, request });
      return this.#accept(primary, (error) => {
        this.#created(name, primary, error);
      });
    });
  }

  unprotect(_project: string, name: string, settingsVersion: string): Promise<ChangeOutcome> {
    return this.#run((): ChangeOutcome => {
      const instance = this.instances.get(name);
      if (instance?.settingsVersion !== settingsVersion) return { outcome: 'stale' };
      if (this.#isBusy(instance.primary ?? name)) return { outcome: 'busy' };
      this.effects.push({ call: 'unprotect', name });
      return this.#accept(instance.primary ?? name, (error) => {
        if (error !== null) return;
        const nextVersion = String(Number(settingsVersion) + 1);
        this.#change(name, { isDeletionProtected: false, settingsVersion: nextVersion });
      });
    });
  }

  relabel({ name, settingsVersion, labels }: RelabelRequest): Promise<ChangeOutcome> {
    return this.#run((): ChangeOutcome => {
      const instance = this.instances.get(name);
      if (instance?.settingsVersion !== settingsVersion) return { outcome: 'stale' };
      if (this.#isBusy(instance.primary ?? name)) return { outcome: 'busy' };
      this.effects.push({ call: 'relabel', name });
      return this.#accept(instance.primary ?? name, (error) => {
        if (error !== null) return;
        const kept = Object.entries({ ...instance.labels, ...labels }).flatMap(([label, value]) =>
          value === null ? [] : [[label, value] as const],
        );
        const nextVersion = String(Number(settingsVersion) + 1);
        const change = { labels: Object.fromEntries(kept), isDeletionProtected: true, settingsVersion: nextVersion };
        this.#change(name, change);
      });
    });
  }

  deleteInstance(_project: string, name: string): Promise<ChangeOutcome> {
    return this.#run((): ChangeOutcome => {
      const instance = this.instances.get(name);
      if (instance === undefined || instance.isDeletionProtected) return { outcome: 'stale' };
      if (this.#isBusy(instance.primary ?? name)) return { outcome: 'busy' };
      this.#change(name, { state: 'PENDING_DELETE' });
      this.effects.push({ call: 'deleteInstance', name });
      return this.#accept(instance.primary ?? name, (error) => {
        this.#deleted(instance, error);
      });
    });
  }

  #created(name: string, primary: string, error: string | null): void {
    if (error !== null) {
      this.#change(name, { state: 'FAILED' });
      return;
    }
    this.#change(name, { state: 'RUNNABLE', address: this.#drawAddress(), serverCa: serverCaOf(name) });
    const { replicaNames } = this.#find(primary);
    this.#change(primary, { replicaNames: [...replicaNames, name] });
  }

  #deleted({ name, primary }: CloudInstance, error: string | null): void {
    if (error !== null) {
      this.#change(name, { state: 'RUNNABLE' });
      return;
    }
    this.instances.delete(name);
    this.namesTaken.add(name);
    if (primary === null) return;
    const { replicaNames } = this.#find(primary);
    this.#change(primary, { replicaNames: replicaNames.filter((other) => other !== name) });
  }

  #accept(primary: string, finish: (error: string | null) => void) {
    const operationName = `operation-${this.#nextOperation}`;
    this.#nextOperation += 1;
    this.#operations.set(operationName, { primary, isDone: false, error: null, finish });
    return { outcome: 'accepted' as const, operationName };
  }

  #isBusy(primary: string): boolean {
    return [...this.#operations.values()].some((operation) => !operation.isDone && operation.primary === primary);
  }

  #change(name: string, change: Partial<CloudInstance>): void {
    this.instances.set(name, { ...this.#find(name), ...change });
  }

  #find(name: string): CloudInstance {
    const instance = this.instances.get(name);
    assert(instance !== undefined, `there is no instance ${name}`);
    return instance;
  }

  #drawAddress(): string {
    this.#nextAddress += 1;
    return `10.20.0.${this.#nextAddress}`;
  }

  #run<T>(action: () => T): Promise<T> {
    const error = this.nextError;
    this.nextError = null;
    return new Promise((resolve) => {
      if (error !== null) throw error;
      resolve(action());
    });
  }
}

/** Each instance has an authority of its own; `generation` tells a rotated one. */
export function serverCaOf(name: string, generation = 1): Certificate {
  const id = Buffer.from(`${name} ${generation}`).toString('hex');
  return { id, pem: `-----BEGIN CERTIFICATE-----\n${id}\n-----END CERTIFICATE-----\n` };
}

type FakeOperation = {
  readonly primary: string;
  isDone: boolean;
  error: string | null;
  readonly finish: (error: string | null) => void;
};
