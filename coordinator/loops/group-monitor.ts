import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { type Prefix, prefixes } from '../core/records.ts';
import { noOrders, ordersAt, type Pauses } from '../core/scaling-orders.ts';
import type { AgentsView, GroupGauges, GroupStanding, Holds, Store } from '../ports.ts';

export type GroupMonitorDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: { readonly isHeld: boolean };
  readonly holds: Holds;
  readonly agents: AgentsView;
  readonly gauges: GroupGauges;
};

type Group = { readonly name: string; readonly fleet: string };

/**
 * Tells monitoring how each group stands. Decisions, pauses and holds are told by the coordinator that decides alone; what
 * agents run is told by each coordinator of its own agents, so that sums over coordinators are right.
 */
export class GroupMonitor implements Component {
  readonly name = 'group-monitor';
  readonly #deps: GroupMonitorDeps;
  readonly #intervalMs: number;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: GroupMonitorDeps, intervalMs: number) {
    this.#deps = deps;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        // A store that is away has a metric of its own.
        log.warn({ err: error }, 'groups not counted');
      }
      await sleep(clock, this.#intervalMs, signal);
    }
  }

  /** Looks once at all groups. */
  async look(): Promise<void> {
    const { store, term, gauges } = this.#deps;
    const specs = await store.list(prefixes.groups);
    const groups = specs.map(({ value: { name, fleet } }) => ({ name, fleet }));
    const decisions = await this.#readDecided(prefixes.decisions);
    const pauses = await this.#readDecided(prefixes.pauses);
    const agents = this.#countAgents(groups);
    const standings: GroupStanding[] = [];
    for (const { name: group } of groups) {
      standings.push({
        group,
        decision: decisions.get(group)?.reason ?? null,
        pauses: this.#pausesOf(pauses.get(group)),
        holds: term.isHeld ? this.#deps.holds.of(group) : [],
        behind: agents.get(group)?.behind ?? new Map<string, number>(),
        held: agents.get(group)?.held ?? new Map<string, number>(),
      });
    }
    gauges.setGroups(standings);
  }

  /** What was decided for each group; nothing where another coordinator decides. */
  async #readDecided<T>(prefix: Prefix<T>): Promise<ReadonlyMap<string, T>> {
    const { store, term } = this.#deps;
    const stored = term.isHeld ? await store.list(prefix) : [];
    return new Map(stored.map(({ key, value }) => [key.slice(prefix.length), value]));
  }

  #pausesOf(stored: Pauses | undefined): GroupStanding['pauses'] {
    if (stored === undefined) return [];
    const { pauses } = ordersAt({ ...noOrders, pauses: stored }, this.#deps.clock.nowMs());
    return (['out', 'in'] as const).flatMap((direction) => {
      const pause = pauses[direction];
      return pause === null ? [] : [{ direction, sinceMs: pause.sinceMs }];
    });
  }

  #countAgents(groups: readonly Group[]): ReadonlyMap<string, Pick<GroupStanding, 'behind' | 'held'>> {
    const { agents } = this.#deps;
    const counts = new Map(
      groups.map(({ name }) => [name, { behind: new Map<string, number>(), held: new Map<string, number>() }]),
    );
    const groupsOf = new Map<string, Group[]>();
    for (const group of groups) groupsOf.set(group.fleet, [...(groupsOf.get(group.fleet) ?? []), group]);
    for (const agent of agents.connected) {
      if (agent.refusal !== null) continue;
      for (const { name } of groupsOf.get(agent.identity.fleet) ?? []) {
        const { applied, state, error } = agent.subscription(name);
        const count = counts.get(name);
        if (count === undefined) continue;
        if (applied?.revision !== agents.revisionOf(name)) increment(count.behind, state);
        if (error !== null && error.code !== '') increment(count.held, boundCode(error.code, count.held));
      }
    }
    return counts;
  }
}

/** An agent says its code itself; monitoring keeps no more of them than there can be. */
const codesMax = 30;

function boundCode(code: string, known: ReadonlyMap<string, number>): string {
  return /^[A-Z][A-Z_]{1,39}$/.test(code) && (known.has(code) || known.size < codesMax) ? code : 'OTHER';
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
