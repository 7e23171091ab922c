import type { CloudListing } from '../../coordinator/core/cloud.ts';
import type { Voter } from '../../coordinator/core/ballots.ts';
import { keys } from '../../coordinator/core/records.ts';
import { countsAsWanted, drainedReason, type Replica } from '../../coordinator/core/replica.ts';
import type { PublishedSnapshot } from '../../coordinator/core/snapshot.ts';
import type { Commit, CommitResult } from '../../coordinator/ports.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import { refuseByListing } from './deletable.ts';
import { DecidedCreations } from './decided-creations.ts';
import type { OutsideWorld } from './outside-world.ts';
import type { SimInstance } from './sim-cloud.ts';

/** The numbers of design's rules that always hold. */
export type Rule = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

export type Violation = { readonly rule: Rule; readonly message: string };

/** A person's change is seen by nobody for so long: a call that was decided before may still be on its way. */
const blindMs = 60_000;
/** A creation that was decided may wait that long for Cloud SQL. */
const creationMaxMs = 600_000;
/** A store that went back is compared with agents and Cloud SQL by then. */
const comparedMs = 120_000;
/** Cloud SQL deletes only what was sampled; a sample is a replica's own word at a moment. */
type Sample = { readonly atMs: number; readonly hadSessions: boolean };

/**
 * Holds design's rules against the simulated outside world: Cloud SQL, the proxies, the replicas, the store and what is
 * on the wire; never against what our own parts believe.
 */
export class Rules {
  /** How often each rule was at stake. */
  readonly stakes = new Map<Rule, number>();
  /** What the store holds, by key. */
  readonly stored = new Map<string, unknown>();
  violation: Violation | null = null;
  readonly #world: OutsideWorld;
  readonly #turned: (replica: Replica) => void;
  /** Instances of ours whose record the store lost. */
  readonly orphaned = new Set<string>();
  /** Incidents as they were ever stored: a store that goes back may lose them. */
  readonly #incidents = new Map<string, string>();
  /** When each snapshot was first stored, by group, revision and hash. */
  readonly publishedAtMs = new Map<string, number>();
  /** Agents that the store had on a group's roster at some time. */
  readonly #enrolled = new Set<string>();
  /** Passed samples in a row, by address. */
  readonly gates = new Map<string, number>();
  readonly #samples = new Map<string, Sample[]>();
  readonly #desired: { readonly atMs: number; readonly desired: number }[] = [];
  readonly #deletingAtMs = new Map<string, number>();
  /** When the order that keeps a replica out, or has it replaced, was last given or ended. */
  readonly #cordonedAtMs = new Map<string, number>();
  readonly #creations = new DecidedCreations();
  #wentBackAtMs = -Infinity;
  /** Their deletion was decided, and the store lost that. */
  readonly #wasDeleting = new Set<string>();
  /** When a person took a replica from us. */
  readonly #lostAtMs: number[] = [];
  /** Addresses of replicas that we deleted. */
  readonly #deletedByUs = new Set<string>();

  /** `turned` is told of every replica whose record came to another state. */
  constructor(world: OutsideWorld, turned: (replica: Replica) => void) {
    this.#world = world;
    this.#turned = turned;
  }

  broken(rule: Rule, message: string): void {
    this.violation ??= { rule, message };
  }

  atStake(rule: Rule): void {
    this.stakes.set(rule, (this.stakes.get(rule) ?? 0) + 1);
  }

  /** Whether the store went back, and may not have been compared with the world yet. */
  get wentBackLately(): boolean {
    return this.#world.nowMs() - this.#wentBackAtMs < comparedMs;
  }

  get hasGoneBack(): boolean {
    return this.#wentBackAtMs > -Infinity;
  }

