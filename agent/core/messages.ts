import type { Address, ServerKey } from './rows.ts';
import type { FleetBody, GroupBody } from './snapshot.ts';

/** What agent and coordinator tell each other, apart from how it stands on the wire. */
export type AgentMessage =
  | ({ readonly kind: 'hello' } & Hello)
  | ({ readonly kind: 'ack' } & Ack)
  | ({ readonly kind: 'report' } & Report)
  | { readonly kind: 'goodbye'; readonly clients: number; readonly paused: boolean };

export type CoordinatorMessage =
  | ({ readonly kind: 'welcome' } & Welcome)
  | ({ readonly kind: 'update' } & Update)
  | { readonly kind: 'syncDone' }
  | { readonly kind: 'bookmark'; readonly epoch: number; readonly revision: number }
  | { readonly kind: 'reconnect'; readonly minMs: number; readonly maxMs: number; readonly reason: string };

export type Hello = {
  readonly agentId: string;
  readonly bootId: string;
  readonly cell: string;
  readonly fleet: string;
  readonly podUid: string;
  readonly proxysqlVersion: string;
  readonly proxyBoot: string;
  /** Groups proven in this process's life at this boot of the proxy. */
  readonly known: readonly KnownGroup[];
  /** The newest that it was given of each group, proven or not. */
  readonly received: readonly ReceivedGroup[];
  readonly maxEpoch: number;
  /** Why this agent keeps its hands off its proxy; `null` when it does not. */
  readonly refusal: Failure | null;
};

export type ReceivedGroup = { readonly group: string; readonly revision: number };

export type KnownGroup = { readonly group: string; readonly revision: number; readonly hash: string };

export type Welcome = {
  readonly coordinatorId: string;
  readonly epoch: number;
  readonly reportIntervalMs: number;
  readonly applyDeadlineMs: number;
  /** Within this time an agent comes back that lost its stream; unset or 0: the coordinator does not say. */
  readonly reconnectWindowMs?: number;
};

export type Update = {
  readonly nonce: string;
  readonly group: string;
  readonly revision: number;
  readonly hash: string;
  readonly body:
    GroupBody | FleetBody | { readonly kind: 'unknown' } | { readonly kind: 'unreadable'; readonly problem: string };
};

export type AckStatus = 'APPLIED' | 'REJECTED' | 'RETRYING';

export type Ack = {
  readonly nonce: string;
  readonly group: string;
  readonly revision: number;
  readonly status: AckStatus;
  readonly runtimeHash: string;
  readonly applyMicros: number;
  readonly removing: readonly RemovingServer[];
  readonly absent: readonly AbsentServer[];
  readonly error: Failure | null;
};

/** Why something was not applied: an upper-case word for programs, a sentence for people. */
export type Failure = { readonly code: string; readonly message: string };

/** `detail` says what is known of the sessions that hold it. */
export type RemovingServer = Address & { readonly connUsed: number; readonly reason: string; readonly detail: string };

/** `revision` is what the agent was applying when it looked. */
export type AbsentServer = Address & { readonly revision: number };

export type ServerReport = Address & {
  readonly hostgroup: number;
  readonly status: string;
  readonly connUsed: number;
  readonly connFree: number;
  readonly connErr: number;
  readonly queries: number;
  readonly latencyMicros: number;
  /** As this proxy's monitor last measured it; `null` when it does not. */
  readonly lagMs: number | null;
};

/** A server that this proxy does not send traffic to yet, and what its monitor said last. */
export type WarmingServer = Address & { readonly detail: string };

/** A server that a person set OFFLINE on this proxy, until the proxy's wall clock says so. */
export type CordonedServer = ServerKey & { readonly status: string; readonly expiresAtMs: number };

export type GroupReport = {
  readonly group: string;
  readonly revision: number;
  readonly removing: readonly RemovingServer[];
  readonly absent: readonly AbsentServer[];
  readonly unmanaged: readonly Address[];
  readonly warming: readonly WarmingServer[];
  readonly cordoned: readonly CordonedServer[];
  /** The writer stands in as a reader. */
  readonly isWriterFallback: boolean;
};

export type Report = {
  readonly servers: readonly ServerReport[];
  readonly groups: readonly GroupReport[];
  readonly proxyBoot: string; /** `null` when it was not looked at. */
  readonly clientsConnected: number | null;
};
