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
  /** Whether a failure of Cloud SQL means that nothing was created, for certain. */
  readonly isRefusal: (error: unknown) => boolean;
};

/**
 * A name that Cloud SQL calls taken and does not list is most likely ours, asked for by a call whose answer was lost:
 * a listing may lag. Only after this long another name is tried.
 */
const takenNamePatienceMs = 60_000;

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

  constructor(deps: ActionRunnerDeps) {
    this.#deps = deps;
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
    this.#deps.cloud.forget(request.project);
    if (!this.#deps.term.isHeld) return;
    const created = await this.#askForReplica(request);
    switch (created.outcome) {
      case 'accepted':
        return this.#advance(step, replica, { kind: 'createAccepted', operationName: created.operationName });
      case 'nameTaken':
        return this.#settleTakenName(step, replica);
      case 'busy':
        return this.#noteWait(replica, 'OPERATION_IN_PROGRESS', `Cloud SQL is busy with ${request.primary}`);
      case 'refused':
        return this.#forget(step, { action: 'forgetReplica', replica, reason: created.reason, createFailed: true });
    }
  }

  async #askForReplica(request: ReplicaRequest): Promise<CreateOutcome | { outcome: 'refused'; reason: string }> {
    try {
      return await this.#deps.cloudSql.createReplica(request);
    } catch (error) {
      if (!this.#deps.isRefusal(error)) throw error;
      return { outcome: 'refused', reason: error instanceof Error ? error.message : 'refused' };
    }
  }

  /** The name exists: ours when an earlier answer was lost, and the next look will see it. Else another name is taken. */
  async #settleTakenName(step: Step, replica: Replica): Promise<void> {
    const { cloud, clock } = this.#deps;
    cloud.forget(replica.project);
    const listing = await cloud.listing(replica.project);
    const isListed = listing.instances.some(({ name }) => name === replica.name);
    if (isListed || !listing.isComplete) return;
    if (clock.nowMs() - replica.createdAtMs < takenNamePatienceMs) {
      await this.#noteWait(
        replica,
        'INSTANCE_NOT_READY',
        'Cloud SQL says that its name is taken, and does not list it',
      );
      return;
    }
    await this.#forget(step, { action: 'forgetReplica', replica, reason: 'NAME_TAKEN', createFailed: false });
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
    return judged(isCaughtUp, isCaughtUp ? 'GATE' : `lags ${sample.lagSeconds} s, allowed ${gate.lagSecondsMax} s`);
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
    const about = aboutOf(event);
    const text = `${event.reason} ${event.message}`;
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
