import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import { systemClock } from '../process/clock.ts';
import { contentHash } from '../process/content-hash.ts';
import { type Component, Lifecycle } from '../process/lifecycle.ts';
import { createLogger, type Logger } from '../process/log.ts';
import { createMetrics } from '../process/metrics.ts';
import { CloudSqlAdapter } from './adapters/cloudsql.ts';
import { readDeclarations } from './adapters/declarations-file.ts';
import { createCoordinatorMetrics, createNoticeTally } from './adapters/metrics.ts';
import { GoogleProjectAdapter } from './adapters/google-project.ts';
import { MysqlServerInspector } from './adapters/server-inspector.ts';
import { NoticeTopic } from './adapters/notice-topic.ts';
import { NoticeWebhook } from './adapters/notice-webhook.ts';
import { PubSubIntake } from './adapters/pubsub-intake.ts';
import { MysqlReplicaProbe } from './adapters/replica-probe.ts';
import { ProxySecretsAdapter } from './adapters/proxy-secrets.ts';
import { Secrets } from './adapters/secrets.ts';
import { EmbeddedStore } from './adapters/store-embedded.ts';
import { type AdminServiceDeps, createAdminService } from './api/admin-service.ts';
import { AgentStreams } from './api/agent-streams.ts';
import { GrpcServer } from './api/grpc-server.ts';
import { GroupAdmin } from './api/group-admin.ts';
import { HttpServer } from './api/http-server.ts';
import { StreamWarmth } from './api/warmth.ts';
import { ServerAdmin } from './api/server-admin.ts';
import { type CoordinatorConfig, parseConfig } from './config.ts';
import { fleetOfSettings } from './core/fleet-settings.ts';
import { type GroupSpec, replicaNamePrefix, replicaSuffixCharacters } from './core/group-spec.ts';
import { CoordinatorError } from './errors.ts';
import { ActionRunner } from './loops/action-runner.ts';
import { Doctor } from './loops/doctor.ts';
import { CloudPacer } from './loops/cloud-pacer.ts';
import { CloudView } from './loops/cloud-view.ts';
import { HoldBoard } from './loops/hold-board.ts';
import { Intake } from './loops/intake.ts';
import { FleetPublisher } from './loops/fleet-publisher.ts';
import { LagWatch } from './loops/lag-watch.ts';
import { Notifier } from './loops/notifier.ts';
import { Publisher } from './loops/publisher.ts';
import { upgradeRecords } from './loops/record-upgrade.ts';
import { Retention } from './loops/retention.ts';
import { Roster } from './loops/roster.ts';
import { Scaler } from './loops/scaler.ts';
import { TermKeeper } from './loops/term-keeper.ts';
import type { CloudSql, Metrics } from './ports.ts';

export { coordinatorEnvironmentHelp } from './config.ts';

const stopDeadlineMs = 10_000;
const retention = { setAsideBytesMax: 64 * 1024 * 1024, intervalMs: 600_000 };
const notices = {
  limit: { burst: 10, everyMs: 30_000 },
  ageMsMax: 3_600_000,
  cursorIntervalMs: 1000,
  deadlineMs: 5000,
};

/**
 * Runs a coordinator until it is told to stop. Prints `{"http":"host:port","grpc":"host:port"}` on stdout once both
 * listen. A bad configuration is printed whole on stderr and exits 2, a failed start exits 1.
 */
export async function runCoordinator(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  if (config === null) return;
  const log = createLogger('chester-coordinator', config.logLevel);
  let lifecycle: Lifecycle | null = null;
  try {
    const coordinator = compose(config, env, log);
    lifecycle = new Lifecycle(coordinator.components, { log, stopDeadlineMs });
    lifecycle.stopOnSignals();
    await lifecycle.start();
    const addresses = {
      http: `${config.listenHost}:${coordinator.http.port}`,
      grpc: `${config.listenHost}:${coordinator.grpc.port}`,
    };
    process.stdout.write(`${JSON.stringify(addresses)}\n`);
  } catch (error) {
    log.error({ err: error }, 'coordinator did not start');
    process.stderr.write(`chester coordinator: ${error instanceof Error ? error.message : 'did not start'}\n`);
    await lifecycle?.stop();
    process.exit(error instanceof CoordinatorError && error.code === 'CONFIG_INVALID' ? 2 : 1);
  }
}

function readConfig(env: NodeJS.ProcessEnv): CoordinatorConfig | null {
  try {
    return parseConfig(env);
  } catch (error) {
    if (!(error instanceof CoordinatorError)) throw error;
    process.stderr.write(`chester coordinator: bad configuration\n${error.message}\n`);
    process.exitCode = 2;
    return null;
  }
}

