import { type Capabilities, findLacking } from '../core/capabilities.ts';
import type { Failure } from '../core/messages.ts';
import { findModuleProblems } from '../core/module-checks.ts';
import { isInRange, queryRulesTable } from '../core/query-rules.ts';
import type { GroupBody, GroupTarget } from '../core/snapshot.ts';
import { findReservedUsers, usersTable } from '../core/users.ts';
import type { TableRow } from '../core/table.ts';
import type { FleetTarget } from '../core/variables.ts';
import { settled, type SideOutcome, type SideOutcomes } from './module-proof.ts';
import { type RowDemand, RowModule, type RowModuleDeps } from './row-module.ts';
import { VariablesModule } from './variables-module.ts';

/** What this agent's proxy has to look like, and which of its boots this is about. */
export type SideDemand = {
  readonly proxyBoot: string;
  readonly targets: readonly GroupTarget[];
  readonly fleet: FleetTarget | null;
};

type Wish = Pick<RowDemand, 'rows' | 'text' | 'isDemanding' | 'claims'>;
const nothing = (): boolean => false;

/**
 * Users, query rules and variables: what has a LOAD of its own, beside the servers. The applier calls it after the
 * servers stand as wanted, and before for groups that go. When nothing of a proxy asks for it, no statement is sent,
 * but for one look at each boot of the proxy for rows that a group left there.
 */
export class SideModules {
  readonly #deps: RowModuleDeps;
  readonly #users: RowModule;
  readonly #rules: RowModule;
  readonly #variables: VariablesModule;
  #proxyBoot: string | null = null;
  #capabilities: Capabilities | null = null;
  /** What a body asks for, and why it must not get it; bodies do not change. */
  #wishes = new WeakMap<GroupBody, { readonly users: Wish; readonly rules: Wish; readonly refusal: Failure | null }>();

  constructor(deps: RowModuleDeps) {
    this.#deps = deps;
    this.#users = new RowModule(deps, { table: usersTable, judge: (rows) => this.#judgeUsers(rows) });
    this.#rules = new RowModule(deps, { table: queryRulesTable, judge: () => Promise.resolve(null) });
    this.#variables = new VariablesModule(deps);
  }

  /** Reads which tables and columns this proxy has; one statement for each of its boots. */
  async capabilities(proxyBoot: string): Promise<Capabilities> {
    this.#meet(proxyBoot);
    this.#capabilities ??= await this.#deps.modules.readCapabilities();
    return this.#capabilities;
  }

  /** Says why a target can never be applied on this proxy, before anything of it is; `null`: nothing speaks against it. */
  async findRefusal(proxyBoot: string, { group, body }: Pick<GroupTarget, 'group' | 'body'>): Promise<Failure | null> {
    if (body.kind === 'removed') return null;
    const problems = findModuleProblems(group, body);
    if (problems.length > 0) return { code: 'INVALID_SNAPSHOT', message: problems.join('; ') };
    const isPlain = findLacking({ body }, new Map()) === null;
    return isPlain ? null : findLacking({ body }, await this.capabilities(proxyBoot));
  }

  /** Takes users and rules of removed groups out, before their servers go. */
  async withdraw({ proxyBoot, targets }: SideDemand): Promise<SideOutcomes> {
    this.#meet(proxyBoot);
    const groups = new Set(targets.filter(({ body }) => body.kind === 'removed').map(({ group }) => group));
    const outcomes = new Map<string, SideOutcome>();
    if (groups.size === 0) return outcomes;
    const demands = await this.#demands(proxyBoot, targets);
    await this.#lookForMarks(demands);
    for (const group of groups) outcomes.set(group, settled);
    const capabilities = await this.#capabilitiesFor(proxyBoot, groups);
    if (this.#users.hasRowsOf(groups)) {
      addTo(outcomes, await this.#users.withdraw(demands.users, groups, capabilities.get('mysql_users') ?? []));
    }
    if (this.#rules.hasRowsOf(groups)) {
      addTo(outcomes, await this.#rules.withdraw(demands.rules, groups, capabilities.get('mysql_query_rules') ?? []));
    }
    return outcomes;
  }

  /** Makes users, then rules, then variables as wanted. */
  async converge({ proxyBoot, targets, fleet }: SideDemand): Promise<SideOutcomes> {
    this.#meet(proxyBoot);
    const outcomes = new Map(targets.map(({ group }) => [group, settled]));
    if (targets.length > 0) {
      const demands = await this.#demands(proxyBoot, targets);
      await this.#lookForMarks(demands);
      const groups = new Set(targets.map(({ group }) => group));
      const capabilities = await this.#capabilitiesFor(proxyBoot, groups, demands);
      addTo(outcomes, await this.#users.converge(demands.users, capabilities.get('mysql_users') ?? []));
      addTo(outcomes, await this.#rules.converge(demands.rules, capabilities.get('mysql_query_rules') ?? []));
    }
    if (fleet !== null) outcomes.set(fleet.group, await this.#variables.converge(fleet));
    return outcomes;
  }
}
