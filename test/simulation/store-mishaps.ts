import { addressOf } from '../../coordinator/core/replica.ts';
import { restoredEntries } from '../../coordinator/core/restored.ts';
import type { Commit, CommitResult } from '../../coordinator/ports.ts';
import type { StoreMoment } from '../fakes/fake-store.ts';
import type { Mishap } from './mishap.ts';
import { order } from './order-mishaps.ts';
import type { Random } from './random.ts';
import type { SimInstance } from './sim-cloud.ts';
import { epochMs } from './sim-process.ts';
import type { World } from './world.ts';

/** What becomes of the store itself. */
export const storeMishaps: readonly Mishap[] = [
  { weight: 2, kind: 'the store fails over and lacks its last commits', happen: failOver },
  { weight: 1, kind: 'the store is wiped and restored', happen: wipe },
];

/** Refuses a commit of a snapshot as if somebody had written it first; null: it is nobody's turn. */
export function beFaster(world: World, { writes }: Commit): CommitResult | null {
  const key = writes.find((write) => write.key.startsWith('snapshot/'))?.key;
  if (world.snapshotConflicts === 0 || key === undefined) return null;
  world.snapshotConflicts -= 1;
  return { outcome: 'conflict', key };
}

/** A replica takes over that has not got all commits. Every replica has the newest term: to begin one waits for that. */
function failOver(world: World, random: Random): void {
  if (world.isStoreWiped) return;
  const kept = world.store.moment();
  const { storesWiped } = world;
  world.scheduler.after(random.int(200, 10_000), () => {
    // It has no replica any more that knew that moment.
    if (world.isStoreWiped || world.storesWiped !== storesWiped) return;
    const { fencingToken, lease } = world.store.moment();
    goBack(world, { ...kept, fencingToken, lease });
    tellAgain(world);
  });
}

/** Nothing is left, until the operators stop every coordinator and restore what was last kept. */
function wipe(world: World, random: Random): void {
  if (world.isStoreWiped) return;
  const backup = world.store.moment();
  world.scheduler.after(random.int(1000, 15_000), () => {
    if (world.isStoreWiped) return;
    world.isStoreWiped = true;
    world.storesWiped += 1;
    world.tell('the store is empty');
    goBack(world, null);
    world.scheduler.after(random.int(1000, 15_000), () => {
      for (const { holder } of world.seats) holder?.process.crash();
      const atMs = epochMs + world.scheduler.nowMs;
      goBack(world, { ...restored(backup, atMs), fencingToken: world.store.moment().fencingToken, lease: null });
      world.isStoreWiped = false;
      world.tell('the store is restored');
      tellAgain(world);
    });
  });
}

/** As `chester store restore` loads a backup. */
function restored(backup: StoreMoment, nowMs: number): StoreMoment {
  const entries = restoredEntries([...backup.entries.values()], backup.revision, nowMs);
  return { ...backup, entries: new Map(entries.map((entry) => [entry.key, entry])) };
}

function goBack(world: World, moment: StoreMoment | null): void {
  world.tell(`the store goes back to ${moment === null ? 'nothing' : `revision ${moment.revision}`}`);
  const kept = [...(moment?.entries ?? [])].map(([key, { value }]) => [key, value] as const);
  world.rules.wentBack(new Map(kept));
  world.store.goBack(moment);
}

/** The subscription is sought back: all that Cloud Monitoring said comes once more. */
function tellAgain({ alerts }: World): void {
  for (const alert of alerts.alerts) alerts.tell(alert);
}

/**
 * People look after instances that bear our labels and have no record: the store that knew of them is lost. They are
 * given back to the group, or, where it has as many as it may, deleted with what proxies still have of them.
 */
export function takeBack(world: World): void {
  const { rules, cloud, spec } = world;
  if (world.isStoreWiped) return;
  const recorded = new Set(rules.replicas().map(({ name }) => name));
  for (const name of rules.orphaned) {
    const instance = cloud.find(name);
    if (recorded.has(name) || instance?.instanceType !== 'READ_REPLICA_INSTANCE') continue;
    const hasRoom = recorded.size < spec.policy.replicasMax && instance.state === 'RUNNABLE' && !instance.isTouched;
    if (hasRoom) order(world, 'its record was lost', ({ servers }, by) => servers.adopt({ ...by, instance: name }));
    else if (instance.state === 'RUNNABLE' || instance.state === 'FAILED') removeWhole(world, instance);
  }
}

/** Rows that bear a group's mark, and whose replica the store does not know, nor is it one: agents name them unmanaged. */
export function removeUnmanaged({ rules, cloud, pods, spec, isStoreWiped }: World): void {
  if (isStoreWiped || !rules.hasGoneBack) return;
  const known = new Set(rules.replicas().map((replica) => addressOf(replica)));
  const isOrphan = (address: string): boolean => {
    const instance = cloud.at(address);
    return instance?.instanceType === 'READ_REPLICA_INSTANCE' && rules.orphaned.has(instance.name);
  };
  for (const { proxy } of pods) {
    const marked = [...proxy.memory.values()].filter(({ comment }) =>
      comment.startsWith(`chester ${spec.name} replica`),
    );
    for (const { hostname } of marked) {
      if (!known.has(hostname) && !isOrphan(hostname)) proxy.removeByPerson(hostname);
    }
  }
}

function removeWhole(world: World, { name, address }: SimInstance): void {
  world.cloud.deleteByPerson(name);
  if (address !== null) for (const { proxy } of world.pods) proxy.removeByPerson(address);
}