type Composition = { readonly components: readonly Component[]; readonly http: HttpServer; readonly grpc: GrpcServer };

function compose(config: CoordinatorConfig, env: NodeJS.ProcessEnv, log: Logger): Composition {
  const registry = createMetrics();
  const metrics = createCoordinatorMetrics(registry);
  const store = EmbeddedStore.open({ file: config.stateFile });
  const shared = { store, clock: systemClock, log, metrics };
  const term = new TermKeeper(shared, config.coordinatorId);
  const roster: Roster = new Roster({
    ...shared,
    term,
    raiseRevision: (group, above) => {
      const fleet = fleetOfSettings(group);
      if (fleet === null) publisher.raiseRevision(group, above);
      else fleetPublisher.raiseRevision(fleet, above);
    },
  });
  const streams = new AgentStreams({ ...shared, facts: roster, term }, { ...config, bookmarkIntervalMs: 1000 });
  const board = new HoldBoard();
  const secrets = new Secrets({ env, dir: config.secretsDir });
  const publishing = { ...shared, term, hash: contentHash, fanout: streams };
  const proxySecrets = new ProxySecretsAdapter({ secrets });
  const publisher: Publisher = new Publisher({ ...publishing, board, secrets: proxySecrets });
  const fleetPublisher: FleetPublisher = new FleetPublisher(publishing);
  const onReconciled = publisher.noteReconciled.bind(publisher);
  const { cloudSql, cloud } = composeCloud(config);
  const loops = composeScaler(config, { ...shared, term, board, secrets, onReconciled, streams, cloudSql, cloud });
  const servers = new ServerAdmin({ ...shared, cloud, install: config.install });
  const admin = new GroupAdmin({ store, clock: systemClock, hash: contentHash });
  const intake = new Intake({ ...shared, hash: contentHash, resync: streams.resync.bind(streams) });
  const doctor = composeDoctor(config, { ...shared, secrets, proxySecrets });
  const grpc = composeGrpc(config, {
    ...{ store, clock: systemClock, log, admin, streams, doctor },
    facts: roster,
    servers,
    holds: board,
    incidents: intake,
  });
  const http = composeHttp({ intake, registry, log, term }, config);
  const components: Component[] = [
    {
      name: 'store',
      start: () => undefined,
      stop: () => {
        store.close();
      },
    },
    term,
    { name: 'upgrade', start: () => upgradeRecords({ store, log, hash: contentHash }), stop: () => undefined },
    { name: 'declarations', start: () => declare(config, admin, log), stop: () => undefined },
    fleetPublisher,
    publisher,
    ...loops,
    grpc,
    streams,
    http,
    new Retention(shared, { ...config, ...retention }),
    composeNotifier(config, { ...shared, term, secrets, registry }),
    ...composePull(config, { ...shared, intake }),
  ];
  return { components, http, grpc };
}

function composeGrpc(
  { grpcPort: port, listenHost: host }: CoordinatorConfig,
  deps: Omit<AdminServiceDeps, 'agents'> & { readonly streams: AgentStreams },
): GrpcServer {
  const { streams, ...shared } = deps;
  const admin = createAdminService({ ...shared, agents: () => streams.connected });
  return new GrpcServer({ agent: { connect: streams.connect }, admin }, deps.log, { host, port });
}

type Shared = {
  readonly store: EmbeddedStore;
  readonly clock: typeof systemClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly term: TermKeeper;
  readonly board: HoldBoard;
  readonly secrets: Secrets;
  readonly onReconciled: (group: string) => void;
  readonly streams: AgentStreams;
  readonly cloudSql: CloudSql;
  readonly cloud: CloudView;
};

function composeCloud(config: CoordinatorConfig): { readonly cloudSql: CloudSql; readonly cloud: CloudView } {
  const { cloudSqlRootUrl: rootUrl, cloudSqlDeadlineMs: deadlineMs } = config;
  const adapter = new CloudSqlAdapter({ rootUrl, auth: rootUrl === null ? 'adc' : 'none', deadlineMs });
  const cloudSql = new CloudPacer({ cloudSql: adapter, clock: systemClock });
  return { cloudSql, cloud: new CloudView({ cloudSql, clock: systemClock }, config.pollIntervalMs) };
}

/** Limits on logins that ask for lag; a thousand replicas are asked every 20 s. */
const lagLimits = { probesAtOnceMax: 16, probesPerSecondMax: 50 };

