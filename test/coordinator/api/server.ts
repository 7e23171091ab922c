import {
  type ClientDuplexStream,
  credentials,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type AdminServiceDeps, createAdminService } from '../../../coordinator/api/admin-service.ts';
import { AgentStreams } from '../../../coordinator/api/agent-streams.ts';
import { GroupAdmin } from '../../../coordinator/api/group-admin.ts';
import { SecretAdmin } from '../../../coordinator/api/secret-admin.ts';
import { ServerAdmin } from '../../../coordinator/api/server-admin.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { GrpcServer } from '../../../coordinator/api/grpc-server.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { prefixes } from '../../../coordinator/core/records.ts';
import type { Check } from '../../../coordinator/core/check.ts';
import type { GroupSpec } from '../../../coordinator/core/group-spec.ts';
import { Intake } from '../../../coordinator/loops/intake.ts';
import { FleetPublisher } from '../../../coordinator/loops/fleet-publisher.ts';
import { Publisher } from '../../../coordinator/loops/publisher.ts';
import { Roster } from '../../../coordinator/loops/roster.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import type { AckStatus } from '../../../proto/gen/chester/v1/AckStatus.ts';
import type { AgentMessage } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage__Output } from '../../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { Hello } from '../../../proto/gen/chester/v1/Hello.ts';
import type { Update__Output } from '../../../proto/gen/chester/v1/Update.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { install } from '../builders.ts';
import { FakeProxySecrets } from '../../fakes/fake-proxy-secrets.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const { AgentService, AdminService } = loadChesterV1();
type AdminClient = InstanceType<typeof AdminService>;
type AgentCall = ClientDuplexStream<AgentMessage, CoordinatorMessage__Output>;

const identity = (handlers: UntypedServiceImplementation): UntypedServiceImplementation => handlers;

/** The coordinator's gRPC side on any free port, over a store in memory and a clock that stands still. */
export class TestServer {
  readonly store = new FakeStore();
  readonly clock = new FakeClock();
  readonly metrics = new FakeMetrics();
  readonly secrets = new FakeProxySecrets();
  readonly board = new HoldBoard();
  readonly term: TermKeeper;
  readonly roster: Roster;
  readonly streams: AgentStreams;
  readonly publisher: Publisher;
  readonly fleets: FleetPublisher;
  readonly groups: GroupAdmin;
  readonly cloudSql = new FakeCloudSql('shop-prod-1');
  readonly intake: Intake;
  readonly grpc: GrpcServer;
  /** What the doctor answers. */
  diagnose: (spec: GroupSpec) => readonly Check[] = () => [];
  readonly #clients: { close(): void }[] = [];

  /**
   * @param burst Streams that are let in at once.
   * @param guard Puts a guard before AdminService.
   * @param extend More of what AdminService works with.
   */
  constructor(
    burst = 1000,
    guard: (handlers: UntypedServiceImplementation) => UntypedServiceImplementation = identity,
    extend: (server: TestServer) => Partial<AdminServiceDeps> = () => ({}),
  ) {
    const { store, clock, metrics } = this;
    const log = createLogger('test', 'silent');
    const shared = { store, clock, metrics, log };
    this.term = new TermKeeper(shared, 'c1');
    this.roster = new Roster({ ...shared, term: this.term });
    const intervals = { reportIntervalMs: 10_000, applyDeadlineMs: 1000, bookmarkIntervalMs: 500 };
    const admission = { perSecond: 1000, burst, waitMaxMs: 60_000 };
    const limits = { admission, merge: { quietMs: 0, maxMs: 0 }, canaryMaxMs: 5000, stalledMaxMs: 10_000 };
    const disconnect = (peer: string): void => {
      this.grpc.disconnect(peer);
    };
    this.streams = new AgentStreams(
      { ...shared, facts: this.roster, term: this.term, soon: setImmediate, disconnect },
      { coordinatorId: 'c1', ...intervals, ...limits },
    );
    const publishing = { ...shared, term: this.term, hash: contentHash, fanout: this.streams };
    this.publisher = new Publisher({ ...publishing, board: this.board, secrets: this.secrets });
    this.fleets = new FleetPublisher(publishing);
    this.groups = new GroupAdmin({ store, clock, hash: contentHash });
    this.intake = new Intake({ ...shared, hash: contentHash, resync: this.streams.resync.bind(this.streams) });
    const agents = () => this.streams.connected;
    const cloud = new CloudView({ cloudSql: this.cloudSql, clock }, 0);
    const admin = createAdminService({
      ...{ store, clock, log, cloud, install, hash: contentHash, secrets: this.secrets },
      admin: this.groups,
      secretAdmin: new SecretAdmin({ store, clock, box: null }),
      facts: this.roster,
      servers: new ServerAdmin({ store, clock, cloud, install }),
      holds: this.board,
      incidents: this.intake,
      doctor: { diagnose: (spec) => Promise.resolve(this.diagnose(spec)) },
      agents,
      ...extend(this),
    });
    this.grpc = new GrpcServer({ agent: { connect: this.streams.connect }, admin: guard(admin) }, log, {
      host: '127.0.0.1',
      port: 0,
    });
  }

