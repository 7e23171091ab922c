import { z } from 'zod';
import { connections, refuseRepeated, role, text } from './fields.ts';
import * as names from './names.ts';
import { rowOf, type TableRow } from './table.ts';

/** A row of mysql_users with the name of one of ProxySQL's own accounts locks that account out. */
const accountsOfProxySql: readonly string[] = ['admin', 'stats', 'monitor'];

const userSchema = z.strictObject({
  username: text(names.userName).refine((name) => !accountsOfProxySql.includes(name), {
    message: `another name than ${accountsOfProxySql.join(', ')}: such a user locks ProxySQL's own account of that name out`,
  }),
  passwordSecret: text(names.labelName),
  defaultHostgroup: role.default('writer'),
  maxConnections: connections.default(10_000),
  active: z.boolean().default(true),
  useSsl: z.boolean().default(false),
  defaultSchema: text(names.schemaName).optional(),
  schemaLocked: z.boolean().default(false),
  /** False lets the statements of one transaction go to several servers. */
  transactionPersistent: z.boolean().default(true),
  fastForward: z.boolean().default(false),
});

/** The users that a group's proxies know. */
export const usersSchema = z.array(userSchema).max(1000).superRefine(refuseRepeated('users', 'username'));

export type UserSpec = z.infer<typeof userSchema>;

/**
 * Renders a user as a row of mysql_users.
 *
 * @param passwordHash As mysql_native_password or caching_sha2_password keeps it, never the password itself.
 */
export function renderUser(
  user: UserSpec,
  group: { readonly name: string; readonly writerHostgroup: number; readonly readerHostgroup: number },
  passwordHash: string,
): TableRow {
  return rowOf({
    username: user.username,
    password: passwordHash,
    active: user.active,
    use_ssl: user.useSsl,
    default_hostgroup: user.defaultHostgroup === 'writer' ? group.writerHostgroup : group.readerHostgroup,
    default_schema: user.defaultSchema,
    schema_locked: user.schemaLocked,
    transaction_persistent: user.transactionPersistent,
    fast_forward: user.fastForward,
    max_connections: user.maxConnections,
    comment: `chester ${group.name} user`,
  });
}
