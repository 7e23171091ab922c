import type { Agent__Output } from '../proto/gen/chester/v1/Agent.ts';
import type { AgentGroup__Output } from '../proto/gen/chester/v1/AgentGroup.ts';
import type { Event__Output } from '../proto/gen/chester/v1/Event.ts';
import type { Fleet__Output } from '../proto/gen/chester/v1/Fleet.ts';
import type { Group__Output } from '../proto/gen/chester/v1/Group.ts';
import type { Hold__Output } from '../proto/gen/chester/v1/Hold.ts';
import type { Incident__Output } from '../proto/gen/chester/v1/Incident.ts';
import type { Replica__Output } from '../proto/gen/chester/v1/Replica.ts';
import type { SetAsideMessage__Output } from '../proto/gen/chester/v1/SetAsideMessage.ts';
import { renderAge } from './age.ts';
import { noticeRows, renderNotices } from './render-proxies.ts';
import { renderScaling, scaledGroups } from './render-scaling.ts';
import { type Cell, oneLine, orDash, paint, renderTable, type TableStyle, type Tone } from './table.ts';

/** How tables look, and the moment that ages are counted to. */
export type RenderStyle = TableStyle & { readonly nowMs: number };

/** What `chester status` shows. */
export type Status = {
  readonly groups: readonly Group__Output[];
  readonly agents: readonly Agent__Output[];
  /** The open ones. */
  readonly incidents: readonly Incident__Output[];
  /** Newest first. */
  readonly setAside: readonly SetAsideMessage__Output[];
};

/** How many set-aside messages the status shows. */
const setAsideShown = 5;

/** Renders everything that is live, a section each. */
export function renderStatus({ groups, agents, incidents, setAside }: Status, style: RenderStyle): string {
  const replicas = groups.flatMap((group) => group.replicas.map((replica) => ({ group, replica })));
  const holds = groups.flatMap((group) => group.holds.map((hold) => ({ group, hold })));
  const notices = noticeRows(groups);
  const scaled = scaledGroups(groups);
  const sections = [
    section('GROUPS', groups.length, renderGroups(groups, style), style),
    ...(scaled.length > 0 ? [section('SCALING', scaled.length, renderScaling(scaled, style), style)] : []),
    section('REPLICAS', replicas.length, renderReplicas(replicas, style), style),
    ...(holds.length > 0 ? [section('HELD', holds.length, renderHolds(holds, style), style)] : []),
    ...(notices.length > 0 ? [section('ON PROXIES', notices.length, renderNotices(notices, style), style)] : []),
    section('AGENTS', agents.length, renderAgents(agents, style), style),
    section('OPEN INCIDENTS', incidents.length, renderIncidents(incidents, style), style),
  ];
  if (setAside.length > 0) {
    const shown = setAside.slice(0, setAsideShown);
    const title = `SET ASIDE (newest ${shown.length} of ${setAside.length})`;
    sections.push(section(title, shown.length, renderSetAside(shown, style), style));
  }
  return sections.join('\n');
}

/** Renders what keeps groups and replicas from moving on, and since when. */
function renderHolds(
  holds: readonly { readonly group: Group__Output; readonly hold: Hold__Output }[],
  style: RenderStyle,
): string {
  const rows = holds.map(({ group, hold }): readonly Cell[] => {
    const { subject, reason, message, sinceMs } = hold;
    return [group.spec?.name ?? '', subject, reason, renderAge(sinceMs, style.nowMs), oneLine(message)];
  });
  return renderTable(['GROUP', 'WHAT', 'WHY', 'SINCE', 'DETAIL'], rows, style);
}

/** What `chester status -o json` prints. */
export function statusJson({ groups, agents, incidents, setAside }: Status): unknown {
  return {
    groups: groups.map((group) => ({ ...group, serving: countServing(group) })),
    agents,
    incidents,
    setAsideCount: setAside.length,
    setAside: setAside.slice(0, setAsideShown),
  };
}

