import type { Scaling } from '../../coordinator/core/autoscaler.ts';
import type { Cordon } from '../../coordinator/core/cordon.ts';
import { keys, prefixes } from '../../coordinator/core/records.ts';
import type { Removal } from '../../coordinator/core/removal.ts';
import { addressOf, type Replica } from '../../coordinator/core/replica.ts';
import type { Override, Pauses } from '../../coordinator/core/scaling-orders.ts';
import type { Commit } from '../../coordinator/ports.ts';
import { install } from './coordinator-process.ts';
import type { OutsideWorld } from './outside-world.ts';
import type { Rules } from './rules.ts';
import type { SimInstance } from './sim-cloud.ts';
import { epochMs } from './sim-process.ts';

/** An order that ends so soon may have ended already by the clock of who decides. */
const clocksApartMs = 60_000;
/** A coordinator asks for lag every ten seconds, and knows nothing any more after three times as much. */
const lagKnownMs = 40_000;

/** Holds what people ordered, and the lag of replicas, against what was decided; and counts what was said about it. */
export class OrderRules {
  /** How often each reason was given for a decision, a wait, or an order. */
  readonly situations = new Map<string, number>();
  /** Since when a replica at an address lags more than it may. */
  readonly lagSinceMs = new Map<string, number>();
  /** When a person last set the count to fewer, or gave or took back an order that may leave one more. */
  fewerOrderedAtMs = -Infinity;
  readonly #world: OutsideWorld;
  readonly #rules: Rules;
  readonly #deletingAtMs = new Map<string, number>();
  /** Addresses whose drain was ever forced, and the replicas that stood there. */
  readonly #forced = new Map<string, string>();

  constructor(world: OutsideWorld, rules: Rules) {
    this.#world = world;
    this.#rules = rules;
  }

  /** Takes note of a commit that the store takes, before it counts as stored. */
  committing({ writes, events = [], fencingToken }: Commit): void {
    for (const { kind, reason } of events) this.#said(kind, reason);
    const scaling = keys.scaling(this.#world.spec().name);
    for (const { key, value } of writes) {
      if (key.startsWith('replica/')) this.#noteDeletion(value as Replica | null);
      if (this.#isOrder(key)) this.fewerOrderedAtMs = this.#world.nowMs();
      if (key.startsWith('drain/')) this.#noteForce(value as Removal | null);
      if (key === scaling) this.#decided(value as Scaling, fencingToken !== undefined);
    }
  }

  #noteForce(removal: Removal | null): void {
    if (removal?.isForced !== true) return;
    const replica = this.#rules.replicas().find(({ name }) => name === removal.server);
    const address = replica === undefined ? null : addressOf(replica);
    if (address !== null) this.#forced.set(address, removal.server);
  }

  /** Rule 3: a client is cut off only from what drains, by an operator's order for that very replica. */
  sessionEnding(proxy: string, { hostname }: { readonly hostname: string }): void {
    this.#rules.atStake(3);
    const server = this.#forced.get(hostname);
    const holder = this.#world.cloud.at(hostname)?.name;
    if (server !== undefined && (holder === undefined || holder === server)) return;
    this.#rules.broken(3, `${proxy} ends a session on ${holder ?? hostname}, and nobody ordered that`);
  }

  #said(kind: string, reason: string): void {
    const isSaid = kind !== 'SNAPSHOT_PUBLISHED' && kind !== 'AGENT' && /^[A-Z_]+$/.test(reason);
    if (isSaid) this.situations.set(reason, (this.situations.get(reason) ?? 0) + 1);
  }

  #noteDeletion(replica: Replica | null): void {
    if (replica?.state !== 'deleting' || this.#deletingAtMs.has(replica.name)) return;
    this.#deletingAtMs.set(replica.name, this.#world.nowMs());
  }

  /**
   * Whether some order may leave one more than is wanted: a count, or a cordon, whose replica comes back beside its
   * replacement, or one to have a replica replaced.
   */
  get asksForFewer(): boolean {
    return [...this.#rules.stored.keys()].some((key) => this.#isOrder(key));
  }

  #isOrder(key: string): boolean {
    const { name } = this.#world.spec();
    return (
      key === keys.override(name) || key.startsWith(prefixes.cordons(name)) || key.startsWith(prefixes.removals(name))
    );
  }

  /** A cordon keeps a replica from being deleted, unless that was decided before it. */
  deleting({ name }: SimInstance): void {
    const cordon = this.#rules.stored.get(keys.cordon(this.#world.spec().name, name)) as Cordon | undefined;
    if (cordon === undefined) return;
    const sinceMs = cordon.atMs - epochMs;
    if (sinceMs + clocksApartMs < (this.#deletingAtMs.get(name) ?? 0)) {
      this.#rules.broken(3, `${name} is deleted, ${cordon.owner} keeps it cordoned`);
    }
  }

  #decided(scaling: Scaling, isByCoordinator: boolean): void {
    const { desired, reason } = scaling;
    const stored = this.#rules.stored.get(keys.scaling(this.#world.spec().name)) as Scaling | undefined;
    const before = stored?.desired ?? desired;
    if (desired < before && !isByCoordinator) this.fewerOrderedAtMs = this.#world.nowMs();
    const isByItself = isByCoordinator && desired !== before && /^SCALE_(?:OUT|IN)\b/.test(reason);
    if (!isByItself) return;
    this.#checkPause(before, scaling);
    this.#checkOverride(before, scaling);
    if (desired < before) this.#checkLag();
  }

  #checkPause(before: number, { desired, reason }: Scaling): void {
    const pauses = this.#rules.stored.get(keys.pauses(this.#world.spec().name)) as Pauses | undefined;
    const pause = (desired > before ? pauses?.out : pauses?.in) ?? null;
    if (pause?.untilMs !== null) return;
    this.#rules.broken(3, `${before} → ${desired}, although ${pause.owner} paused that: ${reason}`);
  }

  #checkOverride(before: number, { desired, reason }: Scaling): void {
    const { name, policy } = this.#world.spec();
    const override = this.#rules.stored.get(keys.override(name)) as Override | undefined;
    if (override === undefined || override.untilMs <= epochMs + this.#world.nowMs() + clocksApartMs) return;
    const wanted = Math.min(Math.max(override.replicas, policy.replicasMin), policy.replicasMax);
    if (desired === wanted) return;
    this.#rules.broken(6, `${before} → ${desired}, although ${override.owner} holds ${wanted}: ${reason}`);
  }

  /** The lag brake: nothing is taken away while what serves lags. */
  #checkLag(): void {
    this.#rules.atStake(11);
    const { cloud, nowMs } = this.#world;
    for (const replica of this.#rules.replicas()) {
      const address = replica.state === 'serving' ? replica.address : null;
      const sinceMs = address === null ? undefined : this.lagSinceMs.get(address);
      const isSeen =
        address !== null && cloud.isUp(address) && cloud.at(address)?.labels['chester-install'] === install;
      const isKeptOut = this.#rules.stored.has(keys.cordon(this.#world.spec().name, replica.name));
      if (sinceMs === undefined || !isSeen || isKeptOut || nowMs() - sinceMs < lagKnownMs) continue;
      this.#rules.broken(11, `one less is wanted, while ${replica.name} has lagged for ${nowMs() - sinceMs} ms`);
    }
  }
}
