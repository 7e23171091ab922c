import type { CloudListing, CloudOperation, ReplicaRequest } from './core/cloud.ts';
import type { NewVoter, Voter, VoteReport } from './core/ballots.ts';
import type { Cell, CellView, CoordinatorSign } from './core/cells.ts';
import type { Key, NewEvent, Prefix, StoredEvent, Term } from './core/records.ts';
import type { ClientCertificate } from './core/certificate.ts';
import type { SecretReading } from './core/credentials.ts';
import type { Check } from './core/check.ts';
import type { Finding, PrimaryFacts, ServerFinding } from './core/doctor.ts';
import type { StoreStanding } from './core/doctor-store.ts';
import type { GroupSpec } from './core/group-spec.ts';
import type { Notice } from './core/notice.ts';
import type { Pod } from './core/pods.ts';
import type { Published } from './core/fleet-settings.ts';
import type { PublishedSnapshot } from './core/snapshot.ts';

/** A value with the store's revision of its last change; pass it back to change exactly what was read. */
export type Stored<T> = { readonly key: Key<T>; readonly value: T; readonly revision: number };

export type Write = {
  readonly key: Key<unknown>;
  /** Null deletes. */
  readonly value: unknown;
  /** The revision that was read; 0: must not exist; null: whatever is there. */
  readonly ifRevision: number | null;
};

export type Commit = {
  readonly writes: readonly Write[];
  readonly events?: readonly NewEvent[];
  /** A decision carries the token of the term it was made in; a fact carries none. */
  readonly fencingToken?: number;
};

export type CommitResult =
  | { readonly outcome: 'committed'; readonly revision: number }
  /** Somebody changed `key` since it was read: read again and decide again. Nothing was written. */
  | { readonly outcome: 'conflict'; readonly key: string }
  /** A newer term began: stop deciding. Nothing was written. */
  | { readonly outcome: 'fenced'; readonly fencingToken: number };

export type LeaseRequest = {
  /** Who wants to decide, for people: two that name themselves alike are two holders all the same. */
  readonly holder: string;
  readonly ttlMs: number;
  /** Wall clock; the term's token is at least this. */
  readonly nowMs: number;
  /** The term's token is at least this too. */
  readonly tokenMin?: number;
  /** The token of the caller's own lease: while that one runs it passes into the new term without a gap. */
  readonly replaces?: number;
};

export type LeaseResult =
  | { readonly outcome: 'held'; readonly term: Term }
  /** Somebody's lease still runs. Nothing was changed. */
  | { readonly outcome: 'taken'; readonly holder: string; readonly remainingMs: number };

/** How far the store is, and which one it is. */
export type StoreHead = {
  /** Drawn when the store was created: another id is another store. */
  readonly storeId: string;
  /** Of the newest commit. */
  readonly revision: number;
  /** Of the newest term; no decision of another one is taken. */
  readonly fencingToken: number;
};

/**
 * The store lacks what this process has seen in it, by a failover or a restore. Concluded only after a fresh read of the
 * store's head, and told before any later answer of the store.
 */
export type HistoryLoss =
  /** Commits above `keptRevision` are gone; this process had seen `seenRevision`. */
  | { readonly kind: 'writesLost'; readonly keptRevision: number; readonly seenRevision: number }
  /** The store is another one now, for example an empty one. */
  | { readonly kind: 'otherStore'; readonly storeId: string };

/**
 * The durable store. Every commit is atomic over its writes and events, and durable before its promise resolves.
 * Revisions grow with every commit and are never reused.
 */
