import type { Agent } from '../../proto/gen/chester/v1/Agent.ts';
import type { AgentGroup } from '../../proto/gen/chester/v1/AgentGroup.ts';
import type { Group } from '../../proto/gen/chester/v1/Group.ts';
import type { Replica as WireReplica } from '../../proto/gen/chester/v1/Replica.ts';
import type { ServerLoad } from '../../proto/gen/chester/v1/ServerLoad.ts';
import type { Clock } from '../../process/clock.ts';
import { outstandingVoters, type Voter } from '../core/ballots.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, prefixes } from '../core/records.ts';
import { addressOf, type Replica } from '../core/replica.ts';
import type { Published } from '../core/fleet-settings.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { Holds, Store } from '../ports.ts';
import { agentKey, type ElsewhereAgent } from './stream-digests.ts';
import type { AgentSightings } from './agent-sightings.ts';
import type { ReportedServer } from './agent-reports.ts';
import type { AgentStream } from './agent-stream.ts';
import { gatherNotices } from './agent-notices.ts';
import { readScaling } from './scaling-view.ts';
import { sortedBy } from './paging.ts';
import { renderSpec } from './spec-wire.ts';

/** Reads what administrators see: what is stored beside what is live. */
export type AdminViewDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly holds: Holds;
  readonly agents: () => readonly AgentStream[];
  /** How many agents of other coordinators run a snapshot; without it there are none. */
  readonly runningElsewhere?: (snapshot: PublishedSnapshot) => number;
  /** Agents of other coordinators; without it there are none. */
  readonly elsewhere?: () => Promise<ReadonlyMap<string, ElsewhereAgent>>;
  /** When agents that are away were there last; without it nobody knows. */
  readonly sightings?: AgentSightings;
};

/** Connected agents by their fleet: a page of groups does not look through all of them for each group. */
export type AgentsByFleet = ReadonlyMap<string, readonly AgentStream[]>;

export function groupByFleet(agents: readonly AgentStream[]): AgentsByFleet {
  const byFleet = new Map<string, AgentStream[]>();
  for (const agent of agents) {
    const { fleet } = agent.identity;
    const known = byFleet.get(fleet);
    if (known === undefined) byFleet.set(fleet, [agent]);
    else known.push(agent);
  }
  return byFleet;
}

/** Reads one group as it is now; null when it is not declared. */
export async function readGroup(
  deps: AdminViewDeps,
  name: string,
  byFleet: AgentsByFleet = groupByFleet(deps.agents()),
): Promise<Group | null> {
  const { store } = deps;
  const spec = await store.get(keys.group(name));
  if (spec === null) return null;
  const topology = await store.get(keys.topology(name));
  return {
    spec: renderSpec(spec.value),
    version: spec.revision,
    primaryAddress: topology?.value.primaryAddress ?? '',
    holds: [...deps.holds.of(name)],
    cordons: await readCordons(deps, name),
    drains: await readRemovals(deps, name),
    ...(await readScaling(deps, name)),
    ...(await readReplicas(deps, spec.value, byFleet.get(spec.value.fleet) ?? [])),
  };
}

async function readCordons({ store }: AdminViewDeps, group: string) {
  const cordons = await store.list(prefixes.cordons(group));
  return cordons.map(({ value: { server, owner, reason, atMs, untilMs } }) => ({
    ...{ server, owner, reason },
    sinceMs: atMs,
    untilMs: untilMs ?? 0,
  }));
}

async function readRemovals({ store }: AdminViewDeps, group: string) {
  const removals = await store.list(prefixes.removals(group));
  return removals.map(({ value: { server, owner, reason, atMs } }) => ({ server, owner, reason, sinceMs: atMs }));
}

/** Reads the part of a group that lives in proxies and Cloud SQL: replicas, snapshot, who runs it. */
async function readReplicas(deps: AdminViewDeps, spec: GroupSpec, connected: readonly AgentStream[]) {
  const { store } = deps;
  const [replicas, voters, stored] = await Promise.all([
    store.list(prefixes.replicas(spec.name)),
    store.list(prefixes.voters(spec.name)),
    store.get(keys.snapshot(spec.name)),
  ]);
  const snapshot = stored?.value ?? null;
  const agents = connected.filter(({ refusal }) => refusal === null);
  const refused = new Set(
    connected.filter(({ refusal }) => refusal !== null).map(({ identity }) => agentKey(identity)),
  );
  const context = { port: spec.port, snapshot, voters: voters.map(({ value }) => value) };
  return {
    revision: snapshot?.revision ?? 0,
    hash: snapshot?.hash ?? '',
    replicas: replicas.map(({ value }) => renderReplica(value, context)),
    agentsConverged: snapshot === null ? 0 : countRunning(deps, snapshot, agents),
    agentsTotal: new Set([
      ...agents.map(({ identity }) => agentKey(identity)),
      ...context.voters.map(agentKey).filter((key) => !refused.has(key)),
    ]).size,
    agentNotices: gatherNotices(spec.name, connected),
  };
}