/** Renders declared groups beside what they have now. */
export function renderGroupList(groups: readonly Group__Output[], style: RenderStyle): string {
  const heading = ['GROUP', 'FLEET', 'PRIMARY', 'WRITER', 'READER', 'MIN', 'MAX', 'DESIRED', 'SERVING', 'VERSION'];
  const rows = groups.map((group): readonly Cell[] => {
    const { name = '', fleet = '', project, primary, writerHostgroup, readerHostgroup, policy } = { ...group.spec };
    return [
      name,
      fleet,
      `${project ?? ''}:${primary ?? ''}`,
      writerHostgroup ?? '-',
      readerHostgroup ?? '-',
      policy?.replicasMin ?? '-',
      policy?.replicasMax ?? '-',
      group.desired,
      countServing(group),
      group.version,
    ];
  });
  return renderTable(heading, rows, style);
}

export function renderFleets(fleets: readonly Fleet__Output[], style: RenderStyle): string {
  return renderTable(
    ['FLEET', 'CELL', 'VARIABLES'],
    fleets.map(({ name, cell, variables }) => [name, cell, orDash(renderVariables(variables))]),
    style,
  );
}

function renderVariables(variables: Fleet__Output['variables']): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Renders agents, a line for each of an agent's groups. */
export function renderAgents(agents: readonly Agent__Output[], style: RenderStyle): string {
  const heading = ['AGENT', 'FLEET', 'CELL', 'CONNECTED', 'PROXYSQL', 'CLIENTS', 'SEEN'];
  const rows = agents.flatMap((agent): (readonly Cell[])[] => {
    const who: readonly Cell[] = [
      agent.agentId,
      agent.fleet,
      agent.cell,
      agent.connected ? { text: 'yes', tone: 'good' } : { text: 'no', tone: 'bad' },
      orDash(agent.proxysqlVersion),
      agent.clientsConnected ?? '-',
      renderAge(agent.lastSeenMs, style.nowMs),
    ];
    if (agent.refusal !== null) return [[...who, '-', '-', { text: 'REFUSED', tone: 'bad' }, errorText(agent.refusal)]];
    if (agent.groups.length === 0) return [[...who, '-', '-', '-', '-']];
    return agent.groups.map((group) => [...who, ...agentGroupCells(group)]);
  });
  return renderTable([...heading, 'GROUP', 'REVISION', 'STATE', 'ERROR'], rows, style);
}

/** Renders what each agent last reported of the servers of its proxy. */
export function renderServers(agents: readonly Agent__Output[], style: RenderStyle): string {
  const rows = agents.flatMap(({ agentId, servers }) =>
    servers.map((server): readonly Cell[] => [
      agentId,
      server.hostgroup,
      `${server.hostname}:${server.port}`,
      { text: server.status, tone: toneOf(server.status) },
      server.connUsed,
      server.connFree,
      server.lagMs === undefined ? '-' : `${server.lagMs} ms`,
    ]),
  );
  return renderTable(['AGENT', 'HOSTGROUP', 'SERVER', 'STATUS', 'USED', 'FREE', 'LAG'], rows, style);
}

export function renderIncidents(incidents: readonly Incident__Output[], style: RenderStyle): string {
  const heading = ['INCIDENT', 'GROUP', 'ACTION', 'STATE', 'OPENED', 'CLOSED', 'POLICY', 'SUMMARY'];
  const rows = incidents.map((incident): readonly Cell[] => [
    incident.incidentId,
    incident.group,
    incident.action,
    { text: incident.state, tone: toneOf(incident.state) },
    renderAge(incident.openedAtMs, style.nowMs),
    renderAge(incident.closedAtMs, style.nowMs),
    orDash(incident.policyName),
    orDash(incident.summary),
  ]);
  return renderTable(heading, rows, style);
}

