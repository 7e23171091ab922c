import { type ChesterDatabase, type Fields, fieldsOf, listOfFields, numberOf, textOf } from './chester-entities.ts';
import { type Imported, type ImportedPart, type ImportedSecret, Names, slugOf } from './imported.ts';

export type ChesterImportOptions = {
  /** Google Cloud project of the databases. */
  readonly project: string;
  readonly cell: string;
  readonly gateUsername: string;
  readonly gateSecret: string;
};

/** What Chester encrypted, and with which key version. */
export type Encrypted = { readonly keyVersion: string; readonly ciphertext: string };

const ownReplica = 'Read Replica Added By Chester';
const ruleIds = { first: 1, last: 1000 };

/** ProxySQL's variables by the names of Chester's fields; others cannot be declared, or only count at a start. */
const variableOf: Readonly<Record<string, string>> = {
  maxconnections: 'mysql-max_connections',
  defaultquerydelay: 'mysql-default_query_delay',
  defaultquerytimeout: 'mysql-default_query_timeout',
  havecompress: 'mysql-have_compress',
  polltimeout: 'mysql-poll_timeout',
  defaultschema: 'mysql-default_schema',
  serverversion: 'mysql-server_version',
  connecttimeoutserver: 'mysql-connect_timeout_server',
  monitorhistory: 'mysql-monitor_history',
  monitorconnectinterval: 'mysql-monitor_connect_interval',
  monitorpinginterval: 'mysql-monitor_ping_interval',
  pinginternalservermsec: 'mysql-ping_interval_server_msec',
  pingtimeoutserver: 'mysql-ping_timeout_server',
  commandsstats: 'mysql-commands_stats',
  sessionssort: 'mysql-sessions_sort',
  monitorusername: 'mysql-monitor_username',
};

/** Lists what is encrypted: passwords of databases that name a key. */
export function listEncrypted(databases: readonly ChesterDatabase[], key: string | null): readonly Encrypted[] {
  return databases.flatMap(({ fields }) => {
    const keyVersion = key ?? keyVersionOf(fields);
    if (keyVersion === null) return [];
    return usersOf(fields).map((user) => ({ keyVersion, ciphertext: textOf(user, 'password') }));
  });
}

/**
 * Translates Chester's databases: each becomes a group in a fleet of its own, for all of them have the same hostgroups.
 *
 * @param decrypted Plain passwords by what Chester kept; null: nothing was decrypted.
 */
export function translateChester(
  databases: readonly ChesterDatabase[],
  options: ChesterImportOptions,
  decrypted: ReadonlyMap<string, string> | null,
): Imported {
  const names = new Names();
  const secretNames = new Names();
  const gate = {
    name: secretNames.take(options.gateSecret),
    value: null,
    what: `the password of ${options.gateUsername}`,
  };
  const secrets: ImportedSecret[] = [gate];
  const fleets: ImportedPart[] = [];
  const groups: ImportedPart[] = [];
  for (const database of databases) {
    const name = names.take(database.name);
    fleets.push({ declaration: { name, cell: options.cell, variables: variablesOf(database.fields) }, notes: [] });
    const users = translateUsers(database, { name, secretNames, decrypted });
    secrets.push(...users.secrets);
    groups.push(translateGroup(database, { name, options: { ...options, gateSecret: gate.name }, users }));
  }
  return { fleets, groups, secrets, notes: generalNotes };
}

const generalNotes = [
  'Every group begins in shadow: agents tell what they would change, and change nothing. Take `shadow` out to cut over.',
  'Admin and monitor passwords, interfaces and threads stay in the configuration of each ProxySQL.',
];

type Users = {
  readonly users: readonly object[];
  readonly secrets: readonly ImportedSecret[];
  readonly hostgroups: Hostgroups;
};
type Hostgroups = { readonly writer: number; readonly reader: number };

function hostgroupsOf(fields: Fields): Hostgroups {
  return { writer: numberOf(fields, 'writehostgroup') || 5, reader: numberOf(fields, 'readhostgroup') || 10 };
}

