import { type LeavingServer, outstandingVoters, type Voter } from './ballots.ts';
import type { Certificate } from './certificate.ts';
import { type CloudInstance, type CloudListing, isVerifiedPrimary } from './cloud.ts';
import type { GroupSpec } from './group-spec.ts';
import { indexOf } from './listing-index.ts';
import { findNetworkProblems } from './network.ts';
import { renderProblems } from './problems.ts';

/** What Cloud SQL said of a group's primary when it was last verified. */
export type Topology = {
  readonly primaryAddress: string;
  readonly serverCa: Certificate | null;
  /** Set while the writer is changed: the old one leaves the proxies before a new one comes. */
  readonly isWithheld?: true;
  /** The writer that is to come; until then it may stand in as a reader, as any writer does. */
  readonly successor?: Pick<Topology, 'primaryAddress' | 'serverCa'>;
};

/** An operator's order to take another instance, or another address, for the writer. */
export type WriterOrder = {
  readonly instance: string;
  readonly owner: string;
  readonly reason: string;
  /** The operator vouches that the old writer is gone or read-only: proxies that are silent are not waited for. */
  readonly isOldGone: boolean;
  readonly atMs: number;
};

export type PrimaryVerdict =
  /** As it was, or seen for the first time, or with another certificate. */
  | { readonly kind: 'verified'; readonly topology: Topology }
  /** Still the primary, and not there for the moment: what is known of it stays. */
  | { readonly kind: 'unready'; readonly reason: string; readonly message: string }
  /** The picture is not whole: nothing is scaled. */
  | { readonly kind: 'hold'; readonly reason: string; readonly message: string; readonly isAlarm: boolean };

/** Judges what Cloud SQL says of a group's primary. Another address or role is never followed by itself: rule 5. */
export function judgePrimary(spec: GroupSpec, stored: Topology | null, listing: CloudListing): PrimaryVerdict {
  const primary = indexOf(listing).byName.get(spec.primary);
  if (primary === undefined) {
    return listing.isComplete
      ? alarm('PRIMARY_NOT_VERIFIED', `not listed in ${spec.project}; ${whatToDo(spec)}`)
      : { kind: 'hold', reason: 'PARTIAL_VIEW', message: listing.warnings.join('; '), isAlarm: false };
  }
  if (primary.instanceType !== 'CLOUD_SQL_INSTANCE' || primary.primary !== null) {
    const now = primary.primary === null ? primary.instanceType : `a replica of ${primary.primary}`;
    return alarm('PRIMARY_DEMOTED', `it is ${now}; ${whatToDo(spec)}`);
  }
  return judgeRunning(spec, stored, primary);
}

/** Judges an instance that is a primary: whether the proxies can reach it, and where they did. */
function judgeRunning(spec: GroupSpec, stored: Topology | null, primary: CloudInstance): PrimaryVerdict {
  const problems = findNetworkProblems(primary);
  if (problems.length > 0) return alarm('NETWORK_UNSUPPORTED', renderProblems(problems));
  if (!isVerifiedPrimary(primary) || primary.address === null) return unready(primary, stored);
  if (stored !== null && stored.primaryAddress !== primary.address) {
    const message = `${stored.primaryAddress} is in the proxies, Cloud SQL says ${primary.address}; ${whatToDo(spec)}`;
    return alarm('PRIMARY_ADDRESS_CHANGED', message);
  }
  // One that names no authority for once keeps the one that it had.
  const serverCa = primary.serverCa ?? stored?.serverCa ?? null;
  return { kind: 'verified', topology: { primaryAddress: primary.address, serverCa } };
}

function alarm(reason: string, message: string): PrimaryVerdict {
  return { kind: 'hold', reason, message, isAlarm: true };
}

/** One in maintenance goes on being the writer; one that was never seen running is not published. */
function unready({ instanceType, state }: CloudInstance, stored: Topology | null): PrimaryVerdict {
  const message = `${instanceType} ${state}; a running primary with a private address is needed`;
  if (stored === null) return alarm('PRIMARY_NOT_VERIFIED', message);
  return { kind: 'unready', reason: 'PRIMARY_NOT_VERIFIED', message };
}

function whatToDo({ name }: GroupSpec): string {
  return `nothing is scaled until \`chester accept-primary ${name} INSTANCE --reason …\` names the writer`;
}

/** Whether what is stored of a primary is what was seen of it now. */
export function isSameTopology(seen: Topology, stored: Topology | null): boolean {
  return (
    stored !== null &&
    stored.primaryAddress === seen.primaryAddress &&
    stored.serverCa?.id === seen.serverCa?.id &&
    stored.isWithheld !== true
  );
}

