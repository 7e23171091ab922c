import { AgentStreams } from '../../coordinator/api/agent-streams.ts';
import { StreamDigests } from '../../coordinator/api/stream-digests.ts';
import { RemovalAdmin } from '../../coordinator/api/removal-admin.ts';
import { ScalingAdmin } from '../../coordinator/api/scaling-admin.ts';
import { ServerAdmin } from '../../coordinator/api/server-admin.ts';
import { CoordinatorError } from '../../coordinator/errors.ts';
import { ActionRunner } from '../../coordinator/loops/action-runner.ts';
import { BallotWriter } from '../../coordinator/loops/ballot-writer.ts';
import { CellKeeper } from '../../coordinator/loops/cell-keeper.ts';
import { CloudPacer } from '../../coordinator/loops/cloud-pacer.ts';
import { CloudView } from '../../coordinator/loops/cloud-view.ts';
import { FleetPublisher } from '../../coordinator/loops/fleet-publisher.ts';
import { HistoryWatch } from '../../coordinator/loops/history-watch.ts';
import { HoldBoard } from '../../coordinator/loops/hold-board.ts';
import { Intake } from '../../coordinator/loops/intake.ts';
import { LagWatch } from '../../coordinator/loops/lag-watch.ts';
import { Publisher } from '../../coordinator/loops/publisher.ts';
import { Roster } from '../../coordinator/loops/roster.ts';
import { Scaler } from '../../coordinator/loops/scaler.ts';
import { SnapshotFollower } from '../../coordinator/loops/snapshot-follower.ts';
import { TermKeeper } from '../../coordinator/loops/term-keeper.ts';
import type { CloudListing } from '../../coordinator/core/cloud.ts';
import type { CloudSql, Commit, CommitResult, ProxySecrets, ReplicaProbe, Store } from '../../coordinator/ports.ts';
import { contentHash } from '../../process/content-hash.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { FakeMetrics } from '../fakes/fake-metrics.ts';
import type { FakeStore } from '../fakes/fake-store.ts';
import { CloudDown, type SimCloud } from './sim-cloud.ts';
import type { Server } from './sim-network.ts';
import type { SimProcess } from './sim-process.ts';

/** The value of the label `chester-install`. */
export const install = 'simulated';

export type CoordinatorWorld = {
  readonly store: FakeStore;
  readonly cloud: SimCloud;
  readonly probe: ReplicaProbe;
  readonly secrets: ProxySecrets;
  readonly log: Logger;
  readonly nextName: () => string;
  /** Called before a commit; what it returns, with the result. Null: the store fails. */
  readonly committing: (commit: Commit) => ((result: CommitResult) => void) | null;
  /** Why the store refuses a commit that it would take otherwise; null: it does not. */
  readonly refusalOf: (commit: Commit) => CommitResult | null;
  /** As the embedded store: watchers hear of a commit before anybody else reads on, so groups may rest. */
  readonly tellsAtOnce: boolean;
  readonly termBegan: (fencingToken: number) => void;
  /** Called before a commit is on its way. */
  readonly aboutToCommit: (commit: Commit) => void;
  /** Empty: nobody named a cell for it. */
  readonly cell: string;
};

/** How often a coordinator gives a sign of life, and how long its cell may give none. */
const signs = { signMs: 10_000, silentMs: 40_000 };

/** How often serving replicas are asked for their lag. */
const lagLimits = { intervalMs: 10_000, probesAtOnceMax: 4, probesPerSecondMax: 50 };

/** One life of a coordinator: the real loops over simulated ports. */
export class CoordinatorProcess implements Server {
  readonly process: SimProcess;
  readonly intake: Intake;
  readonly servers: ServerAdmin;
  readonly scaling: ScalingAdmin;
  readonly removals: RemovalAdmin;
  readonly roster: Roster;
  readonly term: TermKeeper;
  readonly scaler: Scaler;
  readonly board = new HoldBoard();
  isReady = false;
  readonly #streams: AgentStreams;
  readonly #components: readonly Component[];

