import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { coldElsewhere, type ConnectedAgents, type GroupDigest, type StreamDigest } from '../core/cells.ts';
import { keys, prefixes } from '../core/records.ts';
import { warmingPatienceMs } from '../core/scaling-view.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { Cells, ReaderWarmth, Store } from '../ports.ts';
import type { AgentStream } from './agent-stream.ts';
import { StoreMirror } from './store-mirror.ts';

export type StreamDigestsDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly cells: Pick<Cells, 'alive'>;
  readonly agents: () => readonly AgentStream[];
  /** How many connected agents do not run a group's newest snapshot yet. */
  readonly pendingOf: (group: string) => number;
};

/** How often this coordinator looks whether it has something new to tell. */
const intervalMs = 1000;
/** A list of all agents is long: it is told of at most once in so many looks. */
const looksPerList = 5;
const agentsMax = 20_000;
const serversMax = 100;

/** Tells the other coordinators what the streams here say, in short, and knows what theirs do. */
export class StreamDigests implements ReaderWarmth {
  readonly name = 'stream-digests';
  readonly #deps: StreamDigestsDeps;
  readonly #id: string;
  readonly #lists: StoreMirror<ConnectedAgents>;
  readonly #snapshots: StoreMirror<PublishedSnapshot>;
  #digests: readonly StreamDigest[] = [];
  #unwatch: (() => void) | null = null;
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;
  #looks = 0;
  #told = { digest: '', list: '' };
  /** The streams of which the others were told last. */
  #listed: readonly AgentStream[] | null = null;

