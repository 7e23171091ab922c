import type { Certificate } from './certificate.ts';

/**
 * An owned replica's life, as the store keeps it:
 *
 *   creating ──▶ gating ──▶ serving ──▶ draining ──▶ deleting ──▶ (record gone)
 *       └────────────┴───────────────────────────────▲
 *
 * The record is written before the call that it announces, so a coordinator that dies between the two finds it.
 * `deleting` is terminal: nothing ever serves that replica again. A draining replica may return to its gate.
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
  /** The authority that vouches for its server; null while Cloud SQL has named none. */
  readonly serverCa: Certificate | null;
  /** When an operator gave it to us; absent for one that we created. */
  readonly adoptedAtMs?: number;
};

export type Replica =
  | (Identity & {
      readonly state: 'creating';
      readonly operationName: string | null;
      /** When Cloud SQL was first asked without a certain answer: the instance may exist although it is not listed. */
      readonly askedAtMs: number | null;
      /** When its operation was first seen done, while no list had the instance. */
      readonly unlistedAtMs?: number;
    })
  | (Identity & {
      readonly state: 'gating';
      readonly address: string;
      readonly samplesPassed: number;
      readonly sampledAtMs: number;
      /** The fencing token under which that was; absent in records of earlier versions. */
      readonly sampledInTerm?: number;
    })
  | (Identity & { readonly state: 'serving'; readonly address: string })
  | (Identity & {
      readonly state: 'draining';
      readonly address: string;
      readonly unusedSamples: number;
      readonly sampledAtMs: number;
      readonly sampledInTerm?: number;
    })
  | (Identity & {
      readonly state: 'deleting';
      /** Null when it never had an address, so no proxy can know it. */
      readonly address: string | null;
      readonly operationName: string | null;
    });

/** Samples that are further apart do not follow each other. */
export const sampleGapMaxMs = 600_000;

/** Why a replica leaves the proxies that an operator takes back. */
export const releasedReason = 'RELEASED';

/** Why a replica leaves the proxies that an operator had replaced, or wants gone. */
export const drainedReason = 'DRAINED';

export type ReplicaState = Replica['state'];

/** What a look at a replica found, in which coordinator's term. */
type Sample = {
  readonly passed: boolean;
  readonly samplesNeeded: number;
  readonly reason: string;
  readonly term: number;
};

/** What happened to a replica, seen from outside. */
export type ReplicaEvent =
  | { readonly kind: 'createAsked' }
  /** Cloud SQL answered that this very call did nothing. */
  | { readonly kind: 'createTurnedAway' }
  | { readonly kind: 'createAccepted'; readonly operationName: string }
  | { readonly kind: 'createFailed'; readonly reason: string }
  /** Cloud SQL says that it is made, and does not list it. */
  | { readonly kind: 'unlisted' }
  | { readonly kind: 'runnable'; readonly address: string; readonly serverCa: Certificate | null }
  /** Cloud SQL names another authority: its server's certificate was rotated. */
  | { readonly kind: 'certified'; readonly serverCa: Certificate }
  | ({ readonly kind: 'gateSampled' } & Sample)
  | { readonly kind: 'withdrawn'; readonly reason: string }
  /** An operator takes it back: it leaves the proxies and stays in Cloud SQL. */
  | { readonly kind: 'released' }
  /** Cloud SQL replicates it from another primary now, which an operator has accepted. */
  | { readonly kind: 'followed'; readonly primary: string }
  | { readonly kind: 'returned'; readonly reason: string }
  /** It stands at another address now; the old one has left the proxies. */
  | { readonly kind: 'moved'; readonly address: string; readonly serverCa: Certificate | null }
  | ({ readonly kind: 'unusedSampled' } & Sample)
  | { readonly kind: 'deleteAccepted'; readonly operationName: string }
  | { readonly kind: 'deleteFailed' };

/** The record of a replica that is about to be created, or taken over. */
export function newReplica(identity: Omit<Identity, 'sinceMs' | 'serverCa'>): Replica {
  const { createdAtMs: sinceMs } = identity;
  return { ...identity, sinceMs, serverCa: null, state: 'creating', operationName: null, askedAtMs: null };
}

/** Moves a replica on. A late or repeated event changes nothing and returns the same object. */
export function advanceReplica(replica: Replica, event: ReplicaEvent, nowMs: number): Replica {
  if (event.kind === 'certified') return certified(replica, event.serverCa);
  if (event.kind === 'released') return released(replica, nowMs);
  if (event.kind === 'followed')
    return replica.primary === event.primary ? replica : { ...replica, primary: event.primary };
  switch (replica.state) {
    case 'creating':
      return advanceCreating(replica, event, nowMs);
    case 'gating':
      return advanceGating(replica, event, nowMs);
    case 'serving':
      if (event.kind !== 'withdrawn') return replica;
      return { ...identityOf(replica), ...drained(replica.address, event.reason, nowMs) };
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
    case 'createAsked':
      return replica.askedAtMs === null ? { ...replica, askedAtMs: nowMs } : replica;
    case 'createTurnedAway':
      return replica.askedAtMs === null ? replica : { ...replica, askedAtMs: null };
    case 'createAccepted':
      return { ...replica, operationName: event.operationName };
    case 'unlisted':
      return replica.unlistedAtMs === undefined ? { ...replica, unlistedAtMs: nowMs } : replica;
    case 'createFailed':
      return deleting(replica, event.reason, nowMs);
    case 'runnable':
      return {
        ...identityOf(replica),
        ...gated(event.address, 'RUNNABLE', nowMs),
        serverCa: event.serverCa,
      };
    default:
      return replica;
  }
}

