import { endOrders } from './order-mishaps.ts';
import type { SimInstance } from './sim-cloud.ts';
import { removeUnmanaged, takeBack } from './store-mishaps.ts';
import type { World } from './world.ts';
import { acceptAgain } from './writer-mishaps.ts';

/** People finish what they began in proxies. */
export function heal(world: World): void {
  const { pods, scheduler } = world;
  endOrders(world);
  for (const { proxy } of pods) {
    for (const key of proxy.pendingEdits.keys()) {
      const loaded = proxy.runtime.get(key);
      if (loaded === undefined) proxy.memory.delete(key);
      else proxy.memory.set(key, loaded);
    }
    proxy.othersAtMs = scheduler.nowMs;
    proxy.pendingEdits.clear();
  }
}

/** People look after what we hold and name, once nobody disturbs them. */
export function clean(world: World): void {
  if (world.scheduler.nowMs < world.faultsUntilMs) return;
  endOrders(world);
  takeBack(world);
  removeUnmanaged(world);
  acceptAgain(world);
  const nobodys = findNobodys(world);
  for (const name of [...findGivenUp(world), ...nobodys]) world.cloud.deleteByPerson(name);
}

/** A replica that was given up while it was stopped, and runs again. */
function findGivenUp({ rules, cloud }: World): readonly string[] {
  const givenUp = rules.replicas().filter(({ state, reason }) => state === 'deleting' && reason === 'NOT_RUNNING');
  return givenUp.map(({ name }) => name).filter((name) => isRunning(cloud.find(name)));
}

function isRunning(instance: SimInstance | undefined): boolean {
  return instance?.state === 'RUNNABLE' && !instance.isStopped;
}

/** One whose labels somebody took off is nobody's, and counts for the maximum since they were put back. */
function findNobodys({ rules, cloud }: World): readonly string[] {
  const recorded = new Set(rules.replicas().map(({ name }) => name));
  return [...cloud.instances.values()]
    .filter(
      ({ isCreated, isTouched, instanceType }) => isCreated && isTouched && instanceType === 'READ_REPLICA_INSTANCE',
    )
    .map(({ name }) => name)
    .filter((name) => !recorded.has(name));
}
