import { type Capabilities, findLacking } from '../core/capabilities.ts';
import type { Failure } from '../core/messages.ts';
import { findModuleProblems } from '../core/module-checks.ts';
import { isInRange, queryRulesTable } from '../core/query-rules.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import type { TableRow } from '../core/table.ts';
import { describeUsers, findReservedUsers, usersTable } from '../core/users.ts';
import type { FleetTarget } from '../core/variables.ts';
import { settled, type SideOutcome, type SideOutcomes } from './module-proof.ts';
import { type RowDemand, RowModule, type RowModuleDeps } from './row-module.ts';
import { VariablesModule } from './variables-module.ts';

export type { SideOutcome, SideOutcomes } from './module-proof.ts';
export type { RowModuleDeps as SideModulesDeps } from './row-module.ts';

/** What this agent's proxy has to look like, and which of its boots this is about. */
export type SideDemand = {
  readonly proxyBoot: string;
  readonly targets: readonly GroupTarget[];
  readonly fleet: FleetTarget | null;
};

type Demands = { readonly users: readonly RowDemand[]; readonly rules: readonly RowDemand[] };
type GroupDemands = { readonly users: RowDemand; readonly rules: RowDemand };

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
  /** By body: bodies do not change. */
  #demandsOf = new WeakMap<GroupTarget['body'], GroupDemands>();

  constructor(deps: RowModuleDeps) {
    this.#deps = deps;
    const present = (): Promise<Capabilities> => this.capabilities(this.#proxyBoot ?? '');
    this.#users = new RowModule(deps, {
      table: usersTable,
      shape: async () => {
        const capabilities = await present();
        return { table: describeUsers(capabilities), columns: capabilities.get('mysql_users') ?? [] };
      },
      judge: (rows) => this.#judgeUsers(rows),
    });
    this.#rules = new RowModule(deps, {
      table: queryRulesTable,
      shape: async () => ({ table: queryRulesTable, columns: (await present()).get('mysql_query_rules') ?? [] }),
      judge: () => Promise.resolve(null),
    });
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
    const problems = findModuleProblems(group, body);
    if (problems.length > 0) return { code: 'INVALID_SNAPSHOT', message: problems.join('; ') };
    const isPlain = findLacking({ body }, new Map()) === null;
    return isPlain ? null : findLacking({ body }, await this.capabilities(proxyBoot));
  }

  /** Takes users and rules of removed groups out, before their servers go. Answers for those groups only. */
  async withdraw({ proxyBoot, targets }: Omit<SideDemand, 'fleet'>): Promise<SideOutcomes> {
    this.#meet(proxyBoot);
    const groups = new Set(targets.filter(({ body }) => body.kind === 'removed').map(({ group }) => group));
    if (groups.size === 0) return new Map();
    const demands = await this.#demands(targets);
    await this.#lookForMarks(demands);
    return mergeOutcomes([
      new Map([...groups].map((group) => [group, settled])),
      await this.#users.withdraw(demands.users, groups),
      await this.#rules.withdraw(demands.rules, groups),
    ]);
  }

  /** Makes users, then rules, then variables as wanted. */
  async converge({ proxyBoot, targets, fleet }: SideDemand): Promise<SideOutcomes> {
    this.#meet(proxyBoot);
    const found: SideOutcomes[] = [];
    if (targets.length > 0) {
      const demands = await this.#demands(targets);
      await this.#lookForMarks(demands);
      found.push(await this.#users.converge(demands.users), await this.#rules.converge(demands.rules));
    }
    if (fleet !== null) found.push(new Map([[fleet.group, await this.#variables.converge(fleet)]]));
    return mergeOutcomes(found);
  }

  /** Says what would be changed for groups in shadow, and changes nothing. */
  async preview({ proxyBoot, targets, fleet }: SideDemand): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#meet(proxyBoot);
    const { users, rules } = await this.#demands(targets);
    const seen = [await this.#users.preview(users), await this.#rules.preview(rules)];
    const differences = targets.map(({ group }) => [group, seen.flatMap((one) => one.get(group) ?? [])] as const);
    if (fleet === null) return new Map(differences);
    return new Map([...differences, [fleet.group, await this.#variables.preview(fleet)]]);
  }

  #meet(proxyBoot: string): void {
    if (this.#proxyBoot === proxyBoot) return;
    this.#proxyBoot = proxyBoot;
    this.#capabilities = null;
    this.#demandsOf = new WeakMap();
    this.#users.forget();
    this.#rules.forget();
    this.#variables.forget();
  }

  /** A table that nobody's wish makes us look at may still hold what a group left there. */
  async #lookForMarks({ users, rules }: Demands): Promise<void> {
    const unseen = [this.#users.isUnseen(users) ? this.#users : null, this.#rules.isUnseen(rules) ? this.#rules : null];
    if (unseen.every((module) => module === null)) return;
    const marks = await this.#deps.modules.readMarks();
    unseen[0]?.noteMarks(marks.get('mysql_users') ?? new Set());
    unseen[1]?.noteMarks(marks.get('mysql_query_rules') ?? new Set());
  }

  async #demands(targets: readonly GroupTarget[]): Promise<Demands> {
    const demands: GroupDemands[] = [];
    for (const target of targets) {
      const known = this.#demandsOf.get(target.body);
      const built = known ?? buildDemands(target, await this.findRefusal(this.#proxyBoot ?? '', target));
      this.#demandsOf.set(target.body, built);
      demands.push(built);
    }
    return { users: demands.map(({ users }) => users), rules: demands.map(({ rules }) => rules) };
  }

  /** A row that stands already locks nobody out who is not locked out already. */
  async #judgeUsers(rows: readonly TableRow[]): Promise<Failure | null> {
    const active = rows.filter((row) => row['active'] !== '0');
    if (active.length === 0) return null;
    const names = findReservedUsers(active, await this.#deps.modules.readReservedUsers());
    if (names.length === 0) return null;
    const message = `mysql_users: ${names.join(', ')} would lock an account of ProxySQL itself out`;
    return { code: 'USER_RESERVED', message };
  }
}

function buildDemands({ group, body }: GroupTarget, refusal: Failure | null): GroupDemands {
  const isSnapshot = body.kind === 'snapshot';
  const adoptExisting = isSnapshot && body.policy.adoptExisting;
  const [users, rules] = isSnapshot ? [body.users, body.queryRules] : [[], []];
  const ruleIds = isSnapshot ? body.ruleIds : null;
  const shared = { group, adoptExisting, refusal, keeps: () => false };
  return {
    users: {
      ...shared,
      rows: users,
      text: JSON.stringify([users, adoptExisting, refusal]),
      isDemanding: users.length > 0,
      claims: () => false,
    },
    rules: {
      ...shared,
      rows: rules,
      text: JSON.stringify([rules, ruleIds, adoptExisting, refusal]),
      isDemanding: ruleIds !== null,
      claims: (row) => isInRange(row, ruleIds),
    },
  };
}

/** What is permanent says more than what is not, and an earlier module more than a later one. */
function mergeOutcomes(found: readonly SideOutcomes[]): SideOutcomes {
  const merged = new Map<string, SideOutcome>();
  for (const [group, outcome] of found.flatMap((outcomes) => [...outcomes])) {
    const before = merged.get(group) ?? settled;
    const isWorse = before.failure === null || (!before.failure.isPermanent && outcome.failure?.isPermanent === true);
    merged.set(group, {
      isSettled: before.isSettled && outcome.isSettled,
      failure: isWorse ? outcome.failure : before.failure,
      hasChanged: before.hasChanged || outcome.hasChanged,
    });
  }
  return merged;
}
