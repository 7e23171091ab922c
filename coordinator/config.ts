import { randomUUID } from 'node:crypto';
import { type AccessConfig, accessEnvironmentHelp, parseAccessConfig } from './config-access.ts';
import { type ControlConfig, controlHelp, parseControl } from './config-control.ts';
import { parseStore, type StoreConfig, storeHelp } from './config-store.ts';
import { parseStream, type StreamConfig, streamHelp } from './config-stream.ts';
import { type LegacyConfig, legacyEnvironmentHelp, parseLegacyConfig } from './config-legacy.ts';
import { CoordinatorError } from './errors.ts';
import { labelName } from './core/names.ts';
import { sampleGapMaxMs } from './core/replica.ts';
import { EnvironmentReader } from '../process/environment.ts';
import { type LogLevel, logLevels } from '../process/log.ts';

/** Everything the coordinator is told at start. */
export type CoordinatorConfig = {
  readonly coordinatorId: string;
  readonly install: string;
  readonly listenHost: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly access: AccessConfig;
  readonly store: StoreConfig;
  readonly configFile: string | null;
  readonly cloudSqlRootUrl: string | null;
  readonly cloudSqlDeadlineMs: number;
  readonly pubSubSubscription: string | null;
  readonly webhookToken: string;
  /** Null: the webhook knows no login. */
  readonly webhookLogin: { readonly username: string; readonly password: string } | null;
  readonly notify: NotifyConfig;
  readonly control: ControlConfig;
  /** Chester's HTTP API. */
  readonly legacy: LegacyConfig;
  readonly stream: StreamConfig;
  readonly secretsDir: string;
  readonly monitorUsers: readonly string[];
  readonly pollIntervalMs: number;
  readonly idleIntervalMs: number;
  readonly sampleIntervalMs: number;
  readonly lagIntervalMs: number;
  readonly reportIntervalMs: number;
  readonly applyDeadlineMs: number;
  readonly keepMs: number;
  readonly eventsMax: number;
  readonly incidentsMax: number;
  readonly setAsideMax: number;
  readonly logLevel: LogLevel;
};

/** Who is told what happens; null for nobody. */
export type NotifyConfig = {
  /** Names of the secrets that hold the URLs. */
  readonly slackUrlSecret: string | null;
  readonly webhookUrlSecret: string | null;
  /** `projects/P/topics/T`. */
  readonly topic: string | null;
};

