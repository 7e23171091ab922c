import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { type Clock, sleep, systemClock } from '../process/clock.ts';
import { type Component, Lifecycle } from '../process/lifecycle.ts';
import { createLogger, type Logger } from '../process/log.ts';
import { createMetrics } from '../process/metrics.ts';
import { KubernetesCertificates, KubernetesCluster } from './adapters/kubernetes.ts';
import { createInjectorMetrics } from './adapters/metrics.ts';
import { NamespaceWatch } from './adapters/namespace-watch.ts';
import { X509Maker } from './adapters/x509.ts';
import { Probes } from './api/probes.ts';
import { WebhookServer } from './api/webhook-server.ts';
import { type InjectorConfig, parseInjectorConfig } from './config.ts';
import { isAuthority } from './config-injection.ts';
import type { AdmissionRequest } from './core/admission.ts';
import { type Injection, planInjection } from './core/injection.ts';
import { readText } from './core/json.ts';
import type { ClusterCapabilities, InjectionSettings } from './core/settings.ts';
import { InjectorError } from './errors.ts';
import { CertificateKeeper } from './loops/certificate-keeper.ts';
import { CertificateReader } from './loops/certificate-reader.ts';
import { ClusterWatch } from './loops/cluster-watch.ts';
import { MissedPods } from './loops/missed-pods.ts';
import type { InjectorMetrics, Namespaces } from './ports.ts';

export { injectorEnvironmentHelp } from './config.ts';

const clusterDeadlineMs = 10_000;
/** A review waits this long for a namespace that nobody has heard of; the API server itself waits for seconds. */
const namespaceDeadlineMs = 1000;
const stopDeadlineMs = 10_000;

/**
 * Runs the injector until a signal stops it. Prints `{"webhook":port,"http":port}` once both listen. A bad configuration is
 * printed whole on stderr and exits 2, a failed start exits 1.
 */
export async function runInjector(env: NodeJS.ProcessEnv): Promise<void> {
  const parsed = parseInjectorConfig(env, (path) => readFileSync(path, 'utf8'));
  if ('problems' in parsed) {
    for (const problem of parsed.problems) process.stderr.write(`chester injector: ${problem}\n`);
    process.exitCode = 2;
    return;
  }
  const { config } = parsed;
  const log = createLogger('chester-injector', config.logLevel);
  const { components, webhook, probes } = compose(config, log);
  const lifecycle = new Lifecycle(components, { log, stopDeadlineMs: config.stopDelayMs + stopDeadlineMs });
  lifecycle.stopOnSignals();
  try {
    await lifecycle.start();
    process.stdout.write(`${JSON.stringify({ webhook: webhook.port, http: probes.port })}\n`);
  } catch (error) {
    log.error({ err: error }, 'injector did not start');
    process.exit(1);
  }
}

type Composition = {
  readonly components: readonly Component[];
  readonly webhook: WebhookServer;
  readonly probes: Probes;
};

function compose(config: InjectorConfig, log: Logger): Composition {
  const clock = systemClock;
  const registry = createMetrics();
  const metrics = createInjectorMetrics(registry);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const clusterOf = (deadlineMs: number) => new KubernetesCluster(kubeConfig, metrics, { deadlineMs });
  const cluster = clusterOf(clusterDeadlineMs);
  const namespaces = new NamespaceWatch({
    config: kubeConfig,
    cluster: clusterOf(namespaceDeadlineMs),
    metrics,
    clock,
    listDeadlineMs: clusterDeadlineMs,
  });
  const watch = new ClusterWatch({ cluster, clock, log });
  const { settings, nativeSidecars, listenHost: host } = config;
  const capabilities = (): ClusterCapabilities =>
    nativeSidecars === 'auto' ? watch.capabilities : { nativeSidecars: nativeSidecars === 'always' };
  const inject = createInject({ config, namespaces, capabilities, log });
  const { webhookPort: port, requestsMax } = config;
  const webhook = new WebhookServer(
    { inject, metrics, log, monotonicMs: () => clock.monotonicMs() },
    { host, port, requestsMax },
  );
  const certificate = composeCertificate(config, { kubeConfig, metrics, clock, log, serve: webhook.serve });
  let isStopping = false;
  const probes = new Probes({
    ...{ host, port: config.httpPort },
    findUnready: () => (isStopping ? 'stopping' : certificate.isServing() ? null : 'no certificate yet'),
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  });
  // It stops first: while it waits, the Service learns that no more requests shall come here.
  const farewell: Component = {
    name: 'farewell',
    start: () => undefined,
    stop: () => {
      isStopping = true;
      return sleep(clock, config.stopDelayMs);
    },
  };
  const missed = new MissedPods({ cluster, metrics, clock, log, settings, capabilities }, config.missedIntervalMs);
  const components = [
    ...[probes, ...(nativeSidecars === 'auto' ? [watch] : []), namespaces, certificate.component, webhook],
    ...(config.missedIntervalMs === 0 ? [] : [missed]),
    farewell,
  ];
  return { components, webhook, probes };
}

