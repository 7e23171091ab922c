import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Failure, Update } from '../core/messages.ts';
import { answerSlow, expectAnswer, isStale, rejectUpdate, type Session } from '../core/session.ts';
import { findUpdateProblems } from '../core/update-checks.ts';
import type { AgentMetrics } from '../ports.ts';
import type { Applier } from './applier.ts';
import type { Conversation } from './conversation.ts';

export type UpdatesDeps = {
  readonly applier: Applier;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Takes what a coordinator sends, and sees to it that each update gets an answer in time. */
export class Updates {
  readonly #deps: UpdatesDeps;

  constructor(deps: UpdatesDeps) {
    this.#deps = deps;
  }

  /** Takes an update: to the applier, or back with what is wrong with it. */
  take(conversation: Conversation, session: Session, update: Update): void {
    const { applier, clock, log } = this.#deps;
    const arrivedAtMs = clock.monotonicMs();
    const { group, revision, hash, body } = update;
    const held = applier.target(group);
    if (body.kind === 'unknown') {
      this.#answerUnknown(conversation, update);
      return;
    }
    if (isStale(update, held, session.epoch)) {
      const message = `revision ${revision} is older than ${held?.revision ?? 0}, which this agent has`;
      this.#reject(conversation, update, { code: 'STALE_REVISION', message });
      return;
    }
    const problems = findUpdateProblems(body);
    if (body.kind === 'unreadable' || problems.length > 0) {
      this.#reject(conversation, update, { code: 'INVALID_SNAPSHOT', message: problems.join('; ') });
      return;
    }
    log.debug({ group, revision, nonce: update.nonce }, 'update arrived');
    conversation.unknown.delete(group);
    conversation.session = expectAnswer(session, update, arrivedAtMs);
    const slowMs = (conversation.welcome?.applyDeadlineMs ?? 0) / 2;
    conversation.cancelSlow.get(group)?.();
    const cancelSlow = clock.setTimer(slowMs, () => {
      this.#answerSlow(conversation, update.nonce);
    });
    conversation.cancelSlow.set(group, cancelSlow);
    const target = { group, revision, hash, epoch: session.epoch };
    if (body.kind === 'fleet') applier.submitFleet({ ...target, body });
    else applier.submit({ ...target, body });
  }

  /** The coordinator ends a stream on which an update stays without any answer. */
  #answerSlow(conversation: Conversation, nonce: string): void {
    if (conversation.session === null) return;
    const slow = answerSlow(conversation.session, nonce);
    if (slow === null) return;
    conversation.session = slow.session;
    conversation.stream.send({ kind: 'ack', ...slow.ack });
    this.#deps.metrics.answered('RETRYING');
  }

  /** An empty store must never empty a proxy: the rows stay. */
  #answerUnknown(conversation: Conversation, update: Update): void {
    const { applier, log, metrics } = this.#deps;
    const { nonce, group, revision } = update;
    conversation.unknown.add(group);
    log.warn({ group }, 'coordinator does not know this group: its rows stay as they are');
    const standing = applier.standings().find((one) => one.group === group);
    const { runtimeHash = '', removing = [], absent = [] } = standing ?? {};
    const applied = { status: 'APPLIED', applyMicros: 0, error: null } as const;
    conversation.stream.send({ kind: 'ack', nonce, group, revision, runtimeHash, removing, absent, ...applied });
    metrics.answered('APPLIED');
  }

  #reject(conversation: Conversation, update: Update, error: Failure): void {
    this.#deps.log.error({ group: update.group, revision: update.revision, failure: error }, 'update refused');
    conversation.stream.send({ kind: 'ack', ...rejectUpdate(update, error) });
    this.#deps.metrics.answered('REJECTED');
  }
}
