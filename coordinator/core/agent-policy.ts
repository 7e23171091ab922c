import { z } from 'zod';
import { seconds } from './fields.ts';

/** What agents may do on their own, as an operator declares it. */
export const agentsSchema = z.strictObject({
  slowStart: z
    .strictObject({
      /** 0: a new reader gets its whole share at once. */
      durationSeconds: seconds.default(60),
      initialPercent: z.int().min(1).max(100).default(10),
      curve: z.enum(['linear', 'exponential']).default('linear'),
    })
    .prefault({}),
  adoptExisting: z.boolean().default(false),
  /** 0: never. */
  endPinnedAfterSeconds: seconds.default(0),
  cordonSeconds: seconds.default(3600),
  /** Look and tell what would be changed, and change nothing. */
  shadow: z.boolean().default(false),
});

/** What agents may do on their own, as a snapshot tells them. */
export type AgentPolicy = {
  /** Connections that the writer may get as a reader while no reader of a proxy is ONLINE; 0: never. */
  readonly writerFallbackConnections: number;
  /** Null: a new reader gets its whole share at once. */
  readonly slowStart: SlowStart | null;
  readonly adoptExisting: boolean;
  /** End sessions that are still on a draining server after this time; 0: never. */
  readonly endPinnedAfterSeconds: number;
  /** How long a server that a person set OFFLINE on one proxy stays so. */
  readonly cordonSeconds: number;
  /** Agents only say what they would change. Left out while it is false: it would give every snapshot a new hash. */
  readonly shadow?: true;
};

/** How a new reader's share of the traffic grows. */
export type SlowStart = Readonly<z.infer<typeof agentsSchema>['slowStart']>;

/** Sessions on a server whose drain is forced have this long after the order. */
const forcedAfterSeconds = 1;

/** Builds what agents are told. `isDrainForced`: an operator wants those sessions ended that hold what drains. */
export function buildAgentPolicy(
  group: {
    readonly agents: z.infer<typeof agentsSchema>;
    readonly writerFallbackConnections: number;
  },
  isDrainForced = false,
): AgentPolicy {
  const { slowStart, shadow, ...others } = group.agents;
  const { writerFallbackConnections } = group;
  return {
    ...others,
    ...(isDrainForced ? { endPinnedAfterSeconds: forcedAfterSeconds } : {}),
    writerFallbackConnections,
    slowStart: slowStart.durationSeconds === 0 ? null : slowStart,
    ...(shadow ? { shadow: true } : {}),
  };
}