  constructor(process: SimProcess, world: CoordinatorWorld) {
    this.process = process;
    const { log } = world;
    const { clock } = process;
    const store = storeOf(process, world);
    const cloudSql = new CloudPacer({ cloudSql: cloudSqlOf(process, world.cloud), clock });
    const metrics = new FakeMetrics();
    const shared = { store, clock, log, metrics };
    const term = new TermKeeper(shared, process.name);
    this.term = term;
    this.roster = new Roster({ ...shared, term });
    const timing = {
      ...{ reportIntervalMs: 10_000, applyDeadlineMs: 10_000, bookmarkIntervalMs: 20_000 },
      ...{ merge: { quietMs: 20, maxMs: 250 }, canaryMaxMs: 5000, stalledMaxMs: 10_000 },
      admission: { perSecond: 1500, burst: 1500, waitMaxMs: 60_000 },
    };
    const soon = (turn: () => void): void => void clock.setTimer(0, turn);
    const streams = new AgentStreams(
      { ...shared, facts: this.roster, term, soon, disconnect: () => undefined },
      { coordinatorId: process.name, ...timing },
    );
    this.#streams = streams;
    const publishing = { ...shared, term, hash: contentHash, fanout: streams };
    const secrets = secretsOf(process, world.secrets);
    const publisher: Publisher = new Publisher({ ...publishing, board: this.board, secrets });
    const fleetPublisher: FleetPublisher = new FleetPublisher(publishing);
    const intervals = { install, pollIntervalMs: 3000, idleIntervalMs: 30_000, sampleIntervalMs: 1000, mergeMs: 10 };
    const cloud = new CloudView({ cloudSql, clock }, intervals.pollIntervalMs);
    const isRefusal = (error: unknown): boolean => error instanceof CoordinatorError && !error.isRetryable;
    const probe = probeOf(process, world.probe);
    const runner = new ActionRunner({ ...shared, term, cloudSql, cloud, probe, isRefusal, board: this.board });
    const agents = () => streams.connected;
    const { cell } = world;
    const signing = { ...shared, fanout: streams, agents: () => agents().length, onSilent: () => undefined };
    const cells = new CellKeeper(signing, { coordinatorId: process.name, cell, mayDecide: true, ...signs });
    const warmth = new StreamDigests(
      { ...shared, cells, agents, pendingOf: (group) => streams.pendingOf(group) },
      process.name,
    );
    const ballots = cell === '' ? [] : [new BallotWriter(shared, cell)];
    const { nextName } = world;
    const onChange = (group: string): void => {
      this.scaler.wake(group);
    };
    const lagWatch = new LagWatch({ ...shared, term, probe, onChange }, lagLimits);
    const lag = { lagOf: lagWatch.lagOf.bind(lagWatch), lagNotes: lagWatch.notesOf.bind(lagWatch) };
    this.scaler = new Scaler({ ...shared, ...lag, term, cloud, runner, cells, warmth, nextName }, intervals);
    this.servers = new ServerAdmin({ store, clock, cloud, install });
    this.scaling = new ScalingAdmin({ store, clock });
    this.removals = new RemovalAdmin({ store, clock });
    this.intake = new Intake({ ...shared, hash: contentHash });
    const follower = new SnapshotFollower({ ...shared, fanout: streams, facts: this.roster });
    const abandon = (): void => {
      process.crash();
    };
    const history = new HistoryWatch({ ...shared, term, fanout: streams, roster: this.roster, abandon });
    const together = [history, cells, warmth, ...ballots];
    const publishers = [follower, fleetPublisher, publisher];
    this.#components = [term, ...together, ...publishers, this.scaler, lagWatch, streams];
  }

  readonly connect: Server['connect'] = (call) => {
    this.#streams.connect(call);
  };

  /** Starts as main does; a start that fails ends the process. */
  async start(): Promise<void> {
    try {
      for (const component of this.#components) await component.start();
      this.isReady = true;
    } catch {
      this.process.crash();
    }
  }
}

const storeFails = (): Error => new CoordinatorError('STORE_UNAVAILABLE', 'disk I/O error');
const cloudFails = (): Error => new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'socket hang up');

