import { isJsonObject, type Json, objectAt } from './json.ts';
import type { Instance } from './instance.ts';
import type { Operation, OperationType } from './operation.ts';
import { isServing, withDefaultSettings, withTextIntegers } from './instance.ts';

/** Everything the emulator remembers, plain so that it can be written to a file. */
export type ModelState = {
  readonly instances: Map<string, Instance>;
  /** Oldest first. */
  readonly operations: Map<string, Operation>;
  /** Names of deleted instances and when they were deleted. */
  readonly deletedAtMs: Map<string, number>;
};

/** The name of a deleted instance stays taken for a week. */
const tombstoneMs = 7 * 24 * 3600 * 1000;

/** What a file of an earlier version lacks. */
const withoutCa: Pick<Instance, 'serverCa'> = { serverCa: null };

/** An empty project. */
export function emptyState(): ModelState {
  return { instances: new Map(), operations: new Map(), deletedAtMs: new Map() };
}

/** Writes the state as JSON text. */
export function renderState(state: ModelState): string {
  const { instances, operations, deletedAtMs } = state;
  const deleted = Object.fromEntries(deletedAtMs);
  return JSON.stringify({ instances: [...instances.values()], operations: [...operations.values()], deleted }, null, 2);
}

/** Reads what `renderState` wrote. @throws {Error} when the text is not such a state. */
export function parseState(text: string): ModelState {
  const parsed = JSON.parse(text) as Json;
  if (!isJsonObject(parsed) || !Array.isArray(parsed['instances']) || !Array.isArray(parsed['operations'])) {
    throw new Error('not a state file of the Cloud SQL emulator');
  }
  const instances = parsed['instances'] as unknown as Instance[];
  const operations = parsed['operations'] as unknown as Operation[];
  return {
    instances: new Map(instances.map((instance) => [instance.name, { ...withoutCa, ...instance }])),
    operations: new Map(operations.map((operation) => [operation.name, operation])),
    deletedAtMs: new Map(Object.entries(objectAt(parsed, 'deleted')).map(([name, atMs]) => [name, Number(atMs)])),
  };
}

/** Whether a name was given up less than a week ago. */
export function isTombstoned(state: ModelState, name: string, nowMs: number): boolean {
  const deletedAtMs = state.deletedAtMs.get(name);
  return deletedAtMs !== undefined && nowMs - deletedAtMs < tombstoneMs;
}

/** The instances from `name` up to the root primary, `name` first. A missing parent ends the list. */
export function lineage(state: ModelState, name: string): Instance[] {
  const found: Instance[] = [];
  let next = state.instances.get(name);
  while (next !== undefined && !found.includes(next)) {
    found.push(next);
    next = next.primaryName === null ? undefined : state.instances.get(next.primaryName);
  }
  return found;
}

/** All replicas of an instance, joined or not. */
export function replicasOf(state: ModelState, name: string): Instance[] {
  return [...state.instances.values()].filter((instance) => instance.primaryName === name);
}

/** Applies what an operation brings when it is DONE; `atMs` is when that was. */
export function applyOutcome(state: ModelState, operation: Operation, atMs: number): void {
  const target = state.instances.get(operation.targetId);
  if (target === undefined) return;
  if (operation.error === null) {
    outcomes[operation.operationType](state, { target, operation, atMs });
  } else {
    replace(state, { ...target, state: target.runnableAtMs === null ? 'FAILED' : 'RUNNABLE' });
  }
}

/** Names of instances on whose address MySQL answers now. */
export function servingNames(state: ModelState): Set<string> {
  return new Set([...state.instances.values()].filter(isServing).map((instance) => instance.name));
}

type Done = { readonly target: Instance; readonly operation: Operation; readonly atMs: number };

const outcomes: Readonly<Record<OperationType, (state: ModelState, done: Done) => void>> = {
  CREATE_REPLICA(state, { target, atMs }) {
    replace(state, { ...target, state: 'RUNNABLE', hasJoined: true, runnableAtMs: atMs });
  },
  UPDATE(state, { target, operation }) {
    const settings = withTextIntegers(operation.settings ?? target.settings);
    replace(state, { ...target, settings, settingsVersion: target.settingsVersion + 1 });
  },
  DELETE(state, { target, atMs }) {
    state.instances.delete(target.name);
    state.deletedAtMs.set(target.name, atMs);
  },
  PROMOTE_REPLICA(state, { target }) {
    replace(state, { ...target, primaryName: null, hasJoined: false, isDrReplica: false, lagSeconds: 0 });
  },
  SWITCHOVER(state, { target }) {
    switchRoles(state, target);
  },
  RECONFIGURE_OLD_PRIMARY: changeNothing,
  SWITCHOVER_TO_REPLICA: changeNothing,
};

function changeNothing(): void {
  // The operation only keeps the family busy.
}

/** The two swap roles; other replicas of the old primary stay below it. */
function switchRoles(state: ModelState, target: Instance): void {
  const old = state.instances.get(target.primaryName ?? '');
  if (old === undefined) return;
  const backups = objectAt(old.settings, 'backupConfiguration');
  const settings = withDefaultSettings({ ...target.settings, backupConfiguration: backups }, target.databaseVersion);
  replace(state, { ...target, primaryName: null, hasJoined: false, isDrReplica: false, lagSeconds: 0, settings });
  replace(state, { ...old, primaryName: target.name, hasJoined: true, isDrReplica: true, lagSeconds: 0 });
}

function replace(state: ModelState, instance: Instance): void {
  state.instances.set(instance.name, instance);
}
