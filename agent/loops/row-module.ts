import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { describeForeignPending, type ForeignPending } from '../core/foreign.ts';
import type { Failure } from '../core/messages.ts';
import type {
  PlanTableOptions,
  TableDemand,
  TableDescription,
  TableGroupPlan,
  TablePlan,
  TableRow,
} from '../core/table.ts';
import { planTable } from '../core/table-plan.ts';
import { nameRows, tableDifferences } from '../core/table-words.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ModuleAdmin } from '../ports.ts';
import { ModuleProof, settled, type SideOutcome, type SideOutcomes } from './module-proof.ts';

/** A change needs two steps (write and load, delete); more means that something works against us. */
const stepsMax = 6;

export type RowModuleDeps = {
  readonly modules: ModuleAdmin;
  readonly metrics: Pick<AgentMetrics, 'driftRepaired'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What one group wants of the module's table. */
export type RowDemand = TableDemand & {
  /** Says the same as the rest, to compare. */
  readonly text: string;
  /** False when the table only matters if rows with the group's mark stand there. */
  readonly isDemanding: boolean;
  /** Why the group's rows must not be written at all. */
  readonly refusal: Failure | null;
};

export type RowModuleOptions = {
  readonly table: TableDescription;
  /** The table as this proxy has it. */
  readonly shape: () => Promise<PlanTableOptions>;
  /** Says why these rows must not be written on this proxy; `null`: they may. */
  readonly judge: (rows: readonly TableRow[]) => Promise<Failure | null>;
};

/** What has to be done now, and why the rest has not. */
type Round = {
  readonly plan: TablePlan;
  readonly doable: readonly TableGroupPlan[];
  /** Edits of others that a LOAD would publish, in this table and its siblings: nothing that needs a LOAD goes on. */
  readonly pending: readonly ForeignPending[];
};

/** Keeps one table that is a module of its own, users or query rules, as all groups of the proxy want it. */
export class RowModule {
  readonly #deps: RowModuleDeps;
  readonly #options: RowModuleOptions;
  readonly #proof: ModuleProof;
  /** Groups whose mark stands in the table; `null` before the first look at this boot of the proxy. */
  #marked: ReadonlySet<string> | null = null;
  /** What was refused for good. */
  readonly #refused = new Map<string, { readonly text: string; readonly failure: Failure }>();

  constructor(deps: RowModuleDeps, options: RowModuleOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#proof = new ModuleProof(deps, options.table.module);
  }

  /** Forgets what was found on a proxy that was rebuilt. */
  forget(): void {
    this.#proof.forget();
    this.#marked = null;
    this.#refused.clear();
  }

  /** Whether it is not known yet who left rows here, and nobody's wish makes it look anyway. */
  isUnseen(demands: readonly RowDemand[]): boolean {
    return this.#marked === null && !demands.some(({ isDemanding }) => isDemanding);
  }

  noteMarks(marked: ReadonlySet<string>): void {
    this.#marked = marked;
  }

  /** Takes the rows of these groups out, and touches no other's. */
  async withdraw(demands: readonly RowDemand[], groups: ReadonlySet<string>): Promise<SideOutcomes> {
    if (!this.#mayHoldRowsOf(groups)) return new Map();
    const { outcomes } = await this.#work(demands, groups);
    return outcomes;
  }

  /** Makes the table as wanted. */
  async converge(demands: readonly RowDemand[]): Promise<SideOutcomes> {
    const groups = new Set(demands.map(({ group }) => group));
    const isConcerned = demands.some(({ isDemanding }) => isDemanding) || this.#mayHoldRowsOf(groups);
    if (!isConcerned) return new Map(demands.map(({ group }) => [group, settled]));
    const texts = new Map(demands.map(({ group, text }) => [group, text]));
    const known = await this.#proof.recall(texts);
    if (known !== null) return known;
    const { outcomes, fingerprint } = await this.#work(demands, groups);
    this.#proof.note(texts, outcomes, fingerprint);
    return outcomes;
  }

  /** Says what would be changed for these groups, and changes nothing. */
  async preview(demands: readonly RowDemand[]): Promise<ReadonlyMap<string, readonly string[]>> {
    if (!demands.some(({ isDemanding }) => isDemanding)) return new Map();
    const shape = await this.#options.shape();
    const plan = planTable(demands, await this.#deps.modules.readTable(shape.table, shape.columns), shape);
    return new Map(demands.map(({ group }) => [group, tableDifferences(shape.table, plan, group)]));
  }

  #mayHoldRowsOf(groups: ReadonlySet<string>): boolean {
    return this.#marked === null || [...groups].some((group) => this.#marked?.has(group) === true);
  }

  /** Steps until nothing is left to do now; each look proves the step before and is the ground of the next. */
  async #work(
    demands: readonly RowDemand[],
    groups: ReadonlySet<string>,
  ): Promise<{ readonly outcomes: SideOutcomes; readonly fingerprint: string }> {
    const shape = await this.#options.shape();
    const changed = new Set<string>();
    let doneBefore = '';
    for (let step = 0; ; step += 1) {
      const fingerprint = await this.#proof.readFingerprint();
      const view = await this.#deps.modules.readTable(shape.table, shape.columns);
      const plan = planTable(demands, view, shape);
      this.#marked = plan.marked;
      const round = await this.#judgeRound(plan, demands, groups);
      const doing = JSON.stringify(round.doable);
      if (round.doable.length === 0 || doing === doneBefore || step >= stepsMax) {
        // No checksum covers a sibling: what waits for one is looked at again.
        const isCovered = round.pending.length === plan.foreignPending.length;
        const outcomes = this.#conclude(round, demands, { groups, changed });
        return { outcomes, fingerprint: isCovered ? fingerprint : '' };
      }
      doneBefore = doing;
      this.#tellRepairs(round.doable, demands);
      for (const { group } of round.doable) changed.add(group);
      await this.#execute(round.doable, demands);
    }
  }

  async #judgeRound(plan: TablePlan, demands: readonly RowDemand[], groups: ReadonlySet<string>): Promise<Round> {
    const able = plan.groups.flatMap((group) => {
      const demand = demands.find((one) => one.group === group.group);
      const isAble = groups.has(group.group) && !group.isSettled && group.hold === null;
      return demand === undefined || !isAble || this.#refusalOf(demand) !== null ? [] : [{ group, demand }];
    });
    const siblings = able.some(({ group }) => group.needsLoad)
      ? await this.#deps.modules.readSiblingPending(this.#options.table)
      : [];
    const pending = [...plan.foreignPending, ...siblings];
    const doable: TableGroupPlan[] = [];
    for (const { group, demand } of able) {
      if (pending.length > 0 && group.needsLoad) continue;
      const refusal = await this.#options.judge(group.writes);
      if (refusal === null) doable.push(group);
      else this.#refuse(demand, refusal);
    }
    return { plan, doable, pending };
  }

  /** Writes first, deletes last, one LOAD for all groups; every state in between may be loaded by others. */
  async #execute(groups: readonly TableGroupPlan[], demands: readonly RowDemand[]): Promise<void> {
    const { modules, log } = this.#deps;
    const { table } = this.#options;
    const done: TableGroupPlan[] = [];
    for (const group of groups) if (await this.#write(group, demands)) done.push(group);
    const deletes = done.flatMap((group) => group.deletes);
    if (deletes.length > 0) await modules.deleteRows(table, deletes);
    if (!done.some(({ needsLoad }) => needsLoad)) return;
    await modules.loadModule(table.module);
    const changes = done.map(({ group, changes: rows }) => ({ group, rows: rows.length }));
    log.info({ table: table.name, changes }, 'rows loaded');
  }

  /** Writes one group's rows; a refused row refuses the group's and touches no other group. */
  async #write({ group, writes }: TableGroupPlan, demands: readonly RowDemand[]): Promise<boolean> {
    const { table } = this.#options;
    if (writes.length === 0) return true;
    try {
      await this.#deps.modules.replaceRows(table, writes);
      return true;
    } catch (error) {
      const demand = demands.find((one) => one.group === group);
      if (!(error instanceof AgentError) || error.isRetryable || demand === undefined) throw error;
      const message = `${table.name} refused a row among ${nameRows(table, writes)}: ${error.message}`;
      this.#refuse(demand, { code: error.code, message });
      return false;
    }
  }

  #refuse({ group, text }: RowDemand, failure: Failure): void {
    this.#refused.set(group, { text, failure });
  }

  #refusalOf(demand: RowDemand): Failure | null {
    const refused = this.#refused.get(demand.group);
    return demand.refusal ?? (refused?.text === demand.text ? refused.failure : null);
  }

  #tellRepairs(groups: readonly TableGroupPlan[], demands: readonly RowDemand[]): void {
    const { metrics, log } = this.#deps;
    for (const { group, changes } of groups) {
      const text = demands.find((one) => one.group === group)?.text;
      if (text === undefined || !this.#proof.isProven(group, text)) continue;
      for (const change of changes) {
        metrics.driftRepaired(group);
        log.warn({ group, table: this.#options.table.name, change }, 'repairing a row that drifted');
      }
    }
  }

  #conclude(
    { plan, pending }: Round,
    demands: readonly RowDemand[],
    { groups, changed }: { readonly groups: ReadonlySet<string>; readonly changed: ReadonlySet<string> },
  ): SideOutcomes {
    const outcomes = new Map<string, SideOutcome>();
    for (const group of plan.groups) {
      const demand = demands.find((one) => one.group === group.group);
      if (demand === undefined || !groups.has(group.group)) continue;
      const hasChanged = changed.has(group.group);
      const refusal = this.#refusalOf(demand);
      if (refusal !== null) {
        outcomes.set(group.group, { isSettled: false, failure: { ...refusal, isPermanent: true }, hasChanged });
      } else if (group.isSettled) {
        outcomes.set(group.group, { ...settled, hasChanged });
      } else {
        const waits = group.hold ?? (pending.length > 0 ? describePending(pending) : this.#describeUnproven(group));
        outcomes.set(group.group, { isSettled: false, failure: { ...waits, isPermanent: false }, hasChanged });
      }
    }
    return outcomes;
  }

  #describeUnproven({ changes }: TableGroupPlan): Failure {
    const message = `${this.#options.table.name} does not show what was loaded: ${changes.slice(0, 5).join(', ')}`;
    return { code: 'NOT_PROVEN', message };
  }
}

function describePending(pending: readonly ForeignPending[]): Failure {
  return { code: 'FOREIGN_PENDING', message: describeForeignPending(pending) };
}
