import type { GroupSpec } from './group-spec.ts';
import {
  declareRule,
  declareRules,
  type DeclaredRule,
  defaultRules,
  legacyRuleIds,
  renderRules,
  unknownRule,
} from './legacy-rules.ts';
import { type Declared, redacted, type SentPassword, takenBeside, takePassword } from './legacy-passwords.ts';
import type {
  AddDatabase,
  AddDatabaseAnswer,
  InstanceData,
  LegacyRule,
  LegacyServer,
  ModifyDatabase,
} from './legacy-shapes.ts';
import { excerpt, type Parsed, type Problem } from './problems.ts';

/**
 * Chester's databases as groups, both ways. What a database of the old API is made of becomes fields of one group; what
 * the old API does not know of a group stays as it is.
 */
export type LegacySettings = {
  /** `{name}` stands for the database. */
  readonly fleet: string;
  readonly cell: string;
  /** Empty: no database can be added. */
  readonly project: string;
  readonly gateUsername: string;
  readonly gateSecret: string;
};

/** How the old API names a replica that it made itself. */
const ownReplicaName = 'Read Replica Added By Chester';

const hostgroups = { writerHostgroup: 5, readerHostgroup: 10 };
/** What the old API gave each server. */
const maxConnections = 1000;

/** The fleet of a database: each one has its own, for all of them have the same hostgroups. */
function fleetOf(settings: Pick<LegacySettings, 'fleet'>, database: string): string {
  return settings.fleet.replaceAll('{name}', database);
}

/** Declares the group of `POST /`; `before` is what has that name already. */
export function declareDatabase(
  request: AddDatabase,
  settings: LegacySettings,
  before: GroupSpec | null,
  taken: ReadonlySet<string>,
): Parsed<Declared> {
  const { instance_name: name, username } = request;
  const rules =
    request.query_rules === null
      ? { ok: true as const, value: defaultRules(name, username) }
      : declareRules(request.query_rules, before ?? hostgroups, 'query_rules');
  const user = before?.users.find((one) => one.username === username);
  const password = takePassword(request.password, {
    user,
    username,
    group: name,
    taken: takenBeside(before, user, taken),
  });
  const problems = [...findMissing(request, settings, before), ...problemsOf(rules), ...problemsOf(password)];
  if (problems.length > 0 || !rules.ok || !password.ok) return { ok: false, problems };
  const spec = {
    ...(before ?? newGroup(name, settings)),
    ...declareServers(request, before),
    users: [{ ...user, username, passwordSecret: password.value.secret, defaultHostgroup: 'writer', active: true }],
    queryRules: rules.value,
  };
  return { ok: true, value: { spec, passwords: password.value.sent } };
}

function findMissing(
  { master_instance: primary }: AddDatabase,
  { project }: LegacySettings,
  before: GroupSpec | null,
): readonly Problem[] {
  return [
    ...(project === '' && before === null ? [missingProject] : []),
    ...(primary.name === '' ? [missingPrimary] : []),
  ];
}

function problemsOf(parsed: Parsed<unknown>): readonly Problem[] {
  return parsed.ok ? [] : parsed.problems;
}

function declareServers(request: AddDatabase, before: GroupSpec | null) {
  return {
    primary: request.master_instance.name,
    staticReaders: declareReaders(request.read_replicas, before),
    serverDefaults: { ...(before?.serverDefaults ?? { maxConnections }), useSsl: request.enable_ssl !== 0 },
    policy: { ...before?.policy, replicasMax: request.chester_meta_data.max_chester_instances },
    ruleIds: before?.ruleIds ?? legacyRuleIds,
  };
}

const missingPrimary: Problem = {
  field: 'master_instance.name',
  value: '""',
  allowed: 'the name of the Cloud SQL primary',
};

const missingProject: Problem = {
  field: 'LEGACY_PROJECT',
  value: 'not set',
  allowed: "the Google Cloud project of new databases, in the coordinator's environment",
};

function newGroup(name: string, settings: LegacySettings) {
  const { project, gateUsername, gateSecret } = settings;
  const fleet = fleetOf(settings, name);
  // Rows of the proxies that Chester configured before become this group's.
  const agents = { adoptExisting: true };
  return { name, fleet, project, ...hostgroups, gate: { username: gateUsername, passwordSecret: gateSecret }, agents };
}

/** What is known of a reader that stays in the list stays; a port may stand behind its address. */
function declareReaders(servers: readonly LegacyServer[], before: GroupSpec | null): object[] {
  return servers.map(({ name, ip_address: hostname }) => {
    const known = before?.staticReaders.find((server) => server.hostname === hostname);
    return { ...known, hostname, ...(name === '' ? {} : { name }) };
  });
}

/** Declares what `PATCH /` makes of a group. */
export function modifyDatabase(
  request: ModifyDatabase,
  before: GroupSpec,
  taken: ReadonlySet<string>,
): Parsed<Declared> {
  const users = changeMainUser(request, before, taken);
  const from = before.users[0]?.username;
  const rules = changeRules(request, before, {
    from,
    to: request.new_username === '' ? (from ?? '') : request.new_username,
  });
  const problems = [...problemsOf(users), ...problemsOf(rules)];
  if (!users.ok || !rules.ok) return { ok: false, problems };
  const { max_chester_instances: max } = request.chester_meta_data;
  const readers = request.read_replicas;
  const spec = {
    ...before,
    users: users.value.users,
    queryRules: rules.value,
    staticReaders: readers === null ? before.staticReaders : declareReaders(readers, before),
    policy: max === 0 ? before.policy : { ...before.policy, replicasMax: max },
    ...(rules.value.length > 0 && before.ruleIds === undefined ? { ruleIds: legacyRuleIds } : {}),
  };
  return { ok: true, value: { spec, passwords: users.value.sent } };
}

