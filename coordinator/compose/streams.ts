import { AgentStreams, type AgentStreamsDeps } from '../api/agent-streams.ts';
import type { GrpcServer } from '../api/grpc-server.ts';
import type { CoordinatorConfig } from '../config.ts';
import { Roster, type RosterDeps } from '../loops/roster.ts';

/** What one process can take of new streams and still serve those it has: a TLS handshake costs a millisecond of CPU. */
const streamsPerSecond = { plain: 1500, mutualTls: 400 };

const timing = {
  merge: { quietMs: 20, maxMs: 250 },
  canaryMaxMs: 5000,
  stalledMaxMs: 10_000,
};

/** How long facts of agents may wait to be stored together. */
const factIntervalMs = 10;

/** Makes what keeps the rosters. */
export function composeRoster(deps: RosterDeps): Roster {
  return new Roster(deps, factIntervalMs);
}

/** Makes what serves the agents' streams. */
export function composeStreams(
  config: CoordinatorConfig,
  { grpc, ...deps }: Omit<AgentStreamsDeps, 'soon' | 'disconnect'> & { readonly grpc: () => GrpcServer },
  { isMutualTls }: { readonly isMutualTls: boolean },
): AgentStreams {
  const { newStreamsPerSecond, bookmarkIntervalMs } = config.stream;
  const perSecond = newStreamsPerSecond ?? (isMutualTls ? streamsPerSecond.mutualTls : streamsPerSecond.plain);
  const admission = { perSecond, burst: perSecond, waitMaxMs: 60_000 };
  const disconnect = (peer: string): void => {
    grpc().disconnect(peer);
  };
  return new AgentStreams(
    { ...deps, soon: setImmediate, disconnect },
    { ...config, ...timing, bookmarkIntervalMs, admission },
  );
}
