import type { Action, AlarmReason } from './action.ts';
import { outstandingVoters } from './ballots.ts';
import { isOverdue } from './deadlines.ts';
import { type GroupView, instanceOf } from './group-view.ts';
import { addressOf, type Replica } from './replica.ts';

/** Alarms for a step that takes longer than it may. What happens next is said with it: nothing goes on unproven. */
export function planOverdue(view: GroupView, replica: Replica, nowMs: number): Action[] {
  const { deadlines } = view.spec;
  const late = (limitSeconds: number) => isOverdue(limitSeconds, replica.sinceMs, nowMs);
  const key = `${replica.state} ${replica.sinceMs}`;
  const alarm = (reason: AlarmReason, detail: string): Action[] => [
    { action: 'alarm', reason, subject: replica.name, key, detail },
  ];
  switch (replica.state) {
    case 'creating':
      return late(deadlines.createSeconds) ? alarm('CREATE_OVERDUE', describeCreation(view, replica)) : [];
    case 'gating':
      // What may not be given up is told.
      return late(deadlines.gateSeconds) ? alarm('GATE_OVERDUE', describeGate(replica)) : [];
    case 'serving':
      return [];
    case 'draining':
      return late(deadlines.drainSeconds) ? alarm('DRAIN_OVERDUE', describeDrain(view, replica)) : [];
    case 'deleting':
      return late(deadlines.deleteSeconds) ? alarm('DELETE_OVERDUE', describeDeletion(view, replica)) : [];
  }
}

function since({ sinceMs }: Replica): string {
  return new Date(sinceMs).toISOString();
}

function describeCreation(view: GroupView, replica: Extract<Replica, { state: 'creating' }>): string {
  const state = instanceOf(view, replica)?.state ?? 'not listed';
  return (
    `being created since ${since(replica)}; Cloud SQL says ${state}, operation ${replica.operationName ?? 'unknown'}. ` +
    `It is waited for: nothing else can be created or deleted under ${view.spec.primary} meanwhile`
  );
}

function describeGate(replica: Replica): string {
  return `not through its gate since ${since(replica)}: ${replica.reason}. It is tried on`;
}

function describeDrain(view: GroupView, replica: Replica): string {
  const hostname = addressOf(replica);
  const leaving = view.leaving.find((server) => server.hostname === hostname && server.port === view.spec.port);
  const voters = leaving === undefined ? [] : outstandingVoters(view.voters, leaving).slice(0, 20);
  const waiting = voters.length > 0 ? `no vote of ${voters.join(', ')}` : 'sessions of its own, or no answer';
  return `leaving since ${since(replica)}: ${waiting}. It is held and not deleted`;
}

function describeDeletion(view: GroupView, replica: Extract<Replica, { state: 'deleting' }>): string {
  const instance = instanceOf(view, replica);
  return (
    `being deleted since ${since(replica)}; Cloud SQL says ${instance?.state ?? 'not listed'}, operation ` +
    `${replica.operationName ?? 'none'}. It is asked again once that operation has ended`
  );
}
