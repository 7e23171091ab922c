import { z } from 'zod';
import { refuseRepeated, seconds } from './fields.ts';
import { boundsOf, replicaCount, replicasCeiling, scheduleSchema } from './schedule.ts';
import { windowFields } from './window.ts';

/** How many owned replicas a group may have, and when and how fast that may change, as an operator declares it. */
export const policySchema = z
  .strictObject({
    replicasMin: replicaCount.default(0),
    replicasMax: replicaCount.default(3),
    /** Replicas that one scale-out adds. */
    step: z.int().min(1).max(replicasCeiling).default(1),
    /** Replicas that one scale-in takes. */
    scaleInStep: z.int().min(1).max(replicasCeiling).default(1),
    scaleOutCooldownSeconds: seconds.default(300),
    scaleInCooldownSeconds: seconds.default(300),
    /** How long an incident has to be open before it is answered. */
    scaleOutStabilisationSeconds: seconds.default(0),
    scaleInStabilisationSeconds: seconds.default(0),
    /** Only a person's order takes replicas away. */
    disableScaleIn: z.boolean().default(false),
    /** The autoscaler shows what it would do, and changes no count. */
    dryRun: z.boolean().default(false),
    /** When replicas may be taken away; none: always. */
    scaleInWindows: z.array(z.strictObject(windowFields)).max(20).default([]),
    schedules: z.array(scheduleSchema).max(20).superRefine(refuseRepeated('policy.schedules', 'name')).default([]),
    /** An open incident that was not heard of for so long counts no more: its close was lost. */
    incidentMaxAgeSeconds: z.int().min(60).max(604_800).default(10_800),
    connectionBudget: z
      .strictObject({
        /** ProxySQL pods at most, each with its own connections. */
        proxies: z.int().min(1).max(10_000),
        /** The flag max_connections of a replica. */
        replicaMaxConnections: z.int().min(1).max(1_000_000),
        /** Connections of a replica that are left to others. */
        reserve: z.int().min(0).max(1_000_000).default(10),
      })
      .optional(),
  })
  .superRefine(checkBounds);

/** A group's scaling policy; every default filled in. */
export type ScalingPolicy = z.infer<typeof policySchema>;

function checkBounds(policy: ScalingPolicy, context: z.RefinementCtx): void {
  const { replicasMin, replicasMax, schedules } = policy;
  // A bound that is out of its range is told already.
  if (replicasMax < 0 || replicasMin < 0) return;
  if (replicasMin > replicasMax) {
    context.addIssue({ code: 'custom', path: ['replicasMin'], message: 'at most replicasMax' });
    return;
  }
  schedules.forEach((schedule, index) => {
    const bounds = boundsOf(schedule, policy);
    if (bounds.replicasMin <= bounds.replicasMax) return;
    const field = schedule.replicasMin === undefined ? 'replicasMax' : 'replicasMin';
    const message =
      field === 'replicasMin'
        ? `at most ${bounds.replicasMax}, the maximum beside it`
        : `at least ${bounds.replicasMin}, the minimum beside it`;
    context.addIssue({ code: 'custom', path: ['schedules', index, field], message });
  });
}

type Budgeted = {
  readonly policy: Pick<ScalingPolicy, 'connectionBudget'>;
  readonly serverDefaults: { readonly maxConnections: number };
};

/** Every proxy opens its own connections: together they have to fit into one replica. */
export function checkConnectionBudget({ policy, serverDefaults }: Budgeted, context: z.RefinementCtx): void {
  const { connectionBudget: budget } = policy;
  if (budget === undefined) return;
  const { maxConnections } = serverDefaults;
  const left = budget.replicaMaxConnections - budget.reserve;
  if (budget.proxies * maxConnections <= left) return;
  const fitting = Math.max(0, Math.floor(left / maxConnections));
  const message =
    `at most ${fitting}: proxies × serverDefaults.maxConnections (${maxConnections}) ` +
    `at most replicaMaxConnections − reserve (${left})`;
  context.addIssue({ code: 'custom', path: ['policy', 'connectionBudget', 'proxies'], message });
}
