import type { Agent__Output } from '../proto/gen/chester/v1/Agent.ts';
import type { AgentGroup__Output } from '../proto/gen/chester/v1/AgentGroup.ts';
import type { Group__Output } from '../proto/gen/chester/v1/Group.ts';
import { renderUntil } from './age.ts';
import type { RenderStyle } from './render.ts';
import { type Cell, orDash, renderTable, type Tone } from './table.ts';

/** Something that is not the rule on a proxy: a server that waits, drains or was set offline, or an agent that refuses. */
type Row = readonly Cell[];

/** Lists what agents tell of groups beside their answers, a row for the same thing on many proxies. */
export function noticeRows(groups: readonly Group__Output[]): Row[] {
  return groups.flatMap((group) =>
    group.agentNotices.map(({ state, subject, agents, agentIds, detail }): Row => {
      const others = agents - agentIds.length;
      const who = `${agentIds.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
      return [group.spec?.name ?? '', toned(state), orDash(subject), who, orDash(detail)];
    }),
  );
}

export function renderNotices(rows: readonly Row[], style: RenderStyle): string {
  return renderTable(['GROUP', 'STATE', 'WHAT', 'AGENTS', 'DETAIL'], rows, style);
}

/** Lists the same of each agent by itself. */
export function proxyRows(agents: readonly Agent__Output[], style: RenderStyle): Row[] {
  return agents.flatMap((agent) =>
    agent.groups.flatMap((group) =>
      statesOf(group, style).map(({ state, subject, detail }): Row => {
        return [agent.agentId, group.group, toned(state), orDash(subject), orDash(detail)];
      }),
    ),
  );
}

export function renderProxies(rows: readonly Row[], style: RenderStyle): string {
  return renderTable(['AGENT', 'GROUP', 'STATE', 'SERVER', 'DETAIL'], rows, style);
}

type State = { readonly state: string; readonly subject: string; readonly detail: string };

function statesOf(group: AgentGroup__Output, { nowMs }: RenderStyle): State[] {
  const { removing, warming, cordoned, unmanaged, writerFallback } = group;
  return [
    ...(writerFallback ? [{ state: 'WRITER_FALLBACK', subject: '', detail: '' }] : []),
    ...warming.map((server) => ({ state: 'WARMING', subject: addressOf(server), detail: server.detail })),
    ...cordoned.map(({ status, expiresAtMs, ...server }) => {
      const until = renderUntil(expiresAtMs, nowMs);
      return { state: 'CORDONED', subject: `${server.hostgroup} ${addressOf(server)}`, detail: `${status}, ${until}` };
    }),
    ...removing.map(({ reason, detail, connUsed, ...server }) => {
      const used = `${connUsed} connections in use`;
      return { state: reason, subject: addressOf(server), detail: detail === '' ? used : `${used}: ${detail}` };
    }),
    ...unmanaged.map((server) => ({ state: 'UNMANAGED', subject: addressOf(server), detail: '' })),
  ];
}

const tones: Readonly<Record<string, Tone>> = {
  REFUSED: 'bad',
  WRITER_FALLBACK: 'bad',
  CORDONED: 'busy',
  WARMING: 'busy',
  DRAINING: 'busy',
  PINNED: 'bad',
  LAST_READER: 'bad',
};

function toned(state: string): Cell {
  return { text: state, tone: tones[state] ?? 'plain' };
}

function addressOf({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return `${hostname}:${port}`;
}