/** The HTTP API shows one user, with a password that is not shown. */
function usersOf(fields: Fields): readonly Fields[] {
  const users = listOfFields(fields.get('mysqlusers'));
  return users.length > 0 || textOf(fields, 'username') === ''
    ? users
    : [new Map([['username', textOf(fields, 'username')]])];
}

function translateUsers(
  { name: database, fields }: ChesterDatabase,
  given: { readonly name: string; readonly secretNames: Names; readonly decrypted: ReadonlyMap<string, string> | null },
): Users {
  const hostgroups = hostgroupsOf(fields);
  const isEncrypted = keyVersionOf(fields) !== null || given.decrypted !== null;
  const secrets: ImportedSecret[] = [];
  const users = usersOf(fields).map((user) => {
    const username = textOf(user, 'username');
    const kept = textOf(user, 'password');
    const value = isEncrypted ? (given.decrypted?.get(kept) ?? null) : kept === '' || kept === 'REDACTED' ? null : kept;
    const secret = given.secretNames.take(`${given.name}-${username}`);
    secrets.push({ name: secret, value, what: `the password of user ${username} of ${database}` });
    const role = numberOf(user, 'defaulthostgroup') === hostgroups.reader ? 'reader' : 'writer';
    const isOff = user.has('active') && numberOf(user, 'active') === 0;
    return { username, passwordSecret: secret, defaultHostgroup: role, ...(isOff ? { active: false } : {}) };
  });
  return { users, secrets, hostgroups };
}

function translateGroup(
  { name: database, fields }: ChesterDatabase,
  given: { readonly name: string; readonly options: ChesterImportOptions; readonly users: Users },
): ImportedPart {
  const { name, options, users } = given;
  const { hostgroups } = users;
  const notes: string[] = name === database ? [] : [`Chester called it ${JSON.stringify(database)}.`];
  const { primary, readers, defaults } = translateServers(database, fields, notes);
  const rules = translateRules(fields, hostgroups, notes);
  const metaData = fieldsOf(fields.get('chestermetadata'));
  const maximum = numberOf(metaData, 'maxchesterinstances');
  if (!fields.has('chestermetadata') || metaData.size === 0)
    notes.push('No chester_metadata was found: replicasMax is 0.');
  if (textOf(fields, 'certdata') + textOf(fields, 'keydata') + textOf(fields, 'key') !== '') {
    notes.push('Chester kept a client certificate and never used it: it is not taken along.');
  }
  return {
    declaration: {
      ...{ name, fleet: name, project: options.project, primary },
      ...{ writerHostgroup: hostgroups.writer, readerHostgroup: hostgroups.reader },
      staticReaders: readers,
      serverDefaults: defaults,
      policy: { replicasMax: maximum },
      gate: { username: options.gateUsername, passwordSecret: options.gateSecret },
      agents: { adoptExisting: true, shadow: true },
      users: users.users,
      ...(rules.length > 0 ? { ruleIds: { ...ruleIds, last: Math.max(ruleIds.last, rules.at(-1)?.ruleId ?? 0) } } : {}),
      queryRules: rules,
    },
    notes,
  };
}

