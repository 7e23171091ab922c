import type { Address } from './rows.ts';
import type { GroupBody } from './snapshot.ts';

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
  readonly maxEpoch: number;
};

export type KnownGroup = { readonly group: string; readonly revision: number; readonly hash: string };

export type Welcome = {
  readonly coordinatorId: string;
  readonly epoch: number;
  readonly reportIntervalMs: number;
  readonly applyDeadlineMs: number;
};

export type Update = {
  readonly nonce: string;
  readonly group: string;
  readonly revision: number;
  readonly hash: string;
  readonly body: GroupBody | { readonly kind: 'unknown' } | { readonly kind: 'unreadable'; readonly problem: string };
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

export type RemovingServer = Address & { readonly connUsed: number; readonly reason: string };

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
};

export type GroupReport = {
  readonly group: string;
  readonly revision: number;
  readonly removing: readonly RemovingServer[];
  readonly absent: readonly AbsentServer[];
  readonly unmanaged: readonly Address[];
};

export type Report = {
  readonly servers: readonly ServerReport[];
  readonly groups: readonly GroupReport[];
  readonly proxyBoot: string;
};
