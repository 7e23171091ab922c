import type { TableDescription, TablePlan, TableRow, TableView } from '../../../agent/core/table.ts';

/** What keeps two rows of a table apart beside its primary key. */
const uniqueKeys: Readonly<Record<string, readonly string[]>> = { mysql_users: ['username', 'frontend'] };

/** One table of ProxySQL as it behaves, in memory and in runtime. */
export class FakeTable {
  readonly table: TableDescription;
  memory: readonly TableRow[] = [];
  runtime: readonly TableRow[] = [];

  constructor(table: TableDescription, memory: readonly TableRow[] = []) {
    this.table = table;
    this.replace(memory);
    this.load();
  }

  get view(): TableView {
    return { memory: this.memory, runtime: this.runtime };
  }

  /** Rows that stand in the way by any key go. */
  replace(rows: readonly TableRow[]): void {
    const keys = [this.table.primaryKey, uniqueKeys[this.table.name] ?? this.table.primaryKey];
    for (const row of rows) {
      const isRival = (other: TableRow): boolean => keys.some((key) => key.every((name) => other[name] === row[name]));
      const full = { ...this.table.columns, ...row };
      this.memory = [...this.memory.filter((other) => !isRival(other)), full];
    }
  }

  delete(rows: readonly TableRow[]): void {
    const { primaryKey } = this.table;
    const isNamed = (row: TableRow): boolean =>
      rows.some((one) => primaryKey.every((column) => one[column] === row[column]));
    this.memory = this.memory.filter((row) => !isNamed(row));
  }

  load(): void {
    this.runtime = this.memory.flatMap(this.table.inRuntime);
  }

  /** The statements of a plan, one by one, as things to do. */
  statements(plan: TablePlan): readonly (() => void)[] {
    const deletes = plan.groups.flatMap((group) => group.deletes);
    const statements = plan.groups
      .filter(({ writes }) => writes.length > 0)
      .map(({ writes }) => () => {
        this.replace(writes);
      });
    if (deletes.length > 0) {
      statements.push(() => {
        this.delete(deletes);
      });
    }
    if (plan.groups.some(({ needsLoad }) => needsLoad)) {
      statements.push(() => {
        this.load();
      });
    }
    return statements;
  }

  clone(): FakeTable {
    const copy = new FakeTable(this.table);
    copy.memory = this.memory;
    copy.runtime = this.runtime;
    return copy;
  }
}

/** Rows in an order of their own, as text, to compare. */
export function renderSorted(rows: readonly TableRow[]): readonly string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)))).sort();
}