function advanceGating(replica: In<'gating'>, event: ReplicaEvent, nowMs: number): Replica {
  switch (event.kind) {
    case 'gateSampled':
      return advanceGate(replica, event, nowMs);
    case 'createFailed':
      return deleting(replica, event.reason, nowMs);
    case 'withdrawn':
      // It has an address, so somebody may use it: it goes the whole way out.
      return { ...identityOf(replica), ...drained(replica.address, event.reason, nowMs) };
    default:
      return replica;
  }
}

function advanceGate(replica: In<'gating'>, sample: EventOf<'gateSampled'>, nowMs: number): Replica {
  if (!sample.passed) {
    if (replica.samplesPassed === 0 && replica.reason === sample.reason) return replica;
    return { ...replica, samplesPassed: 0, ...sampled(sample, nowMs), reason: sample.reason };
  }
  const samplesPassed = (isNext(replica, sample, nowMs) ? replica.samplesPassed : 0) + 1;
  if (samplesPassed < sample.samplesNeeded)
    return { ...replica, samplesPassed, ...sampled(sample, nowMs), reason: sample.reason };
  return { ...identityOf(replica), ...since(nowMs, 'GATE_PASSED'), state: 'serving', address: replica.address };
}

function advanceDraining(replica: In<'draining'>, event: ReplicaEvent, nowMs: number): Replica {
  switch (event.kind) {
    case 'returned':
      // It may have fallen behind, or never have passed: it serves again by way of the gate.
      return { ...identityOf(replica), ...gated(replica.address, event.reason, nowMs) };
    case 'moved':
      return {
        ...identityOf(replica),
        ...gated(event.address, 'ADDRESS_CHANGED', nowMs),
        serverCa: event.serverCa,
      };
    case 'unusedSampled':
      return advanceUnused(replica, event, nowMs);
    default:
      return replica;
  }
}

function advanceUnused(replica: In<'draining'>, sample: EventOf<'unusedSampled'>, nowMs: number): Replica {
  if (!sample.passed) {
    return replica.unusedSamples === 0 ? replica : { ...replica, unusedSamples: 0, ...sampled(sample, nowMs) };
  }
  const unusedSamples = (isNext(replica, sample, nowMs) ? replica.unusedSamples : 0) + 1;
  if (unusedSamples < sample.samplesNeeded) return { ...replica, unusedSamples, ...sampled(sample, nowMs) };
  return deleting(replica, sample.reason, nowMs);
}

/**
 * Whether a sample goes on from those before it. Not from long ago, nor from an earlier term: a coordinator that was away,
 * or a store that went back, does not know what was found in between.
 */
function isNext({ sampledAtMs, sampledInTerm }: Sampled, { term }: Sample, nowMs: number): boolean {
  return sampledInTerm === term && nowMs >= sampledAtMs && nowMs - sampledAtMs <= sampleGapMaxMs;
}

type Sampled = Pick<In<'gating'> | In<'draining'>, 'sampledAtMs' | 'sampledInTerm'>;

function sampled({ term }: Sample, nowMs: number): Sampled {
  return { sampledAtMs: nowMs, sampledInTerm: term };
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

/** Only where it is reached, or may be again. */
function certified(replica: Replica, serverCa: Certificate): Replica {
  if (replica.state === 'creating' || replica.state === 'deleting') return replica;
  return replica.serverCa?.id === serverCa.id ? replica : { ...replica, serverCa };
}

/** What is created or deleted right now cannot be given back. */
function released(replica: Replica, nowMs: number): Replica {
  if (replica.state === 'creating' || replica.state === 'deleting') return replica;
  if (replica.state === 'draining') {
    return replica.reason === releasedReason ? replica : { ...replica, reason: releasedReason };
  }
  return { ...identityOf(replica), ...drained(replica.address, releasedReason, nowMs) };
}

function gated(address: string, reason: string, nowMs: number) {
  return { ...since(nowMs, reason), state: 'gating' as const, address, samplesPassed: 0, sampledAtMs: 0 };
}

function drained(address: string, reason: string, nowMs: number) {
  return { ...since(nowMs, reason), state: 'draining' as const, address, unusedSamples: 0, sampledAtMs: 0 };
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
  const { name, group, project, primary, createdAtMs, serverCa, adoptedAtMs } = replica;
  const adopted = adoptedAtMs === undefined ? {} : { adoptedAtMs };
  return { name, group, project, primary, createdAtMs, serverCa, ...adopted };
}

function since(nowMs: number, reason: string): { sinceMs: number; reason: string } {
  return { sinceMs: nowMs, reason };
}
