import type { Command } from 'commander';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderAgents, renderServers, renderStatus, section, type Status, statusJson } from '../render.ts';
import { proxyRows, renderProxies } from '../render-proxies.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';

type ViewFlags = CallFlags & OutputFlags;

/** Adds `chester status`: everything that is live, in one answer. */
export function addStatus(program: Command, shell: Shell): void {
  addCallFlags(program.command('status'))
    .description('show groups, replicas, agents, open incidents and messages set aside')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester status -o json --coordinator 127.0.0.1:8443')
    .action(async (flags: ViewFlags) => {
      const status = await callCoordinator(shell, flags, async (client): Promise<Status> => {
        const [groups, agents, open, setAside] = await Promise.all([
          client.all('listGroups', {}, (answer) => answer.groups),
          client.all('listAgents', {}, (answer) => answer.agents),
          client.all('listIncidents', { state: 'open' }, (answer) => answer.incidents),
          client.setAside(),
        ]);
        return {
          groups,
          agents,
          incidents: newestFirst(open, 'openedAtMs'),
          setAside: newestFirst(setAside, 'receivedAtMs'),
        };
      });
      writeAnswer(shell, flags, { json: statusJson(status), render: (style) => renderStatus(status, style) });
    });
}

/** Adds `chester agents`. */
export function addAgents(program: Command, shell: Shell): void {
  const agents = program.command('agents').description('see agents, or take one off the rosters');
  addCallFlags(agents.command('list'))
    .description('list agents with what they run, and the servers of their proxies')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester agents list')
    .option('--fleet <name>', 'only agents of this fleet', '')
    .option('--cell <name>', 'only agents of this cell', '')
    .option('--state <state>', 'only agents with a group in this state, for example REJECTED', '')
    .action(async (flags: ViewFlags & { readonly fleet: string; readonly cell: string; readonly state: string }) => {
      const { fleet, cell, state } = flags;
      const agents = await callCoordinator(shell, flags, (client) =>
        client.all('listAgents', { fleet, cell, state }, (page) => page.agents),
      );
      const answer = { agents };
      const servers = answer.agents.flatMap((agent) => agent.servers);
      const render = (style: Parameters<typeof renderAgents>[1]) => {
        const proxies = proxyRows(answer.agents, style);
        return [
          section('AGENTS', answer.agents.length, renderAgents(answer.agents, style), style),
          section('SERVERS', servers.length, renderServers(answer.agents, style), style),
          ...(proxies.length > 0 ? [section('ON PROXIES', proxies.length, renderProxies(proxies, style), style)] : []),
        ].join('\n');
      };
      writeAnswer(shell, flags, { json: answer, render });
    });
  addCallFlags(agents.command('get'))
    .description('print all that is known of one agent: what it runs, its last refusal, its servers')
    .argument('<id>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester agents get proxysql-0')
    .action(async (agentId: string, flags: ViewFlags) => {
      const agent = await callCoordinator(shell, flags, (client) => client.call('getAgent', { agentId }));
      writeAnswer(shell, flags, { json: agent, render: () => '' });
    });
  addCallFlags(agents.command('forget'))
    .description("vouch that an agent's proxy is gone: replicas are deleted without its vote")
    .argument('<id>', "the agent's id, as `chester agents list` shows it")
    .requiredOption('--reason <text>', 'why the proxy is known to be gone; it is kept in the events')
    .addHelpText('after', '\nExample:\n  chester agents forget proxysql-2 --reason "its node was removed"')
    .action(async (agentId: string, flags: CallFlags & { readonly reason: string }) => {
      const { reason } = flags;
      const { groups } = await callCoordinator(shell, flags, (client) => client.forgetAgent({ agentId, reason }));
      shell.write(`agent ${agentId} left the rosters of ${groups.join(', ')}\n`);
    });
}

/** Sorts by a time, the newest first. */
function newestFirst<Field extends string, T extends Readonly<Record<Field, number>>>(
  items: readonly T[],
  field: Field,
): T[] {
  return [...items].sort((one, other) => other[field] - one[field]);
}