/** What decides and acts, and what it has to know of the replicas' lag. */
function composeScaler(config: CoordinatorConfig, { streams, ...shared }: Shared): Component[] {
  const warmth = new StreamWarmth(() => streams.connected);
  const probe = new MysqlReplicaProbe(shared, { deadlineMs: 5000, ignoredUsers: config.monitorUsers });
  const runner = new ActionRunner({ ...shared, probe, isRefusal });
  const onChange = (group: string) => {
    scaler.wake(group);
  };
  const lagOptions = { intervalMs: config.lagIntervalMs, ...lagLimits };
  const lagWatch = new LagWatch({ ...shared, probe, onChange }, lagOptions);
  const lag = { lagOf: lagWatch.lagOf.bind(lagWatch), lagNotes: lagWatch.notesOf.bind(lagWatch) };
  const scaler: Scaler = new Scaler({ ...shared, ...lag, warmth, runner, nextName }, config);
  return [scaler, lagWatch];
}

function composeDoctor(
  { cloudSqlRootUrl: rootUrl, cloudSqlDeadlineMs }: CoordinatorConfig,
  deps: Pick<Shared, 'store' | 'clock' | 'secrets'> & { readonly proxySecrets: ProxySecretsAdapter },
): Doctor {
  const { store, clock, secrets, proxySecrets } = deps;
  const google = new GoogleProjectAdapter({ rootUrl, deadlineMs: Math.min(cloudSqlDeadlineMs, 5000) });
  const inspector = new MysqlServerInspector({ secrets }, { deadlineMs: 3000 });
  return new Doctor({ store, clock, google, inspector, secrets: proxySecrets });
}

function composePull(
  { pubSubSubscription: subscription }: CoordinatorConfig,
  { intake: sink, clock, log }: Pick<Shared, 'clock' | 'log'> & { readonly intake: Intake },
): Component[] {
  return subscription === null ? [] : [new PubSubIntake({ sink, clock, log }, { subscription })];
}

function composeNotifier(
  { notify, install }: CoordinatorConfig,
  deps: Pick<Shared, 'store' | 'clock' | 'log' | 'term' | 'secrets'> & { readonly registry: Registry },
): Notifier {
  const { secrets, registry, ...shared } = deps;
  const { deadlineMs } = notices;
  const webhook = (name: 'slack' | 'webhook', urlSecret: string | null) =>
    urlSecret === null
      ? []
      : [new NoticeWebhook({ secrets }, { name, urlSecret, shape: name === 'slack' ? 'slack' : 'json', deadlineMs })];
  const receivers = [
    ...webhook('slack', notify.slackUrlSecret),
    ...webhook('webhook', notify.webhookUrlSecret),
    ...(notify.topic === null ? [] : [new NoticeTopic({ topic: notify.topic, deadlineMs })]),
  ];
  return new Notifier({ ...shared, receivers, tally: createNoticeTally(registry) }, { ...notices, install });
}

function composeHttp(
  deps: { readonly intake: Intake; readonly registry: Registry; readonly log: Logger; readonly term: TermKeeper },
  config: CoordinatorConfig,
): HttpServer {
  const { intake: sink, registry, log, term } = deps;
  const { httpPort: port, listenHost: host, webhookToken: token, webhookLogin: basic } = config;
  const readiness = () => (term.isHeld ? null : 'another coordinator decides');
  return new HttpServer({ sink, registry, log, readiness }, { host, port, webhook: { token, basic } });
}

/** A call that Cloud SQL refused for good created nothing. */
function isRefusal(error: unknown): boolean {
  return error instanceof CoordinatorError && !error.isRetryable;
}

/** The primary's name or the group's prefix, then a random suffix: a deleted instance's name stays taken for a week. */
function nextName(spec: GroupSpec): string {
  return `${replicaNamePrefix(spec)}r${randomBytes((replicaSuffixCharacters - 1) / 2).toString('hex')}`;
}

/** Declares what the file says. @throws {CoordinatorError} CONFIG_INVALID with every problem of every entry. */
async function declare(config: CoordinatorConfig, admin: GroupAdmin, log: Logger): Promise<void> {
  if (config.configFile === null) return;
  const { fleets, groups } = await readDeclarations(config.configFile);
  const problems: string[] = [];
  const note = (where: string, result: { readonly ok: boolean; readonly message?: string }) => {
    if (!result.ok) problems.push(...(result.message ?? '').split('\n').map((line) => `${where}: ${line}`));
  };
  for (const [index, fleet] of fleets.entries()) note(`fleets.${index}`, await admin.putFleet(fleet));
  for (const [index, group] of groups.entries()) note(`groups.${index}`, await admin.putGroup(group, 0));
  if (problems.length > 0) {
    throw new CoordinatorError('CONFIG_INVALID', `CONFIG_FILE ${config.configFile}:\n${problems.join('\n')}`);
  }
  log.info({ fleets: fleets.length, groups: groups.length }, 'declarations taken');
}