export interface Store {
  /**
   * This process alone writes it, and those who watch are told of a commit before anybody who waits for it goes on.
   * Absent: commits of others are told later, or after a loss of the connection.
   */
  readonly tellsAtOnce?: true;
  /**
   * Whether those who watch were told of every commit that the store has now, by a fresh read of its head; it may wait a
   * moment for that. Absent: it tells at once, or nobody knows.
   */
  isTold?(): Promise<boolean>;
  get<T>(key: Key<T>): Promise<Stored<T> | null>;
  /** All values whose key begins with `prefix`, in key order, from one moment. */
  list<T>(prefix: Prefix<T>): Promise<readonly Stored<T>[]>;
  commit(commit: Commit): Promise<CommitResult>;
  /**
   * Begins a term, with a fencing token above every earlier one, unless somebody else's lease runs. It runs for `ttlMs`
   * by the store's clock from some moment between call and answer: count from before the call.
   */
  acquireLease(request: LeaseRequest): Promise<LeaseResult>;
  /** Lets a lease run for `ttlMs` from now. False: it ran out, was released, or a later term began; it is over for good. */
  renewLease(term: Term, ttlMs: number): Promise<boolean>;
  /** Ends a lease, so that another can begin at once. Does nothing when it is over already. */
  releaseLease(term: Term): Promise<void>;
  /** Who has the lease that runs now; null: nobody. */
  leaseHolder(): Promise<string | null>;
  head(): Promise<StoreHead>;
  /** Calls `onLoss` when the store is found to lack what this process has seen in it. */
  watchHistory(onLoss: (loss: HistoryLoss) => void): () => void;
  /**
   * Calls `onChange` with the keys of every later commit that changed one beginning with `prefix`. It only says where
   * to look: read again. Start watching, then read, and nothing is missed. Who may have missed commits, because the
   * connection was lost for long, is told all keys that there are and all that it was told of before.
   */
  watch(prefix: string, onChange: (keys: readonly string[]) => void): () => void;
  /** Events after `afterSequence`, oldest first, at most `limit`. */
  readEvents(query: {
    readonly afterSequence: number;
    readonly limit: number;
    readonly group?: string;
  }): Promise<readonly StoredEvent[]>;
  /** The sequence of the newest event; 0 before the first. */
  lastEventSequence(): Promise<number>;
  watchEvents(onEvent: () => void): () => void;
  /** Drops the oldest events beyond `keepCount`, and those before `oldestMs`. */
  pruneEvents(keepCount: number, oldestMs?: number): Promise<void>;
}

/**
 * Google Cloud SQL's Admin API. Every call has a deadline.
 *
 * @see https://cloud.google.com/sql/docs/mysql/admin-api/rest
 */
export interface CloudSql {
  /** @throws {CoordinatorError} CLOUDSQL_UNAVAILABLE, CLOUDSQL_RATE_LIMITED, CLOUDSQL_FORBIDDEN */
  listInstances(project: string): Promise<CloudListing>;
  /** Null when Cloud SQL does not know it. */
  readOperation(project: string, name: string): Promise<CloudOperation | null>;
  /** Never repeated by the adapter: a lost answer is settled by the next listing. */
  createReplica(request: ReplicaRequest): Promise<CreateOutcome>;
  /** Switches deletion protection off if the settings are still at `settingsVersion`. */
  unprotect(project: string, name: string, settingsVersion: string): Promise<ChangeOutcome>;
  /**
   * Writes labels, null for those that go, and switches deletion protection on, if the settings are still at
   * `settingsVersion`.
   */
  relabel(request: RelabelRequest): Promise<ChangeOutcome>;
  /** Never repeated by the adapter. */
  deleteInstance(project: string, name: string): Promise<ChangeOutcome>;
}

export type RelabelRequest = {
  readonly project: string;
  readonly name: string;
  readonly settingsVersion: string;
  readonly labels: Readonly<Record<string, string | null>>;
};

export type CreateOutcome =
  | { readonly outcome: 'accepted'; readonly operationName: string }
  /** Another operation runs on the primary (409 operationInProgress). */
  | { readonly outcome: 'busy' }
  /** The name exists or existed within a week (409 instanceAlreadyExists). */
  | { readonly outcome: 'nameTaken' };

export type ChangeOutcome =
  | { readonly outcome: 'accepted'; readonly operationName: string }
  | { readonly outcome: 'busy' }
  /** Changed since it was read (412), or no longer there (404): read again. */
  | { readonly outcome: 'stale' };

export type ProbeTarget = {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  /** Name of the secret that holds the password. */
  readonly passwordSecret: string;
  readonly useSsl: boolean;
};

/** Logs in to a replica and asks it about itself. Failures are answers here, not exceptions. */
export interface ReplicaProbe {
  /** Login, `SELECT 1`, replica status. */
  sampleGate(target: ProbeTarget): Promise<GateSample>;
  /** Who is connected beside the system's own threads and the login itself. */
  sampleSessions(target: ProbeTarget): Promise<SessionSample>;
}

export type GateSample =
  | {
      readonly outcome: 'answered';
      /** Null when replication is stopped. */ readonly lagSeconds: number | null;
      readonly isEncrypted: boolean;
    }
  | { readonly outcome: 'failed'; readonly reason: string };

export type SessionSample =
  | { readonly outcome: 'answered'; /** Users with a session, each once. */ readonly users: readonly string[] }
  | { readonly outcome: 'failed'; readonly reason: string };

/** Secrets in the form in which proxies get them. Failures are answers here, not exceptions. */
export interface ProxySecrets {
  /** A password's hash, as MySQL keeps it. */
  readPasswordHash(name: string): Promise<SecretReading<string>>;
  /** A certificate and the key that belongs to it, by the names of their secrets. */
  readClientCertificate(certificateName: string, keyName: string): Promise<SecretReading<ClientCertificate>>;
}

