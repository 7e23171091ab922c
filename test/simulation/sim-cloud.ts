import type { CloudInstance, CloudListing, CloudOperation, ReplicaRequest } from '../../coordinator/core/cloud.ts';
import type { ChangeOutcome, CreateOutcome, RelabelRequest } from '../../coordinator/ports.ts';
import { serverCaOf } from '../fakes/fake-cloudsql.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** An instance, and what the simulation alone knows of it. */
export type SimInstance = CloudInstance & {
  /** Made by one of our calls. */
  readonly isCreated: boolean;
  /** A person changed something about it. */
  readonly isTouched: boolean;
  /** It failed, stopped or vanished at some time: to take it out of service is right. */
  readonly wasBroken: boolean;
  readonly sinceMs: number;
  /** Since when it stands at its address. */
  readonly runsSinceMs: number;
};

/** Half of all, every replica of ours, or nothing but Cloud SQL's word that it is whole. */
export type PartialLack = 'half' | 'replicas' | 'nothing';

type Operation = CloudOperation & { readonly primary: string };

export type CloudWatcher = {
  readonly created: (instance: SimInstance) => void;
  readonly runs: (instance: SimInstance) => void;
  /** `shown`: what the caller had been shown when it called. */
  readonly deleting: (instance: SimInstance, shown: CloudListing | null) => void;
  readonly deleted: (instance: SimInstance, byUs: boolean) => void;
};

/** How long operations take: least and most. */
const durations = { create: [3000, 9000], unprotect: [300, 1500], delete: [1000, 4000] } as const;
const historyMs = 60_000;

/** Cloud SQL: operations that take their time, one a primary; names that stay taken; addresses that are given again. */
export class SimCloud {
  readonly project = 'shop-prod-1';
  readonly instances = new Map<string, SimInstance>();
  readonly namesTaken = new Set<string>();
  /** Listings are this old. */
  lagMs = 0;
  /** Chance that a listing is not whole, and says so. */
  partial = 0;
  /** What such a listing lacks. */
  partialLacks: PartialLack = 'half';
  /** The answers to the next creations are lost, although they are carried out. */
  lostAnswers = 0;
  /** What the next operations come to: fails, or takes longer. */
  nextOperations: ('fail' | 'slow')[] = [];
  /** How it refuses all calls; `null`: it does not. */
  refusal: CloudDown['code'] | null = null;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #watcher: CloudWatcher;
  readonly #operations = new Map<string, Operation>();
  readonly #freeAddresses: string[] = [];
  readonly #addressesGivenAgain = new Set<string>();
  /** Up to when whole lists told what there is. */
  #toldUntilMs = 0;
  #history: { readonly atMs: number; readonly instances: readonly SimInstance[] }[] = [];
  #nextAddress = 10;
  #nextOperation = 1;