/** One line a variable: name, default, meaning. Printed by `chester coordinator --help`. */
export const coordinatorEnvironmentHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ...storeHelp,
  ['CONFIG_FILE', '', 'YAML with fleets and groups, declared at every start'],
  ['INSTALL_ID', 'chester', "this installation's name: the label chester-install of what it creates"],
  ['COORDINATOR_ID', '(random)', 'how this coordinator names itself to agents'],
  ...controlHelp,
  [
    'LISTEN_HOST',
    '127.0.0.1',
    'where HTTP and gRPC listen; another than loopback needs TLS and ACCESS_FILE, or INSECURE_LISTEN=true',
  ],
  [
    'INSECURE_LISTEN',
    'false',
    'allows plain gRPC and HTTP, and agents that nobody asked who they are, on such an address',
  ],
  ['HTTP_PORT', '8080', 'webhook, probes, metrics; 0 takes any free port'],
  ['GRPC_PORT', '8443', 'agents and administration; 0 takes any free port'],
  ...accessEnvironmentHelp,
  ['CLOUDSQL_ROOT_URL', '', 'another Cloud SQL Admin API, for example the sandbox; then no credentials are used'],
  ['CLOUDSQL_DEADLINE_MS', '10000', 'deadline of one call to Cloud SQL'],
  ['PUBSUB_SUBSCRIPTION', '', 'projects/P/subscriptions/S that gets the notifications; empty switches it off'],
  [
    'WEBHOOK_TOKEN',
    '',
    'what POST /webhooks/monitoring must carry as ?auth_token=… or bearer token; this or a login is required off loopback',
  ],
  ['WEBHOOK_USERNAME', '', 'with WEBHOOK_PASSWORD: the login that POST /webhooks/monitoring takes as well'],
  ['WEBHOOK_PASSWORD', '', 'see WEBHOOK_USERNAME'],
  [
    'NOTIFY_SLACK_SECRET',
    '',
    'name of the secret with the URL of a Slack-compatible webhook that is told what happens',
  ],
  ['NOTIFY_WEBHOOK_SECRET', '', 'name of the secret with a URL that gets each notification as JSON'],
  ['NOTIFY_PUBSUB_TOPIC', '', 'projects/P/topics/T that gets each notification as JSON'],
  ['SECRETS_DIR', '/etc/chester/secrets', 'one file a secret; CHESTER_SECRET_<NAME> in the environment goes first'],
  [
    'MONITOR_USERS',
    'monitor, and those of Cloud SQL',
    'users whose sessions on a replica do not count as use, separated by commas',
  ],
  ['POLL_INTERVAL_MS', '2000', 'how often a group in motion is looked at'],
  ['IDLE_INTERVAL_MS', '30000', 'how often a group at rest is compared with Cloud SQL'],
  ['SAMPLE_INTERVAL_MS', '1000', 'pause between two samples of a new or leaving replica'],
  ['LAG_INTERVAL_MS', '10000', 'how often serving replicas are asked how far they are behind'],
  ['REPORT_INTERVAL_MS', '10000', 'how often agents report load'],
  ['APPLY_DEADLINE_MS', '10000', 'how long an update may stay unanswered before it is sent again'],
  ...streamHelp,
  ...legacyEnvironmentHelp,
  ['KEEP_DAYS', '30', 'how long events, closed incidents and messages set aside are kept'],
  ['EVENTS_MAX', '10000', 'how many events are kept'],
  ['INCIDENTS_MAX', '10000', 'how many closed incidents are kept'],
  ['SET_ASIDE_MAX', '1000', 'how many messages are kept that could not be used'],
  ['LOG_LEVEL', 'info', logLevels.join(', ')],
];

/** ProxySQL's monitor, and the accounts that Cloud SQL itself keeps on every instance. */
const monitorUsers =
  'monitor,cloudsqladmin,cloudsqlreplica,cloudsqlapplier,cloudsqlexport,cloudsqlimport,cloudsqloneshot,' +
  'cloudsqlobservabilityadmin';

