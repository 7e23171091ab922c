import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { attributesTable } from '../../../agent/core/hostgroup-attributes.ts';
import { queryRulesTable } from '../../../agent/core/query-rules.ts';
import { hasTableWork, type TableDemand, type TableDescription, type TableRow } from '../../../agent/core/table.ts';
import { planTable, readMark } from '../../../agent/core/table-plan.ts';
import { usersTable } from '../../../agent/core/users.ts';
import { FakeTable, renderSorted } from '../fakes/fake-table.ts';

const stepsMax = 3;
const ids = [1, 2, 3, 4, 5, 6] as const;
const groups = ['a', 'b'] as const;
const isOurs = (row: TableRow): boolean => groups.some((group) => group === readMark(row));

const tables: readonly { readonly table: TableDescription; readonly column: string; readonly hasRange: boolean }[] = [
  { table: usersTable, column: 'default_schema', hasRange: false },
  { table: queryRulesTable, column: 'match_digest', hasRange: true },
  { table: attributesTable, column: 'init_connect', hasRange: false },
];

type World = {
  readonly before: FakeTable;
  readonly demands: readonly TableDemand[];
  /** What a failure shows. */
  readonly [fc.toStringMethod]: () => string;
};

for (const { table, column, hasRange } of tables) {
  const identity = table.identity[0]!;
  const build = (id: number, group: string, variant: string, active = '1'): TableRow => ({
    ...table.columns,
    [identity]: String(id),
    [column]: variant,
    ...(table.hasActive ? { active } : {}),
    comment: group === '' ? 'by hand' : `chester ${group} row`,
  });

  /** Nobody's row takes the place of another one that only runtime still shows. */
  const place = (world: FakeTable, row: TableRow, where: string): void => {
    const isForeign = !isOurs(row);
    if ([...world.memory, ...world.runtime].some((one) => one[identity] === row[identity])) return;
    if (isForeign || where !== 'runtime') world.memory = [...world.memory, row];
    if (isForeign || where !== 'memory') world.runtime = [...world.runtime, ...table.inRuntime(row)];
  };

  /** A table in any state that crashes and people leave it in; foreign rows have no pending edits. */
  const standing = fc.array(
    fc.record({
      id: fc.constantFrom(...ids),
      group: fc.constantFrom('a', 'b', 'a', '', 'elsewhere'),
      variant: fc.constantFrom('x', 'y'),
      active: fc.constantFrom('1', '1', '0'),
      where: fc.constantFrom('both', 'both', 'memory', 'runtime'),
      half: fc.constantFrom('both', 'both', 'frontend', 'backend'),
    }),
    { maxLength: 7 },
  );
  const worlds = fc
    .record({
      standing,
      wanted: fc.array(
        fc.record({
          id: fc.constantFrom(...ids),
          group: fc.constantFrom(...groups),
          variant: fc.constantFrom('x', 'y'),
          active: fc.constantFrom('1', '1', '0'),
        }),
        { maxLength: 5 },
      ),
      adopts: fc.record({ a: fc.boolean(), b: fc.boolean() }),
    })
    .map(({ standing: rows, wanted, adopts }): World => {
      const before = new FakeTable(table);
      for (const { id, group, variant, active, where, half } of rows) {
        const directions: TableRow = {
          frontend: half === 'backend' ? '0' : '1',
          backend: half === 'frontend' ? '0' : '1',
        };
        const isHalf = table.name === 'mysql_users' && group === '';
        place(before, { ...build(id, group, variant, active), ...(isHalf ? directions : {}) }, where);
      }
      const demands = groups.map((group, index): TableDemand => {
        const isOwn = (id: number): boolean => Math.ceil(id / 3) === index + 1;
        const own = wanted.filter((one) => one.group === group && (!hasRange || isOwn(one.id)));
        const distinct = new Map(own.map(({ id, variant, active }) => [id, build(id, group, variant, active)]));
        return {
          group,
          rows: [...distinct.values()],
          adoptExisting: adopts[group],
          claims: (row) => hasRange && isOwn(Number(row[identity])),
          keeps: () => false,
        };
      });
      const brief = (rows: readonly TableRow[]) =>
        rows.map((row) => [row[identity], row['comment'], row[column], row['active']].join('/'));
      const shown = {
        memory: brief(before.memory),
        runtime: brief(before.runtime),
        demands: demands.map(({ rows, adoptExisting }) => [brief(rows), adoptExisting]),
      };
      return { before, demands, [fc.toStringMethod]: () => JSON.stringify(shown) };
    });

  const columns = Object.keys(table.columns);
  const plan = (demands: readonly TableDemand[], world: FakeTable) =>
    planTable(demands, world.view, { table, columns });
  /** Steps to the end; tells after each statement how the table is. */
  const run = (
    { before, demands }: World,
    visit: (world: FakeTable, atStart: FakeTable, held: ReadonlySet<string>) => void = () => undefined,
  ) => {
    const world = before.clone();
    for (let step = 0; step < stepsMax; step += 1) {
      const next = plan(demands, world);
      assert.deepEqual(next.foreignPending, [], 'foreign rows have nothing pending');
      if (!hasTableWork(next)) return { world, plan: next };
      const atStart = world.clone();
      const held = new Set(next.groups.filter(({ hold }) => hold !== null).map(({ group }) => group));
      for (const statement of world.statements(next)) {
        statement();
        visit(world, atStart, held);
      }
    }
    return assert.fail(`not converged after ${stepsMax} steps`);
  };

  describe(`planTable, ${table.name}`, () => {
    it('ends with the rows that are wanted, unless it says why not; a second plan is empty', () => {
      fc.assert(
        fc.property(worlds, (given) => {
          const { world, plan: last } = run(given);
          for (const { group, hold, isSettled } of last.groups) {
            assert.equal(isSettled, hold === null);
            if (hold !== null) continue;
            const demand = given.demands.find((one) => one.group === group)!;
            const wanted = demand.rows;
            const names = new Set(wanted.map((row) => row[identity]));
            const here = world.memory.filter((row) => readMark(row) === group || names.has(row[identity]));
            assert.deepEqual(renderSorted(here), renderSorted(wanted));
            const shown = world.runtime.filter((row) => readMark(row) === group || names.has(row[identity]));
            assert.deepEqual(renderSorted(shown), renderSorted(wanted.flatMap(table.inRuntime)));
            assert.deepEqual(
              world.memory.filter((row) => demand.claims(row) && !isOurs(row)),
              [],
            );
          }
        }),
      );
    });

    it('leaves rows of others as they are, byte for byte and at every moment', () => {
      fc.assert(
        fc.property(worlds, (given) => {
          const adopters = given.demands.filter(({ adoptExisting }) => adoptExisting);
          const isAdopted = (row: TableRow): boolean =>
            adopters.some(({ rows, claims }) => claims(row) || rows.some((one) => one[identity] === row[identity]));
          const foreign = (rows: readonly TableRow[]) =>
            renderSorted(rows.filter((row) => !isOurs(row) && !isAdopted(row)));
          const { memory, runtime } = given.before;
          run(given, (world) => {
            assert.deepEqual(foreign(world.memory), foreign(memory));
            assert.deepEqual(foreign(world.runtime), foreign(runtime));
          });
        }),
      );
    });

    it('may be loaded by others after each statement: a group shows its old rows or its new ones', () => {
      fc.assert(
        fc.property(worlds, (given) => {
          const shown = (
            world: FakeTable,
            { group, rows }: TableDemand,
            held: ReadonlySet<string>,
          ): readonly string[] => {
            const loaded = world.clone();
            loaded.load();
            const elsewhere = new Set(
              given.demands
                .filter((one) => one.group !== group && !held.has(one.group))
                .flatMap((one) => one.rows.map((row) => row[identity])),
            );
            const own = new Set(rows.map((row) => row[identity]));
            const isShown = (row: TableRow): boolean =>
              own.has(row[identity]) || (readMark(row) === group && !elsewhere.has(row[identity]));
            return renderSorted(loaded.runtime.filter(isShown));
          };
          run(given, (world, atStart, held) => {
            for (const demand of given.demands.filter(({ group }) => !held.has(group))) {
              const [old, now] = [shown(atStart, demand, held), shown(world, demand, held)];
              const wanted = renderSorted(demand.rows.flatMap(table.inRuntime));
              if (table.hasActive) {
                if (JSON.stringify(now) !== JSON.stringify(old)) assert.deepEqual(now, wanted);
              } else {
                for (const row of now) assert.ok(old.includes(row) || wanted.includes(row));
                for (const row of wanted) if (old.includes(row)) assert.ok(now.includes(row));
              }
            }
          });
        }),
      );
    });
  });
}
