import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Action } from '../core/action.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { Replica } from '../core/replica.ts';
import { CoordinatorError } from '../errors.ts';
import type { CloudSql, Metrics, ProbeTarget, ReplicaProbe, Store } from '../ports.ts';
import type { CloudView } from './cloud-view.ts';
import type { GroupFacts } from './decider.ts';
import type { HoldBoard } from './hold-board.ts';
import { InstanceChanger } from './instance-changer.ts';
import { NoteBook } from './note-book.ts';
import { ReplicaWriter, type Step } from './replica-writer.ts';
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
  /** Returns a number in [0, 1), for pauses. */
  readonly random?: () => number;
};

/** The replica itself has to show no foreign session this often in a row before it is deleted. */
const unusedSamplesNeeded = 2;

/** Carries out what the reconciler planned. Every state is stored before the call that it announces. */
export class ActionRunner {
  readonly #deps: ActionRunnerDeps;
  readonly #notes: NoteBook;
  readonly #records: ReplicaWriter;
  readonly #instances: InstanceChanger;
  /** Replicas whose last sample failed, which the store may not know: it may have been away. A new process has a new term. */
  readonly #failing = new Set<string>();

  constructor(deps: ActionRunnerDeps) {
    this.#deps = deps;
    this.#notes = new NoteBook(deps);
    this.#records = new ReplicaWriter(deps);
    this.#instances = new InstanceChanger({ ...deps, notes: this.#notes, records: this.#records });
  }

  /** Runs one look at a group; what holds it up meanwhile, a failure too, is what administration sees. */
  look<T>(spec: GroupSpec, work: () => Promise<T>): Promise<T> {
    return this.#notes.look(spec.name, async () => {
      try {
        const result = await work();
        this.#notes.clearAlarm(spec.name, spec.name);
        return result;
      } catch (error) {
        await this.#noteRefusal(spec, error);
        throw error;
      }
    });
  }

  /** Runs a plan to its end: what Cloud SQL refuses for one replica does not keep the others waiting. */
  async run({ spec, replicas, fencingToken }: GroupFacts, actions: readonly Action[]): Promise<void> {
    const stored = new Map(replicas.map((record) => [record.value.name, record]));
    let failure: CoordinatorError | null = null;
    for (const action of actions) {
      try {
        await this.#runOne({ spec, stored, fencingToken }, action);
      } catch (error) {
        if (!(error instanceof CoordinatorError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
  }

  /** Stores an alarm once for as long as its text stays the same. */
  noteAlarm(group: string, subject: string, reason: string, message: string): Promise<void> {
    return this.#notes.alarm({ group, subject, reason, message });
  }

  noteWait(group: string, subject: string, reason: string, message: string): Promise<void> {
    return this.#notes.wait({ group, subject, reason, message });
  }

  /** Forgets an alarm whose cause is gone: the next time it is one again. */
  clearAlarm(group: string, subject: string): void {
    this.#notes.clearAlarm(group, subject);
  }

  /** What no repetition mends is told to people: a missing permission, a call that Cloud SQL does not take. */
  async #noteRefusal({ name }: GroupSpec, error: unknown): Promise<void> {
    if (!(error instanceof CoordinatorError) || error.isRetryable || !error.code.startsWith('CLOUDSQL_')) return;
    const { code: reason, message } = error;
    await this.#notes.alarm({ group: name, subject: name, reason, message: `${message}; it is tried again slowly` });
  }

  #runOne(step: Step, action: Action): Promise<void> {
    switch (action.action) {
      case 'writeReplica':
        return this.#records.write(step, action.replica, action.isCreateFailure);
      case 'forgetReplica':
        return this.#records.forget(step, action);
      case 'createInstance':
        return this.#instances.create(step, action);
      case 'sampleGate':
        return this.#sampleGate(step, action.replica);
      case 'sampleSessions':
        return this.#sampleSessions(step, action.replica);
      case 'unprotectInstance':
        return this.#instances.unprotect(step, action);
      case 'relabelInstance':
        return this.#instances.relabel(step, action);
      case 'deleteInstance':
        return this.#instances.delete(step, action.replica);
      case 'alarm':
        return this.#alarm(step, action);
      case 'wait':
        this.#deps.metrics.countWait(action.reason);
        return this.noteWait(step.spec.name, action.subject, action.reason, action.detail);
    }
  }

  #alarm({ spec }: Step, action: Extract<Action, { action: 'alarm' }>): Promise<void> {
    const { subject, reason, detail: message, key } = action;
    return this.#notes.alarm({ group: spec.name, subject, reason, message }, key);
  }

  async #sampleGate(step: Step, replica: Extract<Replica, { state: 'gating' }>): Promise<void> {
    const { gate, serverDefaults } = step.spec;
    const sample = await this.#deps.probe.sampleGate(targetOf(step.spec, replica.address));
    const about = { kind: 'gateSampled', samplesNeeded: gate.samples, term: step.fencingToken } as const;
    const judged = (isGood: boolean, reason: string) => {
      const passed = this.#counts(replica, replica.samplesPassed, isGood);
      return this.#records.advance(step, replica, { ...about, passed, reason });
    };
    if (sample.outcome === 'failed') return judged(false, sample.reason);
    if (serverDefaults.useSsl && !sample.isEncrypted) return judged(false, 'the login was not encrypted');
    if (sample.lagSeconds === null) return judged(false, 'replication is not running');
    const isCaughtUp = sample.lagSeconds <= gate.lagSecondsMax;
    if (isCaughtUp) return judged(true, 'GATE');
    // Before anything is stored, which may fail.
    this.#counts(replica, replica.samplesPassed, false);
    const message = `lags ${sample.lagSeconds} s, allowed ${gate.lagSecondsMax} s`;
    await this.noteWait(replica.group, replica.name, 'LAGGING', message);
    return judged(false, 'LAGGING');
  }

  /** Missing knowledge is no consent: a replica that cannot be asked is held. */
  async #sampleSessions(step: Step, replica: Extract<Replica, { state: 'draining' }>): Promise<void> {
    const sample = await this.#deps.probe.sampleSessions(targetOf(step.spec, replica.address));
    const isUnused = sample.outcome === 'answered' && sample.users.length === 0;
    const passed = this.#counts(replica, replica.unusedSamples, isUnused);
    if (!isUnused) {
      const message = sample.outcome === 'failed' ? sample.reason : `sessions of ${sample.users.join(', ')}`;
      await this.noteWait(replica.group, replica.name, 'SESSIONS', message);
    }
    const event = {
      kind: 'unusedSampled',
      passed,
      samplesNeeded: unusedSamplesNeeded,
      reason: 'ABSENT_EVERYWHERE',
      term: step.fencingToken,
    } as const;
    await this.#records.advance(step, replica, event);
  }

  /** Whether a sample counts as passed: not while the record goes on from samples before one that failed. */
  #counts({ group, name }: Replica, samplesInARow: number, isGood: boolean): boolean {
    const about = `${group}/${name}`;
    if (!isGood) this.#failing.add(about);
    else if (samplesInARow === 0) this.#failing.delete(about);
    return !this.#failing.has(about);
  }
}

/** Where and as whom the coordinator logs in to a replica. */
export function targetOf(spec: GroupSpec, hostname: string): ProbeTarget {
  const { username, passwordSecret } = spec.gate;
  return { hostname, port: spec.port, username, passwordSecret, useSsl: spec.serverDefaults.useSsl };
}
