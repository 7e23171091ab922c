import type { Registry } from 'prom-client';
import type { Component } from '../../process/lifecycle.ts';
import { createControlMetrics } from '../adapters/control-metrics.ts';
import type { AgentStreams } from '../api/agent-streams.ts';
import type { CoordinatorConfig } from '../config.ts';
import { BallotWriter } from '../loops/ballot-writer.ts';
import { CellKeeper } from '../loops/cell-keeper.ts';
import { HistoryWatch } from '../loops/history-watch.ts';
import type { Roster } from '../loops/roster.ts';
import type { Cells } from '../ports.ts';
import type { Shared } from './shared.ts';

/** How often a coordinator gives a sign of life, and how long its cell may give none. */
const signs = { signMs: 3000, silentMs: 15_000 };

export type CellDeps = Shared & {
  readonly registry: Registry;
  readonly streams: AgentStreams;
  readonly roster: Roster;
  readonly storeProblem: () => string | null;
  readonly abandon: (reason: string) => void;
};

/** Makes what lets several coordinators and cells go together. A lone one with a store of its own gives no signs. */
export function composeCells(
  { coordinatorId, control }: CoordinatorConfig,
  deps: CellDeps,
  { isShared }: { readonly isShared: boolean },
): { readonly cells: Cells; readonly components: readonly Component[] } {
  const { streams, registry, term, storeProblem, ...shared } = deps;
  const { cell, mayDecide } = control;
  const onSilent = createControlMetrics(registry, { term, storeProblem });
  const agents = () => streams.connected.length;
  const keeper = new CellKeeper(
    { ...shared, fanout: streams, agents, onSilent },
    { coordinatorId, cell, mayDecide, ...signs },
  );
  const history = new HistoryWatch({ ...deps, fanout: streams });
  const components = [
    history,
    ...(isShared || cell !== '' ? [keeper] : []),
    ...(cell === '' ? [] : [new BallotWriter(shared, cell)]),
  ];
  return { cells: keeper, components };
}
