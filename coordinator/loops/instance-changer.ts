import { backoffDelayMs } from '../../process/backoff.ts';
import type { Clock } from '../../process/clock.ts';
import type { Action } from '../core/action.ts';
import type { ReplicaRequest } from '../core/cloud.ts';
import type { Replica } from '../core/replica.ts';
import { CoordinatorError } from '../errors.ts';
import type { ChangeOutcome, CloudSql, CreateOutcome, Store } from '../ports.ts';
import type { CloudView } from './cloud-view.ts';
import { confirmTerm } from './commits.ts';
import type { NoteBook } from './note-book.ts';
import { keyOf, type ReplicaWriter, type Step } from './replica-writer.ts';
import type { TermKeeper } from './term-keeper.ts';

export type InstanceChangerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly term: TermKeeper;
  readonly cloudSql: CloudSql;
  readonly cloud: CloudView;
  readonly notes: NoteBook;
  readonly records: ReplicaWriter;
  /** Whether a failure of Cloud SQL means that nothing was created, for certain. */
  readonly isRefusal: (error: unknown) => boolean;
  /** Returns a number in [0, 1). */
  readonly random?: (() => number) | undefined;
};

/** An instance that an unanswered call may have created is waited for so long: a listing may lag. */
const unsurePatienceMs = 60_000;

/** A busy primary is asked again after this long, then ever more seldom, however often the group is looked at. */
const busyRetryMs = 1000;
const busyRetryMaxMs = 30_000;

type Creating = Extract<Replica, { state: 'creating' }>;
type AskedCreation = { readonly step: Step; readonly replica: Creating };
type Of<Kind extends Action['action']> = Extract<Action, { action: Kind }>;
type Asked = CreateOutcome | { outcome: 'refused'; reason: string } | { outcome: 'limited'; reason: string };

/** Makes the calls that change instances. What a call announces is stored before it. */
export class InstanceChanger {
  readonly #deps: InstanceChangerDeps;
  /** Since when Cloud SQL turns calls about a replica away, and when it may be asked again. */
  readonly #busy = new Map<string, { readonly tries: number; readonly untilMs: number }>();

  constructor(deps: InstanceChangerDeps) {
    this.#deps = deps;
  }