/** The durable store as one process reaches it. What was committed stays, whoever dies. */
function storeOf(process: SimProcess, world: CoordinatorWorld): Store {
  const { store, committing, refusalOf, termBegan, aboutToCommit, tellsAtOnce } = world;
  const call = <T>(port: string, act: () => Promise<T>): Promise<T> => process.call(port, act, storeFails);
  return {
    ...(tellsAtOnce ? { tellsAtOnce } : {}),
    get: (key) => call('store.get', () => store.get(key)),
    list: (prefix) => call('store.list', () => store.list(prefix)),
    commit: (commit) => {
      aboutToCommit(commit);
      return call('store.commit', async () => {
        const committed = committing(commit);
        if (committed === null) throw storeFails();
        const result = refusalOf(commit) ?? (await store.commit(commit));
        committed(result);
        return result;
      });
    },
    acquireLease: (request) =>
      call('store.acquireLease', async () => {
        const result = await store.acquireLease(request);
        if (result.outcome === 'held') termBegan(result.term.fencingToken);
        return result;
      }),
    renewLease: (term, ttlMs) => call('store.renewLease', () => store.renewLease(term, ttlMs)),
    releaseLease: (term) => call('store.releaseLease', () => store.releaseLease(term)),
    leaseHolder: () => call('store.leaseHolder', () => store.leaseHolder()),
    head: () => call('store.head', () => store.head()),
    watchHistory: (onLoss) =>
      store.watchHistory((loss) => {
        process.run(() => {
          onLoss(loss);
        });
      }),
    watch: (prefix, onChange) =>
      store.watch(prefix, (keys) => {
        process.run(() => {
          onChange(keys);
        });
      }),
    readEvents: (query) => call('store.readEvents', () => store.readEvents(query)),
    lastEventSequence: () => call('store.lastEventSequence', () => store.lastEventSequence()),
    watchEvents: (onEvent) =>
      store.watchEvents(() => {
        process.run(onEvent);
      }),
    pruneEvents: (keepCount) => call('store.pruneEvents', () => store.pruneEvents(keepCount)),
  };
}

function cloudSqlOf(process: SimProcess, cloud: SimCloud): CloudSql {
  /** What this process was last shown. */
  let shown: CloudListing | null = null;
  const call = <T>(name: string, act: () => T): Promise<T> =>
    process.call(
      `cloud.${name}`,
      () => {
        try {
          return act();
        } catch (error) {
          throw error instanceof CloudDown ? new CoordinatorError(error.code, 'Cloud SQL refuses') : error;
        }
      },
      cloudFails,
    );
  return {
    listInstances: async () => (shown = await call('list', () => cloud.list())),
    readOperation: (_project, name) => call('operation', () => cloud.operation(name)),
    createReplica: (request) => call('create', () => cloud.create(request)),
    unprotect: (_project, name, version) => call('unprotect', () => cloud.unprotect(name, version)),
    relabel: (request) => call('relabel', () => cloud.relabel(request)),
    deleteInstance: (_project, name) => {
      const known = shown;
      return call('delete', () => cloud.delete(name, known));
    },
  };
}

/** Failures of a probe are answers. */
function probeOf(process: SimProcess, probe: ReplicaProbe): ReplicaProbe {
  const failed = { outcome: 'failed' as const, reason: 'ETIMEDOUT' };
  const call = <T>(name: string, act: () => Promise<T>): Promise<T | typeof failed> =>
    process.call<T | typeof failed>(`probe.${name}`, act, () => new ProbeFailed()).catch(() => failed);
  return {
    sampleGate: (target) => call('gate', () => probe.sampleGate(target)),
    sampleSessions: (target) => call('sessions', () => probe.sampleSessions(target)),
  };
}

class ProbeFailed extends Error {}

function secretsOf(process: SimProcess, secrets: ProxySecrets): ProxySecrets {
  const missing = { outcome: 'missing' as const, reason: 'the folder of secrets cannot be read' };
  const call = <T>(name: string, act: () => Promise<T>): Promise<T | typeof missing> =>
    process.call<T | typeof missing>(`secrets.${name}`, act, () => new ProbeFailed()).catch(() => missing);
  return {
    readPasswordHash: (name) => call('hash', () => secrets.readPasswordHash(name)),
    readClientCertificate: (certificate, key) =>
      call('certificate', () => secrets.readClientCertificate(certificate, key)),
  };
}
