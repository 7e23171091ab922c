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

/** People look after what we hold and name: a replica that was given up while it was stopped, and runs again. */
export function clean({ rules, cloud }: World): void {
  for (const { name, state, reason } of rules.replicas()) {
    const instance = cloud.find(name);
    const isBack = instance?.state === 'RUNNABLE' && !instance.isStopped;
    if (state === 'deleting' && reason === 'NOT_RUNNING' && isBack) cloud.deleteByPerson(name);
  }
}
