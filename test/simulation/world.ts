import type { GroupSpec } from '../../coordinator/core/group-spec.ts';
import { initialScaling } from '../../coordinator/core/autoscaler.ts';
import { keys } from '../../coordinator/core/records.ts';
import type { Commit, Write } from '../../coordinator/ports.ts';
import type { Logger } from '../../process/log.ts';
import { FakeProxySecrets } from '../fakes/fake-proxy-secrets.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeModules } from '../agent/fakes/fake-modules.ts';
import { idleModules } from '../agent/fakes/idle-modules.ts';
import { AgentProcess } from './agent-process.ts';
import { Alerts } from './alerts.ts';
import { watchCloud } from './cloud-watcher.ts';
import { CoordinatorProcess } from './coordinator-process.ts';
import { Faults } from './faults.ts';
import { atMoment } from './mishaps.ts';
import { OrderRules } from './order-rules.ts';
import { Random } from './random.ts';
import { type Pod, podOf } from './pod.ts';
import { ProxyRules, type ProxyTables } from './proxy-rules.ts';
import { outsideOf } from './outside-world.ts';
import { Rules } from './rules.ts';
import { Scheduler } from './scheduler.ts';
import { cellOfPod, pickAlive, pickReady, type Seat, seatsOf } from './seats.ts';
import { SimCloud } from './sim-cloud.ts';
import { watchedLog } from './sim-log.ts';
import { probeOf } from './sim-replicas.ts';
import { SimNetwork } from './sim-network.ts';
import { epochMs, SimProcess } from './sim-process.ts';
import { SimProxy } from './sim-proxy.ts';
import { specOf } from './spec.ts';
import { beFaster } from './store-mishaps.ts';

export type WorldOptions = {
  readonly seed: number;
  readonly without: ReadonlySet<string>;
  /** Until when faults happen. */
  readonly faultsUntilMs: number;
  readonly verbose: boolean;
};

type AgentCall = { readonly name: string; readonly isLate: boolean };

/** A password's hash that must never see the light of a log. */
const plantedSecret = '*0BADC0DE0BADC0DE0BADC0DE0BADC0DE0BADC0DE';

const foreignGraceMs = 10_000;
const tickMs = 1500;

