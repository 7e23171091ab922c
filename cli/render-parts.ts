import type { GroupServer__Output } from '../proto/gen/chester/v1/GroupServer.ts';
import type { LiveView__Output } from '../proto/gen/chester/v1/LiveView.ts';
import type { QueryRule__Output } from '../proto/gen/chester/v1/QueryRule.ts';
import type { UserSpec__Output } from '../proto/gen/chester/v1/UserSpec.ts';
import type { RenderStyle } from './render.ts';
import { type Cell, oneLine, orDash, renderTable } from './table.ts';

/** Renders a group's servers, stored beside live, and how old the live part is. */
export function renderServersOf(
  servers: readonly GroupServer__Output[],
  live: LiveView__Output | null,
  style: RenderStyle,
): string {
  const heading = ['ROLE', 'KIND', 'SERVER', 'INSTANCE', 'STATE', 'CLOUD SQL', 'TIER', 'ZONE', 'REASON'];
  const rows = servers.map((server): readonly Cell[] => [
    server.role,
    server.kind,
    server.hostname === '' ? '-' : `${server.hostname}:${server.port}`,
    orDash(server.instance),
    { text: server.state, tone: server.state === 'serving' ? 'good' : 'busy' },
    orDash(server.live?.state ?? ''),
    orDash(server.live?.tier ?? ''),
    orDash(server.live?.zone ?? ''),
    orDash(server.reason),
  ]);
  return renderTable(heading, rows, style) + renderLiveNote(live);
}

function renderLiveNote(live: LiveView__Output | null): string {
  if (live === null) return '';
  const age = live.ageMs === undefined ? 'never listed' : `listed ${Math.round(live.ageMs / 1000)} s ago`;
  return `Cloud SQL: ${age}${live.problem === '' ? '' : `; ${oneLine(live.problem)}`}\n`;
}

export function renderUsers(users: readonly UserSpec__Output[], style: RenderStyle): string {
  const heading = ['USER', 'SECRET', 'HOSTGROUP', 'ACTIVE', 'TLS', 'MAX CONNECTIONS', 'SCHEMA'];
  const rows = users.map((user): readonly Cell[] => [
    user.username,
    user.passwordSecret,
    user.defaultHostgroup,
    user.active === false ? 'no' : 'yes',
    user.useSsl ? 'yes' : 'no',
    user.maxConnections ?? '-',
    orDash(user.defaultSchema),
  ]);
  return renderTable(heading, rows, style);
}

/** Renders rules: what they match, and what they do. */
export function renderRules(rules: readonly QueryRule__Output[], style: RenderStyle): string {
  const rows = rules.flatMap(({ ruleId, rule }): (readonly Cell[])[] => {
    if (rule === null) return [];
    const { active, username, matchDigest, matchPattern, digest, destination, apply, comment } = rule;
    const match = [matchDigest, matchPattern, digest].find((text) => text !== '') ?? '';
    const isActive = active === false ? 'no' : 'yes';
    return [
      [ruleId, isActive, orDash(username), orDash(match), orDash(destination), apply ? 'yes' : 'no', orDash(comment)],
    ];
  });
  return renderTable(['RULE', 'ACTIVE', 'USER', 'MATCH', 'TO', 'APPLY', 'COMMENT'], rows, style);
}
