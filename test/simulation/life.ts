import { isServing } from '../../agent/core/rows.ts';
import type { Incident } from '../../coordinator/core/incident.ts';
import type { Alert } from './alerts.ts';
import { planMishaps } from './mishaps.ts';
import { takeRow } from './proxy-mishaps.ts';
import { clean, heal } from './people.ts';
import { Random } from './random.ts';
import type { Rule, Violation } from './rules.ts';
import type { FiredFault } from './faults.ts';
import type { Pod } from './pod.ts';
import { World } from './world.ts';

/** What became of one seed. */
export type Life = {
  readonly seed: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly faults: readonly FiredFault[];
  readonly scaleOuts: number;
  readonly scaleIns: number;
  readonly stakes: ReadonlyMap<Rule, number>;
  /** How often each reason was given for a decision, a wait or an order. */
  readonly situations: ReadonlyMap<string, number>;
  readonly violation: Violation | null;
  readonly story: readonly string[];
};

export type LifeOptions = { readonly without?: ReadonlySet<string>; readonly verbose?: boolean };

/** From then on everybody is left alone, and all has to come to rest. */
const faultsUntilMs = 30_000;
/** By then it has. */
const endMs = 3_600_000;
const stepsLeast = 500;

/** Lives one seed to its end, or to the first rule that breaks. */
export async function live(seed: number, { without = new Set(), verbose = false }: LifeOptions = {}): Promise<Life> {
  const chance = Math.random;
  Math.random = new Random(seed, 'jitter').next;
  try {
    return await new Lived(seed, { without, verbose }).run();
  } finally {
    Math.random = chance;
  }
}

class Lived {
  readonly #seed: number;
  readonly #world: World;
  readonly #random: Random;
  #scaleOuts = 0;
  #scaleIns = 0;
  #hasEnded = false;
  /** When nobody has a reason left to look at a proxy, a person edits one. */
  #isTouchedOnceMore: boolean;

  constructor(seed: number, { without, verbose }: Required<LifeOptions>) {
    this.#seed = seed;
    this.#world = new World({ seed, without, verbose, faultsUntilMs });
    this.#random = new Random(seed, 'script');
    this.#isTouchedOnceMore = this.#random.chance(0.3);
  }

