import { hostname } from 'node:os';
import type { ClientSecurity } from '../process/client-credentials.ts';
import { EnvironmentReader } from '../process/environment.ts';
import { type LogLevel, logLevels } from '../process/log.ts';
import { coordinatorSecurityHelp, parseCoordinatorSecurity } from './config-coordinator.ts';

/** What an agent is told at its start. */
export type AgentConfig = {
  readonly coordinatorAddress: string;
  readonly coordinatorSecurity: ClientSecurity;
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
  readonly drain: {
    /** Who knows it may drain over HTTP; `null`: nobody may. */
    readonly token: string | null;
    readonly endpointsMs: number;
    readonly deadlineMs: number;
    readonly onStop: boolean;
  };
  readonly tls: {
    /** Where certificates for ProxySQL are put; `null`: nowhere, and a snapshot that has any is refused. */
    readonly folder: string | null;
    /** Who may read keys; `null`: this process's group. */
    readonly group: string | null;
  };
  readonly stateDir: string;
  readonly lastKnownGoodMaxAgeMs: number;
  readonly driftIntervalMs: number;
  readonly foreignGraceMs: number;
  readonly loadIntervalMs: number;
  readonly saveToDisk: boolean;
  /** Look, plan and tell, and write nothing into this ProxySQL. */
  readonly isShadow: boolean;
  /** A drain on stop included. */
  readonly stopDeadlineMs: number;
  readonly logLevel: LogLevel;
};

type Variable = { readonly name: string; readonly default: string | null; readonly meaning: string };

/** The agent's environment, for `--help`. A `null` default means required. */
export const agentEnvironmentHelp: readonly Variable[] = [
  { name: 'COORDINATOR_ADDRESS', default: null, meaning: "host:port of the coordinators' gRPC" },
  ...coordinatorSecurityHelp,
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
    name: 'FOREIGN_GRACE_MS',
    default: '60000',
    meaning: "how long somebody's pending edit holds up a drain or a new writer",
  },
  {
    name: 'LOAD_INTERVAL_MS',
    default: '2000',
    meaning: 'least time from a LOAD to one that only changes weights and limits',
  },
  { name: 'SHADOW', default: 'false', meaning: 'only tell what would be changed, and change nothing: true, false' },
  { name: 'SAVE_TO_DISK', default: 'false', meaning: 'whether ProxySQL saves what the agent changed: true, false' },
  {
    name: 'LAST_KNOWN_GOOD_MAX_AGE_SECONDS',
    default: '86400',
    meaning: 'when no coordinator spoke for longer, a proxy that lost its rows gets no owned replicas',
  },
  {
    name: 'TLS_DIR',
    default: '',
    meaning: 'folder for certificates, under the same path for ProxySQL; none: groups with TLS are refused',
  },
  { name: 'TLS_GROUP', default: '', meaning: "name or number of ProxySQL's group, which may read keys" },
  { name: 'HTTP_HOST', default: '127.0.0.1', meaning: 'address for probes and metrics' },
  { name: 'HTTP_PORT', default: '8081', meaning: 'its port; 0 takes any free one' },
  { name: 'DRAIN_TOKEN', default: '', meaning: 'who knows it may GET /drain?token=…; none: nobody may' },
  { name: 'DRAIN_TOKEN_FILE', default: '', meaning: 'file that holds the token' },
  { name: 'DRAIN_ENDPOINTS_MS', default: '20000', meaning: 'from "not ready" until nobody sends new clients' },
  { name: 'DRAIN_DEADLINE_MS', default: '60000', meaning: 'longest wait for the clients of a paused proxy to go' },
  { name: 'DRAIN_ON_STOP', default: 'false', meaning: 'whether SIGTERM drains: true, false' },
  { name: 'STOP_DEADLINE_MS', default: '10000', meaning: 'longest time to stop in, a drain not counted' },
  { name: 'LOG_LEVEL', default: 'info', meaning: logLevels.join(', ') },
];