/** Renders messages that could not be used. */
export function renderSetAside(messages: readonly SetAsideMessage__Output[], style: RenderStyle): string {
  const rows = messages.map(({ id, source, receivedAtMs, reason, excerpt }) => [
    id,
    source,
    renderAge(receivedAtMs, style.nowMs),
    reason,
    excerpt,
  ]);
  return renderTable(['MESSAGE', 'SOURCE', 'AGE', 'REASON', 'BEGINNING'], rows, style);
}

/** Renders one event as one line, for people and for `grep`. */
export function renderEvent(event: Event__Output, { hasColour }: Pick<TableStyle, 'hasColour'>): string {
  const { atMs, sequence, group, kind, subject, reason, message } = event;
  const time = new Date(atMs).toISOString();
  const words = [time, `#${sequence}`, orDash(group), paint(kind, toneOf(kind), hasColour), orDash(subject)];
  return [...words, orDash(reason), oneLine(message)].join('  ').trimEnd();
}

/** Renders a table under a title, or says that there is nothing to show. */
export function section(title: string, count: number, table: string, { hasColour }: TableStyle): string {
  return `${paint(title, 'title', hasColour)}\n${count === 0 ? 'none\n' : table}`;
}

function renderGroups(groups: readonly Group__Output[], style: RenderStyle): string {
  const heading = [
    'GROUP',
    'FLEET',
    'DESIRED',
    'SERVING',
    'REVISION',
    'CONVERGED',
    'PRIMARY',
    'DESIRED BY',
    'DECISION',
  ];
  const rows = groups.map((group): readonly Cell[] => {
    const serving = countServing(group);
    const { agentsConverged: converged, agentsTotal: total } = group;
    return [
      group.spec?.name ?? '',
      group.spec?.fleet ?? '',
      group.desired,
      { text: String(serving), tone: serving === group.desired ? 'good' : 'busy' },
      group.revision,
      { text: `${converged}/${total}`, tone: converged === total ? 'good' : 'busy' },
      orDash(group.primaryAddress),
      orDash(group.desiredReason),
      orDash(group.decision),
    ];
  });
  return renderTable(heading, rows, style);
}

type ReplicaOfGroup = { readonly group: Group__Output; readonly replica: Replica__Output };

function renderReplicas(replicas: readonly ReplicaOfGroup[], style: RenderStyle): string {
  const heading = ['GROUP', 'REPLICA', 'STATE', 'ADDRESS', 'AGE', 'REASON', 'OUTSTANDING'];
  const rows = replicas.map(({ group, replica }): readonly Cell[] => [
    group.spec?.name ?? '',
    replica.name,
    { text: replica.state, tone: toneOf(replica.state) },
    orDash(replica.address),
    renderAge(replica.sinceMs, style.nowMs),
    orDash(replica.reason),
    orDash(replica.outstandingVoters.join(',')),
  ]);
  return renderTable(heading, rows, style);
}

function agentGroupCells({ group, revision, state, errorCode, errorMessage }: AgentGroup__Output): readonly Cell[] {
  const error = errorText({ code: errorCode, message: errorMessage });
  return [group, revision, { text: state, tone: toneOf(state) }, error];
}

function errorText({ code, message }: { readonly code: string; readonly message: string }): string {
  return orDash([code, message].filter((part) => part !== '').join(': '));
}

function countServing({ replicas }: Pick<Group__Output, 'replicas'>): number {
  return replicas.filter(({ state }) => state === 'serving').length;
}

const tones: Readonly<Record<string, Tone>> = {
  serving: 'good',
  creating: 'busy',
  gating: 'busy',
  draining: 'busy',
  deleting: 'busy',
  open: 'busy',
  APPLIED: 'good',
  REJECTED: 'bad',
  RETRYING: 'busy',
  SENT: 'busy',
  ONLINE: 'good',
  SHUNNED: 'bad',
  OFFLINE_SOFT: 'busy',
  OFFLINE_HARD: 'bad',
  ALARM: 'bad',
  SET_ASIDE: 'bad',
  SNAPSHOT_CONVERGED: 'good',
};

function toneOf(word: string): Tone {
  return tones[word] ?? 'plain';
}
