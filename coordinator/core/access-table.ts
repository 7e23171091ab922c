import { z } from 'zod';
import { type Grant, roles } from './access.ts';
import { text } from './fields.ts';
import { type Parsed, parseWith, type Problem } from './problems.ts';

/** Somebody whom the access file names, and by what they are known. */
export type AccessIdentity = {
  readonly name: string;
  /** SHA-256 of each of their tokens, in hexadecimal digits. */
  readonly tokens: readonly string[];
  /** Null: no password. */
  readonly login: { readonly username: string; readonly passwordHash: string } | null;
  /** As IAP names them, in lower case; null: none. */
  readonly email: string | null;
  /** Patterns on the names in a client certificate. */
  readonly certificates: readonly string[];
  readonly grants: readonly Grant[];
};

/** Which agents may join which fleets. */
export type AgentRule = {
  readonly proof:
    | { readonly kind: 'certificate'; readonly pattern: string }
    /** A pattern on `namespace/name`. */
    | { readonly kind: 'serviceAccount'; readonly pattern: string };
  readonly fleets: readonly string[];
  readonly cells: readonly string[];
};

export type AccessTable = {
  readonly identities: readonly AccessIdentity[];
  /** Null: the file says nothing of agents. */
  readonly agents: readonly AgentRule[] | null;
};