  /** Takes note that the store holds only this any more. */
  wentBack(kept: ReadonlyMap<string, unknown>): void {
    this.#wentBackAtMs = this.#world.nowMs();
    const before = this.replicas();
    this.stored.clear();
    for (const [key, value] of kept) this.stored.set(key, value);
    const known = new Set(this.replicas().map(({ name }) => name));
    for (const { name, state } of before) {
      if (state === 'deleting') this.#wasDeleting.add(name);
      if (!known.has(name)) this.orphaned.add(name);
    }
    const scaling = kept.get(keys.scaling(this.#world.spec().name)) as { readonly desired: number } | undefined;
    if (scaling !== undefined) this.#desired.push({ atMs: this.#world.nowMs(), desired: scaling.desired });
  }

  /** Takes note of what the store took. */
  committed(commit: Commit, result: CommitResult, currentToken: number | undefined): void {
    if (commit.fencingToken !== undefined) this.atStake(9);
    if (result.outcome !== 'committed') return;
    const decides = commit.writes.some(
      ({ key, value }) =>
        /^(?:replica|snapshot|decision|topology|settings)\//.test(key) && !isOrdered(value as Replica | null),
    );
    if (decides && commit.fencingToken !== currentToken) {
      this.broken(
        9,
        `a decision was stored with token ${commit.fencingToken ?? 'none'}, the newest is ${currentToken ?? 'none'}`,
      );
    }
    for (const { key, value } of commit.writes) this.#store(key, value);
  }

  #store(key: string, value: unknown): void {
    const before = this.stored.get(key);
    if (value === null) this.stored.delete(key);
    else this.stored.set(key, value);
    if (/^(?:cordon|drain)\//.test(key)) this.#cordonedAtMs.set(key.split('/')[2] ?? '', this.#world.nowMs());
    if (value !== null) this.#remember(key, value);
    if (key.startsWith('snapshot/')) {
      const { group, revision, hash } = value as PublishedSnapshot;
      const key = `${group} ${revision} ${hash}`;
      if (!this.publishedAtMs.has(key)) this.publishedAtMs.set(key, this.#world.nowMs());
    }
    if (key.startsWith('replica/') && value !== null)
      this.#noteReplica(value as Replica, before as Replica | undefined);
    if (key === keys.scaling(this.#world.spec().name)) {
      this.#desired.push({ atMs: this.#world.nowMs(), desired: (value as { desired: number }).desired });
    }
  }

  /** What a store that goes back may lose. */
  #remember(key: string, value: unknown): void {
    if (key.startsWith('incident/')) this.#incidents.set(key, (value as { state: string }).state);
    if (key.startsWith('roster/')) this.#enrolled.add(`${key.split('/')[1] ?? ''} ${(value as Voter).agentId}`);
  }

  #noteReplica(replica: Replica, before: Replica | undefined): void {
    const { name, state } = replica;
    if (before?.state === state) return;
    this.#creations.note(replica, this.#world.nowMs());
    if (state === 'deleting') this.#deletingAtMs.set(name, this.#world.nowMs());
    if (state === 'draining') this.#checkWithdrawal(replica);
    this.#turned(replica);
  }

  /** Rule 3: a healthy replica is withdrawn only when enough others are there, or coming. */
  #checkWithdrawal(replica: Replica): void {
    const { name } = replica;
    const instance = this.#world.cloud.find(name);
    const isHealthy = instance?.state === 'RUNNABLE' && !instance.isTouched && !instance.wasBroken;
    // One that was created while the primary was switched over stays with the old one, and goes.
    if (!isHealthy || instance.primary !== this.#world.spec().primary) return;
    this.atStake(3);
    const others = this.replicas().filter((other) => other.name !== name && countsAsWanted(other));
    if (others.length < this.#neededBeside(replica)) {
      this.broken(3, `${name} runs and is withdrawn: ${this.desired} are wanted, ${others.length} others are there`);
    }
  }

  /** Where there is no room for a replacement, what a person wants gone goes before it; what he keeps out, at once. */
  #neededBeside({ name, reason }: Replica): number {
    const { name: group, policy } = this.#world.spec();
    if (reason === drainedReason && this.stored.has(keys.cordon(group, name))) return 0;
    const existing = Math.max(this.replicas().length, this.#owned().length);
    const goesFirst = this.stored.has(keys.removal(group, name)) && existing >= policy.replicasMax;
    return goesFirst ? policy.replicasMin : this.desired;
  }

  replicas(): readonly Replica[] {
    const prefix = `replica/${this.#world.spec().name}/`;
    return [...this.stored].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value as Replica);
  }

  get desired(): number {
    return this.#desired.at(-1)?.desired ?? 0;
  }

  /** Rule 9: only what the store took is pushed. Rule 2: and only to who was on the roster before. */
  sent({ update }: CoordinatorMessage, agentId: string): void {
    if (update === null || update === undefined || update.unknown != null || update.fleet != null) return;
    this.atStake(9);
    if (!this.#enrolled.has(`${update.group} ${agentId}`)) {
      this.broken(2, `${agentId} is sent ${update.group} and was never on its roster`);
    }
    if (!this.publishedAtMs.has(`${update.group} ${Number(update.revision)} ${update.hash}`)) {
      this.broken(9, `${update.group} revision ${Number(update.revision)} was pushed and never stored`);
    }
  }

  /** The incidents that the store has open. */
  openIncidents(): ReadonlySet<string> {
    const open = new Set<string>();
    for (const [key, value] of this.stored) {
      const isOpen = key.startsWith('incident/') && (value as { state: string }).state === 'open';
      if (isOpen) open.add(key.split('/')[2] ?? '');
    }
    return open;
  }

  /** Rule 8: what is acknowledged is stored. */
  acknowledged(incident: { readonly id: string; readonly group: string; readonly state: string }): void {
    this.atStake(8);
    // Nobody can know whose it is: it is set aside.
    if (this.#world.isStoreWiped()) return;
    const stored = this.#incidents.get(keys.incident(incident.group, incident.id));
    const isThere = stored !== undefined && (incident.state === 'open' || stored === 'closed');
    if (!isThere) this.broken(8, `incident ${incident.id} ${incident.state} was acknowledged and is not in the store`);
  }

  /** Who was through its gate is asked for its lag in the same way: that is another matter. */
  noteGate(address: string, isGood: boolean): void {
    const passed = this.gates.get(address) ?? 0;
    const isThrough = passed >= this.#world.spec().gate.samples;
    if (!isThrough) this.gates.set(address, isGood ? passed + 1 : 0);
  }

  noteSessions(address: string, hadSessions: boolean): void {
    this.#samples.set(address, [...(this.#samples.get(address) ?? []), { atMs: this.#world.nowMs(), hadSessions }]);
  }

  /** Rules 6 and 7: an instance begins to be made. */
  created(instance: SimInstance): void {
    const { spec, nowMs } = this.#world;
    this.atStake(7);
    const record = this.stored.get(keys.replica(spec().name, instance.name)) as Replica | undefined;
    if (record === undefined && !this.orphaned.has(instance.name))
      this.broken(7, `${instance.name} is created without a record of it`);
    // What is being deleted never comes back: another one may be made meanwhile.
    const dying = new Set(this.replicas().flatMap(({ state, name }) => (state === 'deleting' ? [name] : [])));
    const alive = this.#owned().filter(
      (one) =>
        one.primary === spec().primary &&
        !this.#wasReplaced(one.name) &&
        !one.wasBroken &&
        !one.isTouched &&
        !dying.has(one.name) &&
        !this.#isLost(one) &&
        !this.#creations.wasAddedBeside(one.name, instance.name),
    );
    const recent = this.#desired.filter(({ atMs }, index) => {
      const next = this.#desired[index + 1];
      return next === undefined || next.atMs > nowMs() - creationMaxMs || atMs > nowMs() - creationMaxMs;
    });
    const most = Math.max(...recent.map(({ desired }) => desired));
    if (alive.length > most) {
      this.broken(7, `${alive.map(({ name }) => name).join(', ')} are there, at most ${most} were wanted`);
    }
  }

  #owned(): readonly SimInstance[] {
    return [...this.#world.cloud.instances.values()].filter(
      ({ isCreated, state, instanceType }) =>
        isCreated && state !== 'PENDING_DELETE' && instanceType === 'READ_REPLICA_INSTANCE',
    );
  }

  /** When an instance was decided on; a creation that was asked for cannot be called off. */
  decidedAtMs(instance: SimInstance): number {
    return this.#creations.decidedAtMs(instance);
  }

  /** Rules 1, 2, 3 and 6: an instance is about to go, by our call. */
  deleting(instance: SimInstance, shown: CloudListing | null): void {
    for (const rule of [1, 2, 3, 6] as const) this.atStake(rule);
    this.#checkOwner(instance, shown);
    this.#checkUnused(instance);
    const { spec, fewerAskedAtMs } = this.#world;
    // One that was created while the primary was switched over stays with the old one, and goes.
    const isLeft = instance.primary !== spec().primary;
    const isHealthy = !isLeft && !instance.wasBroken && !instance.isTouched && instance.state === 'RUNNABLE';
    if (!isHealthy) return;
    if (fewerAskedAtMs() < this.decidedAtMs(instance)) {
      this.broken(3, `${instance.name} is deleted, and nobody asked for fewer replicas since it is there`);
    }
    const left = this.#owned().filter(({ name, state }) => name !== instance.name && state !== 'FAILED');
    const { replicasMin } = spec().policy;
    // Once it is `deleting` nothing brings it back, whatever a person takes away meanwhile.
    const decidedAtMs = this.#deletingAtMs.get(instance.name) ?? 0;
    const lost = this.#lostAtMs.filter((atMs) => atMs > decidedAtMs - blindMs).length;
    if (left.length + lost < replicasMin)
      this.broken(6, `${instance.name} is deleted, ${left.length} are left, min is ${replicasMin}`);
  }

  /** Rule 1, on what the caller had last been shown: what a person changes after that nobody can know. */
  #checkOwner({ name, isCreated }: SimInstance, shown: CloudListing | null): void {
    const spec = this.#world.spec();
    const record = this.stored.get(keys.replica(spec.name, name)) as Replica | undefined;
    if (!isCreated) this.broken(1, `${name} was not made by us, and is deleted`);
    this.#checkDecided(name, record?.state ?? 'not there');
    if (shown?.isComplete !== true) this.broken(3, `${name} is deleted on a list that is not whole`);
    const listed = shown?.instances.find((instance) => instance.name === name);
    const primaries = [spec.primary, record?.primary ?? spec.primary];
    const refusal = listed === undefined ? 'it was not listed' : refuseByListing(listed, spec.name, primaries);
    if (refusal !== null) this.broken(1, `${name} is deleted, although ${refusal}`);
  }

  #checkDecided(name: string, state: string): void {
    const isDecided = state === 'deleting' || this.#wasDeleting.has(name);
    if (!isDecided) this.broken(1, `${name} is deleted, its record is ${state}`);
  }

  /** Rule 2. */
  #checkUnused({ name, address, state, isStopped }: SimInstance): void {
    if (address === null) return;
    for (const proxy of this.#world.proxies()) {
      const place = proxy.findAddress(address);
      if (place !== null) this.broken(2, `${name} is deleted, ${proxy.id} still has it: ${place}`);
    }
    if (state !== 'RUNNABLE' || isStopped) return;
    const samples = this.#samples.get(address) ?? [];
    const last = samples.at(-1);
    if (last === undefined || samples.slice(-2).some(({ hadSessions }) => hadSessions)) {
      this.broken(2, `${name} is deleted, it was last asked ${last === undefined ? 'never' : 'while it had sessions'}`);
    }
    const old = this.#world.directSessions(address).find(({ sinceMs }) => sinceMs <= (last?.atMs ?? 0));
    if (old !== undefined) this.broken(2, `${name} is deleted under a session`);
  }

  /** Whether somebody keeps a replica out, or wants it gone, or did until a moment ago. */
  isKeptOut(name: string): boolean {
    const group = this.#world.spec().name;
    const isOrdered = this.stored.has(keys.cordon(group, name)) || this.stored.has(keys.removal(group, name));
    return isOrdered || this.#world.nowMs() - (this.#cordonedAtMs.get(name) ?? -Infinity) < blindMs;
  }

  /** Whether somebody had one made in its place lately; Cloud SQL may take its time for that, also when all is taken back. */
  #wasReplaced(name: string): boolean {
    const orderedAtMs = this.#cordonedAtMs.get(name) ?? -Infinity;
    return this.isKeptOut(name) || this.#world.nowMs() - orderedAtMs < creationMaxMs;
  }

  /** Whether nobody but a person can know that it is ours. */
  #isLost({ name }: SimInstance): boolean {
    return this.orphaned.has(name) && !this.stored.has(keys.replica(this.#world.spec().name, name));
  }

  /** A person took a replica from us. */
  lost(): void {
    this.#lostAtMs.push(this.#world.nowMs());
  }

  deleted({ address }: SimInstance, byUs: boolean): void {
    if (!byUs) this.lost();
    if (address === null) return;
    this.gates.delete(address);
    this.#samples.delete(address);
    if (byUs) this.#deletedByUs.add(address);
  }

  runnable(address: string): void {
    this.#deletedByUs.delete(address);
  }

  /** After every step: what must be true at any moment. */
  check(): void {
    const { spec, proxies, cloud } = this.#world;
    // What a person changed may count as somebody else's.
    const existing = this.#owned().filter((one) => !one.isTouched && !this.#isLost(one)).length;
    if (existing > spec().policy.replicasMax) {
      this.broken(6, `${existing} owned replicas are there, max is ${spec().policy.replicasMax}`);
    }
    if (this.#deletedByUs.size === 0) return;
    for (const proxy of proxies()) {
      for (const row of proxy.runtime.values()) {
        if (!this.#deletedByUs.has(row.hostname) || !row.comment.startsWith(`chester ${spec().name} replica`)) continue;
        const holder = cloud.at(row.hostname);
        this.broken(2, `${proxy.id} routes to ${row.hostname} of a deleted replica, now ${holder?.name ?? 'nobody'}`);
      }
    }
  }
}

/** An operator's order to take an instance over, or to have one go that he keeps out, which any coordinator takes. */
function isOrdered(replica: Replica | null): boolean {
  if (replica?.state === 'draining') return replica.reason === drainedReason;
  return replica?.state === 'creating' && replica.adoptedAtMs !== undefined;
}
