import type { Failure } from '../core/messages.ts';
import type { GroupPlan } from '../core/plan.ts';
import { keyOf } from '../core/rows.ts';
import { keepGroups, type Step, stepNeedsLoad } from '../core/step.ts';
import { nameRows } from '../core/table-words.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, CertificateFiles, ModuleAdmin, ProxyAdmin } from '../ports.ts';

export type ExecutorDeps = {
  readonly admin: ProxyAdmin;
  readonly modules: Pick<ModuleAdmin, 'replaceRows' | 'deleteRows'>;
  readonly files: CertificateFiles;
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
  async execute(step: Step): Promise<void> {
    const { admin } = this.#deps;
    await this.#writeFiles(step);
    const done: GroupPlan[] = [];
    for (const group of step.groups) if (await this.#write(group, step)) done.push(group);
    const doable = keepGroups(step, done);
    const deletes = done.flatMap((group) => group.changes.filter((change) => change.isWrite && change.want === null));
    if (deletes.length > 0) await admin.deleteServers(deletes.map((change) => change.key));
    await this.#deleteRows(doable);
    if (stepNeedsLoad(doable)) await this.#load();
    const diskDeletes = done.flatMap((group) => group.diskDeletes);
    if (diskDeletes.length > 0) await admin.deleteDiskServers(diskDeletes);
  }

  /** No row names a file that is not there. */
  async #writeFiles({ files, tables }: Step): Promise<void> {
    const isNamed = tables.some(({ plan }) => plan.groups.some(({ writes }) => writes.length > 0));
    if (files.length > 0 && isNamed) await this.#deps.files.write(files);
  }

  /** Writes one group's rows; a refused row refuses the group's snapshot and touches no other group. */
  async #write({ target, changes }: GroupPlan, { tables }: Step): Promise<boolean> {
    const rows = changes.flatMap((change) => (change.isWrite && change.want !== null ? [change.want] : []));
    let among = '';
    try {
      for (const { table, plan } of tables) {
        const writes = plan.groups.filter(({ group }) => group === target.group).flatMap((group) => group.writes);
        among = `${table.name} refused a row among ${nameRows(table, writes)}`;
        if (writes.length > 0) await this.#deps.modules.replaceRows(table, writes);
      }
      among = `mysql_servers refused a row among ${rows.slice(0, 5).map(keyOf).join(', ')}`;
      if (rows.length > 0) await this.#deps.admin.replaceServers(rows);
      return true;
    } catch (error) {
      if (!(error instanceof AgentError) || error.isRetryable) throw error;
      this.#deps.refuse(target, { code: error.code, message: `${among}: ${error.message}` });
      return false;
    }
  }

  async #deleteRows({ tables }: Step): Promise<void> {
    for (const { table, plan } of tables) {
      const rows = plan.groups.flatMap(({ deletes }) => deletes);
      if (rows.length > 0) await this.#deps.modules.deleteRows(table, rows);
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
