import type { Failure } from '../core/messages.ts';
import { type GroupPlan, needsLoad } from '../core/plan.ts';
import { keyOf } from '../core/rows.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';

export type ExecutorDeps = {
  readonly admin: ProxyAdmin;
  readonly metrics: AgentMetrics;
  /** A group's rows were refused for good; no other group's step depends on them. */
  readonly refuse: (target: GroupTarget, failure: Failure) => void;
  readonly noteLoad: (outcome: 'done' | 'unsure') => void;
};

/** Does one step. Writes first, deletes last, one LOAD for all groups; every state in between may be loaded by others. */
export class Executor {
  readonly #deps: ExecutorDeps;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  /** @throws {AgentError} When the step may be half done. */
  async execute(groups: readonly GroupPlan[]): Promise<void> {
    const { admin } = this.#deps;
    const done: GroupPlan[] = [];
    for (const group of groups) if (await this.#write(group)) done.push(group);
    const deletes = done.flatMap((group) => group.changes.filter((change) => change.isWrite && change.want === null));
    if (deletes.length > 0) await admin.deleteServers(deletes.map((change) => change.key));
    if (needsLoad(done)) await this.#load();
    const diskDeletes = done.flatMap((group) => group.diskDeletes);
    if (diskDeletes.length > 0) await admin.deleteDiskServers(diskDeletes);
  }

  /** Writes one group's rows; a refused row refuses the group's snapshot and touches no other group. */
  async #write({ target, changes }: GroupPlan): Promise<boolean> {
    const rows = changes.flatMap((change) => (change.isWrite && change.want !== null ? [change.want] : []));
    if (rows.length === 0) return true;
    try {
      await this.#deps.admin.replaceServers(rows);
      return true;
    } catch (error) {
      if (!(error instanceof AgentError) || error.isRetryable) throw error;
      const names = rows.slice(0, 5).map(keyOf).join(', ');
      this.#deps.refuse(target, {
        code: error.code,
        message: `mysql_servers refused a row among ${names}: ${error.message}`,
      });
      return false;
    }
  }

  async #load(): Promise<void> {
    const { admin, metrics, noteLoad } = this.#deps;
    try {
      await admin.loadServers();
    } catch (error) {
      noteLoad('unsure');
      throw error;
    }
    noteLoad('done');
    metrics.loaded();
  }
}
