import type { GroupSpec } from './group-spec.ts';
import type { Parsed } from './problems.ts';
import type { UserSpec } from './users.ts';

/** What every password is shown as; sent back, it changes none. */
export const redacted = 'REDACTED';

/** What follows it is the name of a secret that is kept elsewhere. */
const secretPrefix = 'secret:';

/** A declaration as a parser takes it. */
export type Declaration = Readonly<Record<string, unknown>> & { readonly name: string; readonly fleet: string };

/** A password that came in the clear, and the name of the secret that is to hold it. */
export type SentPassword = { readonly secret: string; readonly value: string };

/** A group as it is to be, and what has to be kept for it first. */
export type Declared = { readonly spec: Declaration; readonly passwords: readonly SentPassword[] };

type Asked = {
  /** Whose password it is, if there is such a user. */
  readonly user: UserSpec | undefined;
  readonly username: string;
  readonly group: string;
  /** Secrets that are somebody else's: of other users, of other groups. */
  readonly taken: ReadonlySet<string>;
};

/** What becomes of a sent password: nothing, a reference as it was written, or a secret that has to be kept first. */
export function takePassword(
  value: string,
  { user, username, group, taken }: Asked,
): Parsed<{ readonly secret: string; readonly sent: readonly SentPassword[] }> {
  if (value.startsWith(secretPrefix))
    return { ok: true, value: { secret: value.slice(secretPrefix.length), sent: [] } };
  const known = user?.passwordSecret;
  if (value === '' || value === redacted) {
    if (known !== undefined) return { ok: true, value: { secret: known, sent: [] } };
    const allowed = `the password, or ${secretPrefix}NAME for one that is kept elsewhere`;
    return { ok: false, problems: [{ field: 'password', value: '(hidden)', allowed }] };
  }
  const isOwn = known !== undefined && isOwnSecret(known, group, taken);
  const secret = isOwn ? known : nameSecret(`${group}-${username}`, group, taken);
  return { ok: true, value: { secret, sent: [{ secret, value }] } };
}

/**
 * Whether a password may be kept under this name. Who may change one group must not overwrite a secret of another one, or
 * of the coordinator, by naming it first and sending a password then.
 */
export function isOwnSecret(name: string, group: string, taken: ReadonlySet<string>): boolean {
  return name.startsWith(`${prefixOf(group)}-`) && !taken.has(name);
}

/** A secret's name, made of `wish`, which begins with the group's, and that nobody else has. */
export function nameSecret(wish: string, group: string, taken: ReadonlySet<string>): string {
  const rest = wish
    .slice(group.length)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const name = `${prefixOf(group)}${rest}`.slice(0, 59).replace(/-+$/, '');
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** There is room for a user's name behind it. */
function prefixOf(group: string): string {
  return group.slice(0, 40);
}

/** The secrets that a group names. */
export function secretsOf(spec: GroupSpec): readonly string[] {
  const { users, gate, clientCertificateSecret, clientKeySecret } = spec;
  const named = [...users.map(({ passwordSecret }) => passwordSecret), gate.passwordSecret, clientCertificateSecret];
  return [...named, clientKeySecret].filter((name) => name !== undefined);
}

/** What a user of a group must not have: what others of the group have, and what `taken` has already. */
export function takenBeside(
  group: GroupSpec | null,
  user: UserSpec | undefined,
  taken: ReadonlySet<string>,
): ReadonlySet<string> {
  if (group === null) return taken;
  const others = group.users.filter((one) => one !== user);
  return new Set([...taken, ...secretsOf({ ...group, users: others })]);
}
