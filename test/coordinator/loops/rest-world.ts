import type { CloudInstance, CloudListing } from '../../../coordinator/core/cloud.ts';
import type { LagNote } from '../../../coordinator/core/lag.ts';
import { type Key, keys, type Prefix } from '../../../coordinator/core/records.ts';
import { isSameJson } from '../../../coordinator/core/same-json.ts';
import type { Lag } from '../../../coordinator/core/scaling-view.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { ActionRunner } from '../../../coordinator/loops/action-runner.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { Scaler } from '../../../coordinator/loops/scaler.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import type { Stored } from '../../../coordinator/ports.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, install, replica, replicaInstance, scalingRecord, startMs } from '../builders.ts';

/** Lists the very same instances again while nothing of them has changed, as the real adapter does. */
class SteadyCloudSql extends FakeCloudSql {
  #last: readonly CloudInstance[] = [];

  override async listInstances(project: string): Promise<CloudListing> {
    const listing = await super.listInstances(project);
    if (!isSameJson(listing.instances, this.#last)) this.#last = structuredClone(listing.instances);
    return { ...listing, instances: this.#last };
  }
}

/** Whether a store tells at once of changes, says whether it has told of all, or neither. */
export type Telling = 'at once' | 'asked' | 'no';

/** Counts looks: each of them begins with the group's declaration. */
class CountingStore extends FakeStore {
  readonly tellsAtOnce?: true;
  readonly isTold?: () => Promise<boolean>;
  looks = 0;
  /** Whether it keeps for itself what is changed. */
  isSilent = false;
  #hasUntold = false;
  /** What it says of itself where it is asked. */
  told: () => Promise<boolean> = () => Promise.resolve(!this.#hasUntold);

  constructor(telling: Telling) {
    super();
    if (telling === 'at once') this.tellsAtOnce = true;
    if (telling === 'asked') this.isTold = () => this.told();
  }

  override get<T>(key: Key<T>): Promise<Stored<T> | null> {
    if (key === keys.group('orders')) this.looks += 1;
    return super.get(key);
  }

  override watch(prefix: string, onChange: (changed: readonly string[]) => void): () => void {
    return super.watch(prefix, (changed) => {
      if (this.isSilent) this.#hasUntold = true;
      else onChange(changed);
    });
  }
}

/** Of which a person can set the time; what is waited for does not care. */
class WallClock extends FakeClock {
  aheadMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.aheadMs;
  }
}

export const names = ['orders-ro-1', 'orders-ro-2'];
/** Another team's, in the same project. */
export const stranger = 'users-primary';
const hourMs = 3_600_000;

/** A group at rest with its scaler, and its store. */
export class World {
  readonly clock = new WallClock(startMs + hourMs);
  readonly cloudSql = new SteadyCloudSql('shop-prod-1');
  readonly metrics = new FakeMetrics();
  readonly board = new HoldBoard();
  readonly store: CountingStore;
  lag: Lag | null = { lagging: 0, primaryIsCause: false };
  notes: readonly LagNote[] = [];
  scaler!: Scaler;
  term!: TermKeeper;

  constructor(telling: Telling) {
    this.store = new CountingStore(telling);
  }

  static async start(telling: Telling): Promise<World> {
    const world = new World(telling);
    const { store, clock, cloudSql, metrics, board } = world;
    cloudSql.addInstance('orders-primary', { address: '10.0.1.1' });
    cloudSql.addInstance(stranger, { address: '10.0.2.1' });
    for (const name of names) cloudSql.addInstance(name, replicaInstance(name));
    const served = names.map((name) => replica.serving(name, { sinceMs: startMs }));
    await world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 1, replicasMax: 4 } }));
    await world.put(keys.scaling('orders'), scalingRecord({ desired: names.length }));
    for (const record of served) await world.put(keys.replica('orders', record.name), record);
    const log = createLogger('test', 'silent');
    const term = new TermKeeper({ store, clock, log }, 'c');
    await term.start();
    world.term = term;
    const shared = { store, clock, log, metrics, term };
    const cloud = new CloudView({ cloudSql, clock }, 500);
    const isRefusal = (error: unknown) => error instanceof CoordinatorError && !error.isRetryable;
    const probe = new FakeReplicaProbe();
    const runner = new ActionRunner({ ...shared, cloudSql, cloud, probe, board, isRefusal, random: () => 0 });
    // Each look draws one, whether it is needed or not.
    const nextName = () => `orders-ro-${clock.nowMs()}`;
    const lag = { lagOf: () => world.lag, lagNotes: () => world.notes };
    const intervals = { pollIntervalMs: 1000, idleIntervalMs: 5000, sampleIntervalMs: 500, mergeMs: 10 };
    world.scaler = new Scaler({ ...shared, ...lag, cloud, runner, nextName }, { install, ...intervals });
    await world.scaler.start();
    return world;
  }

  async put<T>(key: Key<T>, value: T | null): Promise<void> {
    await this.store.commit({ writes: [{ key, value, ifRevision: null }] });
  }

  change(name: string, change: Partial<CloudInstance>): void {
    const instance = this.cloudSql.instances.get(name);
    if (instance !== undefined) this.cloudSql.instances.set(name, { ...instance, ...change });
  }

  /** All that anybody could see of it. */
  async seen(): Promise<unknown> {
    const { store, metrics, board, cloudSql } = this;
    return structuredClone({
      entries: await store.list('' as Prefix<unknown>),
      events: await store.readEvents({ afterSequence: 0, limit: 100_000 }),
      metrics: { decisions: metrics.decisions, waits: metrics.waits, groups: metrics.groups },
      holds: board.of('orders'),
      effects: cloudSql.effects,
    });
  }
}
