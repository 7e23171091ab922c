import type { Agent } from '../../proto/gen/chester/v1/Agent.ts';
import type { ListAgentsRequest__Output } from '../../proto/gen/chester/v1/ListAgentsRequest.ts';
import type { ListAgentsResponse } from '../../proto/gen/chester/v1/ListAgentsResponse.ts';
import { excerpt } from '../core/problems.ts';
import type { Sees } from './admin-call.ts';
import { type AdminResult, invalid, unknown } from './admin-result.ts';
import { type AdminViewDeps, placeOf, readAgents } from './admin-view.ts';
import { pageOf } from './paging.ts';

const states: readonly string[] = ['APPLIED', 'REJECTED', 'RETRYING', 'SENT', 'NONE'];

/** Lists agents by their ids: those connected, and those on a roster that are not. */
export async function listAgents(
  deps: AdminViewDeps,
  { pageSize, pageToken, ...filter }: ListAgentsRequest__Output,
  sees: Sees,
): Promise<AdminResult<ListAgentsResponse>> {
  const { fleet, cell, connected = null, state } = filter;
  if (state !== '' && !states.includes(state)) {
    return invalid([{ field: 'state', value: excerpt(state), allowed: states.join(', ') }]);
  }
  const seen = ({ groups = [] }: Agent) => groups.filter(({ group = '' }) => sees(group));
  const agents = (await readAgents(deps))
    .filter((agent) => sees('') || seen(agent).length > 0)
    .filter((agent) => fleet === '' || agent.fleet === fleet)
    .filter((agent) => cell === '' || agent.cell === cell)
    .filter((agent) => connected === null || agent.connected === connected)
    .filter((agent) => state === '' || seen(agent).some((group) => group.state === state));
  const page = pageOf(agents, placeOf, { pageSize, pageToken }, [fleet, cell, connected, state]);
  if ('ok' in page) return page;
  return { ok: true, value: { agents: [...page.items], nextPageToken: page.nextPageToken } };
}

/** Reads one agent; of two with one id the one that is connected. */
export async function readAgent(deps: AdminViewDeps, agentId: string): Promise<AdminResult<Agent>> {
  const found = (await readAgents(deps)).filter((one) => one.agentId === agentId);
  const agent = found.find(({ connected }) => connected) ?? found[0];
  return agent === undefined ? unknown('agent', agentId) : { ok: true, value: agent };
}