/** Keeps secrets that a client sent in the clear, encrypted. Failures are answers here, not exceptions. */
export interface SecretVault {
  /** Keeps `value` under `name`; the same value once more changes nothing. `message` never holds any of it. */
  keep(name: string, value: string): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
}

/** Hands what was committed to the agents' streams. */
export interface SnapshotFanout {
  offer(published: Published): void;
  /** The newest revision that was handed out here; 0: none. */
  revisionOf(group: string): number;
  /** Enrols the connected agents of a group again, after what they have seen was compared with the store. */
  recompare(group: string): void;
}

/** What agents' streams tell the rest of the coordinator. Facts: any coordinator writes them. */
export interface AgentFacts {
  /**
   * Puts an agent on a group's roster; resolves when that is durable. An agent that is on it stays as it is. What
   * its proxy may have of the revisions that it `had`, and nobody names any more, is withdrawn once more.
   */
  enrol(group: string, voter: NewVoter, had?: readonly number[]): Promise<VoterStanding>;
  /** Takes an agent's votes into the store, if they change anything. */
  recordVotes(group: string, agent: AgentName, report: VoteReport): Promise<VoterStanding>;
  /** Takes an agent off every roster, but those of its groups in `keepFleet`. Returns the groups. */
  leave(agent: LeavingAgent, reason: string, keepFleet?: string): Promise<readonly string[]>;
  /**
   * An agent has seen a revision that its coordinator does not know of. If the store has not reached it either, the store
   * went back: resolves when that is noted durably.
   */
  noteRevisionAhead(group: string, revision: number): Promise<void>;
  /** An agent has seen a higher epoch than this term's: a new term has to begin above it. */
  noteEpochAhead(epoch: number): Promise<void>;
  /** Something about an agent that people should see. */
  noteAgent(agentId: string, reason: string, message: string): void;
  /** All connected agents of the fleet run the snapshot, `tookMs` after its commit. */
  noteConverged(snapshot: PublishedSnapshot, how: Convergence): void;
  /** Too many agents refused it: those that have not got it keep what they run. */
  noteRolloutStopped(published: Published, message: string): void;
}

/** The pods of this coordinator's own cluster. */
export interface PodList {
  /**
   * All pods that were asked for, never a part of them.
   *
   * @throws {CoordinatorError} KUBERNETES_UNAVAILABLE
   */
  list(): Promise<readonly Pod[]>;
}

/** A cell as people see it. */
export type CellStanding = Cell & {
  /** No coordinator of it gave a sign of life lately. */
  readonly isSilent: boolean;
  /** Since when; null: none was seen since this coordinator started. */
  readonly signAgeMs: number | null;
  readonly coordinators: readonly string[];
};

/** The cells that share the store. */
export interface Cells {
  /** What every cell that counts says of the group's change; none where nobody named a cell. */
  views(group: string): Promise<readonly CellView[]>;
  standings(): readonly CellStanding[];
  /** The coordinators that give signs of life. */
  alive(): readonly CoordinatorSign[];
  /** Gives a silent cell up: its agents count no more. Returns why not; null when it is done. */
  retire(name: string, by: { readonly owner: string; readonly reason: string }): Promise<string | null>;
}

/** An agent's name, which comes again in other cells. */
export type AgentName = Pick<Voter, 'agentId' | 'cell'>;

/** Which voter leaves: of every cell and pod where none is named. */
export type LeavingAgent = { readonly agentId: string; readonly cell?: string; readonly podUid?: string };

/** Whether the store has votes of an agent in a group, which a word without votes may change. */
export type VoterStanding = { readonly hasVotes: boolean };

/** How fast a snapshot came into all proxies. `tookMs` holds all the times that follow. */
export type Convergence = {
  readonly agents: number;
  readonly tookMs: number;
  /** How long it waited for changes to go with. */
  readonly mergedMs: number;
  /** How long the first wave took; the others waited for it. */
  readonly canaryMs: number;
  /** The agents that answered last on their present streams, the slowest first. */
  readonly slowest: readonly { readonly agentId: string; readonly ms: number }[];
};

/** The instances of a project, as everybody who asks within a moment shares them. */
export interface CloudListings {
  /** @throws {CoordinatorError} as `CloudSql.listInstances` */
  listing(project: string): Promise<CloudListing>;
}

/** What connected agents tell of how far new readers have come. */
export interface ReaderWarmth {
  /**
   * Hostnames of the snapshot's servers that more than half of its connected proxies do not serve yet: they do not run
   * this very snapshot, or their monitor has not reached the server. None without agents.
   */
  warming(snapshot: PublishedSnapshot): readonly string[];
}

/** What keeps a group, or one of its replicas, from moving on. */
export type Hold = {
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
  readonly sinceMs: number;
};

/** What holds each group up right now. */
export interface Holds {
  of(group: string): readonly Hold[];
}

