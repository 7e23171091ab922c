import type { Registry } from 'prom-client';
import type { Component } from '../../process/lifecycle.ts';
import { createControlMetrics } from '../adapters/control-metrics.ts';
import { KubernetesPods } from '../adapters/pod-list.ts';
import type { AgentStreams } from '../api/agent-streams.ts';
import { StreamDigests } from '../api/stream-digests.ts';
import { StreamWarmth } from '../api/warmth.ts';
import type { CoordinatorConfig } from '../config.ts';
import { BallotWriter } from '../loops/ballot-writer.ts';
import { CellKeeper } from '../loops/cell-keeper.ts';
import { HistoryWatch } from '../loops/history-watch.ts';
import { PodWatch } from '../loops/pod-watch.ts';
import { StreamBalancer } from '../loops/stream-balancer.ts';
import type { Roster } from '../loops/roster.ts';
import type { CellAdminDeps } from '../api/cell-admin.ts';
import type { AdminViewDeps } from '../api/admin-view.ts';
import type { Cells, ReaderWarmth } from '../ports.ts';
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

/** What the parts of a coordinator know of the others. */
type Together = {
  readonly cells: Cells;
  readonly warmth: ReaderWarmth;
  /** For administration. */
  readonly view: CellAdminDeps & Pick<AdminViewDeps, 'elsewhere' | 'runningElsewhere'>;
  readonly components: readonly Component[];
};

/** Makes what lets several coordinators and cells go together. A lone one with a store of its own gives no signs. */
export function composeCells(
  { coordinatorId, control }: CoordinatorConfig,
  deps: CellDeps,
  { isShared }: { readonly isShared: boolean },
): Together {
  const { streams, registry, term, storeProblem, ...shared } = deps;
  const { cell, mayDecide } = control;
  const onSilent = createControlMetrics(registry, { term, storeProblem });
  const agents = () => streams.connected.length;
  const keeper = new CellKeeper(
    { ...shared, fanout: streams, agents, onSilent },
    { coordinatorId, cell, mayDecide, ...signs },
  );
  const history = new HistoryWatch({ ...deps, fanout: streams });
  const pendingOf = streams.pendingOf.bind(streams);
  const streamed = { ...shared, cells: keeper, agents: () => streams.connected, pendingOf };
  const digests = isShared ? new StreamDigests(streamed, coordinatorId) : null;
  const components = [
    history,
    ...(isShared || cell !== '' ? [keeper, composeBalancer(coordinatorId, cell, { ...shared, keeper, streams })] : []),
    ...(digests === null ? [] : [digests]),
    ...(cell === '' ? [] : [new BallotWriter(shared, cell)]),
    ...composePods(control, deps),
  ];
  const warmth = digests ?? new StreamWarmth(() => streams.connected);
  const elsewhere =
    digests === null
      ? {}
      : { elsewhere: () => digests.elsewhere(), runningElsewhere: digests.runningElsewhere.bind(digests) };
  return { cells: keeper, warmth, view: { cells: keeper, holder: () => term.holder, ...elsewhere }, components };
}

/** Makes what sends agents to the other coordinators of the cell when those have far fewer. */
function composeBalancer(
  coordinatorId: string,
  cell: string,
  { clock, keeper, streams }: Pick<CellDeps, 'clock' | 'streams'> & { readonly keeper: CellKeeper },
): StreamBalancer {
  return new StreamBalancer(
    {
      clock,
      alive: () => keeper.alive().filter((sign) => sign.cell === cell),
      agents: () => streams.connected.length,
      rebalance: streams.rebalance.bind(streams),
    },
    coordinatorId,
  );
}

/** How often pods are listed, and how long that may take. */
const podTiming = { intervalMs: 10_000, deadlineMs: 8000 };

function composePods({ pods, cell }: CoordinatorConfig['control'], deps: CellDeps): readonly Component[] {
  if (pods === null) return [];
  const { streams, roster: facts } = deps;
  const { intervalMs, deadlineMs } = podTiming;
  const scope = [cell, pods.namespaces.join(','), pods.selector].join('|');
  const connectedUids = () => new Set(streams.connected.map(({ identity }) => identity.podUid));
  const list = new KubernetesPods({ ...pods, deadlineMs });
  return [new PodWatch({ ...deps, facts, pods: list, connectedUids }, { scope, intervalMs })];
}
