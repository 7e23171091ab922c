import type { AgentNotice } from '../../proto/gen/chester/v1/AgentNotice.ts';
import type { AgentStream } from './agent-stream.ts';

/** One thing that one agent told. */
type Told = { readonly state: string; readonly subject: string; readonly agentId: string; readonly detail: string };

/** Agents named in one notice; the rest is only counted. */
const namesMax = 10;
const noticesMax = 100;
/** The last moment that a date can name. */
const lastDateMs = 8.64e15;

/** Gathers what connected agents tell of a group besides their answers: one notice for the same thing on many proxies. */
export function gatherNotices(group: string, agents: readonly AgentStream[]): AgentNotice[] {
  const told = new Map<string, Told[]>();
  for (const one of agents.flatMap((agent) => toldBy(agent, group))) {
    const key = `${one.state} ${one.subject}`;
    const known = told.get(key);
    if (known === undefined) told.set(key, [one]);
    else known.push(one);
  }
  return [...told.values()].slice(0, noticesMax).flatMap(([first, ...others]): AgentNotice[] => {
    if (first === undefined) return [];
    const all = [first, ...others];
    const agentIds = all.slice(0, namesMax).map(({ agentId }) => agentId);
    const { detail = '' } = all.find((one) => one.detail !== '') ?? {};
    return [{ state: first.state, subject: first.subject, agents: all.length, agentIds, detail }];
  });
}

function toldBy(agent: AgentStream, group: string): Told[] {
  const { agentId } = agent.identity;
  const { refusal } = agent;
  if (refusal !== null) {
    return [{ state: 'REFUSED', subject: refusal.code, agentId, detail: refusal.message }];
  }
  const { removing, warming, cordoned, unmanaged, writerFallback } = agent.reports.group(group);
  const standIn = { state: 'WRITER_FALLBACK', subject: '', detail: 'no reader is ONLINE, the writer stands in' };
  const { error } = agent.subscription(group);
  const shadow = { state: 'SHADOW', subject: '', detail: error?.message ?? '' };
  return [
    ...(error?.code === 'SHADOW' ? [shadow] : []),
    ...(writerFallback ? [standIn] : []),
    ...warming.map((server) => ({ state: 'WARMING', subject: addressOf(server), detail: server.detail })),
    ...cordoned.map((server) => {
      const until = new Date(Math.min(server.expiresAtMs, lastDateMs)).toISOString();
      return { state: 'CORDONED', subject: addressOf(server), detail: `${server.status} until ${until}` };
    }),
    ...removing.map((server) => ({
      state: server.reason || 'DRAINING',
      subject: addressOf(server),
      detail: server.detail || `${server.connUsed} connections in use`,
    })),
    ...unmanaged.map((server) => ({ state: 'UNMANAGED', subject: addressOf(server), detail: '' })),
  ].map((one) => ({ ...one, agentId }));
}

function addressOf({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return `${hostname}:${port}`;
}
