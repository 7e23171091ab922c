import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';
import { isPlausibleEpoch } from '../core/lease.ts';
import { labelName } from '../core/names.ts';

const idCharactersMax = 253;
/** Far above any revision, and far below the numbers that JavaScript counts no more. */
const revisionMax = 2 ** 48;

/** Says what is wrong with an agent's Hello; null when nothing is. */
export function checkHello(
  hello: Hello__Output | null | undefined,
  fencingToken: number,
  nowMs: number,
): string | null {
  if (hello === null || hello === undefined) return 'the first message must be a Hello';
  if (hello.agentId === '' || hello.agentId.length > idCharactersMax || hello.agentId.includes('/')) {
    return `agent_id is ${JSON.stringify(hello.agentId.slice(0, 80))}; allowed: 1 to ${idCharactersMax} characters without "/"`;
  }
  for (const field of ['fleet', 'cell'] as const) {
    if (!labelName.pattern.test(hello[field])) {
      return `${field} is ${JSON.stringify(hello[field].slice(0, 80))}; allowed: ${labelName.allowed}`;
    }
  }
  const ahead = [...hello.known, ...hello.received].find(({ revision }) => revision > revisionMax);
  if (ahead !== undefined) return `known revision is ${ahead.revision}; allowed: at most ${revisionMax}`;
  if (hello.proxyBoot === '' && hello.refusal === null)
    return 'proxy_boot is empty; it is needed to tell votes of an earlier boot';
  if (!isPlausibleEpoch(hello.maxEpoch, fencingToken, nowMs)) {
    return `max_epoch is ${hello.maxEpoch}; allowed: at most 24 hours ahead of the coordinator's clock`;
  }
  return null;
}
