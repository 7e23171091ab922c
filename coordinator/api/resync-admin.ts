import { randomUUID } from 'node:crypto';
import type { ResyncRequest__Output } from '../../proto/gen/chester/v1/ResyncRequest.ts';
import type { Clock } from '../../process/clock.ts';
import { excerpt } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { Store } from '../ports.ts';
import { type AdminResult, invalid, notFound, unknown } from './admin-result.ts';
import { checkOrder, describe } from './orders.ts';

/** Orders that a group is sent again. Every coordinator follows the order for the agents that it has. */
export async function orderResync(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { group, agentId, ...by }: ResyncRequest__Output,
): Promise<AdminResult<object>> {
  const problems = checkOrder({ group, ...by });
  if (agentId.length > 253) {
    problems.push({ field: 'agentId', value: JSON.stringify(agentId.slice(0, 40)), allowed: 'at most 253 characters' });
  }
  if (problems.length > 0) return invalid(problems);
  if ((await store.get(keys.group(group))) === null) return notFound(group);
  if (agentId !== '' && !(await store.list(prefixes.voters(group))).some(({ value }) => value.agentId === agentId)) {
    return unknown('agent', agentId, `agent ${excerpt(agentId)} is not on the roster of group ${group}`);
  }
  const atMs = clock.nowMs();
  const order = { incidentId: `order:${randomUUID()}`, atMs, ...(agentId === '' ? {} : { agentId }) };
  const whom = agentId === '' ? 'all agents' : `agent ${agentId}`;
  const event: NewEvent = {
    ...{ atMs, group, kind: 'GROUP' as const, subject: group, reason: 'RESYNC' },
    message: describe(`${whom} get everything again`, { group, ...by }, null),
  };
  await store.commit({ writes: [{ key: keys.resync(group), value: order, ifRevision: null }], events: [event] });
  return { ok: true, value: {} };
}
