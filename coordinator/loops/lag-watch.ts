import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { withoutCordoned } from '../core/cordon.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { judgeLag, type LagNote, type LagPicture, type LagReading, worstLagSeconds } from '../core/lag.ts';
import { groupOfKey, keys, prefixes } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import type { Lag } from '../core/scaling-view.ts';
import type { Metrics, ReplicaProbe, Store } from '../ports.ts';
import { targetOf } from './action-runner.ts';
import { GroupQueue } from './group-queue.ts';
import type { TermKeeper } from './term-keeper.ts';

export type LagWatchDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly probe: ReplicaProbe;
  readonly metrics: Pick<Metrics, 'setLag'>;
  /** Told when what is known of a group's lag has changed. */
  readonly onChange: (group: string) => void;
};

export type LagWatchOptions = {
  /** From one look at a group to the next, while there are not too many replicas for that. */
  readonly intervalMs: number;
  /** Of all groups together: with many replicas each is asked less often. */
  readonly probesPerSecondMax: number;
  /** Replicas asked at the same time, each of another group. */
  readonly probesAtOnceMax: number;
};

type Serving = Extract<Replica, { state: 'serving' }>;
type Known = { readonly picture: LagPicture; readonly atMs: number; readonly asked: number };

/** What was seen this many intervals ago counts no more. */
const agesMax = 3;

/**
 * Asks the serving replicas of every group again and again how far they are behind. What it knows is a level with an
 * age: nothing of it is stored, and a new holder begins with not knowing.
 */
export class LagWatch {
  readonly name = 'lag-watch';
  readonly #deps: LagWatchDeps;
  readonly #options: LagWatchOptions;
  readonly #queue: GroupQueue;
  readonly #known = new Map<string, Known>();
  /** How many replicas were asked, of all groups together. */
  #asked = 0;
  readonly #unwatch: (() => void)[] = [];
  #isStopped = false;

  constructor(deps: LagWatchDeps, options: LagWatchOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (group) => this.look(group),
      mergeMs: 0,
      // The replicas of one group are asked one by one, so that a group that hangs keeps one place at most.
      concurrencyMax: options.probesAtOnceMax,
      backoff: { baseMs: options.intervalMs, maxMs: 60_000 },
    });
  }

  async start(): Promise<void> {
    const { store, term } = this.#deps;
    this.#unwatch.push(
      term.whenBegun(() => this.#wakeAll()),
      store.watch(prefixes.groups, (changed) => {
        for (const group of changed.map(groupOfKey)) if (group !== null) this.#queue.wake(group);
      }),
    );
    await this.#wakeAll();
  }

  /** Waits for what is being asked, and for no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #wakeAll(): Promise<void> {
    for (const { value } of await this.#deps.store.list(prefixes.groups)) this.#queue.wake(value.name);
  }

  /** How far the group's serving replicas are behind; null when that is not known now. */
  lagOf(group: string): Lag | null {
    return this.#current(group)?.lag ?? null;
  }

  /** What is to be said of single replicas of the group. */
  notesOf(group: string): readonly LagNote[] {
    return this.#current(group)?.notes ?? [];
  }

  /** Asks one group's serving replicas. Returns when to ask again; null for a group that does not exist. */
  async look(group: string): Promise<number | null> {
    const { store, clock, term } = this.#deps;
    const spec = term.isHeld ? ((await store.get(keys.group(group)))?.value ?? null) : null;
    if (spec === null) {
      this.#forget(group);
      this.#deps.metrics.setLag(group, null);
      return term.isHeld ? null : this.#intervalMs();
    }
    const atMs = clock.monotonicMs();
    const readings: LagReading[] = [];
    for (const replica of await this.#servingOf(group)) {
      if (this.#isStopped) return null;
      readings.push(await this.#ask(spec, replica));
    }
    this.#note(group, { picture: judgeLag(readings, spec.gate.lagSecondsMax), atMs, asked: readings.length });
    this.#deps.metrics.setLag(group, worstLagSeconds(readings));
    return this.#intervalMs();
  }

  #intervalMs(): number {
    return Math.max(this.#options.intervalMs, (this.#asked * 1000) / this.#options.probesPerSecondMax);
  }

  #forget(group: string): void {
    this.#asked -= this.#known.get(group)?.asked ?? 0;
    this.#known.delete(group);
  }

  #note(group: string, known: Known): void {
    const before = this.lagOf(group);
    this.#forget(group);
    this.#known.set(group, known);
    this.#asked += known.asked;
    const { lag, notes } = known.picture;
    if (JSON.stringify(before) === JSON.stringify(lag)) return;
    this.#deps.log.info({ group, lag, notes }, 'lag changed');
    this.#deps.onChange(group);
  }

  /** Those that an operator keeps out serve nobody. */
  async #servingOf(group: string): Promise<readonly Serving[]> {
    const { store } = this.#deps;
    const [replicas, cordons] = await Promise.all([
      store.list(prefixes.replicas(group)),
      store.list(prefixes.cordons(group)),
    ]);
    const counted = withoutCordoned(
      replicas.map(({ value }) => value),
      cordons.map(({ value }) => value),
    );
    return counted.filter((replica): replica is Serving => replica.state === 'serving');
  }

  async #ask(spec: GroupSpec, { name: replica, address }: Serving): Promise<LagReading> {
    const sample = await this.#deps.probe.sampleGate(targetOf(spec, address));
    return sample.outcome === 'failed'
      ? { replica, outcome: 'failed', reason: sample.reason }
      : { replica, outcome: 'answered', lagSeconds: sample.lagSeconds };
  }

  #current(group: string): LagPicture | null {
    const known = this.#known.get(group);
    const ageMs = this.#deps.clock.monotonicMs() - (known?.atMs ?? 0);
    return known === undefined || ageMs > agesMax * this.#intervalMs() ? null : known.picture;
  }
}