function translateServers(database: string, fields: Fields, notes: string[]) {
  const { writer, reader } = hostgroupsOf(fields);
  const servers = listOfFields(fields.get('mysqlservers'));
  const shown = listOfFields(fields.get('readreplicas')).map(
    (one) => new Map([...one, ['comment', one.get('name')], ['address', one.get('ipaddress')], ['hostgroup', reader]]),
  );
  const shownWriter = fieldsOf(fields.get('masterinstance'));
  const all: readonly Fields[] =
    servers.length > 0
      ? servers
      : [
          ...shown,
          new Map([
            ['comment', shownWriter.get('name')],
            ['address', shownWriter.get('ipaddress')],
            ['hostgroup', writer],
          ]),
        ];
  const writers = all.filter((server) => numberOf(server, 'hostgroup') === writer);
  const own = all.filter((server) => textOf(server, 'comment') === ownReplica);
  const others = all.filter((server) => !writers.includes(server) && !own.includes(server));
  const comment = writers[0] === undefined ? '' : textOf(writers[0], 'comment');
  const primary = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(comment) ? comment : slugOf(database);
  if (writers.length !== 1)
    notes.push(`Chester had ${writers.length} writers; the group's writer is where Cloud SQL has ${primary}.`);
  if (primary !== comment) notes.push(`The primary's name is taken from the database's: check it.`);
  for (const server of own) {
    notes.push(
      `${textOf(server, 'address')} is a replica that Chester made. Before the cut-over: chester adopt ${slugOf(database)} INSTANCE ` +
        '--reason migration; else the cut-over takes it out of the proxies.',
    );
  }
  const maxConnections = (writers[0] === undefined ? 0 : numberOf(writers[0], 'maxconnections')) || 1000;
  const readers = others.map((server) => ({
    ...(textOf(server, 'comment') === '' ? {} : { name: textOf(server, 'comment') }),
    hostname: textOf(server, 'address'),
    port: numberOf(server, 'port') || 3306,
    maxConnections: numberOf(server, 'maxconnections') || maxConnections,
  }));
  const useSsl = numberOf(fields, 'usessl') !== 0;
  // Chester's configuration names no weight, and ProxySQL's is 1.
  return { primary, readers, defaults: { weight: 1, maxConnections, useSsl } };
}

type Rule = { readonly ruleId: number } & Readonly<Record<string, unknown>>;

function translateRules(fields: Fields, { writer, reader }: Hostgroups, notes: string[]): readonly Rule[] {
  const rules = listOfFields(fields.get('mysqlqueryrules') ?? fields.get('queryrules'));
  const seen = new Set<number>();
  const translated = rules.flatMap((rule): Rule[] => {
    const ruleId = numberOf(rule, 'ruleid');
    const hostgroup = numberOf(rule, 'destinationhostgroup');
    const what = `Rule ${ruleId} (${JSON.stringify(textOf(rule, 'matchdigest'))})`;
    if (seen.has(ruleId)) {
      notes.push(`${what} was there twice: only the first is taken.`);
      return [];
    }
    seen.add(ruleId);
    const destination = hostgroup === writer ? 'writer' : hostgroup === reader ? 'reader' : null;
    if (destination === null || ruleId < 1) {
      notes.push(`${what} leads to hostgroup ${hostgroup}, which the group does not have: it is left out.`);
      return [];
    }
    const texts = {
      username: textOf(rule, 'username'),
      matchDigest: textOf(rule, 'matchdigest'),
      comment: textOf(rule, 'comment'),
    };
    const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
    return [
      { ruleId, active: numberOf(rule, 'active') !== 0, ...given, destination, apply: numberOf(rule, 'apply') !== 0 },
    ];
  });
  return translated.toSorted((one, other) => one.ruleId - other.ruleId);
}

function variablesOf(fields: Fields): Readonly<Record<string, string>> {
  const variables = fieldsOf(fields.get('mysqlvariables'));
  const entries = Object.entries(variableOf).flatMap(([field, variable]): [string, string][] => {
    const value = variables.get(field);
    const isSet = value !== '' && ['string', 'number', 'boolean'].includes(typeof value);
    return isSet ? [[variable, String(value)]] : [];
  });
  return Object.fromEntries(entries);
}

function keyVersionOf(fields: Fields): string | null {
  const parts = ['kmsproject', 'kmslocation', 'kmskeyring', 'kmskeyname', 'kmskeyversion'].map((name) =>
    textOf(fields, name),
  );
  if (parts.some((part) => part === '')) return null;
  const [project, location, ring, key, version] = parts as [string, string, string, string, string];
  return `projects/${project}/locations/${location}/keyRings/${ring}/cryptoKeys/${key}/cryptoKeyVersions/${version}`;
}
