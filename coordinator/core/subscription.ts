import type { PublishedSnapshot } from './snapshot.ts';

/**
 * One agent's progress on one group, for the life of one stream. At most one update is unanswered; what is published
 * meanwhile is not queued, the newest is sent when an answer comes, be it that the agent is still trying. A hash that was refused is not sent again.
 */
export type Subscription = {
  readonly sent: {
    readonly nonce: string;
    readonly revision: number;
    readonly hash: string;
    readonly sentAtMs: number;
  } | null;
  readonly state: 'NONE' | 'SENT' | 'APPLIED' | 'REJECTED' | 'RETRYING';
  readonly applied: { readonly revision: number; readonly hash: string } | null;
  readonly rejectedHash: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

export type AgentAnswer = {
  readonly nonce: string;
  readonly status: 'APPLIED' | 'REJECTED' | 'RETRYING';
  readonly error: { readonly code: string; readonly message: string } | null;
};

/** The state of a group on a new stream; `known` is what the agent says it has proven. */
export function newSubscription(known: { readonly revision: number; readonly hash: string } | null): Subscription {
  return {
    sent: null,
    state: known === null ? 'NONE' : 'APPLIED',
    applied: known,
    rejectedHash: null,
    error: null,
  };
}

/** Whether `latest` has to be sent now. Equal content at another revision is sent too: votes need the revision. */
export function needsUpdate(subscription: Subscription, latest: Pick<PublishedSnapshot, 'revision' | 'hash'>): boolean {
  const { sent, state } = subscription;
  // An agent that cannot apply one update yet may well be able to apply the next, or need it to let go of the first.
  if (sent !== null && (state !== 'RETRYING' || sent.revision === latest.revision)) return false;
  if (subscription.rejectedHash === latest.hash) return false;
  return subscription.applied?.revision !== latest.revision || subscription.applied.hash !== latest.hash;
}

/** Notes that an update went out. */
export function advanceSent(
  subscription: Subscription,
  update: { readonly nonce: string; readonly revision: number; readonly hash: string },
  nowMs: number,
): Subscription {
  const { nonce, revision, hash } = update;
  return { ...subscription, sent: { nonce, revision, hash, sentAtMs: nowMs }, state: 'SENT', error: null };
}

/** Takes an answer. One that names another nonce than the one sent is stale and changes nothing. */
export function advanceAnswered(subscription: Subscription, answer: AgentAnswer): Subscription {
  const { sent } = subscription;
  if (sent === null || sent.nonce !== answer.nonce) return subscription;
  const { revision, hash } = sent;
  switch (answer.status) {
    case 'APPLIED':
      return { sent: null, state: 'APPLIED', applied: { revision, hash }, rejectedHash: null, error: null };
    case 'REJECTED':
      return { ...subscription, sent: null, state: 'REJECTED', rejectedHash: hash, error: answer.error };
    case 'RETRYING':
      return { ...subscription, state: 'RETRYING', error: answer.error };
  }
}

/**
 * Whether an update stayed without any answer for too long. The agent is then asked afresh on a new stream, because
 * the transport does not report every loss.
 */
export function isOverdue(subscription: Subscription, deadlineMs: number, nowMs: number): boolean {
  const { sent, state } = subscription;
  return sent !== null && state === 'SENT' && nowMs - sent.sentAtMs > deadlineMs;
}