const identityName = {
  pattern: /^[A-Za-z0-9](?:[A-Za-z0-9@._+-]{0,126}[A-Za-z0-9])?$/,
  allowed: 'up to 128 letters, digits and @ . _ + -, beginning and ending with a letter or digit',
};
const pattern = {
  pattern: /^[a-z0-9*-]{1,64}$/,
  allowed: 'a name, in which * stands for any characters',
};
const certificatePattern = {
  pattern: /^(?:CN=|URI:|DNS:)[^\s",]{1,500}$/,
  allowed: 'CN=…, URI:… or DNS:…, in which * stands for any characters',
};
const accountPattern = {
  pattern: /^[a-z0-9.*-]{1,64}\/[a-z0-9.*-]{1,253}$/,
  allowed: 'namespace/name, in which * stands for any characters',
};
const digest = { pattern: /^[0-9a-f]{64}$/, allowed: '64 hexadecimal digits, as "chester access token" prints them' };
/** What `chester access hash-password` prints: cost, block size and parallelism of scrypt, salt, key. */
export const passwordHashRule = {
  pattern: /^scrypt:(?:16384|32768|65536):8:[1-4]:[A-Za-z0-9_-]{22,88}:[A-Za-z0-9_-]{43}$/,
  allowed: 'what "chester access hash-password" prints',
};
const loginName = { pattern: /^[^:\p{Cc}]{1,128}$/u, allowed: '1 to 128 characters without ":"' };
const emailRule = { pattern: /^[^\s@]{1,64}@[^\s@]{1,190}$/, allowed: 'an e-mail address' };

const patterns = z.array(text(pattern)).min(1).max(1000);
const identitySchema = z.strictObject({
  name: text(identityName),
  tokens: z.array(text(digest)).max(10).default([]),
  username: text(loginName).optional(),
  passwordHash: text(passwordHashRule).optional(),
  email: text(emailRule).optional(),
  certificates: z.array(text(certificatePattern)).max(50).default([]),
  roles: z
    .array(z.strictObject({ role: z.enum(roles), groups: patterns.default(['*']) }))
    .max(100)
    .default([]),
});
const names = z.array(text(identityName)).max(10_000).default([]);
const agentSchema = z
  .strictObject({
    certificate: text(certificatePattern).optional(),
    serviceAccount: text(accountPattern).optional(),
    fleets: patterns,
    cells: patterns.default(['*']),
  })
  .refine(({ certificate, serviceAccount }) => (certificate === undefined) !== (serviceAccount === undefined), {
    error: 'one of certificate and serviceAccount',
  });
/** What an access file may hold. */
export const accessSchema = z.strictObject({
  identities: z.array(identitySchema).max(10_000).default([]),
  groups: z
    .array(z.strictObject({ name: text(pattern), read: names, write: names }))
    .max(10_000)
    .default([]),
  agents: z.array(agentSchema).max(10_000).optional(),
});
type AccessInput = z.infer<typeof accessSchema>;
type IdentityInput = z.infer<typeof identitySchema>;

/** Parses what an access file says. A problem never shows a hash: who has one can try passwords at leisure. */
export function parseAccessTable(input: unknown): Parsed<AccessTable> {
  const parsed = parseWith(accessSchema, input);
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(withoutHash) };
  const problems = [
    ...parsed.value.identities.flatMap(findIncomplete),
    ...findRepeated(parsed.value),
    ...findListProblems(parsed.value),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const { identities, agents } = parsed.value;
  return {
    ok: true,
    value: {
      identities: identities.map((identity) => identityOf(identity, parsed.value)),
      agents: agents?.map(ruleOf) ?? null,
    },
  };
}

function withoutHash(problem: Problem): Problem {
  const isShown = /(?:name|role|groups|read|write|fleets|cells|certificates?|email|serviceAccount)(?:\.\d+)?$/;
  return isShown.test(problem.field) ? problem : { ...problem, value: '(hidden)' };
}

function findIncomplete(identity: IdentityInput, index: number): Problem[] {
  const { tokens, passwordHash, username, email, certificates } = identity;
  const field = `identities.${index}`;
  const isLone = username !== undefined && passwordHash === undefined;
  if (isLone) return [{ field: `${field}.passwordHash`, value: 'missing', allowed: passwordHashRule.allowed }];
  const isKnown = tokens.length + certificates.length > 0 || passwordHash !== undefined || email !== undefined;
  const allowed = 'at least one of tokens, passwordHash, email and certificates';
  return isKnown ? [] : [{ field, value: JSON.stringify(identity.name), allowed }];
}

/** What two identities have in common could be either of them. */
function findRepeated({ identities }: AccessInput): Problem[] {
  const seen = new Map<string, number>();
  return identities.flatMap((identity, index) =>
    proofsOf(identity).flatMap(([field, value]) => {
      const key = `${field}\0${value}`;
      const first = seen.get(key);
      seen.set(key, first ?? index);
      const shown = field === 'tokens' ? '(hidden)' : JSON.stringify(value);
      const problem = { field: `identities.${index}.${field}`, value: shown };
      return first === undefined ? [] : [{ ...problem, allowed: `one that identities.${first} does not have` }];
    }),
  );
}

function proofsOf(identity: IdentityInput): (readonly [field: string, value: string])[] {
  const { name, tokens, username, passwordHash, email } = identity;
  return [
    ['name', name],
    ...tokens.map((token) => ['tokens', token] as const),
    ...(passwordHash === undefined ? [] : [['username', username ?? name] as const]),
    ...(email === undefined ? [] : [['email', email.toLowerCase()] as const]),
  ];
}

/** Who may change a group may see it; a list that says otherwise was not meant so. */
function findListProblems({ identities, groups }: AccessInput): Problem[] {
  const known = new Set(identities.map(({ name }) => name));
  return groups.flatMap(({ read, write }, index) => {
    const readers = new Set(read);
    const unknown = (list: 'read' | 'write', entries: readonly string[]) =>
      entries
        .filter((name) => !known.has(name))
        .map((name) => ({
          field: `groups.${index}.${list}`,
          value: JSON.stringify(name),
          allowed: 'names of identities',
        }));
    const blind = write
      .filter((name) => !readers.has(name))
      .map((name) => ({
        field: `groups.${index}.write`,
        value: JSON.stringify(name),
        allowed: `names that read has too`,
      }));
    return [...unknown('read', read), ...unknown('write', write), ...blind];
  });
}

function identityOf(input: IdentityInput, { groups }: AccessInput): AccessIdentity {
  const { name, tokens, username, passwordHash, email, certificates } = input;
  const listed = (list: 'read' | 'write') =>
    groups.filter((group) => group[list].includes(name)).map((group) => group.name);
  const byList: Grant[] = [
    { role: 'viewer', groups: listed('read') },
    { role: 'operator', groups: listed('write') },
  ];
  return {
    name,
    tokens,
    certificates,
    login: passwordHash === undefined ? null : { username: username ?? name, passwordHash },
    email: email?.toLowerCase() ?? null,
    grants: [...input.roles, ...byList.filter((grant) => grant.groups.length > 0)],
  };
}

function ruleOf({ certificate, serviceAccount, fleets, cells }: z.infer<typeof agentSchema>): AgentRule {
  const proof =
    certificate === undefined
      ? ({ kind: 'serviceAccount', pattern: serviceAccount ?? '' } as const)
      : ({ kind: 'certificate', pattern: certificate } as const);
  return { proof, fleets, cells };
}
