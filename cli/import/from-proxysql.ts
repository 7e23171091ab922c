import { type Imported, type ImportedPart, type ImportedSecret, Names } from './imported.ts';
import { translateRule } from './proxysql-rules.ts';
import type { ProxyTables, Row } from './proxysql-tables.ts';

export type HostgroupPair = { readonly writer: number; readonly reader: number };

export type ProxysqlImportOptions = {
  readonly fleet: string;
  readonly cell: string;
  /** The name of the only group; null: made of the writer hostgroup. */
  readonly name: string | null;
  /** Null: a person has to fill it in. */
  readonly project: string | null;
  readonly primary: string | null;
  readonly gateUsername: string;
  readonly gateSecret: string;
  /** ProxySQL's own values, by variable. */
  readonly defaults: ReadonlyMap<string, string>;
};

/** What a person has to fill in; Cloud SQL knows no such thing, so nothing happens before. */
const unknownName = 'fill-me-in';

/** Variables that a fleet cannot declare, that only count at a start, or that differ between proxies by nature. */
const leftOut =
  /password|credentials|secret|^mysql-(?:interfaces|threads|stacksize|server_version|ssl_p2s|monitor_username|eventslog|auditlog)/;

/** Finds the groups: pairs of hostgroups as ProxySQL itself has them, or those that were asked for. */
export function findPairs(tables: ProxyTables, asked: HostgroupPair | null): readonly HostgroupPair[] {
  if (asked !== null) return [asked];
  return tables.replicationHostgroups.map((row) => ({
    writer: Number(row['writer_hostgroup']),
    reader: Number(row['reader_hostgroup']),
  }));
}

/** Translates what a ProxySQL runs into a fleet and its groups. */
export function translateProxysql(
  tables: ProxyTables,
  pairs: readonly HostgroupPair[],
  options: ProxysqlImportOptions,
): Imported {
  const names = new Names();
  const secretNames = new Names();
  const gate = {
    name: secretNames.take(options.gateSecret),
    value: null,
    what: `the password of ${options.gateUsername}`,
  };
  const secrets: ImportedSecret[] = [gate];
  const used = new Set<Row>();
  const groups = pairs.map((pair) => {
    const name = names.take(options.name !== null && pairs.length === 1 ? options.name : `hostgroup-${pair.writer}`);
    return translatePair(tables, pair, {
      name,
      options: { ...options, gateSecret: gate.name },
      secretNames,
      secrets,
      used,
    });
  });
  const variables = [...tables.variables].filter(
    ([name, value]) => options.defaults.has(name) && options.defaults.get(name) !== value && !leftOut.test(name),
  );
  const fleet = { name: options.fleet, cell: options.cell, variables: Object.fromEntries(variables) };
  const rest = [...tables.servers, ...tables.users, ...tables.rules].filter((row) => !used.has(row)).map(describeRow);
  const notes = [
    'Every group begins in shadow: agents tell what they would change, and change nothing. Take `shadow` out to cut over.',
    ...(rest.length > 0 ? ['Left as it is, because it belongs to no group:', ...rest] : []),
  ];
  return { fleets: [{ declaration: fleet, notes: [] }], groups, secrets, notes };
}

type Translation = {
  readonly name: string;
  readonly options: ProxysqlImportOptions;
  readonly secretNames: Names;
  readonly secrets: ImportedSecret[];
  /** Collects the rows that some group has. */
  readonly used: Set<Row>;
};

function translatePair(tables: ProxyTables, pair: HostgroupPair, translation: Translation): ImportedPart {
  const { name, options } = translation;
  const notes: string[] = [];
  const servers = translateServers(tables, pair, translation.used, notes);
  const users = tables.users.filter((row) => [pair.writer, pair.reader].includes(Number(row['default_hostgroup'])));
  const rules = translateRules(tables, { pair, users }, translation.used, notes);
  if (tables.replicationHostgroups.some((row) => Number(row['writer_hostgroup']) === pair.writer)) {
    notes.push(
      `ProxySQL moves servers between ${pair.writer} and ${pair.reader} by read_only (mysql_replication_hostgroups): agents ` +
        'leave the group alone until that row is gone. Delete it at the cut-over.',
    );
  }
  if (options.project === null || options.primary === null)
    notes.push('project and primary are not known to ProxySQL: fill them in.');
  const ids = rules.map(({ ruleId }) => ruleId);
  return {
    declaration: {
      ...{
        name,
        fleet: options.fleet,
        project: options.project ?? unknownName,
        primary: options.primary ?? unknownName,
      },
      ...servers,
      ...{ writerHostgroup: pair.writer, readerHostgroup: pair.reader },
      gate: { username: options.gateUsername, passwordSecret: options.gateSecret },
      agents: { adoptExisting: true, shadow: true },
      users: users.map((row) => translateUser(row, pair, translation, notes)),
      ...(ids.length > 0 ? { ruleIds: { first: Math.min(...ids), last: Math.max(...ids) } } : {}),
      queryRules: rules,
    },
    notes,
  };
}