  async run(): Promise<Life> {
    const world = this.#world;
    await world.begin(this.#random.pick([2, 2, 2, 3]));
    this.#act(faultsUntilMs, () => {
      heal(world);
    });
    this.#keepClean();
    planMishaps(world, this.#seed);
    this.#act(this.#random.int(1000, 4000), () => {
      this.#askForMore();
    });
    while (world.rules.violation === null && !this.#hasEnded) {
      const isMore = await world.step();
      if (!isMore || world.scheduler.nowMs > endMs) {
        world.rules.broken(10, `nothing came to rest: ${this.#whatIsLeft().join('; ')}`);
      }
    }
    const { scheduler, rules, faults, story } = world;
    return {
      seed: this.#seed,
      steps: scheduler.steps,
      virtualMs: scheduler.nowMs,
      faults: faults.fired,
      scaleOuts: this.#scaleOuts,
      scaleIns: this.#scaleIns,
      stakes: rules.stakes,
      situations: world.orders.situations,
      violation: rules.violation,
      story,
    };
  }

  #act(delayMs: number, act: () => void): void {
    this.#world.scheduler.after(delayMs, act);
  }

  /** Acts after a while; once nothing goes wrong any more, after a shorter one: such time shows nothing, and costs. */
  #actSoon(delayMs: number, act: () => void): void {
    this.#act(delayMs * this.#pace, act);
  }

  get #pace(): number {
    return this.#world.scheduler.nowMs >= faultsUntilMs ? 0.25 : 1;
  }

  #keepClean(): void {
    this.#act(10_000, () => {
      clean(this.#world);
      this.#keepClean();
    });
  }

  /** An alert for more replicas stays open until one more serves everywhere. */
  #askForMore(): void {
    const { alerts, scheduler } = this.#world;
    const before = new Set(this.#servingEverywhere());
    const alert = alerts.open('orders', 'scale-out');
    const startedAtMs = scheduler.nowMs;
    this.#until(alert, () => {
      const isDone = this.#servingEverywhere().some((name) => !before.has(name));
      if (isDone) this.#scaleOuts += 1;
      // At the maximum there is nothing to wait for.
      const isAtMax = this.#servingEverywhere().length >= this.#world.spec.policy.replicasMax;
      const isEnough = isDone || (isAtMax && scheduler.nowMs - startedAtMs > 6000);
      if (isEnough)
        this.#actSoon(this.#random.int(1000, 6000), () => {
          this.#askForFewer();
        });
      return isEnough;
    });
  }

  /** An alert for fewer stays open until one was deleted. */
  #askForFewer(): void {
    const { alerts, scheduler } = this.#world;
    const alert = alerts.open('orders', 'scale-in');
    const before = new Set(this.#owned());
    const startedAtMs = scheduler.nowMs;
    this.#until(alert, () => {
      const gone = [...before].filter((name) => this.#world.cloud.find(name) === undefined);
      const isDone = gone.some((name) => this.#world.goneByUs.has(name));
      if (isDone) this.#scaleIns += 1;
      const isAtMin = this.#owned().length <= this.#world.spec.policy.replicasMin;
      const isEnough = isDone || (isAtMin && scheduler.nowMs - startedAtMs > 6000);
      if (isEnough)
        this.#actSoon(this.#random.int(1000, 6000), () => {
          this.#goOn();
        });
      return isEnough;
    });
  }

  /** Both happened, and nothing goes wrong any more: everything has to come to rest. */
  #goOn(): void {
    const { scheduler } = this.#world;
    const isEnough = this.#scaleOuts > 0 && this.#scaleIns > 0 && scheduler.nowMs >= faultsUntilMs;
    if (isEnough) this.#rest();
    else this.#askForMore();
  }

  #rest(): void {
    this.#actSoon(2000, () => {
      if (this.#whatIsLeft().length > 0) this.#rest();
      else if (this.#isTouchedOnceMore) {
        this.#isTouchedOnceMore = false;
        takeRow(this.#world, this.#random);
        this.#rest();
      } else this.#hasEnded = this.#world.scheduler.steps >= stepsLeast;
      if (this.#world.scheduler.steps < stepsLeast) this.#rest();
    });
  }

  /** Tells an alert again and again until `isDone`, then closes it. */
  #until(alert: Alert, isDone: () => boolean): void {
    this.#act(2000 * Math.max(this.#pace, 0.5), () => {
      if (isDone()) {
        this.#world.alerts.close(alert);
        return;
      }
      if (this.#random.chance(0.1 * Math.max(this.#pace, 0.5))) this.#world.alerts.tell(alert);
      this.#until(alert, isDone);
    });
  }

  #owned(): readonly string[] {
    const all = [...this.#world.cloud.instances.values()];
    return all
      .filter(({ isCreated, instanceType }) => isCreated && instanceType === 'READ_REPLICA_INSTANCE')
      .map(({ name }) => name);
  }

  /** Owned replicas that are ONLINE in every proxy. */
  #servingEverywhere(): readonly string[] {
    const { cloud, pods, spec } = this.#world;
    const isOnline = ({ proxy }: Pod, address: string): boolean =>
      [...proxy.runtime.values()].some(
        (row) => row.hostgroup === spec.readerHostgroup && row.hostname === address && row.status === 'ONLINE',
      );
    return this.#owned().filter((name) => {
      const address = cloud.find(name)?.address;
      return address != null && pods.every((pod) => isOnline(pod, address));
    });
  }

  /** Rule 10: what is not as it should be once everybody is left alone. */
  #whatIsLeft(): readonly string[] {
    const { rules, alerts, pods, cloud, spec } = this.#world;
    const left: string[] = [];
    const records = rules.replicas();
    const states = records.map(({ name, state }) => `${name} ${state}`).join(', ');
    if (records.some(({ state }) => state !== 'serving') || records.length !== rules.desired) {
      left.push(`${rules.desired} are wanted, records: ${states || 'none'}`);
    }
    const owned = [...cloud.instances.values()].filter(({ labels }) => labels['chester-group'] === spec.name);
    const recorded = records.map(({ name }) => name);
    // One whose labels a person took off may have been given up as somebody else's.
    const real = owned
      .filter(
        ({ instanceType, isTouched, name }) =>
          instanceType === 'READ_REPLICA_INSTANCE' && (!isTouched || recorded.includes(name)),
      )
      .map(({ name }) => name);
    if (String(real.toSorted()) !== String(recorded.toSorted()))
      left.push(`Cloud SQL has ${real.join(', ') || 'none'}`);
    for (const pod of pods) left.push(...this.#whatIsLeftIn(pod));
    for (const [key, value] of rules.stored) {
      const isOpen = key.startsWith('incident/') && (value as Incident).state === 'open';
      if (isOpen) left.push(`${key} is open`);
    }
    if (alerts.unacknowledged > 0) left.push(`${alerts.unacknowledged} messages are not acknowledged`);
    return left;
  }

  #whatIsLeftIn({ name, proxy }: Pod): readonly string[] {
    const { rules, spec } = this.#world;
    const wanted = rules.replicas().flatMap((replica) => (replica.state === 'serving' ? [replica.address] : []));
    const rows = [...proxy.runtime.values()].filter(({ comment }) => comment === `chester ${spec.name} replica`);
    const found = rows.filter(isServing).map(({ hostname }) => hostname);
    const left = [...proxy.memory.values(), ...proxy.runtime.values()].filter(({ comment }) =>
      comment.endsWith('(leaving)'),
    );
    const writers = [...proxy.runtime.values()].filter(
      (row) => row.hostgroup === spec.writerHostgroup && isServing(row),
    );
    const primary = this.#world.cloud.find(spec.primary)?.address;
    if (writers.length !== 1 || writers[0]?.hostname !== primary) {
      return [
        `${name} writes to ${writers.map(({ hostname }) => hostname).join(', ') || 'nobody'} instead of ${primary}`,
      ];
    }
    const same = String(wanted.toSorted()) === String(found.toSorted());
    if (same && left.length === 0) return [];
    return [`${name} serves ${found.join(', ') || 'none'} of ${wanted.join(', ') || 'none'}, ${left.length} leaving`];
  }
}