  /** The groups that are frozen, and the revision that the next one of each goes above. */
  async frozen(): Promise<[group: string, above: number][]> {
    return (await this.store.list(prefixes.freezes)).map(({ value }) => [value.group, value.aboveRevision]);
  }

  get address(): string {
    return `127.0.0.1:${this.grpc.port}`;
  }

  async start(): Promise<this> {
    await this.term.start();
    this.streams.start();
    await this.grpc.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.publisher.stop();
    await this.fleets.stop();
    await this.streams.stop();
    for (const client of this.#clients) client.close();
    await this.grpc.stop();
  }

  /** An agent that has not said anything yet. */
  agent(): RawAgent {
    const client = new AgentService(this.address, credentials.createInsecure());
    this.#clients.push(client);
    return new RawAgent(client.connect());
  }

  /** An agent that is in sync. */
  async joined(hello: Hello = {}): Promise<RawAgent> {
    const agent = this.agent();
    agent.hello(hello);
    await agent.next('syncDone');
    return agent;
  }

  admin(): AdminClient {
    const client = new AdminService(this.address, credentials.createInsecure());
    this.#clients.push(client);
    return client;
  }
}

/** One stream of an agent, driven by hand. */
class RawAgent {
  readonly received: CoordinatorMessage__Output[] = [];
  /** How the stream ended. */
  readonly ended: Promise<StatusObject>;
  readonly #call: AgentCall;
  #arrived: (() => void)[] = [];
  #read = 0;

  constructor(call: AgentCall) {
    this.#call = call;
    call.on('data', (message: CoordinatorMessage__Output) => {
      this.received.push(message);
      for (const resolve of this.#arrived.splice(0)) resolve();
    });
    call.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      call.on('status', resolve);
    });
  }

  send(message: AgentMessage): void {
    this.#call.write(message);
  }

  hello(change: Hello = {}): void {
    const hello = {
      agentId: 'a',
      bootId: 'b1',
      cell: 'default',
      fleet: 'main',
      podUid: 'uid',
      proxysqlVersion: '2.7.3',
      proxyBoot: 'boot-1',
      known: [],
      maxEpoch: 0,
    };
    this.send({ hello: { ...hello, ...change } });
  }

  ack(
    { nonce, group, revision }: Update__Output,
    status: `ACK_STATUS_${string}` = 'ACK_STATUS_APPLIED',
    change = {},
  ): void {
    this.send({ ack: { nonce, group, revision, status: status as AckStatus, ...change } });
  }

  end(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** Reads no more, as one whose process hangs. */
  pause(): void {
    this.#call.pause();
  }

  /** The next message of a kind that was not read yet. */
  async next<Kind extends 'welcome' | 'update' | 'syncDone' | 'bookmark'>(
    kind: Kind,
  ): Promise<NonNullable<CoordinatorMessage__Output[Kind]>> {
    for (;;) {
      const message = this.received[this.#read];
      if (message === undefined) {
        await new Promise<void>((resolve) => this.#arrived.push(resolve));
        continue;
      }
      this.#read += 1;
      const found = message[kind];
      if (found) return found;
    }
  }

  updates(): (string | number)[][] {
    return this.received.flatMap(({ update }) => (update ? [[update.group, update.revision, update.body ?? '']] : []));
  }
}

/** Waits for something that comes over the network; fails after half a minute. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const untilMs = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > untilMs) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