function translateServers({ servers }: ProxyTables, pair: HostgroupPair, used: Set<Row>, notes: string[]) {
  const of = (hostgroup: number) => servers.filter((row) => Number(row['hostgroup_id']) === hostgroup);
  const writers = of(pair.writer);
  for (const row of [...writers, ...of(pair.reader)]) used.add(row);
  const [writer] = writers;
  if (writers.length !== 1)
    notes.push(
      `Hostgroup ${pair.writer} has ${writers.length} servers: a group has one writer, where Cloud SQL has it.`,
    );
  else notes.push(`The writer stands at ${nameOf(writer)}: its primary in Cloud SQL has to be there.`);
  const isWriter = (row: Row) =>
    writers.some((one) => one['hostname'] === row['hostname'] && one['port'] === row['port']);
  const readers = of(pair.reader).filter((row) => !isWriter(row) && row['status'] !== 'OFFLINE_HARD');
  if (of(pair.reader).some(isWriter))
    notes.push('The writer is a reader too: agents add it where no reader is left, and only then.');
  const lags = [...new Set(readers.map((row) => Number(row['max_replication_lag'])))];
  if (lags.length > 1)
    notes.push(`Readers have different max_replication_lag (${lags.join(', ')}): all get the first.`);
  const tls = new Set([...writers, ...readers].map((row) => row['use_ssl']));
  if (tls.size > 1) notes.push('Some servers use TLS and some do not: all do what the writer does.');
  const staticReaders = readers.map((row) => ({
    hostname: row['hostname'] ?? '',
    port: Number(row['port']),
    weight: Number(row['weight']),
    maxConnections: Number(row['max_connections']),
    ...(row['comment'] ? { name: row['comment'].slice(0, 200) } : {}),
  }));
  return { ...defaultsOf(writer ?? readers[0] ?? {}, lags[0] ?? 0), staticReaders };
}

/** What all servers of the group have in common is what the writer has. */
function defaultsOf(like: Row, maxReplicationLagSeconds: number) {
  const numberIn = (column: string, fallback: number) => Number(like[column] ?? fallback);
  return {
    port: numberIn('port', 3306),
    serverDefaults: {
      weight: numberIn('weight', 1),
      maxConnections: numberIn('max_connections', 1000),
      maxReplicationLagSeconds,
      useSsl: like['use_ssl'] === '1',
    },
  };
}

function translateUser(
  row: Row,
  pair: HostgroupPair,
  { name, secretNames, secrets, used }: Translation,
  notes: string[],
) {
  used.add(row);
  const username = row['username'] ?? '';
  const password = row['password'] ?? '';
  const secret = secretNames.take(`${name}-${username}`);
  secrets.push({
    name: secret,
    value: password === '' ? null : password,
    what: `the password of user ${username}, or its hash`,
  });
  if (row['attributes']) notes.push(`User ${JSON.stringify(username)} has attributes, which are not taken along.`);
  const flags = { useSsl: 'use_ssl', schemaLocked: 'schema_locked', fastForward: 'fast_forward' };
  const set = Object.entries(flags).filter(([, column]) => row[column] === '1');
  return {
    username,
    passwordSecret: secret,
    defaultHostgroup: Number(row['default_hostgroup']) === pair.reader ? 'reader' : 'writer',
    maxConnections: Number(row['max_connections']),
    ...(row['active'] === '0' ? { active: false } : {}),
    ...(row['default_schema'] ? { defaultSchema: row['default_schema'] } : {}),
    ...(row['transaction_persistent'] === '0' ? { transactionPersistent: false } : {}),
    ...Object.fromEntries(set.map(([field]) => [field, true])),
  };
}

function translateRules(
  { rules }: ProxyTables,
  { pair, users }: { readonly pair: HostgroupPair; readonly users: readonly Row[] },
  used: Set<Row>,
  notes: string[],
) {
  const names = new Set(users.map((row) => row['username']));
  const isOurs = (row: Row) => {
    const hostgroup = row['destination_hostgroup'];
    if (hostgroup !== null && hostgroup !== undefined) return [pair.writer, pair.reader].includes(Number(hostgroup));
    return row['username'] !== null && names.has(row['username'] ?? null);
  };
  return rules.filter(isOurs).flatMap((row) => {
    const translated = translateRule(row, pair);
    if ('problem' in translated) {
      notes.push(`Rule ${row['rule_id'] ?? ''} is left out: ${translated.problem}.`);
      return [];
    }
    used.add(row);
    return [translated.rule];
  });
}

function nameOf(row: Row | undefined): string {
  return `${row?.['hostname'] ?? ''}:${row?.['port'] ?? ''}`;
}

function describeRow(row: Row): string {
  if ('hostgroup_id' in row) return `server ${nameOf(row)} in hostgroup ${row['hostgroup_id'] ?? ''}`;
  if ('username' in row && 'password' in row) return `user ${JSON.stringify(row['username'])}`;
  return `query rule ${row['rule_id'] ?? ''}`;
}
