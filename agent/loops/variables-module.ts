import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { describeForeignPending } from '../core/foreign.ts';
import type { Failure } from '../core/messages.ts';
import {
  describeKept,
  findKept,
  findVariableProblems,
  type FleetTarget,
  planVariables,
  type VariablesPlan,
  type VariablesView,
  isSecret,
} from '../core/variables.ts';
import type { AgentMetrics, ModuleAdmin } from '../ports.ts';
import { ModuleProof, settled, type SideOutcome } from './module-proof.ts';

/** Somebody may load at the same moment: what ProxySQL does not take twice it does not take. */
const attemptsMax = 2;
/** No group's answer rests on them: each look for drift asks for them, and not each of many changes. */
const settledMs = 10_000;

export type VariablesModuleDeps = {
  readonly modules: ModuleAdmin;
  readonly metrics: Pick<AgentMetrics, 'driftRepaired'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Keeps ProxySQL's mysql- variables as the fleet wants them. A value that ProxySQL does not like it drops at the LOAD,
 * without a word and keeping the one it has; only reading back shows it. Then all of the update is taken back.
 */
export class VariablesModule {
  readonly #deps: VariablesModuleDeps;
  readonly #proof: ModuleProof;
  /** What was refused for good is not tried again. */
  #refused: { readonly text: string; readonly outcome: SideOutcome } | null = null;

  constructor(deps: VariablesModuleDeps) {
    this.#deps = deps;
    this.#proof = new ModuleProof(deps, 'MYSQL VARIABLES', settledMs);
  }

  /** Forgets what was found on a proxy that was rebuilt. */
  forget(): void {
    this.#proof.forget();
    this.#refused = null;
  }

  async converge(fleet: FleetTarget): Promise<SideOutcome> {
    const problems = findVariableProblems(fleet.body);
    if (problems.length > 0) return refused({ code: 'INVALID_SNAPSHOT', message: problems.join('; ') }, false);
    const text = JSON.stringify(fleet.body.variables);
    if (this.#refused?.text === text) return this.#refused.outcome;
    const texts = new Map([[fleet.group, text]]);
    const known = (await this.#proof.recall(texts))?.get(fleet.group);
    if (known !== undefined) return known;
    const { outcome, fingerprint } = await this.#work(fleet, text);
    if (outcome.failure?.isPermanent === true) {
      this.#refused = { text, outcome: { ...outcome, hasChanged: false } };
      this.#proof.forget();
    } else {
      this.#proof.note(texts, new Map([[fleet.group, outcome]]), fingerprint);
    }
    return outcome;
  }

  /** Says what would be changed, and changes nothing. */
  async preview({ body }: FleetTarget): Promise<readonly string[]> {
    const { writes, unknown } = planVariables(body, await this.#deps.modules.readVariables());
    return [
      ...Object.keys(writes).map((name) => `${name} would be ${isSecret(name) ? 'another' : String(writes[name])}`),
      ...unknown.map((name) => `this ProxySQL has no ${name}`),
    ];
  }

  async #work(
    fleet: FleetTarget,
    text: string,
  ): Promise<{ readonly outcome: SideOutcome; readonly fingerprint: string }> {
    const { modules, log } = this.#deps;
    let first: VariablesView | null = null;
    for (let attempt = 0; ; attempt += 1) {
      const fingerprint = await this.#proof.readFingerprint();
      const view = await modules.readVariables();
      first ??= view;
      const plan = planVariables(fleet.body, view);
      const end = this.#judge(plan, attempt > 0);
      if (end !== null) return { outcome: end, fingerprint };
      if (attempt >= attemptsMax) {
        const message = describeKept(findKept(fleet.body, view));
        await this.#takeBack(fleet, first);
        return { outcome: refused({ code: 'VARIABLE_NOT_TAKEN', message }, true), fingerprint };
      }
      this.#tellRepairs(fleet, text, plan);
      if (Object.keys(plan.writes).length > 0) await modules.writeVariables(plan.writes);
      if (!plan.needsLoad) continue;
      await modules.loadModule('MYSQL VARIABLES');
      log.info({ group: fleet.group, variables: Object.keys(plan.writes) }, 'variables loaded');
    }
  }

  /** How it ends here, or `null` when there is something to do. */
  #judge(plan: VariablesPlan, hasChanged: boolean): SideOutcome | null {
    if (plan.unknown.length > 0) {
      const message = `global_variables: this ProxySQL has no ${plan.unknown.join(', ')}`;
      return refused({ code: 'UNKNOWN_VARIABLE', message }, hasChanged);
    }
    if (Object.keys(plan.writes).length === 0 && !plan.needsLoad) return { ...settled, hasChanged };
    if (!plan.needsLoad || plan.foreignPending.length === 0) return null;
    const failure = { code: 'FOREIGN_PENDING', message: describeForeignPending(plan.foreignPending) };
    return { isSettled: false, failure: { ...failure, isPermanent: false }, hasChanged };
  }

  /** Puts back what runtime showed before: an update is taken as a whole or not at all. */
  async #takeBack(fleet: FleetTarget, before: VariablesView): Promise<void> {
    const { modules } = this.#deps;
    const now = await modules.readVariables();
    const names = Object.keys(fleet.body.variables).filter(
      (name) => now.memory.get(name) !== before.runtime.get(name) || now.runtime.get(name) !== before.runtime.get(name),
    );
    if (names.length === 0) return;
    await modules.writeVariables(Object.fromEntries(names.map((name) => [name, before.runtime.get(name) ?? ''])));
    await modules.loadModule('MYSQL VARIABLES');
  }

  #tellRepairs({ group }: FleetTarget, text: string, plan: VariablesPlan): void {
    if (!this.#proof.isProven(group, text)) return;
    this.#deps.metrics.driftRepaired(group);
    this.#deps.log.warn({ group, variables: Object.keys(plan.writes) }, 'repairing variables that drifted');
  }
}

function refused(failure: Failure, hasChanged: boolean): SideOutcome {
  return { isSettled: false, failure: { ...failure, isPermanent: true }, hasChanged };
}