/** The old API knows one user a database: the first. The others stay as they are. */
function changeMainUser(
  request: ModifyDatabase,
  before: GroupSpec,
  taken: ReadonlySet<string>,
): Parsed<{ readonly users: readonly object[]; readonly sent: readonly SentPassword[] }> {
  const { new_username: newName, new_password: newPassword } = request;
  if (newName === '' && newPassword === '') return { ok: true, value: { users: before.users, sent: [] } };
  const [main, ...others] = before.users;
  if (main === undefined) {
    const allowed = 'a database that has a user';
    return { ok: false, problems: [{ field: 'instance_name', value: excerpt(before.name), allowed }] };
  }
  const username = newName === '' ? main.username : newName;
  const password = takePassword(newPassword, {
    user: main,
    username,
    group: before.name,
    taken: takenBeside(before, main, taken),
  });
  if (!password.ok) return password;
  const { secret, sent } = password.value;
  return { ok: true, value: { users: [{ ...main, username, passwordSecret: secret }, ...others], sent } };
}

/** Renames the user in its rules, takes rules out by id, and appends the new ones behind the last. */
function changeRules(
  request: ModifyDatabase,
  before: GroupSpec,
  user: { readonly from: string | undefined; readonly to: string },
): Parsed<DeclaredRule[]> {
  const pinned = pinRules(before);
  const last = pinned.at(-1)?.ruleId ?? (before.ruleIds ?? legacyRuleIds).first - 1;
  const removed = new Set(request.remove_query_rules);
  const kept = pinned
    .filter(({ ruleId }) => !removed.has(ruleId))
    .map((rule) =>
      rule.username === user.from && rule.username !== undefined ? { ...rule, username: user.to } : rule,
    );
  const added = request.add_query_rules.map((rule, index) =>
    declareRule({ ...rule, rule_id: last + 1 + index, username: user.to }, before, `add_query_rules.${index}`),
  );
  const problems = added.flatMap((one) => (one.ok ? [] : one.problems));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: [...kept, ...added.flatMap((one) => (one.ok ? [one.value] : []))] };
}

/** The rules with the ids that they have now, so that the others keep theirs when one goes. */
function pinRules(group: GroupSpec) {
  const shown = renderRules(group);
  return group.queryRules.map((rule, index) => ({ ...rule, ruleId: shown[index]?.rule_id ?? 0 }));
}

/** Declares what `PATCH /queryrules/:id` makes of a group. */
export function modifyRule(id: number, rule: LegacyRule, before: GroupSpec): Parsed<Declared> {
  if (rule.rule_id !== id) {
    return {
      ok: false,
      problems: [{ field: 'rule_id', value: String(rule.rule_id), allowed: `${id}, as in the path` }],
    };
  }
  const rules = pinRules(before);
  const known = rules.find(({ ruleId }) => ruleId === id);
  if (known === undefined) return { ok: false, problems: [unknownRule(id)] };
  const declared = declareRule(rule, before, 'rule', known);
  if (!declared.ok) return declared;
  const queryRules = rules.map((one) => (one.ruleId === id ? declared.value : one));
  return { ok: true, value: { spec: { ...before, queryRules }, passwords: [] } };
}

/** What is live of a group. */
export type LegacyLive = {
  /** Empty while it is not known. */
  readonly primaryAddress: string;
  readonly replicaAddresses: readonly string[];
};

/** Renders a group as `GET /databases` shows it; `isFiltered` leaves out the replicas that Chester made. */
export function renderDatabase(group: GroupSpec, live: LegacyLive, isFiltered: boolean): InstanceData {
  const own = isFiltered ? [] : live.replicaAddresses;
  return {
    instance_name: group.name,
    read_hostgroup: group.readerHostgroup,
    write_hostgroup: group.writerHostgroup,
    username: group.users[0]?.username ?? '',
    password: redacted,
    query_rules: renderRules(group),
    read_replicas: [
      ...group.staticReaders.map(({ name, hostname }) => ({ name: name ?? hostname, ip_address: hostname })),
      ...own.map((address) => ({ name: ownReplicaName, ip_address: address })),
    ],
    master_instance: { name: group.primary, ip_address: live.primaryAddress },
    use_ssl: group.serverDefaults.useSsl ? 1 : 0,
    chester_meta_data: metaDataOf(group),
  };
}

/** Renders the answer to `POST /`. */
export function renderAdded(group: GroupSpec): AddDatabaseAnswer {
  return {
    action: 'add_database',
    query_rules: renderRules(group),
    instance_name: group.name,
    username: group.users[0]?.username ?? '',
    password: redacted,
    write_host_group: group.writerHostgroup,
    read_host_group: group.readerHostgroup,
    ssl_enabled: group.serverDefaults.useSsl ? 1 : 0,
    chester_meta_data: metaDataOf(group),
  };
}

function metaDataOf({ name, policy }: GroupSpec): InstanceData['chester_meta_data'] {
  return { instance_group: name, max_chester_instances: policy.replicasMax };
}
