import { describeAdoption, describeRewrite, describeTaken, nameRow } from './table-words.ts';
import type { ForeignPending } from './foreign.ts';
import type { Failure } from './messages.ts';
import type {
  PlanTableOptions,
  TableDemand,
  TableDescription,
  TableGroupPlan,
  TablePlan,
  TableRow,
  TableView,
} from './table.ts';

/** All rows that bear one identity. */
type Slot = { readonly memory: TableRow[]; readonly runtime: TableRow[] };

type Context = {
  readonly table: TableDescription;
  /** The columns that we write: those that the proxy has and a group may name. */
  readonly written: readonly string[];
  readonly slots: ReadonlyMap<string, Slot>;
  /** Identities that some group wants, and the first group that does. */
  readonly owners: ReadonlyMap<string, string>;
  readonly groups: ReadonlySet<string>;
  /** Identities that a group takes which may do so. */
  readonly taken: Set<string>;
  /** Identities of strangers that such a group takes out. */
  readonly answered: Set<string>;
};

/** What a group wants, and whether it may have it. */
type Verdict = {
  readonly demand: TableDemand;
  /** With all columns that we write. */
  readonly wanted: readonly TableRow[];
  readonly squatters: readonly Slot[];
  readonly hold: Failure | null;
};

const emptySlot: Slot = { memory: [], runtime: [] };
const mark = /^chester (\S+) /;

/**
 * Plans the next step for one table and all groups of a proxy. Every state in between may be loaded by somebody else:
 *
 * - One REPLACE for each group brings all its rows from the old state to the new one at once. Where rows can be
 *   inactive, the same statement makes those inactive that have to go.
 * - Where rows can be inactive, only such a row is deleted: no LOAD would bring it in.
 * - A row that does not bear the mark of a group of this proxy is never named in a statement, unless it was adopted.
 */
export function planTable(demands: readonly TableDemand[], view: TableView, options: PlanTableOptions): TablePlan {
  const { table, columns } = options;
  const written = columns.filter((column) => column in table.columns);
  const context: Context = {
    table,
    written,
    slots: indexSlots(table, view),
    owners: claimRows(table, demands),
    groups: new Set(demands.map(({ group }) => group)),
    taken: new Set(),
    answered: new Set(),
  };
  const verdicts = demands.map((demand) => judgeDemand(demand, context));
  for (const verdict of verdicts) {
    for (const row of verdict.hold === null ? verdict.wanted : []) context.taken.add(identify(table, row));
    for (const slot of verdict.hold === null ? verdict.squatters : []) {
      for (const row of standingRows(slot)) context.answered.add(identify(table, row));
    }
  }
  const groups = verdicts.map((verdict) => planGroup(verdict, context));
  const marks = [...view.memory, ...view.runtime].map(readMark);
  return {
    groups,
    foreignPending: findPending(context, columns),
    marked: new Set(marks.filter((group) => group !== null)),
  };
}

/** The group that wrote a row, or `null`. */
export function readMark(row: TableRow): string | null {
  return mark.exec(row['comment'] ?? '')?.[1] ?? null;
}

function judgeDemand(demand: TableDemand, context: Context): Verdict {
  const { table, written, slots, owners } = context;
  const slotOf = (row: TableRow): Slot => slots.get(identify(table, row)) ?? emptySlot;
  const ownerOf = (row: TableRow): string | undefined => owners.get(identify(table, row));
  const wanted = demand.rows.map((row) => completeRow(table, row, written));
  const squatters = findSquatters(demand, context);
  const verdict = { demand, wanted, squatters, hold: null };
  const others = wanted.filter((row) => ownerOf(row) !== demand.group);
  if (others.length > 0) return { ...verdict, hold: describeTaken(table, others, ownerOf) };
  const taken = wanted.filter((row) => isTaken(demand, slotOf(row), context));
  if (demand.adoptExisting || taken.length + squatters.length === 0) return verdict;
  const standing = (row: TableRow): readonly TableRow[] => standingRows(slotOf(row));
  const hold = describeAdoption(table, { taken, squatters: squatters.flatMap(standingRows), standing });
  return { ...verdict, hold };
}

function planGroup({ demand, wanted, squatters, hold }: Verdict, context: Context): TableGroupPlan {
  if (hold !== null) {
    return { group: demand.group, writes: [], deletes: [], needsLoad: false, changes: [], isSettled: false, hold };
  }
  return mergeSteps(demand.group, [
    ...wanted.map((row) => stepTowards(row, context)),
    ...squatters.map((slot) => stepAway(slot, context)),
    ...findStale(demand, context).map((slot) => stepAway(slot, context)),
  ]);
}

/** What one identity needs. */
type Step = Pick<TableGroupPlan, 'writes' | 'deletes' | 'needsLoad' | 'changes'>;

function stepTowards(row: TableRow, { table, written, slots }: Context): Step {
  const slot = slots.get(identify(table, row)) ?? emptySlot;
  const isWritten = isSameRows(slot.memory, [row], written);
  const needsLoad = !isSameRows(slot.runtime, table.inRuntime(row), written);
  const what = slot.memory.length === 0 ? 'added' : isWritten ? 'loaded' : describeRewrite(table, slot.memory, row);
  const changes = isWritten && !needsLoad ? [] : [`${nameRow(table, row)} ${what}`];
  return { writes: isWritten ? [] : [row], deletes: [], needsLoad, changes };
}

