import type { GroupSpec } from '../../coordinator/core/group-spec.ts';
import type { SimCloud } from './sim-cloud.ts';
import type { SimProxy } from './sim-proxy.ts';
import type { World } from './world.ts';

/** What stands outside, for the rules to look at. */
export type OutsideWorld = {
  readonly nowMs: () => number;
  readonly spec: () => GroupSpec;
  readonly cloud: SimCloud;
  readonly proxies: () => readonly SimProxy[];
  /** Sessions that did not come through a proxy. */
  readonly directSessions: (address: string) => readonly { readonly sinceMs: number }[];
  /** Whether an operator vouched that the old writer is gone. */
  readonly isOldWriterGone: () => boolean;
  readonly isStoreWiped: () => boolean;
  /** When somebody last asked for fewer replicas; -Infinity: never. */
  readonly fewerAskedAtMs: () => number;
  readonly foreignGraceMs: number;
};

/** The world as its rules look at it. */
export function outsideOf(world: World, foreignGraceMs: number): OutsideWorld {
  const { scheduler, cloud } = world;
  return {
    nowMs: () => scheduler.nowMs,
    spec: () => world.spec,
    cloud,
    proxies: () => world.pods.map(({ proxy }) => proxy),
    directSessions: (address) => world.sessions.get(address) ?? [],
    isOldWriterGone: () => world.isOldWriterGone,
    isStoreWiped: () => world.isStoreWiped,
    fewerAskedAtMs: () => world.alerts.noteFewer(world.rules, world.orders),
    foreignGraceMs,
  };
}
