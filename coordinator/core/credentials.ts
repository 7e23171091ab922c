import type { ClientCertificate } from './certificate.ts';
import type { GroupSpec } from './group-spec.ts';
import type { PublishedSnapshot } from './snapshot.ts';
import type { TableRow } from './table.ts';
import { renderUser, type UserSpec } from './users.ts';

/** What became of a secret; the reason never holds any of it. */
export type SecretReading<T> =
  { readonly outcome: 'read'; readonly value: T } | { readonly outcome: 'missing'; readonly reason: string };

/** What a group's secrets hold, in the form in which proxies get it. */
export type Credentials = {
  /** By the secret's name. */
  readonly passwordHashes: ReadonlyMap<string, SecretReading<string>>;
  /** Null when the group declares none. */
  readonly clientCertificate: SecretReading<ClientCertificate> | null;
};

/** A user, or the client certificate, whose secret could not be read. */
export type MissingSecret = { readonly subject: string; readonly reason: string };

export type ResolvedCredentials = {
  readonly users: readonly TableRow[];
  readonly clientCertificate: ClientCertificate | null;
};

/**
 * Decides what proxies get of a group's secrets. One that cannot be read changes nothing for them: its user keeps the
 * password that is published, and where a new user's is missing all users stay as published.
 *
 * @returns `resolved` is null when something is missing and nothing was ever published: then nothing may be, because
 *   proxies would lack a user that should be there.
 */
export function resolveCredentials(
  spec: GroupSpec,
  credentials: Credentials,
  previous: PublishedSnapshot | null,
): { readonly resolved: ResolvedCredentials | null; readonly missing: readonly MissingSecret[] } {
  const missing = findMissing(spec, credentials);
  const parts = previous?.parts ?? null;
  if (missing.length > 0 && parts === null) return { resolved: null, missing };
  const published: ResolvedCredentials = parts ?? { users: [], clientCertificate: null };
  const rows = spec.users.map((user) => rowOfUser(user, { spec, credentials, published: published.users }));
  const isWhole = rows.every((row) => row !== null);
  const clientCertificate = certificateOf(credentials, published);
  return { missing, resolved: { users: isWhole ? rows : published.users, clientCertificate } };
}

function certificateOf(
  { clientCertificate: reading }: Credentials,
  published: ResolvedCredentials,
): ClientCertificate | null {
  if (reading === null) return null;
  return reading.outcome === 'read' ? reading.value : published.clientCertificate;
}

function findMissing(spec: GroupSpec, { passwordHashes, clientCertificate }: Credentials): MissingSecret[] {
  const users = spec.users.flatMap(({ username, passwordSecret }): MissingSecret[] => {
    const reading = passwordHashes.get(passwordSecret);
    return reading?.outcome === 'missing' ? [{ subject: `user ${username}`, reason: reading.reason }] : [];
  });
  if (clientCertificate?.outcome !== 'missing') return users;
  return [...users, { subject: 'client certificate', reason: clientCertificate.reason }];
}

type UserContext = {
  readonly spec: GroupSpec;
  readonly credentials: Credentials;
  readonly published: readonly TableRow[];
};

/** Null when its password is known neither from its secret nor from what is published. */
function rowOfUser(user: UserSpec, { spec, credentials, published }: UserContext): TableRow | null {
  const reading = credentials.passwordHashes.get(user.passwordSecret);
  if (reading?.outcome === 'read') return renderUser(user, spec, reading.value);
  const password = published.find((row) => row['username'] === user.username)?.['password'];
  return typeof password === 'string' ? renderUser(user, spec, password) : null;
}
