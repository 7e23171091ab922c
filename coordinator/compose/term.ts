import type { CoordinatorConfig } from '../config.ts';
import { TermKeeper, type TermKeeperDeps } from '../loops/term-keeper.ts';

/** Nobody else can open the file of an embedded store, so its lease may be long: no call to Cloud SQL is cut short. */
const exclusiveTtlMinMs = 60_000;

/** Makes what keeps the lease. */
export function composeTerm(
  { coordinatorId, control }: CoordinatorConfig,
  deps: TermKeeperDeps,
  { isShared }: { readonly isShared: boolean },
): TermKeeper {
  const { leaseTtlMs, mayDecide } = control;
  const ttlMs = isShared ? leaseTtlMs : Math.max(leaseTtlMs, exclusiveTtlMinMs);
  return new TermKeeper(deps, coordinatorId, { leaseTtlMs: ttlMs, mayDecide });
}
