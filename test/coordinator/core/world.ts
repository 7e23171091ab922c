import assert from 'node:assert/strict';
import {
  type CloudInstance,
  type CloudOperation,
  isDeletable,
  type ReplicaRequest,
} from '../../../coordinator/core/cloud.ts';
import type { GroupSpec } from '../../../coordinator/core/group-spec.ts';
import type { Action } from '../../../coordinator/core/action.ts';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import {
  addressOf,
  advanceReplica,
  countsAsWanted,
  type Replica,
  type ReplicaEvent,
} from '../../../coordinator/core/replica.ts';
import { buildSnapshot, type PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import { contentHash } from '../../../process/content-hash.ts';
import {
  groupSpec,
  groupView,
  install,
  primaryInstance,
  published,
  replicaInstance,
  scalingRecord,
  startMs,
} from '../builders.ts';
import { Proxies, randomFrom } from './proxies.ts';

type Job = CloudOperation & { readonly run: (error: string | null) => void };

/**
 * One group, Cloud SQL and its proxies in memory, moved by random steps. While it is `isFaulty` answers are lost,
 * listings are partial, operations fail and proxies restart. After every step the rules are checked.
 */
export class World {
  isFaulty = true;
  desired = 0;
  readonly spec: GroupSpec;
  readonly #random: () => number;
  readonly #records = new Map<string, Replica>();
  readonly #cloud = new Map<string, CloudInstance>([['orders-primary', primaryInstance()]]);
  readonly #jobs = new Map<string, Job>();
  readonly #proxies: Proxies;
  readonly #created: string[] = [];
  #snapshot: PublishedSnapshot | null = null;
  #createFailedAtMs = 0;
  #nowMs = startMs;
  #names = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#proxies = new Proxies((limit) => this.#below(limit));
    const replicasMin = this.#below(3);
    this.spec = groupSpec({ policy: { replicasMin, replicasMax: replicasMin + this.#below(3) } });
    this.desired = replicasMin;
    this.#proxies.join();
  }

  /** Takes one random step. */
  step(): void {
    this.#nowMs += this.#below(3000);
    this.#move(this.#below(this.isFaulty ? 12 : 8));
    this.#check();
  }

  #move(kind: number): void {
    if (kind < 2) this.reconcile();
    else if (kind < 4) this.publish();
    else if (kind < 7) this.#moveProxy();
    else if (kind < 8) this.#finishJob();
    else if (kind < 9) this.#order();
    else if (kind < 10) this.#proxies.restart();
    else if (kind < 11) this.#proxies.join();
    else this.#meddle();
  }

  /** Whether nothing is left to do: a plan without an action. */
  isSettled(): boolean {
    return this.#plan().length === 0 && this.#records.size === this.desired;
  }

  /** What is there, for a failure's message. */
  describe(): string {
    const state = { desired: this.desired, records: [...this.#records.values()], cloud: [...this.#cloud.keys()] };
    return JSON.stringify(
      { ...state, plan: this.#plan(), leaving: this.#snapshot?.leaving, voters: this.#proxies.voters },
      null,
      1,
    );
  }

  /** Runs the plan of this moment, action by action; a crash may cut it anywhere. */
  reconcile(): void {
    for (const action of this.#plan()) {
      if (this.#isUnlucky()) return;
      this.#run(action);
      this.#check();
    }
  }

  publish(): void {
    const previous = this.#snapshot;
    const nextRevision = (previous?.revision ?? 0) + 1;
    const inputs = {
      spec: this.spec,
      topology: { primaryAddress: '10.0.1.1', serverCa: null },
      users: [],
      clientCertificate: null,
      cordons: [],
      replicas: [...this.#records.values()],
      voters: this.#proxies.voters,
    };
    const content = buildSnapshot({ ...inputs, previous, nextRevision });
    const hash = contentHash(content);
    if (previous?.hash !== hash) this.#snapshot = published({ ...content, revision: nextRevision, hash });
  }

  #plan(): Action[] {
    const isComplete = !(this.isFaulty && this.#below(4) === 0);
    const listed = [...this.#cloud.values()].filter(
      (instance) => isComplete || instance.primary === null || this.#below(2) === 0,
    );
    this.#names += 1;
    const plan = planGroup(
      groupView({
        spec: this.spec,
        scaling: scalingRecord({ desired: this.desired, createFailedAtMs: this.#createFailedAtMs }),
        replicas: [...this.#records.values()],
        listing: { instances: listed, isComplete, warnings: isComplete ? [] : ['partial'] },
        operations: this.#jobs,
        leaving: this.#snapshot?.leaving ?? [],
        voters: this.#proxies.voters,
        nextName: `r${this.#names}`,
      }),
      this.#nowMs,
    );
    this.#checkPlan(plan, isComplete);
    return plan;
  }

  #checkPlan(plan: readonly Action[], isComplete: boolean): void {
    const touched = plan.flatMap((action) =>
      action.action === 'wait' || action.action === 'alarm'
        ? []
        : [action.action === 'writeReplica' ? action.replica.name : action.replica.name],
    );
    assert.equal(new Set(touched).size, touched.length, 'one action a replica');
    const leaves = plan.filter((action) => action.action === 'writeReplica' && action.replica.state === 'draining');
    if (!isComplete) {
      const taking = plan.filter(({ action }) => ['unprotectInstance', 'deleteInstance'].includes(action));
      assert.deepEqual(taking, [], 'nothing is deleted on a partial list');
      // What is listed and was promoted or failed is no conclusion from an absence.
      const blind = leaves.filter(
        (action) => 'replica' in action && !['PROMOTED', 'FAILED', 'NOT_OURS'].includes(action.replica.reason),
      );
      assert.deepEqual(blind, [], 'nothing is withdrawn on a partial list');
    }
  }

  #run(action: Action): void {
    switch (action.action) {
      case 'writeReplica':
        assert.equal(
          this.#records.get(action.replica.name),
          action.previous ?? undefined,
          'the record was changed meanwhile',
        );
        this.#records.set(action.replica.name, action.replica);
        return;
      case 'forgetReplica':
        this.#records.delete(action.replica.name);
        if (action.createFailed) this.#createFailedAtMs = this.#nowMs;
        return;
      case 'createInstance':
        this.#create(action.replica, action.request);
        return;
      case 'sampleGate':
        this.#tell(action.replica, {
          kind: 'gateSampled',
          passed: !this.#isUnlucky(),
          samplesNeeded: 2,
          reason: 'GATE',
          term: 1,
        });
        return;
      case 'sampleSessions':
        this.#tell(action.replica, {
          kind: 'unusedSampled',
          passed: !this.#isUnlucky(),
          samplesNeeded: 2,
          reason: 'ABSENT',
          term: 1,
        });
        return;
      case 'unprotectInstance':
        this.#cloud.set(action.replica.name, { ...this.#instance(action.replica.name), isDeletionProtected: false });
        return;
      case 'deleteInstance':
        this.#delete(action.replica);
        return;
      default:
        assert.notEqual(action.action, 'relabelInstance', 'nothing is adopted here');
    }
  }

  #create(replica: Replica, request: ReplicaRequest): void {
    const { name } = request;
    if (this.#isBusy() || this.#cloud.has(name)) return;
    if (this.#created.includes(name)) {
      this.#records.delete(name); // Cloud SQL refuses a name for a week, also when somebody deleted it by hand.
      return;
    }
    this.#created.push(name);
    const address = `10.0.2.${this.#created.length}`;
    this.#cloud.set(name, replicaInstance(name, { state: 'PENDING_CREATE', address: null, labels: request.labels }));
    const operationName = this.#begin((error) => {
      if (error !== null && this.#below(2) === 0) this.#cloud.delete(name);
      else
        this.#cloud.set(name, {
          ...this.#instance(name),
          state: error === null ? 'RUNNABLE' : 'FAILED',
          address: error === null ? address : null,
        });
    });
    if (!this.#isUnlucky()) this.#tell(replica, { kind: 'createAccepted', operationName });
  }

  #delete(replica: Replica): void {
    const instance = this.#instance(replica.name);
    if (this.#isBusy() || instance.isDeletionProtected) return;
    assert(isDeletable(instance, { install, group: 'orders', primary: 'orders-primary' }), 'rule 1: only our own');
    assert.equal(this.#records.get(replica.name)?.state, 'deleting', 'rule 1: stored as deleting first');
    const address = addressOf(replica);
    assert.deepEqual(this.#proxies.usersOf(address), [], 'rule 2: nobody uses it');
    this.#cloud.set(replica.name, { ...instance, state: 'PENDING_DELETE' });
    const operationName = this.#begin((error) => {
      if (error === null) this.#cloud.delete(replica.name);
      else this.#cloud.set(replica.name, instance);
    });
    if (!this.#isUnlucky()) this.#tell(replica, { kind: 'deleteAccepted', operationName });
  }

  #tell(replica: Replica, event: ReplicaEvent): void {
    this.#records.set(replica.name, advanceReplica(replica, event, this.#nowMs));
  }

  #begin(run: Job['run']): string {
    const name = `op-${this.#jobs.size + 1}`;
    this.#jobs.set(name, { name, isDone: false, error: null, run });
    return name;
  }

  #moveProxy(): void {
    if (this.#snapshot !== null) this.#proxies.move(this.#snapshot);
  }

  #finishJob(): void {
    const job = [...this.#jobs.values()].find(({ isDone }) => !isDone);
    if (job === undefined) return;
    const error = this.#isUnlucky() ? 'FAILED_SOMEHOW' : null;
    this.#jobs.set(job.name, { ...job, isDone: true, error });
    job.run(error);
  }

  /** Somebody orders another count. */
  #order(): void {
    const { replicasMin, replicasMax } = this.spec.policy;
    this.desired = replicasMin + this.#below(replicasMax - replicasMin + 1);
  }

  /** Somebody promotes, stops or deletes a replica by hand. */
  #meddle(): void {
    const names = [...this.#cloud.keys()].filter(
      (name) => name !== 'orders-primary' && this.#instance(name).state === 'RUNNABLE',
    );
    const name = names[this.#below(names.length * 4)];
    if (name === undefined) return;
    const kind = this.#below(3);
    if (kind === 0) this.#cloud.delete(name);
    else if (kind === 1)
      this.#cloud.set(name, { ...this.#instance(name), instanceType: 'CLOUD_SQL_INSTANCE', primary: null });
    else this.#cloud.set(name, { ...this.#instance(name), state: 'FAILED' });
  }

  #check(): void {
    const { replicasMin, replicasMax } = this.spec.policy;
    const existing = [...this.#cloud.values()].filter(({ primary }) => primary !== null);
    assert(existing.length <= replicasMax, `rule 6: ${existing.length} replicas, max ${replicasMax}`);
    const running = [...this.#jobs.values()].filter(({ isDone }) => !isDone);
    assert(running.length <= 1, 'rule 6: one operation a primary');
    const orphans = existing.filter(({ name }) => !this.#records.has(name));
    assert.deepEqual(orphans, [], 'rule 7: no instance without a record');
    const records = [...this.#records.values()];
    const isScaleIn = records.some(({ state, reason }) => state === 'draining' && reason === 'SCALE_IN');
    const gone = records.some(({ reason }) => ['INSTANCE_GONE', 'PROMOTED', 'FAILED'].includes(reason));
    if (isScaleIn && !gone && !this.#hasFailed) {
      assert(records.filter(countsAsWanted).length >= replicasMin, 'rule 6: no act of ours goes below min');
    }
    if (gone) this.#hasFailed = true;
  }

  /** Once something was lost from outside, the count may be below min for reasons that are not ours. */
  #hasFailed = false;

  #instance(name: string): CloudInstance {
    const instance = this.#cloud.get(name);
    assert(instance, `no instance ${name}`);
    return instance;
  }

  #isBusy(): boolean {
    return [...this.#jobs.values()].some(({ isDone }) => !isDone);
  }

  #isUnlucky(): boolean {
    return this.isFaulty && this.#below(6) === 0;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