/** Agents here and elsewhere that run exactly this. */
function countRunning(deps: AdminViewDeps, snapshot: PublishedSnapshot, agents: readonly AgentStream[]): number {
  const here = agents.filter((agent) => agent.runs(snapshot)).length;
  return here + (deps.runningElsewhere?.(snapshot) ?? 0);
}

/** Reads all agents: those connected, and those on a roster that are not. */
export async function readAgents(deps: AdminViewDeps): Promise<Agent[]> {
  const voters = await deps.store.list(prefixes.allVoters);
  const settings = (await deps.store.list(prefixes.settings)).map(({ value }) => value);
  const snapshots = (await deps.store.list(prefixes.snapshots)).map(({ value }) => value);
  const connected = deps.agents();
  const connectedKeys = new Set(connected.map(({ identity }) => agentKey(identity)));
  const seenAtMs = (await deps.sightings?.read()) ?? new Map<string, number>();
  const absentees = new Map<string, Voter>();
  for (const { value } of voters) if (!connectedKeys.has(agentKey(value))) absentees.set(agentKey(value), value);
  const live = connected.map((agent) => renderAgent(agent, [...settings, ...snapshots]));
  const elsewhere = (await deps.elsewhere?.()) ?? new Map<string, ElsewhereAgent>();
  const gone = [...absentees.values()].map(({ agentId, fleet, cell, proxyBoot }) => {
    const there = elsewhere.get(agentKey({ agentId, cell }));
    const isThere = there !== undefined;
    const lastSeenMs = isThere ? deps.clock.nowMs() : (seenAtMs.get(agentId) ?? 0);
    return { agentId, fleet, cell, proxyBoot, connected: isThere, coordinator: there?.coordinator ?? '', lastSeenMs };
  });
  return sortedBy<Agent>([...live, ...gone], placeOf);
}

/** Where an agent stands in a list: by its id, which may come again in another cell. */
export function placeOf({ agentId = '', cell = '' }: Agent): string {
  return `${agentId}\0${cell}`;
}

type ReplicaContext = {
  readonly port: number;
  readonly snapshot: PublishedSnapshot | null;
  readonly voters: readonly Voter[];
};

function renderReplica(replica: Replica, { port, snapshot, voters }: ReplicaContext): WireReplica {
  const hostname = addressOf(replica);
  const leaving = snapshot?.leaving.find((server) => server.hostname === hostname && server.port === port);
  return {
    name: replica.name,
    state: replica.state,
    address: hostname ?? '',
    reason: replica.reason,
    sinceMs: replica.sinceMs,
    outstandingVoters: leaving === undefined ? [] : outstandingVoters(voters, leaving),
  };
}

function renderAgent(agent: AgentStream, published: readonly Published[]): Agent {
  const { identity, refusal, lastSeenMs, reports } = agent;
  const { agentId, bootId, fleet, cell, proxyBoot, proxysqlVersion } = identity;
  const { clientsConnected } = reports;
  return {
    agentId,
    bootId,
    fleet,
    cell,
    proxyBoot,
    proxysqlVersion,
    connected: true,
    lastSeenMs,
    refusal,
    groups: refusal === null ? renderAgentGroups(agent, published) : [],
    servers: reports.servers.map(renderLoad),
    ...(clientsConnected === null ? {} : { clientsConnected }),
  };
}

function renderAgentGroups(agent: AgentStream, published: readonly Published[]): AgentGroup[] {
  return published
    .filter(({ fleet }) => fleet === agent.identity.fleet)
    .map(({ group }) => {
      const { applied, state, error } = agent.subscription(group);
      return {
        group,
        revision: applied?.revision ?? 0,
        state,
        errorCode: error?.code ?? '',
        errorMessage: error?.message ?? '',
        ...agent.reports.group(group),
        lastNack: agent.reports.lastNack(group),
      };
    });
}

function renderLoad({ lagMs, ...server }: ReportedServer): ServerLoad {
  const { hostgroup, hostname, port, status, connUsed, connFree } = server;
  const { queriesPerSecond, latencyMicros, queries, connErr } = server;
  return {
    ...{ hostgroup, hostname, port, status, connUsed, connFree },
    ...{ queriesPerSecond, latencyMicros, queries, connErr },
    ...(lagMs === undefined ? {} : { lagMs }),
  };
}