/** Everything outside and inside, in one process, on one clock. */
export class World {
  readonly scheduler = new Scheduler();
  /** From then on everybody is left alone. */
  readonly faultsUntilMs: number;
  readonly store = new FakeStore(() => this.scheduler.nowMs);
  readonly faults: Faults;
  readonly cloud: SimCloud;
  readonly network: SimNetwork;
  readonly rules: Rules;
  readonly orders: OrderRules;
  readonly alerts: Alerts;
  readonly pods: Pod[] = [];
  readonly random: Random;
  readonly initialSpec: GroupSpec;
  /** The operator vouched for it, so that proxies that are silent are not waited for. */
  isOldWriterGone = false;
  /** The store takes no snapshot. */
  refusesSnapshots = false;
  /** So many commits of snapshots meet another write, as if somebody had been faster. */
  snapshotConflicts = 0;
  /** It is empty, and its operators are not back yet. */
  isStoreWiped = false;
  storesWiped = 0;
  /** What happens instead of the next commit of a snapshot, before it is on its way. */
  beforeSnapshot: ((publisher: SimProcess) => void) | null = null;
  readonly story: string[] = [];
  /** Replicas that lag: seconds by address; null: replication is stopped. */
  readonly lag = new Map<string, number | null>();
  readonly unreachable = new Set<string>();
  /** Replicas that went by our call. */
  readonly goneByUs = new Set<string>();
  readonly sessions = new Map<string, { readonly sinceMs: number }[]>();
  /** Places for a coordinator, each with the cell that it serves. */
  readonly seats: readonly Seat[];
  #coordinators = 0;
  #names = 0;
  #newestToken = 0;
  #holder: SimProcess | null = null;
  readonly #options: WorldOptions;
  readonly #log: Logger;
  readonly #secrets = new FakeProxySecrets();
  readonly #proxyRules: ProxyRules;
  readonly #note = (text: string): void => {
    this.tell(text);
  };

  constructor(options: WorldOptions) {
    this.#options = options;
    const { seed, without, faultsUntilMs } = options;
    const { scheduler } = this;
    this.faultsUntilMs = faultsUntilMs;
    this.random = new Random(seed, 'world');
    this.#secrets.values.set('app', plantedSecret);
    this.initialSpec = specOf(new Random(seed, 'spec'));
    this.seats = seatsOf(new Random(seed, 'seats'));
    const rate = new Random(seed, 'rate').pick([0.0013, 0.0027, 0.0053, 0.0107]);
    this.faults = new Faults({ seed, rate, untilMs: faultsUntilMs, without }, ({ id, kind }) => {
      this.tell(`fault ${kind} at ${id}`);
    });
    this.cloud = new SimCloud(scheduler, new Random(seed, 'cloud'), watchCloud(this));
    const outside = outsideOf(this, foreignGraceMs);
    this.rules = new Rules(outside, (replica) => {
      atMoment(this, seed, replica);
    });
    this.orders = new OrderRules(outside, this.rules);
    this.#proxyRules = new ProxyRules(outside, this.rules);
    this.#log = watchedLog(
      plantedSecret,
      (where) => {
        this.rules.broken(13, `a log line holds a secret: ${where}`);
      },
      options.verbose
        ? (line) => {
            this.tell(`  log ${line}`);
          }
        : undefined,
    );
    this.network = new SimNetwork({
      scheduler,
      random: new Random(seed, 'network'),
      route: (agent) => {
        const cell = this.pods.find((pod) => pod.agent?.process.name === agent)?.cell;
        return pickAlive(this.seats, cell ?? '', this.random);
      },
      sent: (agent, message) => {
        this.rules.sent(message, podOf(agent.name));
      },
      said: (agent, message) => {
        const pod = this.pods.find(({ name }) => name === podOf(agent.name));
        if (pod !== undefined) this.#proxyRules.said(pod.name, message, pod.disk);
      },
      heard: (agent, message) => {
        this.#proxyRules.heard(podOf(agent.name), message);
      },
      log: this.#note,
    });
    this.alerts = new Alerts({
      scheduler,
      random: new Random(seed, 'alerts'),
      rules: this.rules,
      coordinator: () => this.coordinator,
      nowMs: () => Math.floor(epochMs + scheduler.nowMs),
      log: this.#note,
    });
  }

  /** One of those that are ready, if any is. */
  get coordinator(): CoordinatorProcess | null {
    return pickReady(this.seats, this.random);
  }

  /** The group as the store has it. */
  get spec(): GroupSpec {
    const stored = this.rules.stored.get(keys.group(this.initialSpec.name)) as GroupSpec | undefined;
    return stored ?? this.initialSpec;
  }

  /** Whether what stands at an address answers. */
  isUp(address: string): boolean {
    return this.cloud.isUp(address) && !this.unreachable.has(address);
  }

  /** Adds a line to what happened. */
  tell(text: string): void {
    this.story.push(`${(this.scheduler.nowMs / 1000).toFixed(3).padStart(9)} ${text}`);
  }

  /** Puts everything there and starts all daemons. */
  async begin(podCount: number): Promise<void> {
    const { spec, cloud, random } = this;
    cloud.addPrimary(spec.primary);
    for (const { hostname } of spec.staticReaders) {
      cloud.addForeignReplica(`static-${hostname}`, spec.primary, { team: 'reports' });
      cloud.change(`static-${hostname}`, { address: hostname });
    }
    const writes: Write[] = [
      { key: keys.fleet(spec.fleet), value: { name: spec.fleet, cell: 'default', variables: {} }, ifRevision: 0 },
      { key: keys.group(spec.name), value: spec, ifRevision: 0 },
      { key: keys.scaling(spec.name), value: initialScaling(spec.policy), ifRevision: 0 },
    ];
    const commit: Commit = { writes };
    this.rules.committed(commit, await this.store.commit(commit), undefined);
    for (let index = 0; index < podCount; index += 1) {
      this.#addPod(`proxy-${index}`, cellOfPod(this.seats, index));
    }
    for (const seat of this.seats) this.startCoordinator(seat);
    for (const pod of this.pods) this.startAgent(pod);
    this.#tick(random.int(1, tickMs));
  }

  /** Another coordinator takes the seat: the one that new streams and alerts reach there. */
  startCoordinator(seat: Seat): void {
    this.#coordinators += 1;
    const process = this.#process(`coordinator-${this.#coordinators}`, () => {
      if (seat.holder?.process !== process) return;
      this.scheduler.after(this.random.int(500, 6000), () => {
        if (seat.holder?.process === process) this.startCoordinator(seat);
      });
    });
    const { store, cloud } = this;
    seat.holder = new CoordinatorProcess(process, {
      store,
      cell: seat.cell,
      cloud,
      probe: probeOf(this, () => this.#holder === process),
      secrets: this.#secrets,
      log: this.#log,
      nextName: () => `${this.spec.primary}-ro-${(this.#names += 1)}`,
      committing: (commit) => {
        if (this.refusesSnapshots && commit.writes.some(({ key }) => key.startsWith('snapshot/'))) return null;
        const token = this.#newestToken;
        return (result) => {
          if (result.outcome === 'committed') this.orders.committing(commit);
          this.rules.committed(commit, result, token);
        };
      },
      refusalOf: (commit) => beFaster(this, commit),
      // The embedded store serves one process, and half of those that are alone have it.
      tellsAtOnce: this.seats.length === 1 && this.#options.seed % 2 === 0,
      aboutToCommit: ({ writes }) => {
        const before = this.beforeSnapshot;
        if (before === null || !writes.some(({ key }) => key.startsWith('snapshot/'))) return;
        this.beforeSnapshot = null;
        before(process);
      },
      termBegan: (fencingToken) => {
        this.#newestToken = fencingToken;
        this.#holder = process;
      },
    });
    this.tell(`${process.name} starts`);
    void seat.holder.start();
  }

  startAgent(pod: Pod): void {
    pod.lives += 1;
    const process = this.#process(`${pod.name}-${pod.lives}`, () => {
      if (pod.agent?.process !== process) return;
      pod.agent = null;
      this.scheduler.after(this.random.int(500, 5000), () => {
        if (pod.agent === null) this.startAgent(pod);
      });
    });
    process.skewMs = pod.skewMs;
    pod.agent = new AgentProcess(process, {
      proxy: pod.proxy,
      modules: pod.modules ?? idleModules,
      disk: pod.disk,
      network: this.network,
      log: this.#log,
      random: new Random(this.#options.seed, process.name).next,
      agentId: pod.name,
      podUid: `uid-${pod.name}`,
      bootId: process.name,
      fleet: this.spec.fleet,
      cell: pod.cell,
      foreignGraceMs,
      saveToDisk: this.#options.seed % 3 === 0,
      acting: (name, act) => this.#act(pod.proxy, { name, isLate: process.isLate }, act),
    });
    this.tell(`${process.name} starts`);
    void pod.agent.start();
  }

  /** Runs one thing, and looks whether everything still holds. */
  async step(): Promise<boolean> {
    const isMore = await this.scheduler.step();
    this.rules.check();
    return isMore;
  }

  #process(name: string, died: () => void): SimProcess {
    const process: SimProcess = new SimProcess(name, {
      scheduler: this.scheduler,
      faults: this.faults,
      log: this.#note,
      died: () => {
        this.network.lost(process);
        died();
      },
    });
    return process;
  }

  #addPod(name: string, cell: string): void {
    const random = new Random(this.#options.seed, name);
    const proxy = new SimProxy(name, {
      random,
      isUp: (address) => this.isUp(address),
      traffic: random.pick([0, 0.3, 1]),
    });
    proxy.sessionEnding = (session) => {
      this.tell(`${name} loses session ${session.id} on ${session.hostname}`);
      this.orders.sessionEnding(name, session);
    };
    const modules = this.spec.users.length > 0 ? new FakeModules() : null;
    const disk = { state: null, isFull: false };
    this.pods.push({ name, cell, proxy, modules, disk, skewMs: 0, agent: null, lives: 0 });
  }

  async #act<T>(proxy: SimProxy, { name, isLate }: AgentCall, act: () => Promise<T>): Promise<T> {
    proxy.nowMs = this.scheduler.nowMs;
    if (name === 'readState' || name === 'createSentinel') proxy.lookedAtMs = this.scheduler.nowMs;
    if (!/^(?:replace|delete|load|publish|save)/.test(name)) return act();
    const { memory, runtime, loads } = proxy;
    const [pendingEdits, runtimeSince] = [new Map(proxy.pendingEdits), new Map(proxy.runtimeSince)];
    const tables = { memory: new Map(memory), runtime: new Map(runtime) };
    const before: ProxyTables = { ...tables, runtimeSince, loads, pendingEdits, isLate };
    const answer = act();
    // It writes, then loads: what it did is seen when it is over.
    if (name === 'publishServers') await answer.catch(() => undefined);
    this.#proxyRules.acted(proxy, name, before);
    return answer;
  }

  /** Time passes for the proxies and the network. */
  #tick(delayMs: number): void {
    this.scheduler.after(delayMs, () => {
      for (const { proxy, skewMs } of this.pods) {
        proxy.nowMs = this.scheduler.nowMs;
        proxy.tick(epochMs + this.scheduler.nowMs + skewMs, tickMs / 1000);
      }
      this.network.expire();
      this.alerts.noteFewer(this.rules, this.orders);
      this.#tick(tickMs);
    });
  }
}
