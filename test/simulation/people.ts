import type { World } from './world.ts';

/** People finish what they began in proxies. */
export function heal({ pods, scheduler }: World): void {
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

/**
 * People look after what we hold and name: a replica that was given up while it was stopped, and runs again; and one
 * that they took the labels off, so that it is nobody's, and counts for the maximum since they put them back.
 */
export function clean({ rules, cloud, scheduler, faultsUntilMs }: World): void {
  if (scheduler.nowMs < faultsUntilMs) return;
  for (const { name, state, reason } of rules.replicas()) {
    const instance = cloud.find(name);
    const isBack = instance?.state === 'RUNNABLE' && !instance.isStopped;
    if (state === 'deleting' && reason === 'NOT_RUNNING' && isBack) cloud.deleteByPerson(name);
  }
  const recorded = new Set(rules.replicas().map(({ name }) => name));
  for (const { name, isCreated, isTouched, instanceType } of cloud.instances.values()) {
    const isNobodys = isCreated && isTouched && instanceType === 'READ_REPLICA_INSTANCE' && !recorded.has(name);
    if (isNobodys) cloud.deleteByPerson(name);
  }
}