  async create(step: Step, action: Of<'createInstance'>): Promise<void> {
    const { replica, request } = action;
    if (await this.#waitsForTurn(replica)) return;
    this.#deps.cloud.forget(request.project);
    // An earlier call without a certain answer may have created it: then no answer to this one says that nothing is there.
    const isUnsure = replica.askedAtMs !== null;
    const asked = isUnsure ? { step, replica } : await this.#markAsked(step, replica);
    if (asked === null || !(await confirmTerm(this.#deps, step.fencingToken))) return;
    const created = await this.#askForReplica(request);
    this.#deps.cloud.forget(request.project);
    await this.#takeAnswer(asked, created, isUnsure);
  }

  /** What an answer to a creation means, when an earlier one may have got lost, too. */
  async #takeAnswer({ step, replica }: AskedCreation, created: Asked, isUnsure: boolean): Promise<void> {
    const { records } = this.#deps;
    if (created.outcome === 'accepted') {
      this.#busy.delete(replica.name);
      const { operationName } = created;
      return records.advance(step, replica, { kind: 'createAccepted', operationName });
    }
    if (created.outcome === 'busy' || created.outcome === 'limited') {
      await this.#noteBusy(replica, created.outcome === 'busy' ? null : created.reason);
      return isUnsure ? undefined : records.advance(step, replica, { kind: 'createTurnedAway' });
    }
    const reason = created.outcome === 'nameTaken' ? 'NAME_TAKEN' : created.reason;
    if (isUnsure && this.#isTooSoon(replica)) {
      const message = `asked without an answer before, and not listed: ${reason}`;
      return this.#wait(replica, 'INSTANCE_NOT_READY', message);
    }
    await this.#giveUpName(step, replica, reason);
  }

  async unprotect(step: Step, { replica, settingsVersion }: Of<'unprotectInstance'>): Promise<void> {
    const { project, name } = replica;
    await this.#change(step, replica, (cloudSql) => cloudSql.unprotect(project, name, settingsVersion));
  }

  async relabel(step: Step, { replica, settingsVersion, labels }: Of<'relabelInstance'>): Promise<void> {
    const { project, name } = replica;
    await this.#change(step, replica, (cloudSql) => cloudSql.relabel({ project, name, settingsVersion, labels }));
  }

  async delete(step: Step, replica: Replica): Promise<void> {
    const { project, name } = replica;
    const deleted = await this.#change(step, replica, (cloudSql) => cloudSql.deleteInstance(project, name));
    if (deleted?.outcome !== 'accepted') return;
    const { operationName } = deleted;
    await this.#deps.records.advance(step, replica, { kind: 'deleteAccepted', operationName });
  }

  /** One changing call, sent once. Whatever its answer, the next look lists anew. Null: it was not sent. */
  async #change(
    { fencingToken }: Step,
    replica: Replica,
    send: (cloudSql: CloudSql) => Promise<ChangeOutcome>,
  ): Promise<ChangeOutcome | null> {
    const { cloudSql, cloud } = this.#deps;
    if ((await this.#waitsForTurn(replica)) || !(await confirmTerm(this.#deps, fencingToken))) return null;
    try {
      const changed = await send(cloudSql);
      if (changed.outcome === 'busy') await this.#noteBusy(replica, null);
      else this.#busy.delete(replica.name);
      return changed;
    } finally {
      cloud.forget(replica.project);
    }
  }

  /** Stores that Cloud SQL is about to be asked. Null when somebody else moved the record: look again. */
  async #markAsked(step: Step, replica: Creating): Promise<AskedCreation | null> {
    await this.#deps.records.advance(step, replica, { kind: 'createAsked' });
    const stored = await this.#deps.store.get(keyOf(replica));
    if (stored?.value.state !== 'creating' || stored.value.askedAtMs === null) return null;
    return { replica: stored.value, step: { ...step, stored: new Map([...step.stored, [replica.name, stored]]) } };
  }

  #isTooSoon({ askedAtMs }: Creating): boolean {
    return askedAtMs !== null && this.#deps.clock.nowMs() - askedAtMs < unsurePatienceMs;
  }

  async #askForReplica(request: ReplicaRequest): Promise<Asked> {
    try {
      return await this.#deps.cloudSql.createReplica(request);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'refused';
      // The quota's refusal comes from in front of the API: nothing was begun.
      if (error instanceof CoordinatorError && error.code === 'CLOUDSQL_RATE_LIMITED') {
        return { outcome: 'limited', reason };
      }
      if (!this.#deps.isRefusal(error)) throw error;
      return { outcome: 'refused', reason };
    }
  }

  /** Drops the record, unless the instance is listed after all: then it is what the next look takes up. */
  async #giveUpName(step: Step, replica: Replica, reason: string): Promise<void> {
    const listing = await this.#deps.cloud.listing(replica.project);
    const isListed = listing.instances.some(({ name }) => name === replica.name);
    if (isListed || !listing.isComplete) return;
    this.#busy.delete(replica.name);
    await this.#deps.records.forget(step, { replica, reason, createFailed: reason !== 'NAME_TAKEN' });
  }

  /** What is written about a call wakes its group: without a pause a busy primary would be asked without end. */
  async #waitsForTurn(replica: Replica): Promise<boolean> {
    const busy = this.#busy.get(replica.name);
    if (busy === undefined || this.#deps.clock.nowMs() >= busy.untilMs) return false;
    await this.#wait(replica, 'OPERATION_IN_PROGRESS', busyText(replica));
    return true;
  }

  async #noteBusy(replica: Replica, limit: string | null): Promise<void> {
    const { clock, random } = this.#deps;
    const tries = (this.#busy.get(replica.name)?.tries ?? 0) + 1;
    const policy = { baseMs: busyRetryMs, maxMs: busyRetryMaxMs };
    const pauseMs = busyRetryMs + (tries === 1 ? 0 : backoffDelayMs(policy, tries, random));
    this.#busy.set(replica.name, { tries, untilMs: clock.nowMs() + pauseMs });
    if (limit === null) await this.#wait(replica, 'OPERATION_IN_PROGRESS', busyText(replica));
    else await this.#wait(replica, 'RATE_LIMITED', limit);
  }

  #wait({ group, name: subject }: Replica, reason: string, message: string): Promise<void> {
    return this.#deps.notes.wait({ group, subject, reason, message });
  }
}

function busyText({ primary }: Replica): string {
  return `Cloud SQL is busy with ${primary}`;
}
