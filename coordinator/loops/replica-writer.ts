import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Action } from '../core/action.ts';
import type { Scaling } from '../core/autoscaler.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, type NewEvent } from '../core/records.ts';
import { advanceReplica, type Replica, type ReplicaEvent } from '../core/replica.ts';
import type { Store, Stored, Write } from '../ports.ts';
import { commitDecision } from './commits.ts';
import type { TermKeeper } from './term-keeper.ts';

export type ReplicaWriterDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
};

/** One look at a group: its records as they were read, and in which term. */
export type Step = {
  readonly spec: GroupSpec;
  readonly stored: ReadonlyMap<string, Stored<Replica>>;
  readonly fencingToken: number;
};

/** Writes records of replicas, each under the revision that was read, with what it means for the group's scaling. */
export class ReplicaWriter {
  readonly #deps: ReplicaWriterDeps;

  constructor(deps: ReplicaWriterDeps) {
    this.#deps = deps;
  }

  async write(step: Step, replica: Replica, isCreateFailure = false): Promise<void> {
    const stored = step.stored.get(replica.name) ?? null;
    const before = stored === null ? null : stored.value;
    if (before === replica) return;
    const record: Write = { key: keyOf(replica), value: replica, ifRevision: stored === null ? 0 : stored.revision };
    const counts = await this.#countWrites(before, replica, isCreateFailure);
    if (counts === null) return;
    const writes = [record, ...counts, ...guardCordon(before, replica)];
    await this.#commit(step, replica, writes, isNewsAfter(before, replica));
  }

  /**
   * What a move means for the next creation. A group that is being deleted loses its scaling record first: then
   * nothing new begins. Null: it has lost it.
   */
  async #countWrites(before: Replica | null, replica: Replica, isCreateFailure: boolean): Promise<Write[] | null> {
    const isNew = before === null;
    const hasServed = before?.state === 'gating' && replica.state === 'serving';
    if (!isNew && !isCreateFailure && !hasServed) return [];
    const scaling = await this.#deps.store.get(keys.scaling(replica.group));
    if (scaling === null) return null;
    const value = this.#scalingAfter(scaling.value, { isCreateFailure, hasServed });
    const isTouched = isNew || value !== scaling.value;
    return isTouched ? [{ key: scaling.key, value, ifRevision: scaling.revision }] : [];
  }

  async #commit(step: Step, replica: Replica, writes: readonly Write[], isNews: boolean): Promise<void> {
    const event = this.#event(replica, 'REPLICA_STATE', replica.state, replica.reason);
    const isWritten = await commitDecision(this.#deps, { writes, events: isNews ? [event] : [] }, step.fencingToken);
    const { name, state, reason } = replica;
    if (isNews && isWritten) this.#deps.log.info({ replica: name, state, reason }, 'replica moved');
  }

  advance(step: Step, replica: Replica, event: ReplicaEvent): Promise<void> {
    const advanced = advanceReplica(replica, event, this.#deps.clock.nowMs());
    return advanced === replica ? Promise.resolve() : this.write(step, advanced);
  }

  /** Drops a record and notes in the group's scaling what that means for the next step. */
  async forget(step: Step, action: Omit<Extract<Action, { action: 'forgetReplica' }>, 'action'>): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { replica, reason, createFailed } = action;
    const stored = step.stored.get(replica.name);
    const scaling = await store.get(keys.scaling(step.spec.name));
    if (stored === undefined || scaling === null) return;
    const value = createFailed
      ? this.#scalingAfter(scaling.value, { isCreateFailure: true, hasServed: false })
      : { ...scaling.value, scaledInAtMs: clock.nowMs() };
    const writes: Write[] = [
      { key: keyOf(replica), value: null, ifRevision: stored.revision },
      // An order about an instance that is gone must not meet another one.
      { key: keys.cordon(replica.group, replica.name), value: null, ifRevision: null },
      { key: keys.removal(replica.group, replica.name), value: null, ifRevision: null },
      { key: keys.scaling(step.spec.name), value, ifRevision: scaling.revision },
    ];
    const event = createFailed
      ? this.#event(replica, 'ALARM', 'CREATE_FAILED', reason)
      : this.#event(replica, 'REPLICA_STATE', 'gone', reason);
    const isWritten = await commitDecision(this.#deps, { writes, events: [event] }, step.fencingToken);
    if (isWritten) log.info({ replica: replica.name, reason, createFailed }, 'replica record dropped');
  }

  #scalingAfter(scaling: Scaling, what: { readonly isCreateFailure: boolean; readonly hasServed: boolean }): Scaling {
    const failures = scaling.createFailures ?? 0;
    if (what.isCreateFailure) {
      return { ...scaling, createFailedAtMs: this.#deps.clock.nowMs(), createFailures: failures + 1 };
    }
    return what.hasServed && failures > 0 ? { ...scaling, createFailures: 0 } : scaling;
  }

  #event({ group, name: subject }: Replica, kind: NewEvent['kind'], reason: string, message: string): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), group, kind, subject, reason, message };
  }
}

/** What is kept out is not given up: also when the order came while the replica was being asked for its sessions. */
function guardCordon(before: Replica | null, { group, name, state }: Replica): Write[] {
  if (before?.state !== 'draining' || state !== 'deleting') return [];
  return [{ key: keys.cordon(group, name), value: null, ifRevision: 0 }];
}

function isNewsAfter(before: Replica | null, { state, reason }: Replica): boolean {
  return before === null || before.state !== state || before.reason !== reason;
}

/** Where a replica's record stands. */
export function keyOf(replica: Replica) {
  return keys.replica(replica.group, replica.name);
}
