import { backoffDelayMs } from '../../process/backoff.ts';
import type { Clock } from '../../process/clock.ts';
import type { CloudListing, CloudOperation, ReplicaRequest } from '../core/cloud.ts';
import { CoordinatorError, type CoordinatorErrorCode } from '../errors.ts';
import type { ChangeOutcome, CloudSql, CreateOutcome, RelabelRequest } from '../ports.ts';

/** Cloud SQL has a quota for each of these, and a permission. */
type Lane = 'list' | 'read' | 'create' | 'change';

type Pause = { readonly untilMs: number; readonly error: CoordinatorError; readonly failures: number };

/** How long a project is left alone after a refusal that the next call would meet too. */
const pauses: Partial<Readonly<Record<CoordinatorErrorCode, { readonly baseMs: number; readonly maxMs: number }>>> = {
  // The quota is filled again every minute.
  CLOUDSQL_RATE_LIMITED: { baseMs: 5000, maxMs: 60_000 },
  // A person has to grant something; that takes its time, and the cloud a minute to know of it.
  CLOUDSQL_FORBIDDEN: { baseMs: 60_000, maxMs: 600_000 },
};

export type CloudPacerDeps = {
  readonly cloudSql: CloudSql;
  readonly clock: Clock;
  /** Returns a number in [0, 1). */
  readonly random?: () => number;
};

/**
 * Cloud SQL with manners: a project that answers "too many calls" or "not allowed" is not called before its pause is
 * over; whoever asks meanwhile gets the last refusal again. Each project by itself, with jitter, and at least for as
 * long as the refusal asked for.
 */
export class CloudPacer implements CloudSql {
  readonly #deps: CloudPacerDeps;
  readonly #pauses = new Map<string, Pause>();

  constructor(deps: CloudPacerDeps) {
    this.#deps = deps;
  }

  listInstances(project: string): Promise<CloudListing> {
    return this.#call('list', project, (cloudSql) => cloudSql.listInstances(project));
  }

  readOperation(project: string, name: string): Promise<CloudOperation | null> {
    return this.#call('read', project, (cloudSql) => cloudSql.readOperation(project, name));
  }

  createReplica(request: ReplicaRequest): Promise<CreateOutcome> {
    return this.#call('create', request.project, (cloudSql) => cloudSql.createReplica(request));
  }

  unprotect(project: string, name: string, settingsVersion: string): Promise<ChangeOutcome> {
    return this.#call('change', project, (cloudSql) => cloudSql.unprotect(project, name, settingsVersion));
  }

  relabel(request: RelabelRequest): Promise<ChangeOutcome> {
    return this.#call('change', request.project, (cloudSql) => cloudSql.relabel(request));
  }

  deleteInstance(project: string, name: string): Promise<ChangeOutcome> {
    return this.#call('change', project, (cloudSql) => cloudSql.deleteInstance(project, name));
  }

  async #call<T>(lane: Lane, project: string, send: (cloudSql: CloudSql) => Promise<T>): Promise<T> {
    const key = `${lane} ${project}`;
    const paused = this.#pauses.get(key);
    if (paused !== undefined && this.#deps.clock.monotonicMs() < paused.untilMs) throw paused.error;
    try {
      const answer = await send(this.#deps.cloudSql);
      this.#pauses.delete(key);
      return answer;
    } catch (error) {
      // Creations that are not allowed are spaced by the plan, which takes another name each time.
      const isSpaced = lane === 'create' && error instanceof CoordinatorError && error.code === 'CLOUDSQL_FORBIDDEN';
      if (error instanceof CoordinatorError && !isSpaced) this.#pause(key, error, paused?.failures ?? 0);
      throw error;
    }
  }

  #pause(key: string, error: CoordinatorError, failures: number): void {
    const policy = pauses[error.code];
    if (policy === undefined) return;
    const jitterMs = backoffDelayMs(policy, failures, this.#deps.random);
    const pauseMs = Math.max(policy.baseMs + jitterMs, error.retryAfterMs ?? 0);
    const untilMs = this.#deps.clock.monotonicMs() + pauseMs;
    this.#pauses.set(key, { untilMs, error, failures: failures + 1 });
  }
}