const subscriptionRule = {
  pattern: /^projects\/[^/]+\/subscriptions\/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/,
  allowed: 'projects/PROJECT/subscriptions/NAME',
};
const topicRule = {
  pattern: /^projects\/[^/]+\/topics\/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/,
  allowed: 'projects/PROJECT/topics/NAME',
};
const urlRule = { pattern: /^https?:\/\/[^\s?#]+\/$/, allowed: 'an http or https URL that ends in /' };
const loginNameRule = { pattern: /^[^:\s]{1,64}$/, allowed: '1 to 64 characters without ":" and blanks' };
const anyPort = { min: 0, max: 65535 };
const interval = { min: 10, max: 3_600_000 };

/**
 * Parses the environment.
 *
 * @throws {CoordinatorError} CONFIG_INVALID with every problem, one a line.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): CoordinatorConfig {
  const reader = new EnvironmentReader(env);
  const config: CoordinatorConfig = {
    coordinatorId: reader.text('COORDINATOR_ID', `coordinator-${randomUUID().slice(0, 8)}`),
    install: reader.text('INSTALL_ID', 'chester', labelName),
    listenHost: reader.text('LISTEN_HOST', '127.0.0.1'),
    httpPort: reader.integer('HTTP_PORT', 8080, anyPort),
    grpcPort: reader.integer('GRPC_PORT', 8443, anyPort),
    access: parseAccessConfig(reader, reader.text('LISTEN_HOST', '127.0.0.1')),
    store: parseStore(reader, reader.text('INSTALL_ID', 'chester')),
    configFile: optional(reader.text('CONFIG_FILE', '')),
    cloudSqlRootUrl: optional(reader.text('CLOUDSQL_ROOT_URL', '', urlRule)),
    cloudSqlDeadlineMs: reader.integer('CLOUDSQL_DEADLINE_MS', 10_000, { min: 100, max: 300_000 }),
    pubSubSubscription: optional(reader.text('PUBSUB_SUBSCRIPTION', '', subscriptionRule)),
    webhookToken: reader.secret('WEBHOOK_TOKEN'),
    webhookLogin: readWebhookLogin(reader),
    notify: {
      slackUrlSecret: optional(reader.text('NOTIFY_SLACK_SECRET', '', labelName)),
      webhookUrlSecret: optional(reader.text('NOTIFY_WEBHOOK_SECRET', '', labelName)),
      topic: optional(reader.text('NOTIFY_PUBSUB_TOPIC', '', topicRule)),
    },
    control: parseControl(reader),
    legacy: parseLegacyConfig(reader),
    stream: parseStream(reader),
    secretsDir: reader.text('SECRETS_DIR', '/etc/chester/secrets'),
    monitorUsers: reader
      .text('MONITOR_USERS', monitorUsers)
      .split(',')
      .map((user) => user.trim())
      .filter((user) => user !== ''),
    pollIntervalMs: reader.integer('POLL_INTERVAL_MS', 2000, interval),
    idleIntervalMs: reader.integer('IDLE_INTERVAL_MS', 30_000, interval),
    sampleIntervalMs: reader.integer('SAMPLE_INTERVAL_MS', 1000, { ...interval, max: sampleGapMaxMs / 2 }),
    lagIntervalMs: reader.integer('LAG_INTERVAL_MS', 10_000, interval),
    reportIntervalMs: reader.integer('REPORT_INTERVAL_MS', 10_000, interval),
    applyDeadlineMs: reader.integer('APPLY_DEADLINE_MS', 10_000, interval),
    keepMs: reader.integer('KEEP_DAYS', 30, { min: 1, max: 3650 }) * 24 * 3_600_000,
    eventsMax: reader.integer('EVENTS_MAX', 10_000, { min: 100, max: 10_000_000 }),
    incidentsMax: reader.integer('INCIDENTS_MAX', 10_000, { min: 100, max: 1_000_000 }),
    setAsideMax: reader.integer('SET_ASIDE_MAX', 1000, { min: 10, max: 100_000 }),
    logLevel: reader.oneOf('LOG_LEVEL', 'info', logLevels),
  };
  if (!config.access.isLoopback) checkWebhook(config, reader);
  if (reader.problems.length > 0) throw new CoordinatorError('CONFIG_INVALID', reader.problems.join('\n'));
  return config;
}

/** What others reach asks for the webhook's token. */
function checkWebhook({ listenHost, webhookToken, webhookLogin }: CoordinatorConfig, reader: EnvironmentReader): void {
  const host = `LISTEN_HOST is ${JSON.stringify(listenHost)}`;
  if (webhookToken === '' && webhookLogin === null) {
    reader.problems.push(
      `WEBHOOK_TOKEN is not set, nor WEBHOOK_USERNAME; one is required while ${host}, which others reach`,
    );
  }
}

function readWebhookLogin(reader: EnvironmentReader): CoordinatorConfig['webhookLogin'] {
  const username = reader.text('WEBHOOK_USERNAME', '', loginNameRule);
  const password = reader.secret('WEBHOOK_PASSWORD');
  if ((username === '') !== (password === '')) {
    const missing = username === '' ? 'WEBHOOK_USERNAME' : 'WEBHOOK_PASSWORD';
    reader.problems.push(`${missing} is not set; allowed: both of WEBHOOK_USERNAME and WEBHOOK_PASSWORD, or neither`);
  }
  return username === '' || password === '' ? null : { username, password };
}

function optional(text: string): string | null {
  return text === '' ? null : text;
}
