import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ReplicaRequest } from '../core/cloud.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { Action } from '../core/reconciler.ts';
import { keys, type NewEvent } from '../core/records.ts';
import { advanceReplica, type Replica, type ReplicaEvent } from '../core/replica.ts';
import type { CloudSql, CreateOutcome, Metrics, ProbeTarget, ReplicaProbe, Store, Stored, Write } from '../ports.ts';
import type { CloudView } from './cloud-view.ts';
import { commitDecision } from './commits.ts';
import type { HoldBoard, HoldLook } from './hold-board.ts';
import type { TermKeeper } from './term-keeper.ts';

export type ActionRunnerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
  readonly cloudSql: CloudSql;
  readonly cloud: CloudView;
  readonly probe: ReplicaProbe;
  readonly board: HoldBoard;
  /** Whether a failure of Cloud SQL means that nothing was created, for certain. */
  readonly isRefusal: (error: unknown) => boolean;
};

/** An instance that an unanswered call may have created is waited for so long: a listing may lag. */
const unsurePatienceMs = 60_000;

type Creating = Extract<Replica, { state: 'creating' }>;

/** A busy primary is asked again after this long, however often the group is looked at meanwhile. */
const busyRetryMs = 1000;

/** The replica itself has to show no foreign session this often in a row before it is deleted. */
const unusedSamplesNeeded = 2;

/** Beyond this many subjects the memory of what was said begins anew, and holds are said once more. */
const notesMax = 10_000;

type Step = { readonly spec: GroupSpec; readonly stored: ReadonlyMap<string, Stored<Replica>> };

/** Carries out what the reconciler planned. Every state is stored before the call that it announces. */
export class ActionRunner {
  readonly #deps: ActionRunnerDeps;
  /** What was last said about a subject, so that a lasting hold is one event. */
  readonly #lastNotes = new Map<string, string>();
  readonly #looks = new Map<string, HoldLook>();
  /** When a creation that Cloud SQL turned away may be asked for again, by replica. */
  readonly #busyUntilMs = new Map<string, number>();

  constructor(deps: ActionRunnerDeps) {
    this.#deps = deps;
  }