export type WriterChange =
  | { readonly step: 'withhold'; readonly old: Topology; readonly successor: Topology }
  | { readonly step: 'accept'; readonly topology: Topology }
  | { readonly step: 'wait'; readonly reason: string; readonly message: string };

export type WriterChangeView = {
  readonly spec: GroupSpec;
  readonly order: WriterOrder;
  readonly stored: Topology | null;
  /** The store went back: what it does not know of may be in the proxies. */
  readonly isFrozen: boolean;
  readonly listing: CloudListing;
  /** Of the stored snapshot; null when the group was never published. */
  readonly published: {
    readonly writers: readonly string[];
    readonly readers: readonly string[];
    readonly leaving: readonly LeavingServer[];
  } | null;
  readonly voters: readonly Voter[];
};

/** Plans the next step of an ordered change of the writer: the old one out, proven, then the new one in. */
export function planWriterChange(view: WriterChangeView): WriterChange {
  const { order, listing } = view;
  const candidate = listing.instances.find(({ name }) => name === order.instance);
  if (candidate === undefined) {
    const message = listing.isComplete ? `${order.instance} is not listed` : listing.warnings.join('; ');
    return { step: 'wait', reason: listing.isComplete ? 'PRIMARY_NOT_VERIFIED' : 'PARTIAL_VIEW', message };
  }
  const problems = findWriterProblems(candidate);
  if (problems !== null) return { step: 'wait', reason: 'PRIMARY_NOT_VERIFIED', message: problems };
  return planSuccession(view, { primaryAddress: candidate.address ?? '', serverCa: candidate.serverCa });
}

function planSuccession(view: WriterChangeView, topology: Topology): WriterChange {
  const { stored, isFrozen, listing } = view;
  const old = stored ?? findForgotten(view);
  if (old === null && isFrozen && !listing.isComplete) {
    return { step: 'wait', reason: 'PARTIAL_VIEW', message: listing.warnings.join('; ') };
  }
  if (old === null || old.primaryAddress === topology.primaryAddress) return { step: 'accept', topology };
  if (old.isWithheld !== true) return { step: 'withhold', old, successor: topology };
  return proveOldGone(view, old.primaryAddress) ?? { step: 'accept', topology };
}

/** A store that went back may have lost even which writer the proxies have: it is the declared primary, as listed. */
function findForgotten({ spec, isFrozen, listing }: WriterChangeView): Topology | null {
  const declared = isFrozen ? indexOf(listing).byName.get(spec.primary) : undefined;
  const address = declared?.address ?? null;
  return declared === undefined || address === null ? null : { primaryAddress: address, serverCa: declared.serverCa };
}

/** Why an instance cannot be the writer; null when it can. */
export function findWriterProblems(candidate: CloudInstance): string | null {
  const network = findNetworkProblems(candidate);
  if (network.length > 0) return renderProblems(network);
  if (isVerifiedPrimary(candidate) && candidate.address !== null) return null;
  const role = candidate.primary === null ? candidate.instanceType : `a replica of ${candidate.primary}`;
  return `${candidate.name} is ${role}, ${candidate.state}; a running primary with a private address is needed`;
}

/** What is missing before the old writer counts as out; null when nothing is. */
function proveOldGone({ spec, order, published, voters }: WriterChangeView, old: string): WriterChange | null {
  if (published === null) return null;
  if (published.writers.includes(old)) {
    return { step: 'wait', reason: 'NOT_PUBLISHED', message: `no snapshot has withdrawn ${old} yet` };
  }
  if (order.isOldGone) return null;
  if (published.readers.includes(old)) {
    const message = `${old} is a static reader too, so that nobody can prove it absent; take it out, or say --old-is-gone`;
    return { step: 'wait', reason: 'VOTERS_OUTSTANDING', message };
  }
  const leaving = published.leaving.find(({ hostname, port }) => hostname === old && port === spec.port);
  if (leaving === undefined) {
    return { step: 'wait', reason: 'NOT_PUBLISHED', message: `no snapshot names ${old} as leaving yet` };
  }
  const outstanding = outstandingVoters(voters, leaving);
  if (outstanding.length === 0) return null;
  const message = `the old writer ${old} is not proven absent by ${outstanding.slice(0, 20).join(', ')}`;
  return { step: 'wait', reason: 'VOTERS_OUTSTANDING', message };
}
