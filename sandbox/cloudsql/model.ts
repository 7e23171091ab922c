// Cloud SQL's instances and operations as values in time: every call takes `nowMs`, and `advance` lets operations run
// up to then. An insert is answered at once; the instance is PENDING_CREATE until its operation is DONE:
//   PENDING --operationPendingMs--> RUNNING --createMs, deleteMs or patchMs--> DONE (with or without error)
//
// One operation at a time per replication family (a primary and all below it); a second one is refused with 409.
// A create waits for its address too, since the address is found outside (`assignAddress`, `refuseAddress`).
import { apiError } from './api-error.ts';
import { parseInstanceBody } from './fields.ts';
import { assertInstanceName, assertReplica, assertUserLabels } from './insert-checks.ts';
import {
  buildSeedInstances,
  type Instance,
  type PrimarySeed,
  replicationLagSeconds,
  withDefaultSettings,
} from './instance.ts';
import { type JsonObject, mergePatch, objectAt, textAt } from './json.ts';
import {
  type ListGap,
  listInstances,
  listOperations,
  type ListQuery,
  type OperationQuery,
  operationsKept,
  renderFamilyMember,
} from './listing.ts';
import { applyOutcome, emptyState, isTombstoned, lineage, type ModelState, replicasOf } from './model-state.ts';
import {
  earliestChangeMs,
  nextDueOperation,
  type Operation,
  type OperationFault,
  type OperationType,
} from './operation.ts';
import { renderOperation } from './render.ts';

export type ModelOptions = {
  readonly project: string;
  readonly createMs: number;
  readonly deleteMs: number;
  readonly patchMs: number;
  readonly operationPendingMs: number;
  /** A new replica's lag falls from this to 0 in that time. */
  readonly catchUpMs: number;
};

export type ModelDeps = {
  /** Names the next operation. */
  newId(): string;
  /** What an accepted operation is to suffer; null for nothing. */
  takeOperationFault(operationType: OperationType): OperationFault | null;
  /** Told at the moment in which the deletion of an instance begins. */
  onDeletion?(instance: Instance): void;
};

/** The Admin API's behaviour for one project. Refusals are thrown as `ApiError`. */
export class CloudSqlModel {
  readonly #deps: ModelDeps;
  readonly #options: ModelOptions;
  readonly #state: ModelState;

  constructor(deps: ModelDeps, options: ModelOptions, state: ModelState = emptyState()) {
    this.#deps = deps;
    this.#options = options;
    this.#state = state;
  }

  /** What is remembered; to be read, not changed. */
  get state(): ModelState {
    return this.#state;
  }

