import type { EnvironmentReader } from '../process/environment.ts';
import type { RedisAddress, RedisTarget } from './adapters/store-redis-client.ts';
import type { Acknowledging } from './adapters/store-redis-replicas.ts';

/** Where the coordinator keeps what it knows. */
export type StoreConfig = { readonly kind: 'embedded'; readonly file: string } | RedisConfig;

export type RedisConfig = {
  readonly kind: 'redis';
  readonly target: RedisTarget;
  readonly prefix: string;
  readonly acknowledging: Acknowledging;
  readonly deadlineMs: number;
};

/** Lines of `chester coordinator --help`. */
export const storeHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['STATE_FILE', '', 'the embedded store of a single coordinator, one file; its folder is made if missing'],
  [
    'REDIS_URL',
    '',
    'instead of STATE_FILE, the store of several: redis://HOST:PORT, rediss://… with TLS, redis+sentinel://…',
  ],
  ['REDIS_PASSWORD_SECRET', '', 'name of the secret with the password of Redis'],
  ['REDIS_SENTINEL_PASSWORD_SECRET', '', 'name of the secret with the password of the Sentinels'],
  ['REDIS_TLS_CA', '', 'PEM file with the authority of the certificates of Redis, re-read at every connect'],
  ['REDIS_TLS_SERVER_NAME', '', 'the name that these certificates are for, where it is not the host in REDIS_URL'],
  ['REDIS_PREFIX', '(INSTALL_ID)', 'what all keys begin with, in braces; another prefix is another store'],
  [
    'REDIS_REPLICAS',
    'all with Sentinels, else 0',
    'so many replicas acknowledge each commit before it counts; all: those that keep in step, one at least',
  ],
  ['REDIS_DEADLINE_MS', '2000', 'deadline of one call to Redis'],
];

const secretName = { pattern: /^[a-z][a-z0-9-]{0,62}$/, allowed: 'a name of a secret: a-z, 0-9 and "-"' };
const hostName = { pattern: /^[A-Za-z0-9.:-]{1,253}$/, allowed: 'a host name' };
const prefixName = { pattern: /^[A-Za-z0-9._:-]{1,100}$/, allowed: '1 to 100 letters, digits and . _ : -' };

const replicas = { pattern: /^(?:all|[0-5])$/, allowed: 'all, or 0 to 5' };

const urlForms =
  'redis://[USER@]HOST[:PORT][/DB], rediss://… for TLS, or redis+sentinel://[USER@]HOST[:PORT],…/PRIMARY[/DB]' +
  ' (rediss+sentinel://… for TLS); no password in it: that is a secret (REDIS_PASSWORD_SECRET)';

/** Reads them. Problems are left with the reader. */
export function parseStore(reader: EnvironmentReader, install: string): StoreConfig {
  const file = reader.text('STATE_FILE', '');
  const url = reader.text('REDIS_URL', '');
  if (file === '' && url === '') {
    reader.problems.push('STATE_FILE is not set, nor REDIS_URL; one of them is required');
  }
  if (file !== '' && url !== '') reader.problems.push('STATE_FILE and REDIS_URL are both set; allowed: one of them');
  const redis = parseRedis(reader, url, install);
  return url === '' ? { kind: 'embedded', file } : redis;
}

/** Reads where Redis is from `url`, empty for nowhere, and all else from the environment. Problems are left with the reader. */
export function parseRedis(reader: EnvironmentReader, url: string, install: string): RedisConfig {
  const place = parseRedisUrl(url) ?? nowhere;
  // What is wrong with it may be a password that stands in it, so it is not repeated.
  if (place === nowhere && url !== '') reader.problems.push(`REDIS_URL is none; allowed: ${urlForms}`);
  const { hasTls, ...where } = place;
  const caFile = optional(reader.text('REDIS_TLS_CA', ''));
  const serverName = optional(reader.text('REDIS_TLS_SERVER_NAME', '', hostName));
  if (place !== nowhere && !hasTls && (caFile ?? serverName) !== null) {
    reader.problems.push(
      'REDIS_TLS_CA or REDIS_TLS_SERVER_NAME is set, but REDIS_URL asks for no TLS; allowed: rediss://…',
    );
  }
  const target: RedisTarget = {
    ...where,
    passwordSecret: optional(reader.text('REDIS_PASSWORD_SECRET', '', secretName)),
    sentinelPasswordSecret: optional(reader.text('REDIS_SENTINEL_PASSWORD_SECRET', '', secretName)),
    tls: hasTls ? { caFile, serverName } : null,
  };
  return {
    kind: 'redis',
    target,
    prefix: reader.text('REDIS_PREFIX', install, prefixName),
    acknowledging: parseAcknowledging(
      reader.text('REDIS_REPLICAS', target.at.kind === 'sentinel' ? 'all' : '0', replicas),
    ),
    deadlineMs: reader.integer('REDIS_DEADLINE_MS', 2000, { min: 100, max: 60_000 }),
  };
}

function parseAcknowledging(text: string): Acknowledging {
  return text === 'all' ? text : Number(text);
}

type RedisPlace = Pick<RedisTarget, 'at' | 'db' | 'username'> & { readonly hasTls: boolean };

const nowhere: RedisPlace = { at: { kind: 'single', host: '', port: 0 }, db: 0, username: null, hasTls: false };

const user = String.raw`(?:(?<user>[^:@/\s]+)@)?`;
const db = String.raw`(?:/(?<db>\d{1,4})?)?`;
const singleUrl = new RegExp(String.raw`^(?<scheme>rediss?)://${user}(?<hosts>[^@/,\s]+)${db}$`);
const sentinelUrl = new RegExp(
  String.raw`^(?<scheme>rediss?)\+sentinel://${user}(?<hosts>[^@/\s]+)/(?<primary>[^/\s]+)${db}$`,
);

/** Null: it is no URL of Redis, or has a password. */
export function parseRedisUrl(url: string): RedisPlace | null {
  const groups = (singleUrl.exec(url) ?? sentinelUrl.exec(url))?.groups;
  if (groups === undefined) return null;
  const at = parsePlace(groups['hosts'] ?? '', groups['primary'] ?? null);
  if (at === null) return null;
  const username = groups['user'] === undefined ? null : decodeURIComponent(groups['user']);
  return { at, db: Number(groups['db'] ?? '0'), username, hasTls: groups['scheme'] === 'rediss' };
}

function parsePlace(hosts: string, primary: string | null): RedisTarget['at'] | null {
  const addresses = hosts.split(',').map((text) => parseAddress(text, primary === null ? 6379 : 26_379));
  const sentinels = addresses.filter((address) => address !== null);
  const [first] = sentinels;
  if (first === undefined || sentinels.length < addresses.length) return null;
  return primary === null ? { kind: 'single', ...first } : { kind: 'sentinel', sentinels, primary };
}

const addressPattern = /^(?:\[(?<ip>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

function parseAddress(text: string, portDefault: number): RedisAddress | null {
  const groups = addressPattern.exec(text)?.groups;
  const host = groups?.['ip'] ?? groups?.['name'];
  const port = Number(groups?.['port'] ?? portDefault);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

function optional(text: string): string | null {
  return text === '' ? null : text;
}
