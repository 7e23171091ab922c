import { hostname } from 'node:os';
import { EnvironmentReader } from '../process/environment.ts';
import { type LogLevel, logLevels } from '../process/log.ts';

/** What an agent is told at its start. */
export type AgentConfig = {
  readonly coordinatorAddress: string;
  readonly identity: {
    readonly agentId: string;
    readonly cell: string;
    readonly fleet: string;
    readonly podUid: string;
  };
  readonly admin: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly deadlineMs: number;
  };
  readonly http: { readonly host: string; readonly port: number };
  readonly stateDir: string;
  readonly lastKnownGoodMaxAgeMs: number;
  readonly driftIntervalMs: number;
  readonly stopDeadlineMs: number;
  readonly logLevel: LogLevel;
};

type Variable = { readonly name: string; readonly default: string | null; readonly meaning: string };

/** The agent's environment, for `--help`. A `null` default means required. */
export const agentEnvironmentHelp: readonly Variable[] = [
  { name: 'COORDINATOR_ADDRESS', default: null, meaning: "host:port of the coordinators' gRPC" },
  { name: 'CHESTER_FLEET', default: null, meaning: 'fleet this ProxySQL belongs to' },
  { name: 'PROXYSQL_ADMIN_USER', default: null, meaning: 'a user of admin-admin_credentials' },
  { name: 'PROXYSQL_ADMIN_PASSWORD', default: null, meaning: 'its password; or name a file instead:' },
  { name: 'PROXYSQL_ADMIN_PASSWORD_FILE', default: '', meaning: 'file that holds the password' },
  { name: 'STATE_DIR', default: null, meaning: 'folder for the last known good; it has to survive restarts' },
  { name: 'AGENT_ID', default: "the host's name", meaning: 'stable name of this agent (the pod)' },
  { name: 'CELL', default: 'default', meaning: 'cluster or region this agent runs in' },
  { name: 'POD_UID', default: '', meaning: 'UID of the pod in Kubernetes' },
  { name: 'PROXYSQL_ADMIN_HOST', default: '127.0.0.1', meaning: "host of ProxySQL's admin interface" },
  { name: 'PROXYSQL_ADMIN_PORT', default: '6032', meaning: 'its port' },
  { name: 'ADMIN_DEADLINE_MS', default: '5000', meaning: 'longest wait for one admin statement' },
  { name: 'DRIFT_INTERVAL_MS', default: '30000', meaning: 'how often the proxy is compared with its snapshots' },
  {
    name: 'LAST_KNOWN_GOOD_MAX_AGE_SECONDS',
    default: '86400',
    meaning: 'older than this, owned replicas are not served from the file',
  },
  { name: 'HTTP_HOST', default: '127.0.0.1', meaning: 'address for probes and metrics' },
  { name: 'HTTP_PORT', default: '8081', meaning: 'its port; 0 takes any free one' },
  { name: 'STOP_DEADLINE_MS', default: '10000', meaning: 'longest time to stop in' },
  { name: 'LOG_LEVEL', default: 'info', meaning: logLevels.join(', ') },
];

const label = { pattern: /^[a-z][a-z0-9-]{0,62}$/, allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -' };
const address = {
  pattern: /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
  allowed: 'host:port, an IPv6 address in brackets',
};
const name = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/,
  allowed: 'up to 253 letters, digits, dots, hyphens and underscores',
};

/** Parses the environment, or lists everything that is wrong with it. `readText` reads the password's file. */
export function parseAgentConfig(
  env: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
): { readonly config: AgentConfig } | { readonly problems: readonly string[] } {
  const reader = new EnvironmentReader(env);
  const port = { min: 1, max: 65_535 };
  const config: AgentConfig = {
    coordinatorAddress: reader.text('COORDINATOR_ADDRESS', null, address),
    identity: {
      agentId: reader.text('AGENT_ID', hostname(), name),
      cell: reader.text('CELL', 'default', label),
      fleet: reader.text('CHESTER_FLEET', null, label),
      podUid: reader.text('POD_UID', ''),
    },
    admin: {
      host: reader.text('PROXYSQL_ADMIN_HOST', '127.0.0.1'),
      port: reader.integer('PROXYSQL_ADMIN_PORT', 6032, port),
      user: reader.text('PROXYSQL_ADMIN_USER', null),
      password: parsePassword(reader, readText),
      deadlineMs: reader.integer('ADMIN_DEADLINE_MS', 5000, { min: 100, max: 60_000 }),
    },
    http: {
      host: reader.text('HTTP_HOST', '127.0.0.1'),
      port: reader.integer('HTTP_PORT', 8081, { min: 0, max: 65_535 }),
    },
    stateDir: reader.text('STATE_DIR', null),
    lastKnownGoodMaxAgeMs:
      reader.integer('LAST_KNOWN_GOOD_MAX_AGE_SECONDS', 86_400, { min: 0, max: 31_536_000 }) * 1000,
    driftIntervalMs: reader.integer('DRIFT_INTERVAL_MS', 30_000, { min: 1000, max: 3_600_000 }),
    stopDeadlineMs: reader.integer('STOP_DEADLINE_MS', 10_000, { min: 100, max: 600_000 }),
    logLevel: reader.oneOf('LOG_LEVEL', 'info', logLevels),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : { config };
}

function parsePassword(reader: EnvironmentReader, readText: (path: string) => string): string {
  const password = reader.secret('PROXYSQL_ADMIN_PASSWORD');
  const file = reader.text('PROXYSQL_ADMIN_PASSWORD_FILE', '');
  if (password !== '' && file !== '') {
    reader.problems.push('PROXYSQL_ADMIN_PASSWORD and PROXYSQL_ADMIN_PASSWORD_FILE are both set; set one');
  }
  if (password === '' && file === '') {
    reader.problems.push('neither PROXYSQL_ADMIN_PASSWORD nor PROXYSQL_ADMIN_PASSWORD_FILE is set; one is required');
  }
  if (file === '') return password;
  try {
    return readText(file).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reader.problems.push(`PROXYSQL_ADMIN_PASSWORD_FILE ${JSON.stringify(file)} cannot be read: ${reason}`);
    return '';
  }
}
