import type { Ack, Failure, GroupReport, Update } from './messages.ts';
import { shadowCode } from './plan.ts';
import type { GroupTarget } from './snapshot.ts';

/**
 * One stream to a coordinator, as values. Its epoch must not be lower than any that this agent ever saw; a nonce
 * lives as long as the stream; one answer ends an update, except RETRYING, which announces another one.
 */
export type Session = {
  readonly epoch: number;
  /** Updates without their last answer, by group: the newest one only. */
  readonly unanswered: ReadonlyMap<string, Unanswered>;
};

export type Unanswered = {
  readonly nonce: string;
  readonly revision: number;
  /** Monotonic, for the time that applying took. */
  readonly arrivedAtMs: number;
  /** The code of the RETRYING that was sent already. */
  readonly retryingCode: string | null;
};

/** How a group stands on this proxy after one look. */
export type GroupStanding = GroupReport & {
  /** No new traffic differs from the snapshot of `revision`. */
  readonly isSettled: boolean;
  readonly runtimeHash: string;
  /** Why it is not settled, if there is more to say than "not yet". */
  readonly failure: (Failure & { readonly isPermanent: boolean }) | null;
};

/** The highest epoch that this agent ever saw, and the highest that it will know of after a power cut. */
export type SeenEpochs = { readonly maxEpoch: number; readonly savedEpoch: number };

/** Judges the epoch a coordinator shows. A lower one than seen is an old leader that does not know it yet. */
export function judgeEpoch(epoch: number, { maxEpoch, savedEpoch }: SeenEpochs): 'refuse' | 'accept' | 'raise' {
  if (epoch < maxEpoch) return 'refuse';
  return epoch > savedEpoch ? 'raise' : 'accept';
}

/** Starts the session of a stream that was welcomed. */
export function openSession(epoch: number): Session {
  return { epoch, unanswered: new Map() };
}

/** Whether an update is older than what this agent has of the group, under the same or an older epoch. */
export function isStale(update: Update, held: Pick<GroupTarget, 'revision' | 'epoch'> | null, epoch: number): boolean {
  return held !== null && update.revision < held.revision && epoch <= held.epoch;
}

/** Notes an update that waits for its answer; it replaces an older one of its group. */
export function expectAnswer(session: Session, update: Update, nowMs: number): Session {
  const unanswered = new Map(session.unanswered);
  unanswered.set(update.group, {
    nonce: update.nonce,
    revision: update.revision,
    arrivedAtMs: nowMs,
    retryingCode: null,
  });
  return { ...session, unanswered };
}

/** Decides whether a group's standing answers its update, and with what. */
export function answerUpdate(
  session: Session,
  standing: GroupStanding,
  nowMs: number,
): { readonly session: Session; readonly ack: Ack | null } {
  const waiting = session.unanswered.get(standing.group);
  if (waiting?.revision !== standing.revision) return { session, ack: null };
  const status = chooseStatus(standing);
  if (status === null) return { session, ack: null };
  const code = wordOf(standing.failure);
  if (status === 'RETRYING' && waiting.retryingCode === code) return { session, ack: null };
  const unanswered = new Map(session.unanswered);
  if (status === 'RETRYING') unanswered.set(standing.group, { ...waiting, retryingCode: code });
  else unanswered.delete(standing.group);
  const ack: Ack = {
    nonce: waiting.nonce,
    group: standing.group,
    revision: standing.revision,
    status,
    runtimeHash: standing.runtimeHash,
    applyMicros: Math.max(0, Math.round((nowMs - waiting.arrivedAtMs) * 1000)),
    removing: standing.removing,
    absent: standing.absent,
    error:
      status === 'APPLIED' || standing.failure === null
        ? null
        : { code: standing.failure.code, message: standing.failure.message },
  };
  return { session: { ...session, unanswered }, ack };
}

/** Says of an update that got no answer at all yet that it is still worked on; `null` when there is no need. */
export function answerSlow(session: Session, nonce: string): { readonly session: Session; readonly ack: Ack } | null {
  const found = [...session.unanswered].find(([, waiting]) => waiting.nonce === nonce);
  if (found === undefined || found[1].retryingCode !== null) return null;
  const [group, waiting] = found;
  const error = { code: 'SLOW', message: 'still applying: the proxy is slow, or the change waits for its turn' };
  const unanswered = new Map(session.unanswered).set(group, { ...waiting, retryingCode: error.code });
  const ack: Ack = { ...emptyAnswer, nonce, group, revision: waiting.revision, status: 'RETRYING', error };
  return { session: { ...session, unanswered }, ack };
}

const emptyAnswer = { runtimeHash: '', applyMicros: 0, removing: [], absent: [] };

/** Builds the refusal of an update that will not be applied at all. */
export function rejectUpdate(update: Update, error: Failure): Ack {
  const { nonce, group, revision } = update;
  return { ...emptyAnswer, nonce, group, revision, status: 'REJECTED', error };
}

/** What is told once for an update. Of a shadow every word counts: its differences come and go. */
function wordOf(failure: Failure | null): string | null {
  if (failure === null) return null;
  return failure.code === shadowCode ? `${failure.code} ${failure.message}` : failure.code;
}

function chooseStatus(standing: GroupStanding): Ack['status'] | null {
  if (standing.isSettled) return 'APPLIED';
  if (standing.failure === null) return null;
  return standing.failure.isPermanent ? 'REJECTED' : 'RETRYING';
}
