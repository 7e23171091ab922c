import { type Check, fail, ok, warn } from './check.ts';
import type { Freeze } from './freeze.ts';

/** How the store stands, as this coordinator sees it. */
export type StoreStanding = {
  /** For people: never a secret. */
  readonly place: string;
  /** Why it cannot be used now; null when it can. */
  readonly problem: string | null;
  /** Null: it is the file of one coordinator, or its server does not answer. */
  readonly server: StoreServer | null;
};

/** The server that has a store, and its replicas. */
export type StoreServer = {
  readonly role: string;
  readonly version: string;
  readonly isPersistent: boolean;
  readonly replicas: number;
  /** Of these, how many keep in step. */
  readonly inStep: number;
  /** How many of these have a commit before it counts. */
  readonly needed: number;
};

export type ControlFacts = {
  readonly store: StoreStanding;
  /** Who decides; null: nobody that is known of. */
  readonly holder: string | null;
  readonly freeze: Freeze | null;
  /** Agents that a freeze still waits for. */
  readonly notCompared: readonly string[];
};

const namesMax = 10;

/** Judges what a coordinator stands on: its store, who decides, and whether the group is frozen. */
export function judgeControl({ store, holder, freeze, notCompared }: ControlFacts): readonly Check[] {
  return [...judgeStore(store), judgeHolder(holder), judgeFreeze(freeze, notCompared)];
}

function judgeStore({ place, problem, server }: StoreStanding): readonly Check[] {
  if (problem !== null) {
    const advice = 'agents keep what they have, nothing is decided meanwhile: docs/scaling-out.md says what to look at';
    return [fail('store', `${place}: ${problem}`, advice)];
  }
  if (server === null) return [ok('store', place)];
  const { role, version, isPersistent, replicas } = server;
  const found = `${place}: ${role}, Redis ${version}, ${isPersistent ? 'appendonly' : 'in memory only'}`;
  const isKept = isPersistent || replicas > 0;
  const kept = isKept
    ? ok('store', found)
    : warn('store', found, 'a restart of Redis forgets everything: set appendonly yes and appendfsync always');
  return [kept, judgeReplicas(server)];
}

function judgeReplicas({ replicas, inStep, needed }: StoreServer): Check {
  const found = `${replicas} replicas, ${inStep} in step, ${needed} acknowledge each commit`;
  if (inStep < needed) {
    return fail('store-replicas', found, 'no commit counts until enough replicas are back: look at Redis replication');
  }
  if (inStep > needed) {
    const advice = 'a failover to another replica loses commits (it is noticed, and groups freeze): REDIS_REPLICAS=all';
    return warn('store-replicas', found, advice);
  }
  if (inStep === 1) {
    return warn('store-replicas', found, 'without this one no commit counts: have two replicas of Redis');
  }
  return ok('store-replicas', found);
}

function judgeHolder(holder: string | null): Check {
  if (holder !== null) return ok('decider', holder);
  const advice = 'wait for LEASE_TTL_MS; then see that a coordinator with MAY_DECIDE runs and reaches the store';
  return fail('decider', 'no coordinator is known to hold the lease', advice);
}

function judgeFreeze(freeze: Freeze | null, notCompared: readonly string[]): Check {
  if (freeze === null) return ok('freeze', 'none');
  const { reason, isListed } = freeze;
  const waiting = [
    ...(isListed ? [] : ['a complete list of Cloud SQL']),
    ...(notCompared.length === 0 ? [] : [`agents ${notCompared.slice(0, namesMax).join(', ')}`]),
  ];
  const found = `since ${new Date(freeze.sinceMs).toISOString()}: ${reason}`;
  const what = waiting.length === 0 ? '' : `; waits for ${waiting.join(' and ')}`;
  const advice =
    'nothing is taken away until it thaws by itself; `chester agents forget` an agent that is gone for good';
  return warn('freeze', `${found}${what}`, advice);
}