/** The term in which this coordinator decides. */
export interface CurrentTerm {
  readonly fencingToken: number;
  /** False once a newer term was seen; then nothing may be decided any more. */
  readonly isHeld: boolean;
}

/** Where incidents come from: takes a message for good, or says why not yet. */
export interface NotificationSink {
  /** Resolves once the store has the message, also when it was only set aside. */
  accept(message: NotificationMessage): Promise<AcceptedNotification>;
}

/** What a person may do about incidents and messages. */
export interface IncidentDesk {
  /** Takes a message that was set aside once more. Null: there is none of this id; `unusable`: it stays set aside. */
  replay(id: string): Promise<AcceptedNotification | null>;
  /** Closes an incident in every group that has it. Returns the groups. */
  close(id: string, reason: string): Promise<readonly string[]>;
}

/** What Google says of a project and of a primary's settings. Failures are answers here, not exceptions. */
export interface GoogleProject {
  /** Which of the permissions this coordinator's account has. */
  testPermissions(project: string, permissions: readonly string[]): Promise<Finding<readonly string[]>>;
  readPrimary(project: string, name: string): Promise<Finding<PrimaryFacts>>;
}

/** Logs in to a server and looks at what the login may do. Failures are answers here, not exceptions. */
export interface ServerInspector {
  inspect(target: ProbeTarget): Promise<ServerFinding>;
}

/** Looks how the store stands. What cannot be found out is said, not thrown. */
export interface StoreInspector {
  standing(): Promise<StoreStanding>;
}

/** Looks at everything that a group needs, and judges it. */
export interface Diagnosis {
  diagnose(spec: GroupSpec): Promise<readonly Check[]>;
}

export type NotificationMessage = {
  /** How it came: webhook or pubsub. */
  readonly source: string;
  readonly text: string;
  /** Why it cannot be used at all, when that is known before it is read. */
  readonly fault?: string;
};

export type AcceptedNotification = { readonly kind: 'incident' | 'ignored' | 'unusable'; readonly reason: string };

/** What is counted. Labels come from fixed lists. */
export interface Metrics {
  countNotification(kind: AcceptedNotification['kind']): void;
  /** One evaluation of a group, or so many with the same reason; also when it changed nothing. */
  countDecision(reason: string, times?: number): void;
  countWait(reason: string): void;
  /** From a snapshot's commit to the last APPLIED of all connected agents. */
  observeConvergence(seconds: number): void;
  setGroup(
    group: string,
    counts: { readonly desired: number; readonly serving: number; readonly existing: number },
  ): void;
  /** How far a group's last replica is behind, in seconds; null: not known, or not asked here. */
  setLag(group: string, worstSeconds: number | null): void;
  setAgents(connected: number): void;
  /** A new stream of an agent was let in, or its agent told to come later. */
  countAdmission(result: 'admitted' | 'sent-away'): void;
  /** How far the newest snapshot of a group may go. */
  setRollout(group: string, state: 'canary' | 'open' | 'stopped'): void;
}

/** How one group stands, as monitoring sees it. Reasons, states and codes come from fixed lists. */
export type GroupStanding = {
  readonly group: string;
  /** Why the count is what it is; null: not decided here, or never. */
  readonly decision: string | null;
  readonly pauses: readonly { readonly direction: 'out' | 'in'; readonly sinceMs: number }[];
  readonly holds: readonly Hold[];
  /** Connected agents that do not run the newest snapshot, by the state of their answer. */
  readonly behind: ReadonlyMap<string, number>;
  /** Connected agents by what keeps them from it. */
  readonly held: ReadonlyMap<string, number>;
};

/** What monitoring is told of all groups; those that are not named any more are forgotten. */
export interface GroupGauges {
  setGroups(standings: readonly GroupStanding[]): void;
}

/** The connected agents, as far as monitoring counts them. */
export interface AgentsView {
  revisionOf(group: string): number;
  readonly connected: readonly {
    readonly identity: { readonly fleet: string };
    readonly refusal: object | null;
    subscription(group: string): {
      readonly applied: { readonly revision: number } | null;
      readonly state: string;
      readonly error: { readonly code: string } | null;
    };
  }[];
}

/** Somebody who is told: a chat, a webhook, a topic. */
export interface NoticeReceiver {
  readonly name: string;
  /** Sends one notice under a deadline of its own. Null: it is there; else why not, without any secret. Never throws. */
  send(notice: Notice): Promise<string | null>;
}

/** Counts what became of notices. */
export interface NoticeTally {
  /** `left-out`: too many of a group; `dropped`: the queue was full; `failed`: given up. */
  countNotice(receiver: string, result: 'sent' | 'left-out' | 'dropped' | 'failed'): void;
}

/** What identifies content: equal content, equal hash. */
export type ContentHash = (content: unknown) => string;