  constructor(deps: StreamDigestsDeps, coordinatorId: string) {
    this.#deps = deps;
    this.#id = coordinatorId;
    this.#lists = new StoreMirror(deps.store, prefixes.connectedAgents);
    this.#snapshots = new StoreMirror(deps.store, prefixes.snapshots);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#deps.store.watch(prefixes.digests, () => void this.#read().catch(this.#noteFailure));
    await this.#read();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#unwatch?.();
    const own = [keys.digest(this.#id), keys.connectedAgents(this.#id)];
    const writes = own.map((key) => ({ key, value: null, ifRevision: null }));
    await this.#deps.store.commit({ writes }).catch(this.#noteFailure);
  }

  /** Over the agents of all coordinators that give signs of life. */
  warming(snapshot: PublishedSnapshot): readonly string[] {
    const { group, fleet } = snapshot;
    const own = this.#deps.agents().filter((agent) => agent.fleet === fleet && agent.refusal === null);
    const others = this.#others(this.#digests);
    const isCold = (agent: AgentStream, hostname: string) =>
      !agent.runs(snapshot) || agent.reports.group(group).warming.some((server) => server.hostname === hostname);
    const hostnames = [...new Set(snapshot.servers.map(({ hostname }) => hostname))];
    return hostnames.filter((hostname) => {
      const elsewhere = coldElsewhere(others, snapshot, hostname);
      const cold = own.filter((agent) => isCold(agent, hostname)).length + elsewhere.cold;
      return cold * 2 > own.length + elsewhere.agents;
    });
  }

  /** How many agents of other coordinators run exactly this. */
  runningElsewhere({ group, revision }: PublishedSnapshot): number {
    const digests = this.#others(this.#digests).map(({ groups }) => groups[group]);
    return digests.reduce((sum, digest) => sum + (digest?.revision === revision ? digest.running : 0), 0);
  }

  /** Agents that are connected to another coordinator, and to which: by cell and id. */
  async elsewhere(): Promise<ReadonlyMap<string, ElsewhereAgent>> {
    const lists = this.#others((await this.#lists.list()).map(({ value }) => value));
    return new Map(
      lists.flatMap(({ id, agents }) =>
        agents.map(({ agentId, cell, fleet }): [string, ElsewhereAgent] => [
          agentKey({ agentId, cell }),
          { coordinator: id, fleet },
        ]),
      ),
    );
  }

  #others<T extends { readonly id: string }>(told: readonly T[]): readonly T[] {
    const alive = new Set(this.#deps.cells.alive().map(({ id }) => id));
    return told.filter(({ id }) => id !== this.#id && alive.has(id));
  }

  async #read(): Promise<void> {
    this.#digests = (await this.#deps.store.list(prefixes.digests)).map(({ value }) => value);
  }

  #schedule(): void {
    this.#cancelTimer = this.#deps.clock.setTimer(intervalMs, () => {
      void this.#tell()
        .catch(this.#noteFailure)
        .then(() => {
          if (!this.#isStopped) this.#schedule();
        });
    });
  }

  async #tell(): Promise<void> {
    const { store } = this.#deps;
    const digest = await this.#digest();
    const isListed = this.#looks % looksPerList === 0;
    this.#looks += 1;
    const agents = isListed ? this.#deps.agents() : [];
    // Ten thousand names are a megabyte of text, and most often the same streams are open as before.
    const list = isListed && !isSameList(agents, this.#listed) ? this.#list(agents) : null;
    const next = { digest: JSON.stringify(digest), list: list === null ? this.#told.list : JSON.stringify(list) };
    const writes = [
      ...(next.digest === this.#told.digest ? [] : [{ key: keys.digest(this.#id), value: digest, ifRevision: null }]),
      ...(next.list === this.#told.list
        ? []
        : [{ key: keys.connectedAgents(this.#id), value: list, ifRevision: null }]),
    ];
    if (writes.length > 0) await store.commit({ writes });
    this.#told = next;
    if (list !== null) this.#listed = agents;
  }

  #list(agents: readonly AgentStream[]): ConnectedAgents {
    const named = agents
      .slice(0, agentsMax)
      .map(({ identity: { agentId, cell, fleet } }) => ({ agentId, cell, fleet }));
    return { id: this.#id, agents: named };
  }

  async #digest(): Promise<StreamDigest> {
    const { clock } = this.#deps;
    const byFleet = new Map<string, AgentStream[]>();
    for (const agent of this.#deps.agents()) {
      if (agent.refusal !== null) continue;
      const known = byFleet.get(agent.fleet);
      if (known === undefined) byFleet.set(agent.fleet, [agent]);
      else known.push(agent);
    }
    const fleets = Object.fromEntries([...byFleet].map(([fleet, agents]) => [fleet, agents.length]));
    const groups: Record<string, GroupDigest> = {};
    if (byFleet.size > 0) {
      for (const { value } of await this.#snapshots.list()) {
        const agents = byFleet.get(value.fleet) ?? [];
        if (agents.length === 0) continue;
        // Only what changed lately is looked at agent by agent: it is only asked then what they have reached.
        const isFresh = clock.nowMs() - value.committedAtMs <= warmingPatienceMs;
        const { group, revision } = value;
        const atRest = { revision, running: agents.length - this.#deps.pendingOf(group), warming: {} };
        groups[group] = isFresh ? digestOf(value, agents) : atRest;
      }
    }
    return { id: this.#id, fleets, groups };
  }

  readonly #noteFailure = (error: unknown): void => {
    this.#deps.log.warn({ err: error }, 'what streams say could not be told to other coordinators');
  };
}

export type ElsewhereAgent = { readonly coordinator: string; readonly fleet: string };

/** Names of agents come again in other cells. */
export function agentKey({ agentId, cell }: { readonly agentId: string; readonly cell: string }): string {
  return `${cell}/${agentId}`;
}

function isSameList(one: readonly AgentStream[], other: readonly AgentStream[] | null): boolean {
  return other?.length === one.length && one.every((agent, index) => agent === other[index]);
}

function digestOf(snapshot: PublishedSnapshot, agents: readonly AgentStream[]): GroupDigest {
  const warming: Record<string, number> = {};
  let running = 0;
  for (const agent of agents) {
    if (!agent.runs(snapshot)) continue;
    running += 1;
    const cold = agent.reports.group(snapshot.group).warming;
    if (cold.length === 0) continue;
    const hostnames = new Set(cold.map(({ hostname }) => hostname));
    for (const hostname of [...hostnames].slice(0, serversMax)) warming[hostname] = (warming[hostname] ?? 0) + 1;
  }
  return { revision: snapshot.revision, running, warming };
}
