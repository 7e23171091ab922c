import type { Command } from 'commander';
import type { GroupServer__Output } from '../../proto/gen/chester/v1/GroupServer.ts';
import type { LiveView__Output } from '../../proto/gen/chester/v1/LiveView.ts';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import type { RenderStyle } from '../render.ts';
import { renderServersOf, renderUsers } from '../render-parts.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter, parseInt32 } from '../settings.ts';
import type { Shell } from '../shell.ts';

type ViewFlags = CallFlags & OutputFlags;
type ChangeFlags = CallFlags & { readonly expectedVersion: number };

/** Gives a command the flags of a change to one part of a group. */
function addChange(command: Command, description: string): Command {
  return addCallFlags(command)
    .description(description)
    .argument('<group>')
    .option('--expected-version <n>', 'refuse when the group is at another version', parseCounter, 0);
}

/** Adds `chester servers`: what a group routes to, stored and live. */
export function addServerParts(program: Command, shell: Shell): void {
  const servers = program.command('servers').description("see a group's servers, and declare static readers");
  addCallFlags(servers.command('list'))
    .description('list the primary, static readers and replicas, beside what Cloud SQL says of them')
    .argument('<group>')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester servers list orders')
    .action(async (group: string, flags: ViewFlags) => {
      const found: GroupServer__Output[] = [];
      let live: LiveView__Output | null = null;
      await callCoordinator(shell, flags, (client) =>
        client.all('listServers', { group }, (answer) => {
          found.push(...answer.servers);
          live = answer.live;
          return answer.servers;
        }),
      );
      const json = { servers: found, live };
      writeAnswer(shell, flags, { json, render: (style: RenderStyle) => renderServersOf(found, live, style) });
    });
  addChange(servers.command('put'), 'declare a static reader, or change it')
    .argument('<host>')
    .option('--port <n>', "default: the group's", parseInt32)
    .option('--weight <n>', 'its share of the traffic', parseInt32)
    .option('--max-connections <n>', 'of each proxy', parseInt32)
    .addHelpText('after', '\nExample:\n  chester servers put orders 10.0.0.9 --weight 500')
    .action(async (group: string, hostname: string, flags: ChangeFlags & ServerFlags) => {
      const { port, weight, maxConnections, expectedVersion } = flags;
      const server = { hostname, ...given({ port, weight, maxConnections }) };
      const request = { group, server, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('putServer', request));
      shell.write(`group ${group}: ${hostname} is declared, version ${answer.version}\n`);
    });
  addChange(servers.command('delete'), 'take a static reader out of the declaration')
    .argument('<server>', 'host or host:port')
    .addHelpText('after', '\nExample:\n  chester servers delete orders 10.0.0.9')
    .action(async (group: string, server: string, { expectedVersion, ...flags }: ChangeFlags) => {
      const request = { group, server, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('deleteServer', request));
      shell.write(`group ${group}: ${server} leaves, version ${answer.version}\n`);
    });
}

type ServerFlags = { readonly port?: number; readonly weight?: number; readonly maxConnections?: number };
type UserFlags = ChangeFlags & {
  readonly passwordSecret: string;
  readonly defaultHostgroup?: string;
  readonly maxConnections?: number;
  readonly defaultSchema?: string;
  readonly inactive?: true;
  readonly useSsl?: true;
};

/** Adds `chester users`. */
export function addUserParts(program: Command, shell: Shell): void {
  const users = program.command('users').description("see and declare the database users that a group's proxies know");
  addCallFlags(users.command('list'))
    .description('list users; passwords are only named')
    .argument('<group>')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester users list orders')
    .action(async (group: string, flags: ViewFlags) => {
      const found = await callCoordinator(shell, flags, (client) =>
        client.all('listUsers', { group }, (answer) => answer.users),
      );
      writeAnswer(shell, flags, { json: { users: found }, render: (style) => renderUsers(found, style) });
    });
  addChange(users.command('put'), 'declare a user, or change it')
    .argument('<username>')
    .requiredOption('--password-secret <name>', 'name of the secret that holds the password, never the password itself')
    .option('--default-hostgroup <role>', 'writer or reader')
    .option('--max-connections <n>', 'of each proxy', parseInt32)
    .option('--default-schema <name>', 'the schema that a session begins with')
    .option('--inactive', 'ProxySQL refuses its logins')
    .option('--use-ssl', 'clients have to use TLS')
    .addHelpText('after', '\nExample:\n  chester users put orders app --password-secret app')
    .action(async (group: string, username: string, flags: UserFlags) => {
      const { passwordSecret, defaultHostgroup, maxConnections, defaultSchema, expectedVersion } = flags;
      const user = {
        ...{ username, passwordSecret, useSsl: flags.useSsl === true, active: flags.inactive !== true },
        ...given({ defaultHostgroup, maxConnections, defaultSchema }),
      };
      const request = { group, user, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('putUser', request));
      shell.write(`group ${group}: user ${username} is declared, version ${answer.version}\n`);
    });
  addChange(users.command('delete'), 'take a user out of the declaration, and out of every proxy')
    .argument('<username>')
    .addHelpText('after', '\nExample:\n  chester users delete orders report')
    .action(async (group: string, username: string, { expectedVersion, ...flags }: ChangeFlags) => {
      const request = { group, username, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('deleteUser', request));
      shell.write(`group ${group}: user ${username} leaves, version ${answer.version}\n`);
    });
}

/** What was given on the command line. */
function given<T extends Readonly<Record<string, unknown>>>(flags: T) {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };
}
