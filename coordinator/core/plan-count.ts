import { type Action, forget, wait, write } from './action.ts';
import { withoutCordoned } from './cordon.ts';
import { countExisting, type GroupView, instanceOf, isHealthy, isOurs } from './group-view.ts';
import { limitsAt } from './schedule.ts';
import { countsAsWanted, drainedReason, newReplica, releasedReason, type Replica } from './replica.ts';

/** After a failed creation the next one waits this long, and twice as long after each further one. */
export const createBackoffMs = 60_000;
const createBackoffMaxMs = 3_600_000;

/**
 * Compares the count with what exists, one replica at a time. What an order keeps out, or wants gone, does not count as
 * wanted.
 */
export function planCount(view: GroupView, nowMs: number): Action[] {
  const wanted = withoutCordoned(view.replicas, view.cordons)
    .filter(countsAsWanted)
    .filter((replica) => !isToGo(view, replica));
  if (wanted.length < view.scaling.desired) return planOneMore(view, wanted, nowMs);
  if (wanted.length > view.scaling.desired) return planOneLess(view, wanted, nowMs);
  return planRemoval(view, wanted, nowMs);
}

function isToGo({ removals = [] }: GroupView, { name }: Replica): boolean {
  return removals.includes(name);
}

/** One that an operator wants gone leaves once the others that are wanted serve, so that none is missed meanwhile. */
function planRemoval(view: GroupView, wanted: readonly Replica[], nowMs: number): Action[] {
  const leaving = view.replicas.find(
    (replica) => isToGo(view, replica) && (replica.state === 'serving' || replica.state === 'gating'),
  );
  if (leaving === undefined) return [];
  if (view.replicas.some(({ state }) => state === 'draining' || state === 'deleting')) return [];
  if (!view.listing.isComplete) {
    const detail = view.listing.warnings.join('; ');
    return [{ action: 'wait', reason: 'PARTIAL_VIEW', subject: leaving.name, detail }];
  }
  const missing = wanted.filter((replica) => !isServed(view, replica));
  if (missing.length > 0) {
    const detail = `it is to go once ${missing.map(({ name }) => name).join(', ')} serves`;
    return [wait('REPLACEMENT_NOT_SERVING', leaving, detail)];
  }
  return [write(leaving, { kind: 'withdrawn', reason: drainedReason }, nowMs)];
}

/** Whether it serves in most proxies too: one that passed its gate takes no query before they have reached it. */
function isServed(view: GroupView, replica: Replica): boolean {
  if (replica.state !== 'serving' || !isHealthy(view, replica)) return false;
  return view.warming?.includes(replica.address) !== true;
}

/** A replica on its way out is the quickest to have back; else one new record, one creation at a time. */
function planOneMore(view: GroupView, wanted: readonly Replica[], nowMs: number): Action[] {
  const returning = withoutCordoned(view.replicas, view.cordons).find((replica) => mayReturn(view, replica));
  if (returning !== undefined) return [write(returning, { kind: 'returned', reason: 'SCALE_OUT' }, nowMs)];
  const { spec, scaling, listing, replicas } = view;
  if (replicas.some(({ state }) => state === 'creating' || state === 'gating')) return [];
  const subject = spec.name;
  if (!listing.isComplete) {
    return [{ action: 'wait', reason: 'PARTIAL_VIEW', subject, detail: listing.warnings.join('; ') }];
  }
  const { replicasMin, replicasMax } = limitsAt(spec.policy, nowMs);
  if (countExisting(view) >= replicasMax) {
    const detail = `${countExisting(view)} replicas exist, are leaving or are cordoned`;
    const atMax: Action = { action: 'wait', reason: 'AT_MAX', subject, detail };
    // There is no room for a replacement before what is to go has gone: so it goes first, as far as the minimum allows.
    return wanted.length >= replicasMin ? [...planRemoval(view, wanted, nowMs), atMax] : [atMax];
  }
  const failed = replicas.find((replica) => replica.state === 'deleting' && replica.address === null);
  if (failed !== undefined) return [wait('CREATE_BACKOFF', failed, 'its creation failed; it is removed first')];
  const retryAtMs = createRetryAtMs(scaling);
  if (nowMs < retryAtMs) {
    const detail = `until ${new Date(retryAtMs).toISOString()}, after ${scaling.createFailures ?? 1} failed in a row`;
    return [{ action: 'wait', reason: 'CREATE_BACKOFF', subject, detail }];
  }
  const { name: group, project, primary } = spec;
  const identity = { name: view.nextName, group, project, primary, createdAtMs: nowMs, reason: scaling.reason };
  return [{ action: 'writeReplica', replica: newReplica(identity), previous: null }];
}

