/**
 * An owned replica's life, as the store keeps it:
 *
 *   creating ──▶ gating ──▶ serving ──▶ draining ──▶ deleting ──▶ (record gone)
 *       └────────────┴───────────────────────────────▲
 *
 * The record is written before the call that it announces, so a coordinator that dies between the two finds it.
 * `deleting` is terminal: nothing ever serves that replica again. A draining replica may return to serving.
 */
type Identity = {
  /** The Cloud SQL instance's name, decided and stored before it is created. */
  readonly name: string;
  readonly group: string;
  readonly project: string;
  readonly primary: string;
  readonly createdAtMs: number;
  /** When this state began. */
  readonly sinceMs: number;
  /** Why it is in this state, for people. */
  readonly reason: string;
};

export type Replica =
  | (Identity & { readonly state: 'creating'; readonly operationName: string | null })
  | (Identity & {
      readonly state: 'gating';
      readonly address: string;
      readonly samplesPassed: number;
      readonly sampledAtMs: number;
    })
  | (Identity & { readonly state: 'serving'; readonly address: string })
  | (Identity & {
      readonly state: 'draining';
      readonly address: string;
      readonly unusedSamples: number;
      readonly sampledAtMs: number;
    })
  | (Identity & {
      readonly state: 'deleting';
      /** Null when it never had an address, so no proxy can know it. */
      readonly address: string | null;
      readonly operationName: string | null;
    });

export type ReplicaState = Replica['state'];

/** What happened to a replica, seen from outside. */
export type ReplicaEvent =
  | { readonly kind: 'createAccepted'; readonly operationName: string }
  | { readonly kind: 'createFailed'; readonly reason: string }
  | { readonly kind: 'runnable'; readonly address: string }
  | { readonly kind: 'gateSampled'; readonly passed: boolean; readonly samplesNeeded: number; readonly reason: string }
  | { readonly kind: 'withdrawn'; readonly reason: string }
  | { readonly kind: 'returned'; readonly reason: string }
  | {
      readonly kind: 'unusedSampled';
      readonly passed: boolean;
      readonly samplesNeeded: number;
      readonly reason: string;
    }
  | { readonly kind: 'deleteAccepted'; readonly operationName: string }
  | { readonly kind: 'deleteFailed' };

/** The record of a replica that is about to be created. */
export function newReplica(identity: Omit<Identity, 'sinceMs'>): Replica {
  return { ...identity, sinceMs: identity.createdAtMs, state: 'creating', operationName: null };
}

/** Moves a replica on. A late or repeated event changes nothing and returns the same object. */
export function advanceReplica(replica: Replica, event: ReplicaEvent, nowMs: number): Replica {
  switch (replica.state) {
    case 'creating':
      return advanceCreating(replica, event, nowMs);
    case 'gating':
      return advanceGating(replica, event, nowMs);
    case 'serving':
      if (event.kind !== 'withdrawn') return replica;
      return { ...replica, ...since(nowMs, event.reason), state: 'draining', unusedSamples: 0, sampledAtMs: 0 };
    case 'draining':
      return advanceDraining(replica, event, nowMs);
    case 'deleting':
      return advanceDeleting(replica, event);
  }
}

/** Where the replica can be reached; null before it is known. */
export function addressOf(replica: Replica): string | null {
  return replica.state === 'creating' ? null : replica.address;
}

/** Whether it counts toward the desired number: it serves or will. */
export function countsAsWanted(replica: Replica): boolean {
  return replica.state === 'creating' || replica.state === 'gating' || replica.state === 'serving';
}

type EventOf<Kind extends ReplicaEvent['kind']> = Extract<ReplicaEvent, { kind: Kind }>;
type In<State extends Replica['state']> = Extract<Replica, { state: State }>;

function advanceCreating(replica: In<'creating'>, event: ReplicaEvent, nowMs: number): Replica {
  switch (event.kind) {
    case 'createAccepted':
      return { ...replica, operationName: event.operationName };
    case 'createFailed':
      return deleting(replica, event.reason, nowMs);
    case 'runnable': {
      const { address } = event;
      return {
        ...identityOf(replica),
        ...since(nowMs, 'RUNNABLE'),
        state: 'gating',
        address,
        samplesPassed: 0,
        sampledAtMs: 0,
      };
    }
    default:
      return replica;
  }
}

function advanceGating(replica: In<'gating'>, event: ReplicaEvent, nowMs: number): Replica {
  switch (event.kind) {
    case 'gateSampled':
      return advanceGate(replica, event, nowMs);
    case 'createFailed':
    case 'withdrawn':
      return deleting(replica, event.reason, nowMs);
    default:
      return replica;
  }
}

function advanceGate(replica: In<'gating'>, sample: EventOf<'gateSampled'>, nowMs: number): Replica {
  if (!sample.passed) {
    if (replica.samplesPassed === 0 && replica.reason === sample.reason) return replica;
    return { ...replica, samplesPassed: 0, sampledAtMs: nowMs, reason: sample.reason };
  }
  const samplesPassed = replica.samplesPassed + 1;
  if (samplesPassed < sample.samplesNeeded)
    return { ...replica, samplesPassed, sampledAtMs: nowMs, reason: sample.reason };
  return { ...identityOf(replica), ...since(nowMs, 'GATE_PASSED'), state: 'serving', address: replica.address };
}

function advanceDraining(replica: In<'draining'>, event: ReplicaEvent, nowMs: number): Replica {
  switch (event.kind) {
    case 'returned':
      return { ...identityOf(replica), ...since(nowMs, event.reason), state: 'serving', address: replica.address };
    case 'unusedSampled':
      return advanceUnused(replica, event, nowMs);
    default:
      return replica;
  }
}

function advanceUnused(replica: In<'draining'>, sample: EventOf<'unusedSampled'>, nowMs: number): Replica {
  if (!sample.passed) {
    return replica.unusedSamples === 0 ? replica : { ...replica, unusedSamples: 0, sampledAtMs: nowMs };
  }
  const unusedSamples = replica.unusedSamples + 1;
  if (unusedSamples < sample.samplesNeeded) return { ...replica, unusedSamples, sampledAtMs: nowMs };
  return deleting(replica, sample.reason, nowMs);
}

function advanceDeleting(replica: In<'deleting'>, event: ReplicaEvent): Replica {
  switch (event.kind) {
    case 'deleteAccepted':
      return { ...replica, operationName: event.operationName };
    case 'deleteFailed':
      return { ...replica, operationName: null };
    default:
      return replica;
  }
}

function deleting(replica: Replica, reason: string, nowMs: number): Replica {
  return {
    ...identityOf(replica),
    ...since(nowMs, reason),
    state: 'deleting',
    address: addressOf(replica),
    operationName: null,
  };
}

function identityOf(replica: Replica): Omit<Identity, 'sinceMs' | 'reason'> {
  const { name, group, project, primary, createdAtMs } = replica;
  return { name, group, project, primary, createdAtMs };
}

function since(nowMs: number, reason: string): { sinceMs: number; reason: string } {
  return { sinceMs: nowMs, reason };
}
