/**
 * The roster of a group and its votes. A voter is an agent that was ever sent an update of the group; it stays until
 * it leaves by a rule. A replica may be deleted when no voter is outstanding: silence is not consent.
 */
export type Voter = {
  readonly agentId: string;
  readonly fleet: string;
  readonly cell: string;
  readonly podUid: string;
  /** The proxy's boot at which the votes were given. */
  readonly proxyBoot: string;
  readonly joinedAtMs: number;
  /** Of the freeze of the group during which its knowledge was last compared with the store's. */
  readonly comparedForMs?: number;
  /** Which list of Kubernetes had its pod, in words; absent: none had yet. */
  readonly podSeenIn?: string;
  readonly absent: readonly AbsentVote[];
};

/** An agent's proof that an address is in no hostgroup of its proxy. */
export type AbsentVote = {
  readonly hostname: string;
  readonly port: number;
  /** The group revision it was applying when it looked. */
  readonly revision: number;
};

export type Address = { readonly hostname: string; readonly port: number };

/** An address on its way out, and the revision that first withdrew it. */
export type LeavingServer = Address & { readonly sinceRevision: number };

/** What an agent says about its proxy, in an ACK or a report. */
export type VoteReport = {
  readonly proxyBoot: string;
  readonly absent: readonly AbsentVote[];
  /** Addresses that are still there: they take back an earlier vote. */
  readonly removing: readonly Address[];
};

/** Whether two addresses are the same server to ProxySQL, which compares them letter by letter. */
export function isSameAddress(one: Address, other: Address): boolean {
  return one.hostname === other.hostname && one.port === other.port;
}

/** What is being voted on: what the newest snapshot withdraws, and that snapshot's revision. */
export type Election = { readonly revision: number; readonly leaving: readonly LeavingServer[] };

/**
 * Takes an agent's report into its record. A new proxy boot voids all earlier votes; votes on addresses that do not
 * leave are dropped, and so is one made at a revision that was never published: it would go on counting when its
 * address is withdrawn again. Returns the same object when nothing changed, so that nothing needs to be stored.
 */
export function recordVotes(voter: Voter, report: VoteReport, { revision, leaving }: Election): Voter {
  const isSameBoot = voter.proxyBoot === report.proxyBoot;
  const votes = [...(isSameBoot ? voter.absent : []), ...report.absent].filter(
    (vote) => vote.revision <= revision && !report.removing.some((address) => isSameAddress(address, vote)),
  );
  const absent = leaving.flatMap((server) => newestVote(votes, server));
  const standing = leaving.flatMap((server) => newestVote(voter.absent, server));
  const isNoneVoid = standing.length === voter.absent.length;
  if (isSameBoot && isNoneVoid && isSameVotes(standing, absent)) return voter;
  return { ...voter, proxyBoot: report.proxyBoot, absent };
}

/** A voter as its stream knows it. */
export type NewVoter = Omit<Voter, 'absent' | 'joinedAtMs' | 'comparedForMs' | 'podSeenIn'>;

/**
 * Puts an agent on a roster. Votes of another boot or pod are void. `comparedForMs` names the freeze during which it
 * joins. Returns the same object when nothing changed.
 */
export function joinRoster(
  stored: Voter | null,
  agent: NewVoter,
  { comparedForMs, nowMs }: { readonly comparedForMs: number | undefined; readonly nowMs: number },
): Voter {
  const compared = comparedForMs === undefined ? {} : { comparedForMs };
  if (stored === null || !isSameProxy(stored, agent)) {
    return { ...agent, joinedAtMs: stored?.joinedAtMs ?? nowMs, absent: [], ...compared };
  }
  const isCompared = comparedForMs === undefined || stored.comparedForMs === comparedForMs;
  return stored.fleet === agent.fleet && isCompared ? stored : { ...stored, ...agent, ...compared };
}

/** Whether a voter's votes were given by the proxy that the agent speaks for now. */
export function isSameProxy(stored: Voter | null, agent: NewVoter): boolean {
  return stored?.proxyBoot === agent.proxyBoot && stored.podUid === agent.podUid;
}

/** Names the voters that have not proven the address absent since it was withdrawn. */
export function outstandingVoters(voters: readonly Voter[], leaving: LeavingServer): string[] {
  return voters.filter((voter) => newestVote(voter.absent, leaving).length === 0).map(({ agentId }) => agentId);
}

function newestVote(votes: readonly AbsentVote[], leaving: LeavingServer): AbsentVote[] {
  const valid = votes.filter((vote) => isSameAddress(vote, leaving) && vote.revision >= leaving.sinceRevision);
  const newest = valid.reduce<AbsentVote | null>(
    (best, vote) => (best === null || vote.revision > best.revision ? vote : best),
    null,
  );
  return newest === null ? [] : [{ hostname: newest.hostname, port: newest.port, revision: newest.revision }];
}

/** The revision of a repeated proof does not matter, only that it is valid. */
function isSameVotes(one: readonly AbsentVote[], other: readonly AbsentVote[]): boolean {
  return one.length === other.length && one.every((vote) => other.some((candidate) => isSameAddress(vote, candidate)));
}