/** One that was given up, or given back, does not come back. */
function mayReturn(view: GroupView, replica: Replica): boolean {
  const isFinal = ['GATE_TIMEOUT', releasedReason, drainedReason].includes(replica.reason);
  return replica.state === 'draining' && !isFinal && !isToGo(view, replica) && isHealthy(view, replica);
}

/** When a creation may follow those that failed; 0 when none did. */
function createRetryAtMs({ createFailedAtMs, createFailures = 1 }: GroupView['scaling']): number {
  if (createFailedAtMs === 0) return 0;
  const doublings = Math.min(Math.max(createFailures, 1) - 1, 10);
  return createFailedAtMs + Math.min(createBackoffMs * 2 ** doublings, createBackoffMaxMs);
}

/** Nothing goes on an incomplete list, or while another leaves; but what Cloud SQL was never asked for can be called off. */
function planOneLess(view: GroupView, wanted: readonly Replica[], nowMs: number): Action[] {
  const unasked = wanted.find((replica) => isUnasked(view, replica));
  if (unasked !== undefined) return [forget(unasked, 'NOT_WANTED')];
  if (view.replicas.some(({ state }) => state === 'draining' || state === 'deleting')) return [];
  // A creation cannot be called off; once it is done that replica is the one to go, not one that serves.
  const creating = wanted.find(({ state }) => state === 'creating');
  if (creating !== undefined) return [wait('OPERATION_IN_PROGRESS', creating, 'it is created, then removed again')];
  if (!view.listing.isComplete) {
    const detail = view.listing.warnings.join('; ');
    return [{ action: 'wait', reason: 'PARTIAL_VIEW', subject: view.spec.name, detail }];
  }
  const victim = chooseVictim(view, wanted);
  return victim === null ? [] : [write(victim, { kind: 'withdrawn', reason: 'SCALE_IN' }, nowMs)];
}

function isUnasked(view: GroupView, replica: Replica): boolean {
  if (replica.state !== 'creating' || replica.adoptedAtMs !== undefined) return false;
  if (!view.listing.isComplete || instanceOf(view, replica) !== null) return false;
  return replica.askedAtMs === null && replica.operationName === null;
}

/**
 * What does not serve, then what is not healthy, then one of the fullest zone, then the newest. What somebody took the
 * labels of, or gave another primary, is no choice: it could not be deleted, and would hold up the next one.
 */
function chooseVictim(view: GroupView, wanted: readonly Replica[]): Replica | null {
  const zoneOf = (replica: Replica) => instanceOf(view, replica)?.zone ?? null;
  const zones = wanted.map(zoneOf);
  const candidates = wanted
    .filter((replica) => {
      const instance = instanceOf(view, replica);
      return instance !== null && isOurs(view, instance);
    })
    .map((replica) => {
      const zone = zoneOf(replica);
      const crowd = zone === null ? 0 : zones.filter((other) => other === zone).length;
      const isIdle = replica.state === 'gating' || !isHealthy(view, replica);
      return { replica, rank: [replica.state === 'gating' ? 0 : 1, isIdle ? 0 : 1, -crowd, -replica.createdAtMs] };
    });
  const [first] = candidates.sort((one, other) => compareRanks(one.rank, other.rank));
  return first?.replica ?? null;
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, place) => value !== other[place]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
