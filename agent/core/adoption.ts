import { isOf, parseMark } from './marks.ts';
import type { Hold } from './plan.ts';
import { keyOf, type ServerRow } from './rows.ts';
import { byKey, type GroupTarget } from './snapshot.ts';
import { rowsIn, type RowIndex } from './view.ts';

/** Rows in the group's hostgroups that no snapshot of it wrote. */
export function findStrangers(
  { group }: GroupTarget,
  owned: ReadonlySet<number>,
  index: RowIndex,
): readonly ServerRow[] {
  return rowsIn(index, 'standing', owned).filter((row) => !isOf(row, group));
}

/** Rows in the group's hostgroups that its snapshot does not name. */
export function findUnnamed({ body }: GroupTarget, owned: ReadonlySet<number>, index: RowIndex): readonly ServerRow[] {
  const named = byKey(body.kind === 'removed' ? [] : body.servers);
  return rowsIn(index, 'standing', owned).filter((row) => !named.has(keyOf(row)));
}

/**
 * Finds what has to go where the operator had the group adopt what it found: what serves, or did, and is not named.
 * A row that somebody is only about to add is his, and the only writer stays until the snapshot names another one.
 */
export function findAdopted(
  { body, group }: GroupTarget,
  unnamed: readonly ServerRow[],
  index: RowIndex,
): readonly ServerRow[] {
  if (body.kind === 'removed' || !body.policy.adoptExisting) return [];
  const hasWriter = body.servers.some((row) => row.hostgroup === body.writerHostgroup && row.status === 'ONLINE');
  const isOnlyAdded = (row: ServerRow): boolean => {
    const inRuntime = index.runtime.get(keyOf(row));
    const isShown = inRuntime !== undefined && inRuntime.status !== 'OFFLINE_HARD';
    return !isShown && row.status !== 'OFFLINE_HARD' && parseMark(row.comment).mark?.kind !== 'leaving';
  };
  return unnamed.filter(
    (row) => !isOf(row, group) && !isOnlyAdded(row) && (hasWriter || row.hostgroup !== body.writerHostgroup),
  );
}

/**
 * Holds a group on a proxy that somebody else made serve its hostgroups, until its operator says `adoptExisting`.
 * It is the first contact as long as no row there is ours.
 *
 * @param isKnown This agent has proven the group on its proxy before: what bears no mark of ours drifted.
 */
export function findFirstContact(
  target: GroupTarget,
  owned: ReadonlySet<number>,
  index: RowIndex,
  isKnown: boolean,
): Hold | null {
  const { body, group } = target;
  if (body.kind === 'removed' || body.policy.adoptExisting || isKnown) return null;
  const strangers = findStrangers(target, owned, index);
  const hasOurs = rowsIn(index, 'standing', owned).some((row) => isOf(row, group));
  if (strangers.length === 0 || hasOurs) return null;
  const named = byKey(body.servers);
  const standing = strangers.slice(0, 5).map((row) => {
    const server = named.get(keyOf(row));
    const becomes = server === undefined ? 'would be drained' : `would become ${server.status} weight ${server.weight}`;
    return `${keyOf(row)} (${row.status}, weight ${row.weight}) ${becomes}`;
  });
  const more = strangers.length > standing.length ? `, and ${strangers.length - standing.length} more` : '';
  const stands = new Set(strangers.map(keyOf));
  const added = [...named.keys()].filter((key) => !stands.has(key));
  const message =
    `this proxy serves the group's hostgroups already: ${standing.join(', ')}${more}; ` +
    `to be added: ${added.length === 0 ? 'none' : added.join(', ')}; nothing is changed until the group says adoptExisting`;
  return { code: 'ADOPTION_REQUIRED', message };
}