const tokenLengthMin = 16;
const label = { pattern: /^[a-z][a-z0-9-]{0,62}$/, allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -' };
const address = {
  pattern: /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
  allowed: 'host:port, an IPv6 address in brackets',
};
const absolutePath = {
  pattern: /^\/[\w./-]*\w\/*$/,
  allowed: 'an absolute path of letters, digits, dots, hyphens and underscores',
};
const unixGroup = { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, allowed: "a group's name or number" };
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
  const coordinatorAddress = reader.text('COORDINATOR_ADDRESS', null, address);
  const drain = parseDrain(reader, readText);
  const stopDeadlineMs = reader.integer('STOP_DEADLINE_MS', 10_000, { min: 100, max: 600_000 });
  const config: AgentConfig = {
    coordinatorAddress,
    coordinatorSecurity: parseCoordinatorSecurity(reader, coordinatorAddress),
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
      password: parseSecret('PROXYSQL_ADMIN_PASSWORD', reader, readText) ?? missingPassword(reader),
      deadlineMs: reader.integer('ADMIN_DEADLINE_MS', 5000, { min: 100, max: 60_000 }),
    },
    http: {
      host: reader.text('HTTP_HOST', '127.0.0.1'),
      port: reader.integer('HTTP_PORT', 8081, { min: 0, max: 65_535 }),
    },
    drain,
    tls: parseTls(reader),
    stateDir: reader.text('STATE_DIR', null),
    lastKnownGoodMaxAgeMs:
      reader.integer('LAST_KNOWN_GOOD_MAX_AGE_SECONDS', 86_400, { min: 0, max: 31_536_000 }) * 1000,
    driftIntervalMs: reader.integer('DRIFT_INTERVAL_MS', 30_000, { min: 1000, max: 3_600_000 }),
    foreignGraceMs: reader.integer('FOREIGN_GRACE_MS', 60_000, { min: 0, max: 86_400_000 }),
    loadIntervalMs: reader.integer('LOAD_INTERVAL_MS', 2000, { min: 0, max: 600_000 }),
    saveToDisk: reader.boolean('SAVE_TO_DISK', false),
    isShadow: reader.boolean('SHADOW', false),
    stopDeadlineMs: stopDeadlineMs + (drain.onStop ? drain.endpointsMs + drain.deadlineMs : 0),
    logLevel: reader.oneOf('LOG_LEVEL', 'info', logLevels),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : { config };
}

function parseDrain(reader: EnvironmentReader, readText: (path: string) => string): AgentConfig['drain'] {
  const token = parseSecret('DRAIN_TOKEN', reader, readText);
  if (token !== null && token.length < tokenLengthMin) {
    reader.problems.push(`DRAIN_TOKEN has ${token.length} characters; allowed: ${tokenLengthMin} or more`);
  }
  return {
    token,
    endpointsMs: reader.integer('DRAIN_ENDPOINTS_MS', 20_000, { min: 0, max: 600_000 }),
    deadlineMs: reader.integer('DRAIN_DEADLINE_MS', 60_000, { min: 0, max: 86_400_000 }),
    onStop: reader.boolean('DRAIN_ON_STOP', false),
  };
}

function parseTls(reader: EnvironmentReader): AgentConfig['tls'] {
  const folder = reader.text('TLS_DIR', '', absolutePath).replace(/\/+$/, '');
  const group = reader.text('TLS_GROUP', '', unixGroup);
  return { folder: folder === '' ? null : folder, group: group === '' ? null : group };
}

function missingPassword(reader: EnvironmentReader): string {
  reader.problems.push('neither PROXYSQL_ADMIN_PASSWORD nor PROXYSQL_ADMIN_PASSWORD_FILE is set; one is required');
  return '';
}

/** A secret from the variable `name`, or from the file that `name_FILE` names; `null` when neither is set. */
function parseSecret(name: string, reader: EnvironmentReader, readText: (path: string) => string): string | null {
  const secret = reader.secret(name);
  const file = reader.text(`${name}_FILE`, '');
  if (secret !== '' && file !== '') reader.problems.push(`${name} and ${name}_FILE are both set; set one`);
  if (file === '') return secret === '' ? null : secret;
  try {
    return readText(file).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reader.problems.push(`${name}_FILE ${JSON.stringify(file)} cannot be read: ${reason}`);
    return '';
  }
}
