import type { GroupSpec } from './group-spec.ts';
import { type Declared, redacted, takenBeside, takePassword } from './legacy-passwords.ts';
import type { AddUser, LegacyUser, ModifyUser } from './legacy-shapes.ts';
import { excerpt, type Parsed, type Problem } from './problems.ts';
import type { UserSpec } from './users.ts';

/** Declares what `POST /users` makes of a group. */
export function addUser(request: AddUser, before: GroupSpec, taken: ReadonlySet<string>): Parsed<Declared> {
  const { username } = request;
  const isTaken = before.users.some((user) => user.username.toLowerCase() === username.toLowerCase());
  if (isTaken) {
    const allowed = 'a name that no user of this database has';
    return { ok: false, problems: [{ field: 'username', value: excerpt(username), allowed }] };
  }
  const password = takePassword(request.password, {
    user: undefined,
    username,
    group: before.name,
    taken: takenBeside(before, undefined, taken),
  });
  const role = roleOf(request.default_hostgroup, before, 'default_hostgroup');
  const problems = [...(password.ok ? [] : password.problems), ...(role.ok ? [] : role.problems)];
  if (!password.ok || !role.ok) return { ok: false, problems };
  const user = {
    username,
    passwordSecret: password.value.secret,
    defaultHostgroup: role.value ?? 'writer',
    active: request.active !== 0,
  };
  return { ok: true, value: { spec: { ...before, users: [...before.users, user] }, passwords: password.value.sent } };
}

/** Declares what `PATCH /users` makes of a group. */
export function modifyUser(request: ModifyUser, before: GroupSpec, taken: ReadonlySet<string>): Parsed<Declared> {
  const known = before.users.find(({ username }) => username === request.username);
  if (known === undefined) return { ok: false, problems: [unknownUser(request.username)] };
  const username = request.new_username === '' ? known.username : request.new_username;
  const password = takePassword(request.password, {
    user: known,
    username,
    group: before.name,
    taken: takenBeside(before, known, taken),
  });
  const role = roleOf(request.default_host_group, before, 'default_host_group');
  const problems = [...(password.ok ? [] : password.problems), ...(role.ok ? [] : role.problems)];
  if (!password.ok || !role.ok) return { ok: false, problems };
  const changed = {
    ...known,
    username,
    passwordSecret: password.value.secret,
    defaultHostgroup: role.value ?? known.defaultHostgroup,
  };
  const users = before.users.map((user) => (user === known ? changed : user));
  const queryRules = before.queryRules.map((rule) => (rule.username === known.username ? { ...rule, username } : rule));
  return { ok: true, value: { spec: { ...before, users, queryRules }, passwords: password.value.sent } };
}

/** The group without a user; without a change when it has none of that name. */
export function removeUser(username: string, before: GroupSpec): Declared {
  return { spec: { ...before, users: before.users.filter((user) => user.username !== username) }, passwords: [] };
}

function roleOf(hostgroup: number, group: GroupSpec, field: string): Parsed<UserSpec['defaultHostgroup'] | null> {
  if (hostgroup === group.writerHostgroup) return { ok: true, value: 'writer' };
  if (hostgroup === group.readerHostgroup) return { ok: true, value: 'reader' };
  if (hostgroup === 0) return { ok: true, value: null };
  const allowed = `${group.writerHostgroup}, the writers, or ${group.readerHostgroup}, the readers`;
  return { ok: false, problems: [{ field, value: String(hostgroup), allowed }] };
}

/** A problem with a name that no user has. */
export function unknownUser(username: string): Problem {
  return { field: 'username', value: excerpt(username), allowed: 'the name of a user of this database' };
}

/** Renders a user; null when the group has none of that name. */
export function renderUser(username: string, group: GroupSpec): LegacyUser | null {
  const user = group.users.find((one) => one.username === username);
  if (user === undefined) return null;
  return {
    username,
    password: redacted,
    default_hostgroup: group[`${user.defaultHostgroup}Hostgroup`],
    active: user.active ? 1 : 0,
    instance_group: group.name,
  };
}