  constructor(scheduler: Scheduler, random: Random, watcher: CloudWatcher) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#watcher = watcher;
  }

  addPrimary(name: string): SimInstance {
    const shape = {
      databaseVersion: 'MYSQL_8_0',
      region: 'europe-west1',
      tier: 'db-custom-2-8192',
      edition: 'ENTERPRISE',
      network: `projects/${this.project}/global/networks/default`,
      allocatedIpRange: null,
      diskSizeGb: '10',
      diskType: 'PD_SSD',
      flags: [],
    };
    const more = { instanceType: 'CLOUD_SQL_INSTANCE', primary: null, labels: {}, address: this.#drawAddress(), shape };
    return this.#put({ ...this.#blank(name), ...more });
  }

  /** A replica that somebody else made: never ours to touch. */
  addForeignReplica(name: string, primary: string, labels: Readonly<Record<string, string>>): SimInstance {
    const more = { instanceType: 'READ_REPLICA_INSTANCE', primary, labels, address: this.#drawAddress() };
    this.#adopt(primary, name);
    return this.#put({ ...this.#blank(name), ...more, shape: this.find(primary)!.shape });
  }

  find(name: string): SimInstance | undefined {
    return this.instances.get(name);
  }

  at(address: string): SimInstance | undefined {
    return [...this.instances.values()].find((instance) => instance.address === address);
  }

  /** Whether what stands at the address answers. */
  isUp(address: string): boolean {
    const instance = this.at(address);
    return instance !== undefined && instance.state === 'RUNNABLE' && !instance.isStopped;
  }

  change(name: string, change: Partial<SimInstance>): void {
    const before = this.instances.get(name);
    if (before !== undefined) this.#put({ ...before, ...change });
  }

  /** A person deletes it, whatever it is. */
  deleteByPerson(name: string): void {
    const instance = this.instances.get(name);
    if (instance !== undefined) this.#remove(instance, false);
  }

  list(): CloudListing {
    this.#refuseWhenDown();
    const untilMs = Math.max(this.#scheduler.nowMs - this.lagMs, this.#youngestRunningMs());
    const seen = this.#history.findLast(({ atMs }) => atMs <= untilMs) ?? this.#history[0];
    const instances = seen?.instances ?? [];
    if (this.partial === 0 || !this.#random.chance(this.partial)) {
      this.#toldUntilMs = Math.max(this.#toldUntilMs, untilMs);
      return { instances, isComplete: true, warnings: [] };
    }
    const kept = instances.filter((instance) => this.#isKept(instance));
    return { instances: kept, isComplete: false, warnings: ['REGION_UNREACHABLE europe-west1'] };
  }

  /**
   * Whether nobody can know that an instance stands where another one stood: a person deleted that one, its address was
   * given again, and no whole list told it since.
   */
  hidesThatAddressIsOf({ address, runsSinceMs }: SimInstance): boolean {
    return address !== null && this.#addressesGivenAgain.has(address) && this.#toldUntilMs < runsSinceMs;
  }

  /** A list lags by seconds, and a creation takes minutes: what runs was listed for long, if only as being created. */
  #youngestRunningMs(): number {
    return Math.max(...[...this.instances.values()].map(({ address, sinceMs }) => (address === null ? 0 : sinceMs)));
  }

  operation(name: string): CloudOperation | null {
    this.#refuseWhenDown();
    return this.#operations.get(name) ?? null;
  }

  create(request: ReplicaRequest): CreateOutcome {
    this.#refuseWhenDown();
    const { name, primary, labels, shape } = request;
    if (this.instances.has(name) || this.namesTaken.has(name)) return { outcome: 'nameTaken' };
    if (this.isBusy(primary)) return { outcome: 'busy' };
    const more = { state: 'PENDING_CREATE', instanceType: 'READ_REPLICA_INSTANCE', primary, labels, shape };
    const instance = this.#put({
      ...this.#blank(name),
      ...more,
      serverCa: null,
      isDeletionProtected: true,
      isCreated: true,
    });
    this.#watcher.created(instance);
    const accepted = this.#accept('create', primary, (error) => {
      if (error !== null) {
        this.change(name, { state: 'FAILED', wasBroken: true });
        return;
      }
      const runsSinceMs = this.#scheduler.nowMs;
      this.change(name, { state: 'RUNNABLE', address: this.#drawAddress(), serverCa: serverCaOf(name), runsSinceMs });
      this.#adopt(primary, name);
      const running = this.instances.get(name);
      if (running !== undefined) this.#watcher.runs(running);
    });
    if (this.lostAnswers === 0) return accepted;
    this.lostAnswers -= 1;
    throw new CloudDown('CLOUDSQL_UNAVAILABLE');
  }

  unprotect(name: string, settingsVersion: string): ChangeOutcome {
    this.#refuseWhenDown();
    const instance = this.instances.get(name);
    if (instance?.settingsVersion !== settingsVersion) return { outcome: 'stale' };
    const primary = instance.primary ?? name;
    if (this.isBusy(primary)) return { outcome: 'busy' };
    return this.#accept('unprotect', primary, (error) => {
      if (error !== null) return;
      this.change(name, { isDeletionProtected: false, settingsVersion: String(Number(settingsVersion) + 1) });
    });
  }

  relabel({ name, settingsVersion, labels }: RelabelRequest): ChangeOutcome {
    this.#refuseWhenDown();
    const instance = this.instances.get(name);
    if (instance?.settingsVersion !== settingsVersion) return { outcome: 'stale' };
    const primary = instance.primary ?? name;
    if (this.isBusy(primary)) return { outcome: 'busy' };
    return this.#accept('unprotect', primary, (error) => {
      if (error !== null) return;
      const all = Object.entries({ ...instance.labels, ...labels });
      const kept = all.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const]));
      const nextVersion = String(Number(settingsVersion) + 1);
      this.change(name, {
        labels: Object.fromEntries(kept),
        isDeletionProtected: true,
        settingsVersion: nextVersion,
      });
    });
  }

  delete(name: string, shown: CloudListing | null): ChangeOutcome {
    this.#refuseWhenDown();
    const instance = this.instances.get(name);
    if (instance === undefined || instance.isDeletionProtected) return { outcome: 'stale' };
    const primary = instance.primary ?? name;
    if (this.isBusy(primary)) return { outcome: 'busy' };
    this.#watcher.deleting(instance, shown);
    const { state } = instance;
    this.change(name, { state: 'PENDING_DELETE' });
    return this.#accept('delete', primary, (error) => {
      const now = this.instances.get(name);
      if (error !== null) this.change(name, { state });
      else if (now !== undefined) this.#remove(now, true);
    });
  }

  #isKept({ isCreated }: SimInstance): boolean {
    if (this.partialLacks === 'half') return this.#random.chance(0.5);
    return this.partialLacks === 'nothing' || !isCreated;
  }

  isBusy(primary: string): boolean {
    return [...this.#operations.values()].some((operation) => !operation.isDone && operation.primary === primary);
  }

  #accept(kind: keyof typeof durations, primary: string, finish: (error: string | null) => void) {
    const operationName = `operation-${this.#nextOperation}`;
    this.#nextOperation += 1;
    const fate = this.nextOperations.shift();
    const running = { name: operationName, isDone: false, error: null, primary };
    this.#operations.set(operationName, running);
    const [least, most] = durations[kind];
    const delayMs = this.#random.int(least, most) * (fate === 'slow' ? 4 : 1);
    this.#scheduler.after(delayMs, () => {
      const error = fate === 'fail' ? 'INTERNAL: it failed' : null;
      this.#operations.set(operationName, { ...running, isDone: true, error });
      finish(error);
    });
    return { outcome: 'accepted' as const, operationName };
  }

  #remove(instance: SimInstance, byUs: boolean): void {
    const { name, primary, address } = instance;
    this.instances.delete(name);
    this.namesTaken.add(name);
    if (address !== null) this.#freeAddresses.push(address);
    const above = primary === null ? undefined : this.instances.get(primary);
    if (above !== undefined) {
      this.change(above.name, { replicaNames: above.replicaNames.filter((other) => other !== name) });
    }
    this.#remember();
    this.#watcher.deleted(instance, byUs);
  }

  #adopt(primary: string, name: string): void {
    const above = this.instances.get(primary);
    if (above !== undefined) this.change(primary, { replicaNames: [...above.replicaNames, name] });
  }

  #put(instance: SimInstance): SimInstance {
    this.instances.set(instance.name, instance);
    this.#remember();
    return instance;
  }

  /** Keeps what lagging listings show. */
  #remember(): void {
    const atMs = this.#scheduler.nowMs;
    this.#history.push({ atMs, instances: [...this.instances.values()] });
    const firstKept = this.#history.findLastIndex((entry) => entry.atMs <= atMs - historyMs);
    if (firstKept > 0) this.#history = this.#history.slice(firstKept);
  }

  #blank(name: string): Omit<SimInstance, 'instanceType' | 'primary' | 'labels' | 'shape'> {
    return {
      name,
      state: 'RUNNABLE',
      isStopped: false,
      replicaNames: [],
      isDisasterRecoveryReplica: false,
      address: null,
      settingsVersion: '1',
      isDeletionProtected: false,
      zone: 'europe-west1-b',
      connectivity: { hasPsc: false, requiresConnector: false, hasPublicAddress: false },
      serverCa: serverCaOf(name),
      isCreated: false,
      isTouched: false,
      wasBroken: false,
      sinceMs: this.#scheduler.nowMs,
      runsSinceMs: this.#scheduler.nowMs,
    };
  }

  /** Half of the new ones get an address that another database had. */
  #drawAddress(): string {
    const freed = this.#random.chance(0.5) ? this.#freeAddresses.shift() : undefined;
    if (freed !== undefined) {
      this.#addressesGivenAgain.add(freed);
      return freed;
    }
    this.#nextAddress += 1;
    return `10.20.0.${this.#nextAddress}`;
  }

  #refuseWhenDown(): void {
    if (this.refusal !== null) throw new CloudDown(this.refusal);
  }
}

/** Cloud SQL does not do what it is asked. */
export class CloudDown extends Error {
  readonly code: 'CLOUDSQL_UNAVAILABLE' | 'CLOUDSQL_RATE_LIMITED' | 'CLOUDSQL_FORBIDDEN';

  constructor(code: CloudDown['code']) {
    super(code);
    this.code = code;
  }
}
