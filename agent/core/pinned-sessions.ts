import { type Address, addressOf } from './rows.ts';

/** A client's session that holds a connection to one server. */
export type ProxySession = Address & {
  readonly id: number;
  readonly user: string;
  readonly client: string;
  /** Since its command changed last. */
  readonly seconds: number;
  /** Why ProxySQL keeps the connection, where it says so: get_lock, user_variable, temporary_table, … */
  readonly pins: readonly string[];
};

/** From when on a drain that goes on is looked into. */
export const pinnedAfterMs = 30_000;

const namedMax = 5;

/**
 * Says who holds a server that drains. ProxySQL lists one backend a session, the one it spoke with last: who is pinned
 * to a reader and then talks with the writer is listed only with `mysql-show_processlist_extended`.
 */
export function describePinned(address: Address, connUsed: number, sessions: readonly ProxySession[]): string {
  const holders = sessions.filter((session) => addressOf(session) === addressOf(address));
  const named = holders.slice(0, namedMax).map(({ id, user, client, seconds, pins }) => {
    const why = pins.length === 0 ? '' : `, ${pins.join(', ')}`;
    return `session ${id} of ${user}@${client} (${seconds} s${why})`;
  });
  const more = holders.length > named.length ? [`${holders.length - named.length} more sessions`] : [];
  const hidden = connUsed - holders.length;
  const unknown =
    hidden > 0 ? [`${hidden} that ProxySQL does not list (mysql-show_processlist_extended=1 makes it list all)`] : [];
  return [...named, ...more, ...unknown].join('; ');
}
