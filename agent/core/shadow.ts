import { describeChange, type GroupPlan, type Hold, type RowChange, shadowCode } from './plan.ts';
import { addressOf, isRuntimeEqual, isWrittenEqual, keyOf } from './rows.ts';
import type { GroupTarget } from './snapshot.ts';
import { onlyMarked } from './table-words.ts';

/** How many rows are named; more are counted. */
const rowsMax = 20;

/*
 * A group in shadow is looked at and planned for as any other, and nothing of the plan is done: it becomes words. Its
 * addresses are voted on as they are found, so that nobody deletes a replica that this proxy still sends traffic to.
 */

/**
 * The target, in shadow when its policy or this agent's setting says so. A tombstone has no policy: what was only
 * looked at is not taken out of a proxy that somebody else configures.
 */
export function withShadow(target: GroupTarget, before: GroupTarget | null, isForced: boolean): GroupTarget {
  const { body } = target;
  const isShadow = isForced || (body.kind === 'snapshot' ? body.policy.shadow === true : before?.isShadow === true);
  return isShadow ? { ...target, isShadow: true } : target;
}

/** The plan of servers without anything to do: what it would have done, in words. */
export function shadowPlan(plan: GroupPlan, hold: Hold | null): GroupPlan {
  const leaving = new Set(plan.target.body.leaving.map(addressOf));
  const removing = plan.removing
    .filter((server) => leaving.has(addressOf(server)))
    .map((server) => ({ ...server, reason: 'HELD_BY_FOREIGN_ROW' as const, detail: 'in shadow: it stays' }));
  const changed = new Set(plan.changes.map(({ key }) => addressOf(key)));
  // What goes only after another one serves is no part of the first step.
  const later = plan.removing.filter((server) => !changed.has(addressOf(server)));
  const words = [
    ...plan.changes.map((change) => `${keyOf(change.key)}: ${isMark(change) ? onlyMarked : describeChange(change)}`),
    ...later.map((server) => `${addressOf(server)}: would leave`),
  ];
  return {
    ...plan,
    ...{ changes: [], diskDeletes: [], warming: [], cordoned: [], removing },
    ...{ isSettled: false, isDraining: false, isWriterFallback: false, isHarmedByOthers: false, wakeAtMs: null },
    differences: hold === null ? words : [...words, `${hold.code}: ${hold.message}`],
    hold: describeShadow(words),
  };
}

/** Whether a row serves as it is wanted, and only lacks the comment by which it is known as ours. */
function isMark({ want, inMemory, inRuntime }: RowChange): boolean {
  if (want === null || inMemory === null || inRuntime === null) return false;
  const { comment } = want;
  return isWrittenEqual({ ...inMemory, comment }, want) && isRuntimeEqual({ ...inRuntime, comment }, want);
}

/** What is told of a group in shadow. That rows would be marked as ours is no difference in what they do. */
export function describeShadow(words: readonly string[]): Hold {
  const differences = words.filter((one) => !one.endsWith(onlyMarked));
  const marks = words.length - differences.length;
  const marked = marks === 0 ? '' : `${marks} ${marks === 1 ? 'row' : 'rows'} would be ${onlyMarked}`;
  if (differences.length === 0) {
    return { code: shadowCode, message: `in shadow: no difference${marked === '' ? '' : ` (${marked})`}` };
  }
  const more = differences.length > rowsMax ? `; and ${differences.length - rowsMax} more` : '';
  const named = differences.slice(0, rowsMax).join('; ');
  const rest = marked === '' ? '' : `; ${marked}`;
  return { code: shadowCode, message: `in shadow: ${differences.length} differences: ${named}${more}${rest}` };
}

/** The plan with what tables beside the servers differ in. */
export function withDifferences(plan: GroupPlan, more: readonly string[]): GroupPlan {
  const differences = [...(plan.differences ?? []), ...more];
  return { ...plan, differences, hold: describeShadow(differences) };
}
