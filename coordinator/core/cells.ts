import { type Address, isSameAddress, type LeavingServer, outstandingVoters, type Voter } from './ballots.ts';

/**
 * Several cells on one store. Each writes what its own voters still have in use, as one entry of the ballot of a group's
 * change; nothing is deleted while a voter of any cell is outstanding, or while a cell is silent.
 */
export type Cell = {
  readonly name: string;
  readonly sinceMs: number;
  /** Who gave the cell up, and why; null while it counts. */
  readonly retired: { readonly owner: string; readonly reason: string; readonly atMs: number } | null;
};

/** A coordinator's sign of life. What counts is that `beat` changes: clocks of different cells are not compared. */
export type CoordinatorSign = {
  readonly id: string;
  /** Empty for one that nobody named a cell for. */
  readonly cell: string;
  readonly beat: number;
  readonly agents: number;
  readonly mayDecide: boolean;
  readonly atMs: number;
};

/** The agents that are connected to a coordinator, so that no other one takes them for missing. */
export type ConnectedAgents = {
  readonly id: string;
  readonly agents: readonly { readonly agentId: string; readonly cell: string; readonly fleet: string }[];
};

/** How far the newest snapshots have come among a coordinator's agents, for who decides elsewhere. */
export type StreamDigest = {
  readonly id: string;
  /** Connected agents that take updates. */
  readonly fleets: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, GroupDigest>>;
};

export type GroupDigest = {
  readonly revision: number;
  /** Agents that run this very revision. */
  readonly running: number;
  /** Of those, how many have not reached a server yet. */
  readonly warming: Readonly<Record<string, number>>;
};

/** Agents of other coordinators that do not serve a server of a snapshot yet, and how many agents there are. */
export function coldElsewhere(
  digests: readonly StreamDigest[],
  { group, fleet, revision }: { readonly group: string; readonly fleet: string; readonly revision: number },
  hostname: string,
): { readonly cold: number; readonly agents: number } {
  let [cold, agents] = [0, 0];
  for (const { fleets, groups } of digests) {
    const count = fleets[fleet] ?? 0;
    const digest = groups[group];
    agents += count;
    // One that has not told of this revision has no agent that runs it.
    cold += digest?.revision === revision ? count - digest.running + (digest.warming[hostname] ?? 0) : count;
  }
  return { cold, agents };
}

/** What one cell says of one change of a group. */
export type BallotEntry = {
  /** Of the cell's voters when it was written: an entry about other voters than those of now does not count. */
  readonly rosterVersion: string;
  /** The group revision it was written about. */
  readonly revision: number;
  readonly voters: number;
  readonly waiting: readonly (Address & { readonly outstanding: number; readonly names: readonly string[] })[];
  readonly atMs: number;
};

/** The one object that all cells write of a group's change, each its own entry. */
export type Ballot = { readonly group: string; readonly cells: Readonly<Record<string, BallotEntry>> };

/** A cell as the one who decides sees it now. */
export type CellView = {
  readonly name: string;
  /** No coordinator of it gave a sign of life lately. */
  readonly isSilent: boolean;
  readonly entry: BallotEntry | null;
  /** Of its voters in the store now. */
  readonly rosterVersion: string;
};

/** Whether an address is gone from every proxy, or what is being waited for. */
export type Gone =
  | { readonly isGone: true }
  | {
      readonly isGone: false;
      readonly reason: 'NOT_PUBLISHED' | 'VOTERS_OUTSTANDING' | 'CELL_SILENT';
      readonly waitingFor: string;
    };

const namesMax = 20;

/** Tells two states of a roster apart: every change of a voter has a store revision of its own. */
export function rosterVersion(voters: readonly { readonly revision: number }[]): string {
  return `${voters.length}.${Math.max(0, ...voters.map(({ revision }) => revision))}`;
}

/** What a cell has to say of a change. */
export function buildEntry(
  voters: readonly { readonly value: Voter; readonly revision: number }[],
  change: { readonly revision: number; readonly leaving: readonly LeavingServer[] },
  nowMs: number,
): BallotEntry {
  const values = voters.map(({ value }) => value);
  const waiting = change.leaving.map((server) => {
    const names = outstandingVoters(values, server);
    const { hostname, port } = server;
    return { hostname, port, outstanding: names.length, names: names.slice(0, namesMax) };
  });
  const { revision } = change;
  return { rosterVersion: rosterVersion(voters), revision, voters: values.length, waiting, atMs: nowMs };
}

/** Puts a cell's entry into a ballot and leaves the others' alone. The same object when nothing but time changed. */
export function putEntry(ballot: Ballot, cell: string, entry: BallotEntry): Ballot {
  const known = ballot.cells[cell];
  if (known !== undefined && JSON.stringify({ ...known, atMs: 0 }) === JSON.stringify({ ...entry, atMs: 0 })) {
    return ballot;
  }
  return { ...ballot, cells: { ...ballot.cells, [cell]: entry } };
}

/** Takes a cell's entry out, when there is nothing to vote on any more. Null: none is left. */
export function dropEntry(ballot: Ballot, cell: string): Ballot | null {
  const cells = Object.fromEntries(Object.entries(ballot.cells).filter(([name]) => name !== cell));
  return Object.keys(cells).length === 0 ? null : { ...ballot, cells };
}

/** What is known of who may still use the addresses of a group. */
export type Usage = {
  readonly leaving: readonly LeavingServer[];
  readonly voters: readonly Voter[];
  /** The cells that count. None where nobody named any: then the voters alone are asked. */
  readonly cells: readonly CellView[];
};

/** Whether no proxy anywhere has the address any more. Silence is no consent. */
export function isGone(address: Address, { leaving: changes, voters, cells }: Usage): Gone {
  const leaving = changes.find((server) => isSameAddress(server, address));
  if (leaving === undefined) {
    return { isGone: false, reason: 'NOT_PUBLISHED', waitingFor: 'no snapshot has withdrawn it yet' };
  }
  const outstanding = outstandingVoters(voters, leaving);
  if (outstanding.length > 0) {
    return { isGone: false, reason: 'VOTERS_OUTSTANDING', waitingFor: nameSome(outstanding) };
  }
  const silent = cells.filter((cell) => cell.isSilent);
  if (silent.length > 0) {
    const waitingFor = `cell ${nameSome(silent.map(({ name }) => name))} gives no sign of life`;
    return { isGone: false, reason: 'CELL_SILENT', waitingFor };
  }
  const waitingFor = cells.flatMap((cell) => openQuestion(cell, leaving));
  return waitingFor.length === 0
    ? { isGone: true }
    : { isGone: false, reason: 'VOTERS_OUTSTANDING', waitingFor: waitingFor.join('; ') };
}

/** What a cell has not said yet. */
function openQuestion({ name, entry, rosterVersion: version }: CellView, leaving: LeavingServer): string[] {
  const isCurrent = entry?.rosterVersion === version && entry.revision >= leaving.sinceRevision;
  const said = isCurrent ? entry.waiting.find((server) => isSameAddress(server, leaving)) : undefined;
  if (said === undefined) return [`cell ${name} has not said how its proxies stand`];
  return said.outstanding === 0 ? [] : [`cell ${name}: ${said.outstanding} of its agents, ${nameSome(said.names)}`];
}

function nameSome(names: readonly string[]): string {
  return names.slice(0, namesMax).join(', ');
}