  /** Runs one look at a group; what holds it up meanwhile, a failure too, is what administration sees. */
  async look<T>(spec: GroupSpec, work: () => Promise<T>): Promise<T> {
    const look = this.#deps.board.beginLook(spec.name, 'scaler');
    this.#looks.set(spec.name, look);
    try {
      return await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown';
      look.hold({ subject: spec.name, reason: 'FAILED', message, atMs: this.#deps.clock.nowMs() });
      throw error;
    } finally {
      look.end();
      this.#looks.delete(spec.name);
    }
  }

  async run(spec: GroupSpec, replicas: readonly Stored<Replica>[], actions: readonly Action[]): Promise<void> {
    const stored = new Map(replicas.map((record) => [record.value.name, record]));
    for (const action of actions) await this.#runOne({ spec, stored }, action);
  }

  /** Stores an alarm once for as long as its text stays the same. */
  async noteAlarm(group: string, subject: string, reason: string, message: string): Promise<void> {
    await this.#noteOnce({ group, kind: 'ALARM', subject, reason, message });
  }

  /** Forgets an alarm whose cause is gone: the next time it is one again. */
  clearAlarm(group: string, subject: string): void {
    this.#lastNotes.delete(aboutOf({ group, subject, kind: 'ALARM' }));
  }

  #runOne(step: Step, action: Action): Promise<void> {
    switch (action.action) {
      case 'writeReplica':
        return this.#write(step, action.replica);
      case 'forgetReplica':
        return this.#forget(step, action);
      case 'createInstance':
        return this.#create(step, action);
      case 'sampleGate':
        return this.#sampleGate(step, action.replica);
      case 'sampleSessions':
        return this.#sampleSessions(step, action.replica);
      case 'unprotectInstance':
        return this.#unprotect(action);
      case 'deleteInstance':
        return this.#delete(step, action.replica);
      case 'wait':
        this.#deps.metrics.countWait(action.reason);
        return this.#noteOnce({
          group: step.spec.name,
          kind: 'WAIT',
          subject: action.subject,
          reason: action.reason,
          message: action.detail,
        });
    }
  }

  async #write(step: Step, replica: Replica): Promise<void> {
    const stored = step.stored.get(replica.name);
    if (stored?.value === replica) return;
    const writes: Write[] = [{ key: this.#key(replica), value: replica, ifRevision: stored?.revision ?? 0 }];
    if (stored === undefined) {
      // A group that is being deleted loses its scaling record first: then nothing new begins.
      const scaling = await this.#deps.store.get(keys.scaling(replica.group));
      if (scaling === null) return;
      writes.push({ key: scaling.key, value: scaling.value, ifRevision: scaling.revision });
    }
    const isNews =
      stored === undefined || stored.value.state !== replica.state || stored.value.reason !== replica.reason;
    const event = this.#event({
      group: replica.group,
      kind: 'REPLICA_STATE',
      subject: replica.name,
      reason: replica.state,
      message: replica.reason,
    });
    if (isNews)
      this.#deps.log.info({ replica: replica.name, state: replica.state, reason: replica.reason }, 'replica moved');
    await commitDecision(this.#deps, { writes, events: isNews ? [event] : [] });
  }

  #advance(step: Step, replica: Replica, event: ReplicaEvent): Promise<void> {
    const advanced = advanceReplica(replica, event, this.#deps.clock.nowMs());
    return advanced === replica ? Promise.resolve() : this.#write(step, advanced);
  }

  /** Drops a record and notes in the group's scaling what that means for the next step. */
  async #forget(step: Step, action: Extract<Action, { action: 'forgetReplica' }>): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { replica, reason, createFailed } = action;
    const stored = step.stored.get(replica.name);
    const scaling = await store.get(keys.scaling(step.spec.name));
    if (stored === undefined || scaling === null) return;
    const nowMs = clock.nowMs();
    const next = createFailed ? { createFailedAtMs: nowMs } : { scaledInAtMs: nowMs };
    const writes: Write[] = [
      { key: this.#key(replica), value: null, ifRevision: stored.revision },
      { key: keys.scaling(step.spec.name), value: { ...scaling.value, ...next }, ifRevision: scaling.revision },
    ];
    log.info({ replica: replica.name, reason, createFailed }, 'replica record dropped');
    const kind = createFailed ? 'ALARM' : 'REPLICA_STATE';
    const event = this.#event({
      group: replica.group,
      kind,
      subject: replica.name,
      reason: createFailed ? 'CREATE_FAILED' : 'gone',
      message: reason,
    });
    await commitDecision(this.#deps, { writes, events: [event] });
  }

  async #create(step: Step, action: Extract<Action, { action: 'createInstance' }>): Promise<void> {
    const { replica, request } = action;
    const busy = `Cloud SQL is busy with ${request.primary}`;
    // What is written about a call wakes this group: without a pause a busy primary would be asked without end.
    if (this.#deps.clock.nowMs() < (this.#busyUntilMs.get(replica.name) ?? 0)) {
      return this.#noteWait(replica, 'OPERATION_IN_PROGRESS', busy);
    }
    this.#busyUntilMs.delete(replica.name);
    this.#deps.cloud.forget(request.project);
    // An earlier call without a certain answer may have created it: then no answer to this one says that nothing is there.
    const isUnsure = replica.askedAtMs !== null;
    const asked = isUnsure ? { step, replica } : await this.#markAsked(step, replica);
    if (asked === null || !this.#deps.term.isHeld) return;
    const created = await this.#askForReplica(request);
    if (created.outcome === 'accepted') {
      const { operationName } = created;
      return this.#advance(asked.step, asked.replica, { kind: 'createAccepted', operationName });
    }
    if (created.outcome === 'busy') {
      this.#busyUntilMs.set(replica.name, this.#deps.clock.nowMs() + busyRetryMs);
      await this.#noteWait(replica, 'OPERATION_IN_PROGRESS', busy);
      return isUnsure ? undefined : this.#advance(asked.step, asked.replica, { kind: 'createTurnedAway' });
    }
    const reason = created.outcome === 'nameTaken' ? 'NAME_TAKEN' : created.reason;
    if (isUnsure && this.#isTooSoon(replica)) {
      return this.#noteWait(replica, 'INSTANCE_NOT_READY', `asked without an answer before, and not listed: ${reason}`);
    }
    await this.#giveUpName(asked.step, asked.replica, reason);
  }

  /** Stores that Cloud SQL is about to be asked. Null when somebody else moved the record: look again. */
  async #markAsked(step: Step, replica: Creating): Promise<{ step: Step; replica: Replica } | null> {
    await this.#advance(step, replica, { kind: 'createAsked' });
    const stored = await this.#deps.store.get(this.#key(replica));
    if (stored?.value.state !== 'creating' || stored.value.askedAtMs === null) return null;
    return { replica: stored.value, step: { ...step, stored: new Map([...step.stored, [replica.name, stored]]) } };
  }

  #isTooSoon({ askedAtMs }: Creating): boolean {
    return askedAtMs !== null && this.#deps.clock.nowMs() - askedAtMs < unsurePatienceMs;
  }

  async #askForReplica(request: ReplicaRequest): Promise<CreateOutcome | { outcome: 'refused'; reason: string }> {
    try {
      return await this.#deps.cloudSql.createReplica(request);
    } catch (error) {
      if (!this.#deps.isRefusal(error)) throw error;
      return { outcome: 'refused', reason: error instanceof Error ? error.message : 'refused' };
    }
  }

  /** Drops the record, unless the instance is listed after all: then it is what the next look takes up. */
  async #giveUpName(step: Step, replica: Replica, reason: string): Promise<void> {
    const { cloud } = this.#deps;
    cloud.forget(replica.project);
    const listing = await cloud.listing(replica.project);
    const isListed = listing.instances.some(({ name }) => name === replica.name);
    if (isListed || !listing.isComplete) return;
    await this.#forget(step, { action: 'forgetReplica', replica, reason, createFailed: reason !== 'NAME_TAKEN' });
  }

  async #sampleGate(step: Step, replica: Extract<Replica, { state: 'gating' }>): Promise<void> {
    const { gate, serverDefaults } = step.spec;
    const sample = await this.#deps.probe.sampleGate(this.#target(step.spec, replica.address));
    const samplesNeeded = gate.samples;
    const judged = (passed: boolean, reason: string) =>
      this.#advance(step, replica, { kind: 'gateSampled', passed, samplesNeeded, reason });
    if (sample.outcome === 'failed') return judged(false, sample.reason);
    if (serverDefaults.useSsl && !sample.isEncrypted) return judged(false, 'the login was not encrypted');
    if (sample.lagSeconds === null) return judged(false, 'replication is not running');
    const isCaughtUp = sample.lagSeconds <= gate.lagSecondsMax;
    if (isCaughtUp) return judged(true, 'GATE');
    await this.#noteWait(replica, 'LAGGING', `lags ${sample.lagSeconds} s, allowed ${gate.lagSecondsMax} s`);
    return judged(false, 'LAGGING');
  }

  /** Missing knowledge is no consent: a replica that cannot be asked is held. */
  async #sampleSessions(step: Step, replica: Extract<Replica, { state: 'draining' }>): Promise<void> {
    const sample = await this.#deps.probe.sampleSessions(this.#target(step.spec, replica.address));
    const passed = sample.outcome === 'answered' && sample.users.length === 0;
    if (!passed) {
      const message = sample.outcome === 'failed' ? sample.reason : `sessions of ${sample.users.join(', ')}`;
      await this.#noteWait(replica, 'SESSIONS', message);
    }
    const event = {
      kind: 'unusedSampled',
      passed,
      samplesNeeded: unusedSamplesNeeded,
      reason: 'ABSENT_EVERYWHERE',
    } as const;
    await this.#advance(step, replica, event);
  }

  async #unprotect({ replica, settingsVersion }: Extract<Action, { action: 'unprotectInstance' }>): Promise<void> {
    const { cloudSql, cloud, term } = this.#deps;
    cloud.forget(replica.project);
    if (term.isHeld) await cloudSql.unprotect(replica.project, replica.name, settingsVersion);
  }

  async #delete(step: Step, replica: Replica): Promise<void> {
    const { cloudSql, cloud, term } = this.#deps;
    cloud.forget(replica.project);
    if (!term.isHeld) return;
    const deleted = await cloudSql.deleteInstance(replica.project, replica.name);
    if (deleted.outcome !== 'accepted') return;
    await this.#advance(step, replica, { kind: 'deleteAccepted', operationName: deleted.operationName });
  }

  #noteWait({ group, name }: Replica, reason: string, message: string): Promise<void> {
    return this.#noteOnce({ group, kind: 'WAIT', subject: name, reason, message });
  }

  async #noteOnce(event: Omit<NewEvent, 'atMs'>): Promise<void> {
    const { group, subject, reason, message, kind } = event;
    this.#looks.get(group)?.hold({ subject, reason, message, atMs: this.#deps.clock.nowMs() });
    const about = aboutOf(event);
    // The details of a wait change all the time; administration shows the newest, an event tells when it begins.
    const text = kind === 'WAIT' ? reason : `${reason} ${message}`;
    if (this.#lastNotes.get(about) === text) return;
    if (this.#lastNotes.size >= notesMax) this.#lastNotes.clear();
    this.#lastNotes.set(about, text);
    this.#deps.log.info(event, event.kind === 'ALARM' ? 'alarm' : 'held');
    await this.#deps.store.commit({ writes: [], events: [this.#event(event)] });
  }

  #event(event: Omit<NewEvent, 'atMs'>): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), ...event };
  }

  #key(replica: Replica) {
    return keys.replica(replica.group, replica.name);
  }

  #target(spec: GroupSpec, hostname: string): ProbeTarget {
    const { username, passwordSecret } = spec.gate;
    return { hostname, port: spec.port, username, passwordSecret, useSsl: spec.serverDefaults.useSsl };
  }
}

function aboutOf({ group, subject, kind }: Pick<NewEvent, 'group' | 'subject' | 'kind'>): string {
  return `${group} ${subject} ${kind}`;
}