function stepAway(slot: Slot, { table, written }: Context): Step {
  const needsLoad = slot.runtime.length > 0;
  const change = (rows: readonly TableRow[], what: string): string[] =>
    rows.map((row) => `${nameRow(table, row)} ${what}`);
  if (!table.hasActive) {
    const gone = slot.memory.length > 0 ? slot.memory : slot.runtime;
    return { writes: [], deletes: slot.memory, needsLoad, changes: change(gone, 'removed') };
  }
  const active = slot.memory.filter((row) => row['active'] !== '0');
  const writes = active.map((row) => ({ ...completeRow(table, row, written), active: '0' }));
  if (active.length > 0) return { writes, deletes: [], needsLoad, changes: change(active, 'taken out of service') };
  return { writes: [], deletes: slot.memory, needsLoad, changes: change(standingRows(slot), 'removed') };
}

function mergeSteps(group: string, steps: readonly Step[]): TableGroupPlan {
  const merged = {
    writes: steps.flatMap(({ writes }) => writes),
    deletes: steps.flatMap(({ deletes }) => deletes),
    needsLoad: steps.some(({ needsLoad }) => needsLoad),
    changes: steps.flatMap(({ changes }) => changes),
  };
  const isSettled = merged.writes.length === 0 && merged.deletes.length === 0 && !merged.needsLoad;
  return { group, ...merged, isSettled, hold: null };
}

/** Rows of the group that it does not want any more, and that no other group takes over. */
function findStale(demand: TableDemand, { slots, taken }: Context): readonly Slot[] {
  const isStale = (row: TableRow): boolean => readMark(row) === demand.group && !demand.keeps(row);
  return [...slots]
    .filter(([identity]) => !taken.has(identity))
    .map(([, slot]) => ({ memory: slot.memory.filter(isStale), runtime: slot.runtime.filter(isStale) }))
    .filter((slot) => slot.memory.length + slot.runtime.length > 0);
}

/** Rows where only the group's own may be, and nobody's that we know. */
function findSquatters(demand: TableDemand, { slots, owners, groups }: Context): readonly Slot[] {
  const isStranger = (row: TableRow): boolean => demand.claims(row) && !groups.has(readMark(row) ?? '');
  return [...slots]
    .filter(([identity]) => !owners.has(identity))
    .map(([, slot]) => ({ memory: slot.memory.filter(isStranger), runtime: slot.runtime.filter(isStranger) }))
    .filter((slot) => slot.memory.length + slot.runtime.length > 0);
}

/** Whether somebody else's row stands under a wanted identity. What was ours in memory before may be in runtime still. */
function isTaken(demand: TableDemand, slot: Slot, { groups }: Context): boolean {
  const rows = slot.memory.length > 0 ? slot.memory : slot.runtime;
  return rows.some((row) => {
    const group = readMark(row);
    return group !== demand.group && (group === null || !groups.has(group));
  });
}

function standingRows(slot: Slot): readonly TableRow[] {
  return slot.memory.length > 0 ? slot.memory : slot.runtime;
}

/** Lists what a LOAD would change in rows that no group of ours answers for. */
function findPending(
  { table, slots, groups, taken, answered }: Context,
  columns: readonly string[],
): readonly ForeignPending[] {
  const isForeign = (row: TableRow): boolean => !groups.has(readMark(row) ?? '');
  const pending: ForeignPending[] = [];
  for (const [identity, slot] of slots) {
    if (taken.has(identity) || answered.has(identity)) continue;
    const would = slot.memory.filter(isForeign).flatMap(table.inRuntime);
    const does = slot.runtime.filter(isForeign);
    const row = would[0] ?? does[0];
    const blind = new Set(would.flatMap((one) => does.flatMap((other) => table.incomparable(one, other))));
    const compared = columns.filter((column) => !blind.has(column));
    if (row === undefined || isSameRows(would, does, compared)) continue;
    const wouldBe = does.length === 0 ? 'added' : would.length === 0 ? 'removed' : 'changed';
    pending.push({ table: table.name, row: nameRow(table, row), wouldBe });
  }
  return pending;
}

function claimRows(table: TableDescription, demands: readonly TableDemand[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { group, rows } of demands) {
    for (const row of rows) {
      const identity = identify(table, row);
      if (!owners.has(identity)) owners.set(identity, group);
    }
  }
  return owners;
}

function indexSlots(table: TableDescription, view: TableView): ReadonlyMap<string, Slot> {
  const slots = new Map<string, Slot>();
  for (const where of ['memory', 'runtime'] as const) {
    for (const row of view[where]) {
      const identity = identify(table, row);
      const slot = slots.get(identity) ?? { memory: [], runtime: [] };
      slot[where].push(row);
      slots.set(identity, slot);
    }
  }
  return slots;
}

function identify(table: TableDescription, row: TableRow): string {
  return JSON.stringify(table.identity.map((column) => row[column] ?? table.columns[column] ?? ''));
}

function completeRow(table: TableDescription, row: TableRow, written: readonly string[]): TableRow {
  return Object.fromEntries(
    written.map((column) => [column, row[column] === undefined ? (table.columns[column] ?? null) : row[column]]),
  );
}

/** Mostly they come in the same order. */
function isSameRows(some: readonly TableRow[], others: readonly TableRow[], columns: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  const isSame = (one: TableRow, other: TableRow | undefined): boolean =>
    columns.every((column) => (one[column] ?? null) === (other?.[column] ?? null));
  if (some.every((row, index) => isSame(row, others[index]))) return true;
  const left = [...others];
  return some.every((row) => {
    const place = left.findIndex((other) => isSame(row, other));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}
