import assert from 'node:assert/strict';
import type { ReplicaRequest } from '../../../coordinator/core/cloud.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { Lag } from '../../../coordinator/core/scaling-view.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { ActionRunner } from '../../../coordinator/loops/action-runner.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { Publisher } from '../../../coordinator/loops/publisher.ts';
import { Scaler } from '../../../coordinator/loops/scaler.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import type { Commit, CommitResult, CreateOutcome } from '../../../coordinator/ports.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { FakeProxySecrets } from '../../fakes/fake-proxy-secrets.ts';
import { FakeFanout } from '../../fakes/fake-fanout.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { endLease } from '../../fakes/end-lease.ts';
import { groupSpec, install, voter } from '../builders.ts';

/** Thrown where a test lets the coordinator die. */
export class Crash extends Error {}

/** Cloud SQL whose next create does what it is asked, and whose answer never arrives. */
class LossyCloudSql extends FakeCloudSql {
  losesNextAnswer = false;

  override async createReplica(request: ReplicaRequest): Promise<CreateOutcome> {
    const outcome = await super.createReplica(request);
    if (!this.losesNextAnswer) return outcome;
    this.losesNextAnswer = false;
    throw new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'socket hang up');
  }
}

/** A store that dies before or after the n-th commit from now. */
class CrashingStore extends FakeStore {
  /** Commits until the crash; the sign says on which side of the last one. Null: never. */
  crashAt: { commits: number; readonly isAfter: boolean } | null = null;

  override async commit(commit: Commit): Promise<CommitResult> {
    const isDue = this.#count();
    if (isDue && this.crashAt?.isAfter === false) throw new Crash('before the commit');
    const result = await super.commit(commit);
    if (isDue) throw new Crash('after the commit');
    return result;
  }

  #count(): boolean {
    if (this.crashAt === null) return false;
    this.crashAt.commits -= 1;
    return this.crashAt.commits <= 0;
  }
}

/** One group and everything that moves it, stepped by hand; `restart` is a new process on the same store. */
export class Harness {
  readonly store = new CrashingStore();
  readonly cloudSql = new LossyCloudSql('shop-prod-1');
  readonly probe = new FakeReplicaProbe();
  readonly clock = new FakeClock();
  readonly metrics = new FakeMetrics();
  readonly board = new HoldBoard();
  /** Who says how far replicas are behind; read at a restart. Undefined: nobody does. */
  lagOf: ((group: string) => Lag | null) | undefined = undefined;
  /** Addresses that most proxies do not serve yet; read at a restart. Undefined: nobody tells. */
  warming: Set<string> | undefined = undefined;
  term!: TermKeeper;
  scaler!: Scaler;
  #publisher!: Publisher;
  #names = 0;

  static async start(spec = groupSpec(), desired = 0): Promise<Harness> {
    const harness = new Harness();
    harness.cloudSql.addInstance('orders-primary', { address: '10.0.1.1' });
    const scaling = { desired, reason: 'test', scaledOutAtMs: 0, scaledInAtMs: 0, createFailedAtMs: 0 };
    await harness.store.commit({
      writes: [
        { key: keys.group('orders'), value: spec, ifRevision: 0 },
        { key: keys.scaling('orders'), value: scaling, ifRevision: 0 },
      ],
    });
    await harness.restart();
    return harness;
  }

  async restart(): Promise<void> {
    const { store, cloudSql, probe, clock, metrics } = this;
    const log = createLogger('test', 'silent');
    // What the earlier process held ends with it.
    await endLease(store);
    this.term = new TermKeeper({ store, clock, log }, 'c');
    await this.term.start();
    const shared = { store, clock, log, metrics, term: this.term };
    const cloud = new CloudView({ cloudSql, clock }, 100);
    const isRefusal = (error: unknown) => error instanceof CoordinatorError && !error.isRetryable;
    const runner = new ActionRunner({
      ...{ ...shared, cloudSql, cloud, probe, isRefusal },
      board: this.board,
      random: () => 0,
    });
    const nextName = () => {
      this.#names += 1;
      return `orders-ro-${this.#names}`;
    };
    const intervals = { pollIntervalMs: 1000, idleIntervalMs: 30_000, sampleIntervalMs: 500, mergeMs: 10 };
    const publishing = { ...shared, hash: contentHash, fanout: new FakeFanout() };
    const publisher = new Publisher({ ...publishing, board: this.board, secrets: new FakeProxySecrets() });
    const lag = this.lagOf === undefined ? {} : { lagOf: this.lagOf };
    const { warming } = this;
    const warmth = warming === undefined ? {} : { warmth: { warming: () => [...warming] } };
    this.scaler = new Scaler({ ...shared, ...lag, ...warmth, cloud, runner, nextName }, { install, ...intervals });
    this.#publisher = publisher;
  }

  /** One look of the scaler and one of the publisher, then time goes on. */
  async step(): Promise<void> {
    await this.scaler.step('orders');
    await this.#publisher.publish('orders');
    await this.clock.advance(1000);
  }

  /** Steps until the replicas' states are these. */
  async until(...states: readonly Replica['state'][]): Promise<void> {
    for (let steps = 0; steps < 40; steps += 1) {
      if (String(await this.states()) === String(states)) return;
      await this.step();
    }
    assert.deepEqual(await this.states(), states);
  }

  async order(desired: number): Promise<void> {
    const scaling = await this.store.get(keys.scaling('orders'));
    assert(scaling);
    await this.store.commit({
      writes: [{ key: scaling.key, value: { ...scaling.value, desired }, ifRevision: scaling.revision }],
    });
  }

  async records(): Promise<readonly Replica[]> {
    return (await this.store.list(prefixes.replicas('orders'))).map(({ value }) => value);
  }

  async states(): Promise<string[]> {
    return (await this.records()).map(({ state }) => state);
  }

  /** Replicas answer once they run, as Cloud SQL's do. */
  answer(change: Parameters<FakeReplicaProbe['put']>[1] = {}): void {
    for (const { address } of this.cloudSql.instances.values()) if (address !== null) this.probe.put(address, change);
  }

  /** Puts voters on the roster that have proven absent what the snapshot withdraws, if `hasVoted`. */
  async vote(agentId: string, hasVoted: boolean): Promise<void> {
    const snapshot = await this.store.get(keys.snapshot('orders'));
    const leaving = snapshot?.value.leaving ?? [];
    const absent = hasVoted
      ? leaving.map(({ hostname, port }) => ({ hostname, port, revision: snapshot?.value.revision ?? 0 }))
      : [];
    const freeze = (await this.store.get(keys.freeze('orders')))?.value;
    const compared = freeze === undefined ? {} : { comparedForMs: freeze.sinceMs };
    const value = voter(agentId, { absent, ...compared });
    await this.store.commit({ writes: [{ key: keys.voter('orders', agentId), value, ifRevision: null }] });
  }

  async events(kind: string): Promise<string[]> {
    const events = await this.store.readEvents({ afterSequence: 0, limit: 1000 });
    return events.filter((event) => event.kind === kind).map(({ subject, reason }) => `${subject} ${reason}`);
  }

  created(): string[] {
    return this.cloudSql.effects.filter(({ call }) => call === 'createReplica').map(({ name }) => name);
  }

  deleted(): string[] {
    return this.cloudSql.effects.filter(({ call }) => call === 'deleteInstance').map(({ name }) => name);
  }
}
