import type { RedisSession } from './store-redis-link.ts';

/**
 * Which replicas have a commit before it counts: so many, or `all` that keep in step, one at least. Sentinels may
 * promote any that keeps in step, also one that has not acknowledged.
 */
export type Acknowledging = 'all' | number;

/** The replicas of a primary, as it said a moment ago. */
export type ReplicaSight = { readonly known: number; readonly inStep: number; readonly seenAtMs: number };

/** One that has not told for so long how far it is keeps in step no more: Sentinels have given it up before. */
const inStepLagMaxSeconds = 10;
const sightMaxAgeMs = 1000;
/** Of the time that a call has left: what remains is for asking again and for telling whoever called. */
const waitShare = 0.7;

/** Reads INFO's section on replication. */
export function readReplicas(info: string): ReplicaSight {
  const replicas = info.match(/^slave\d+:.*$/gm) ?? [];
  const inStep = replicas.filter((line) => {
    const lag = /[:,]lag=(\d+)/.exec(line)?.[1];
    return /[:,]state=online\b/.test(line) && lag !== undefined && Number(lag) <= inStepLagMaxSeconds;
  });
  return { known: replicas.length, inStep: inStep.length, seenAtMs: performance.now() };
}

/** Asks afresh how the replicas stand. */
async function lookAtReplicas(session: RedisSession): Promise<ReplicaSight> {
  session.replicas = readReplicas(await session.client.info('replication'));
  return session.replicas;
}

/** How many replicas have to have a commit by what was seen. */
export function neededOf(acknowledging: Acknowledging, { inStep }: Pick<ReplicaSight, 'inStep'>): number {
  return acknowledging === 'all' ? Math.max(1, inStep) : acknowledging;
}

/** How many replicas have to have what is written now. */
export async function neededNow(acknowledging: Acknowledging, session: RedisSession): Promise<number> {
  if (acknowledging !== 'all') return acknowledging;
  const isFresh = performance.now() - session.replicas.seenAtMs < sightMaxAgeMs;
  return neededOf('all', isFresh ? session.replicas : await lookAtReplicas(session));
}

/** Waits on the same connection, so that it is about what was written there just before. */
export function replicasThatHave({ client }: RedisSession, needed: number, deadlineAtMs: number): Promise<number> {
  const waitMs = Math.max(1, Math.floor((deadlineAtMs - performance.now()) * waitShare));
  const asked = client.wait(needed, waitMs);
  asked.catch(() => undefined); // whoever awaits it is told; nobody does when the script failed
  return asked;
}

/** How many replicas are missing what was written, in words; null when enough have it. */
export async function shortage(
  acknowledging: Acknowledging,
  session: RedisSession,
  { acknowledged, needed }: { readonly acknowledged: number; readonly needed: number },
): Promise<string | null> {
  if (acknowledged >= needed) return null;
  // One that is gone meanwhile is not waited for.
  const still = acknowledging === 'all' ? neededOf('all', await lookAtReplicas(session)) : needed;
  return acknowledged >= still ? null : `${acknowledged} of ${still} replicas acknowledged`;
}