type CertificateDeps = {
  readonly kubeConfig: KubeConfig;
  readonly metrics: InjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serve: WebhookServer['serve'];
};

function composeCertificate(
  { certificate }: InjectorConfig,
  { kubeConfig, ...deps }: CertificateDeps,
): { readonly component: Component; readonly isServing: () => boolean } {
  const maker = new X509Maker();
  if (certificate.kind === 'own') {
    const deadlineMs = clusterDeadlineMs;
    const store = new KubernetesCertificates(kubeConfig, deps.metrics, { ...certificate, deadlineMs });
    const keeper = new CertificateKeeper({ ...deps, maker, store }, certificate.names);
    return { component: keeper, isServing: () => keeper.isServing };
  }
  const read = () => ({
    certificatePem: readPem(certificate.certificateFile),
    keyPem: readPem(certificate.keyFile),
  });
  return { component: new CertificateReader({ ...deps, maker, read }), isServing: () => true };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new InjectorError('CERTIFICATE_UNUSABLE', `${file} cannot be read (${reason})`);
  }
}

type InjectDeps = {
  readonly config: InjectorConfig;
  readonly namespaces: Namespaces;
  readonly capabilities: () => ClusterCapabilities;
  readonly log: Logger;
};

function createInject(deps: InjectDeps): (request: AdmissionRequest) => Promise<Injection | null> {
  const { config, namespaces, capabilities, log } = deps;
  const settingsNow = followAuthority(config, log);
  return async ({ pod, namespace }) => {
    if (pod === null) return null;
    const marks = await namespaces.marksOf(namespace).catch((error: unknown) => {
      // The pod's own marks are enough; without any it would not have been sent, unless for its namespace's.
      log.warn({ namespace, reason: error instanceof Error ? error.message : 'unknown' }, 'namespace not known');
      return null;
    });
    const drainToken = randomBytes(24).toString('base64url');
    const request = { pod, namespace: marks, settings: settingsNow(), capabilities: capabilities(), drainToken };
    const injection = planInjection(request);
    const name = readText(pod, 'metadata', 'name') || readText(pod, 'metadata', 'generateName');
    const { outcome, warnings } = injection;
    if (injection.outcome === 'injected')
      log.info({ namespace, pod: name, fleet: injection.fleet, warnings }, 'injected');
    else if (warnings.length > 0) log.warn({ namespace, pod: name, outcome, warnings }, 'not injected');
    return injection;
  };
}

const authorityAgeMsMax = 10_000;

/** The settings, with the coordinators' authority as its file has it now; a file that is no good changes nothing. */
function followAuthority({ settings, authorityFile }: InjectorConfig, log: Logger): () => InjectionSettings {
  let current = settings;
  let readAtMs = systemClock.monotonicMs();
  return () => {
    const nowMs = systemClock.monotonicMs();
    if (authorityFile === null || nowMs - readAtMs < authorityAgeMsMax) return current;
    readAtMs = nowMs;
    try {
      const pem = readFileSync(authorityFile, 'utf8');
      if (isAuthority(pem)) current = { ...settings, trust: { kind: 'inline', pem } };
    } catch (error) {
      log.warn({ err: error }, "the coordinators' authority stays as it was");
    }
    return current;
  };
}