  /** Adds a primary and its hand-made replicas, unless an instance of the primary's name is there already. */
  seed(primary: PrimarySeed, nowMs: number): void {
    if (this.#state.instances.has(primary.name)) return;
    for (const instance of buildSeedInstances(this.#options.project, primary, nowMs)) this.#put(instance);
  }

  insertInstance(rawBody: unknown, nowMs: number): JsonObject {
    const { project } = this.#options;
    const body = parseInstanceBody(rawBody);
    const name = textAt(body, 'name');
    assertInstanceName(project, name);
    if ((textAt(body, 'project') ?? project) !== project) throw apiError('notAuthorized');
    if (this.#state.instances.has(name) || isTombstoned(this.#state, name, nowMs)) {
      throw apiError('instanceAlreadyExists');
    }
    const primaryName = bareName(project, textAt(body, 'masterInstanceName'));
    if (primaryName === null)
      throw apiError('invalid', 'Invalid request: the emulator creates replicas only: masterInstanceName is required.');
    const primary = this.#find(primaryName);
    assertReplica({ project, body, primary, depth: lineage(this.#state, primaryName).length });
    const operation = this.#start('CREATE_REPLICA', name, { familyOf: primaryName }, nowMs);
    this.#put({
      name,
      state: 'PENDING_CREATE',
      databaseVersion: primary.databaseVersion,
      region: textAt(body, 'region') ?? primary.region,
      primaryName,
      hasJoined: false,
      isDrReplica: false,
      settings: withDefaultSettings(objectAt(body, 'settings'), primary.databaseVersion),
      settingsVersion: 1,
      address: null,
      createdAtMs: nowMs,
      runnableAtMs: null,
      lagSeconds: 'natural',
      serverCa: null,
    });
    return operation;
  }

  /** PATCH merges into the settings; PUT (`isWhole`) replaces them and needs the settingsVersion. */
  changeInstance(
    name: string,
    change: { readonly body: unknown; readonly isWhole: boolean },
    nowMs: number,
  ): JsonObject {
    const instance = this.#find(name);
    const settings = objectAt(parseInstanceBody(change.body), 'settings');
    const version = settings['settingsVersion'] ?? null;
    if (version === null && change.isWhole) throw apiError('invalid', 'Invalid request: settingsVersion is required.');
    if (version !== null && Number(version) !== instance.settingsVersion) throw apiError('staleData');
    if (instance.state === 'FAILED') throw apiError('invalidState');
    const given = withDefaultSettings({ tier: instance.settings['tier'] ?? '', ...settings }, instance.databaseVersion);
    const merged = change.isWhole ? given : mergePatch(instance.settings, { ...settings, settingsVersion: null });
    assertUserLabels(merged);
    if (instance.primaryName !== null && objectAt(merged, 'backupConfiguration')['enabled'] === true) {
      throw apiError(
        'invalid',
        'Invalid request: Invalid flag for instance role: Backups cannot be enabled for read replica instance.',
      );
    }
    return this.#start('UPDATE', name, { settings: merged }, nowMs);
  }

  deleteInstance(name: string, nowMs: number): JsonObject {
    const instance = this.#find(name);
    if (instance.settings['deletionProtectionEnabled'] === true)
      throw apiError('errorProtectedInstanceDeletionFailure');
    if (replicasOf(this.#state, name).length > 0) throw apiError('errorReplicationMasterInvalidOperation');
    const operation = this.#start('DELETE', name, {}, nowMs);
    this.#put({ ...instance, state: 'PENDING_DELETE' });
    this.#deps.onDeletion?.(instance);
    return operation;
  }

  promoteReplica(name: string, nowMs: number): JsonObject {
    this.#assertRunnableReplica(name);
    return this.#start('PROMOTE_REPLICA', name, {}, nowMs);
  }

  switchover(name: string, nowMs: number): JsonObject {
    const { primaryName } = this.#assertRunnableReplica(name);
    const operation = this.#start('SWITCHOVER', name, {}, nowMs);
    if (primaryName !== null) this.#start('SWITCHOVER_TO_REPLICA', primaryName, { isCompanion: true }, nowMs);
    return operation;
  }

  getInstance(name: string): JsonObject {
    return renderFamilyMember(this.#state, this.#options.project, this.#find(name));
  }

  listInstances(query: ListQuery, gap: ListGap = { warnings: [], hiddenNames: [] }): JsonObject {
    return listInstances(this.#state, this.#options.project, query, gap);
  }

  getOperation(name: string): JsonObject {
    const operation = this.#state.operations.get(name);
    if (operation === undefined) throw apiError('operationDoesNotExist');
    return renderOperation(this.#options.project, operation);
  }

  listOperations(query: OperationQuery): JsonObject {
    return listOperations(this.#state, this.#options.project, query);
  }

  /** Gives an instance the address on which its MySQL answers. */
  assignAddress(name: string, address: string): void {
    const instance = this.#state.instances.get(name);
    if (instance !== undefined) this.#put({ ...instance, address });
  }

  /** Gives an instance the certificate authority that vouches for its server, or another one. */
  assignServerCa(name: string, serverCa: JsonObject): void {
    this.#put({ ...this.#find(name), serverCa });
  }

  /** Makes the create of an instance fail because no address could be had. */
  refuseAddress(name: string, message: string): void {
    for (const operation of this.#state.operations.values()) {
      if (operation.targetId !== name || operation.operationType !== 'CREATE_REPLICA' || operation.status === 'DONE')
        continue;
      this.#state.operations.set(operation.name, { ...operation, error: { code: 'INTERNAL_ERROR', message } });
    }
  }

  /** Sets a replica's lag; null stops its replication. */
  setLag(name: string, seconds: number | null): void {
    this.#put({ ...this.#find(name), lagSeconds: seconds });
  }

  /** Seconds behind the primary; null when replication is stopped. */
  lagSeconds(name: string, nowMs: number): number | null {
    return replicationLagSeconds(this.#find(name), this.#options.catchUpMs, nowMs);
  }

  /** Lets operations run up to `nowMs`, in the order of their times. Returns whether anything changed. */
  advance(nowMs: number): boolean {
    let isChanged = false;
    const isReady = (operation: Operation): boolean => this.#isReady(operation);
    for (;;) {
      const operation = nextDueOperation(this.#state.operations.values(), isReady, nowMs);
      if (operation === null) return isChanged;
      isChanged = true;
      this.#step(operation);
    }
  }

  /** When the next operation changes; null when none is in flight that time alone moves on. */
  nextChangeMs(): number | null {
    return earliestChangeMs(this.#state.operations.values(), (operation) => this.#isReady(operation));
  }

  #step(operation: Operation): void {
    if (operation.status === 'PENDING') {
      this.#state.operations.set(operation.name, { ...operation, status: 'RUNNING' });
      return;
    }
    const atMs = operation.finishMs ?? operation.startMs;
    this.#state.operations.set(operation.name, { ...operation, status: 'DONE' });
    const oldPrimaryName = this.#state.instances.get(operation.targetId)?.primaryName ?? null;
    applyOutcome(this.#state, operation, atMs);
    const isPromoted = operation.operationType === 'PROMOTE_REPLICA' && operation.error === null;
    if (isPromoted && oldPrimaryName !== null) this.#start('RECONFIGURE_OLD_PRIMARY', oldPrimaryName, {}, atMs);
  }

  #isReady(operation: Operation): boolean {
    if (operation.status !== 'RUNNING' || operation.operationType !== 'CREATE_REPLICA') return true;
    return operation.error !== null || (this.#state.instances.get(operation.targetId)?.address ?? null) !== null;
  }

  #start(operationType: OperationType, targetId: string, options: StartOptions, nowMs: number): JsonObject {
    const familyName = lineage(this.#state, options.familyOf ?? targetId).at(-1)?.name ?? targetId;
    const inFlight = [...this.#state.operations.values()].some(
      (operation) => operation.status !== 'DONE' && operation.familyName === familyName,
    );
    if (inFlight && options.isCompanion !== true) throw apiError('operationInProgress');
    const fault = this.#deps.takeOperationFault(operationType);
    const startMs = nowMs + this.#options.operationPendingMs;
    const operation: Operation = {
      name: this.#deps.newId(),
      operationType,
      targetId,
      familyName,
      status: 'PENDING',
      insertMs: nowMs,
      startMs,
      finishMs: fault === 'hangs' ? null : startMs + this.#durationMs(operationType, fault),
      error: fault !== null && fault !== 'hangs' && 'error' in fault ? fault.error : null,
      settings: options.settings ?? null,
    };
    this.#state.operations.set(operation.name, operation);
    this.#forgetOldOperations();
    return renderOperation(this.#options.project, operation);
  }

  #durationMs(operationType: OperationType, fault: Exclude<OperationFault, 'hangs'> | null): number {
    if (fault !== null && 'durationMs' in fault) return fault.durationMs;
    if (operationType === 'CREATE_REPLICA') return this.#options.createMs;
    return operationType === 'DELETE' ? this.#options.deleteMs : this.#options.patchMs;
  }

  #forgetOldOperations(): void {
    for (const operation of this.#state.operations.values()) {
      if (this.#state.operations.size <= operationsKept) return;
      if (operation.status === 'DONE') this.#state.operations.delete(operation.name);
    }
  }

  #assertRunnableReplica(name: string): Instance {
    const instance = this.#find(name);
    if (instance.primaryName === null)
      throw apiError('invalid', 'Invalid request: the instance is not a read replica.');
    if (instance.state === 'FAILED') throw apiError('invalidState');
    return instance;
  }

  #find(name: string): Instance {
    const instance = this.#state.instances.get(name);
    if (instance === undefined) throw apiError('instanceDoesNotExist');
    return instance;
  }

  #put(instance: Instance): void {
    this.#state.instances.set(instance.name, instance);
  }
}

type StartOptions = {
  /** Whose family is held when the target does not exist yet. */
  readonly familyOf?: string;
  readonly settings?: JsonObject;
  /** Runs beside the operation that already holds the family. */
  readonly isCompanion?: boolean;
};

function bareName(project: string, name: string | null): string | null {
  return name?.startsWith(`${project}:`) === true ? name.slice(project.length + 1) : name;
}
