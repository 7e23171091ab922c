import type { Failure } from '../core/messages.ts';
import type { GroupPlan } from '../core/plan.ts';
import { keyOf, type ServerRow } from '../core/rows.ts';
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
    const plain = plainWrite(step);
    if (plain !== null) {
      await this.#publish(plain);
      return;
    }
    await this.#writeFiles(step);
    const done: GroupPlan[] = [];
    for (const group of step.groups) if (await this.#write(group, step)) done.push(group);
    const doable = keepGroups(step, done);
    const deletes = done.flatMap((group) => group.changes.filter(isDelete));
    if (deletes.length > 0) await admin.deleteServers(deletes.map((change) => change.key));
    await this.#deleteRows(doable);
    if (stepNeedsLoad(doable)) await this.#load();
    const diskDeletes = done.flatMap((group) => group.diskDeletes);
    if (diskDeletes.length > 0) await admin.deleteDiskServers(diskDeletes);
  }

  /** The common case, in one round trip. The look before it showed what the LOAD publishes, also where rows are refused. */
  async #publish({ target, rows }: PlainWrite): Promise<void> {
    try {
      await this.#deps.admin.publishServers(rows);
    } catch (error) {
      if (!isRefusal(error)) {
        this.#deps.noteLoad('unsure');
        throw error;
      }
      this.#refuse(target, error, amongServers(rows));
    }
    this.#loaded();
  }

  /** No row names a file that is not there. */
  async #writeFiles({ files, tables }: Step): Promise<void> {
    const isNamed = tables.some(({ plan }) => plan.groups.some(({ writes }) => writes.length > 0));
    if (files.length > 0 && isNamed) await this.#deps.files.write(files);
  }

  /** Writes one group's rows; a refused row refuses the group's snapshot and touches no other group. */
  async #write({ target, changes }: GroupPlan, { tables }: Step): Promise<boolean> {
    const rows = writtenRows(changes);
    let among = '';
    try {
      for (const { table, plan } of tables) {
        const writes = plan.groups.filter(({ group }) => group === target.group).flatMap((group) => group.writes);
        among = `${table.name} refused a row among ${nameRows(table, writes)}`;
        if (writes.length > 0) await this.#deps.modules.replaceRows(table, writes);
      }
      among = amongServers(rows);
      if (rows.length > 0) await this.#deps.admin.replaceServers(rows);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refuse(target, error, among);
      return false;
    }
  }

  #refuse(target: GroupTarget, { code, message }: AgentError, among: string): void {
    this.#deps.refuse(target, { code, message: `${among}: ${message}` });
  }

  async #deleteRows({ tables }: Step): Promise<void> {
    for (const { table, plan } of tables) {
      const rows = plan.groups.flatMap(({ deletes }) => deletes);
      if (rows.length > 0) await this.#deps.modules.deleteRows(table, rows);
    }
  }

  async #load(): Promise<void> {
    try {
      await this.#deps.admin.loadServers();
    } catch (error) {
      this.#deps.noteLoad('unsure');
      throw error;
    }
    this.#loaded();
  }

  #loaded(): void {
    this.#deps.noteLoad('done');
    this.#deps.metrics.loaded();
  }
}

type PlainWrite = { readonly target: GroupTarget; readonly rows: readonly ServerRow[] };

/** Rows of one group and a LOAD, if the step is no more than that. */
function plainWrite(step: Step): PlainWrite | null {
  const [group, other] = step.groups.filter(({ changes, diskDeletes }) => changes.length + diskDeletes.length > 0);
  const hasRows = step.tables.some(({ plan }) =>
    plan.groups.some(({ writes, deletes }) => writes.length + deletes.length > 0),
  );
  if (group === undefined || other !== undefined || hasRows || !stepNeedsLoad(step)) return null;
  if (group.diskDeletes.length > 0 || group.changes.some(isDelete)) return null;
  const rows = writtenRows(group.changes);
  return rows.length === 0 ? null : { target: group.target, rows };
}

function writtenRows(changes: GroupPlan['changes']): ServerRow[] {
  return changes.flatMap(({ isWrite, want }) => (isWrite && want !== null ? [want] : []));
}

function isDelete({ isWrite, want }: GroupPlan['changes'][number]): boolean {
  return isWrite && want === null;
}

function isRefusal(error: unknown): error is AgentError {
  return error instanceof AgentError && !error.isRetryable;
}

function amongServers(rows: readonly ServerRow[]): string {
  return `mysql_servers refused a row among ${rows.slice(0, 5).map(keyOf).join(', ')}`;
}
