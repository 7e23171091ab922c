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
  readonly others: readonly UserSpec[];
};

/** What becomes of a sent password: nothing, a reference as it was written, or a secret that has to be kept first. */
export function takePassword(
  value: string,
  { user, username, group, others }: Asked,
): Parsed<{ readonly secret: string; readonly sent: readonly SentPassword[] }> {
  if (value.startsWith(secretPrefix))
    return { ok: true, value: { secret: value.slice(secretPrefix.length), sent: [] } };
  const known = user?.passwordSecret;
  if (value === '' || value === redacted) {
    if (known !== undefined) return { ok: true, value: { secret: known, sent: [] } };
    const allowed = `the password, or ${secretPrefix}NAME for one that is kept elsewhere`;
    return { ok: false, problems: [{ field: 'password', value: '(hidden)', allowed }] };
  }
  const secret = known ?? nameSecret(group, username, others);
  return { ok: true, value: { secret, sent: [{ secret, value }] } };
}

/** A name that no other user's secret has. */
function nameSecret(group: string, username: string, others: readonly UserSpec[]): string {
  const slug = username.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const name = `${group}-${slug}`.slice(0, 59).replace(/-+$/, '');
  const taken = new Set(others.map(({ passwordSecret }) => passwordSecret));
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}
