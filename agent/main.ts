import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from '../process/clock.ts';
import { type Component, Lifecycle } from '../process/lifecycle.ts';
import { createLogger, type Logger } from '../process/log.ts';
import { createMetrics } from '../process/metrics.ts';
import { CertificateFolder } from './adapters/certificate-files.ts';
import { GrpcCoordinatorLink } from './adapters/coordinator-stream.ts';
import { PrometheusMetrics } from './adapters/metrics.ts';
import { ProxysqlAdmin } from './adapters/proxysql-admin.ts';
import { SnapshotFile } from './adapters/snapshot-file.ts';
import { Probes } from './api/probes.ts';
import { type AgentConfig, parseAgentConfig } from './config.ts';
import { findUnready } from './core/readiness.ts';
import { Applier } from './loops/applier.ts';
import { ClientGate } from './loops/client-gate.ts';
import { DriftChecker } from './loops/drift-checker.ts';
import { Heartbeat } from './loops/heartbeat.ts';
import { Keeper } from './loops/keeper.ts';
import { ProxyWatch } from './loops/proxy-watch.ts';
import { Reporter } from './loops/reporter.ts';
import { Subscriber } from './loops/subscriber.ts';
import type { Entropy } from './ports.ts';

export { agentEnvironmentHelp } from './config.ts';

const entropy: Entropy = {
  randomId: () => randomUUID(),
  digest: (text) => createHash('sha256').update(text).digest('hex'),
};

/** An agent's parts, in the order in which they start. */
export type Agent = {
  readonly components: readonly Component[];
  /** Known once it was started. */
  readonly httpPort: () => number;
};

/** Runs the agent until a signal stops it. Prints what is wrong with its configuration and exits 2. */
export async function runAgent(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const parsed = parseAgentConfig(env, (path) => readFileSync(path, 'utf8'));
  if ('problems' in parsed) {
    for (const problem of parsed.problems) process.stderr.write(`chester agent: ${problem}\n`);
    process.exit(2);
  }
  const { config } = parsed;
  const log = createLogger('agent', config.logLevel);
  const agent = createAgent(config, log);
  const lifecycle = new Lifecycle(agent.components, { log, stopDeadlineMs: config.stopDeadlineMs });
  lifecycle.stopOnSignals();
  try {
    await lifecycle.start();
  } catch (error) {
    log.error({ err: error }, 'agent failed to start');
    process.exit(1);
  }
  const { agentId, fleet } = config.identity;
  log.info({ agentId, fleet, http: `${config.http.host}:${agent.httpPort()}` }, 'agent started');
}

/** Puts an agent together. */
export function createAgent(config: AgentConfig, log: Logger): Agent {
  const registry = createMetrics();
  const metrics = new PrometheusMetrics(registry);
  const identity = { ...config.identity, bootId: entropy.randomId() };
  const owner = { agentId: identity.agentId, bootId: identity.bootId };
  const clock = systemClock;
  const random = Math.random;
  const { foreignGraceMs, loadIntervalMs, saveToDisk, isShadow, lastKnownGoodMaxAgeMs } = config;
  const admin = new ProxysqlAdmin({ ...config.admin, bootId: owner.bootId, isShadow });
  const store = new SnapshotFile(config.stateDir, entropy.digest);
  const keeper = new Keeper({ store, clock, log, metrics });
  const watch = new ProxyWatch({ admin, entropy, log, owner });
  const files = new CertificateFolder(config.tls);
  const applier = new Applier(
    { admin, modules: admin.modules, files, watch, keeper, entropy, metrics, clock, log, random },
    { foreignGraceMs, loadIntervalMs, saveToDisk, isShadow, lastKnownGoodMaxAgeMs },
  );
  const link = new GrpcCoordinatorLink(config.coordinatorAddress, config.coordinatorSecurity);
  const subscriber = new Subscriber({ link, applier, watch, keeper, metrics, clock, log, random }, identity);
  const gate = new ClientGate({ admin, watch, applier, subscriber, metrics, clock, log, owner }, config.drain);
  const reporter = new Reporter({ admin, applier, subscriber, metrics, clock });
  let hasLastKnownGood = false;
  const probes = new Probes({
    ...config.http,
    findUnready: () =>
      findUnready({
        isDraining: gate.isDraining,
        isCaughtUp: applier.isCaughtUp(),
        waitingFor: applier.waitingFor,
        pause: watch.pause,
        hasSnapshots: subscriber.hasSynced || (hasLastKnownGood && !subscriber.isBack),
      }),
    // Neither a drain nor a sign of life leaves a proxy as it is.
    drain: config.drain.token === null || isShadow ? null : { token: config.drain.token, run: () => gate.drain() },
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  });
  const lastKnownGood: Component = {
    name: 'last-known-good',
    start: () => {
      const targets = keeper.usableTargets(lastKnownGoodMaxAgeMs);
      hasLastKnownGood = targets.length > 0;
      applier.adopt(targets, keeper.fleet);
    },
    stop: () => undefined,
  };
  const adminConnection: Component = { name: 'proxysql-admin', start: () => undefined, stop: () => admin.close() };
  const drift = new DriftChecker({ applier, clock }, config.driftIntervalMs);
  const heartbeat = new Heartbeat({ admin, watch, metrics, clock }, owner.bootId);
  // The gate stops first: it may drain, and then says Goodbye on a stream that is still there.
  const writers = isShadow ? [] : [gate];
  const loops = [...(isShadow ? [] : [heartbeat]), applier, drift, subscriber, reporter, ...writers];
  const components = [probes, keeper, lastKnownGood, adminConnection, ...loops];
  return { components, httpPort: () => probes.port };
}
