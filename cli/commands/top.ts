import { type Command, InvalidArgumentError } from 'commander';
import { sleep, systemClock } from '../../process/clock.ts';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderLoad } from '../render-load.ts';
import type { RenderStyle } from '../render.ts';
import { addCallFlags, type CallFlags, formatOption, parseDuration } from '../settings.ts';
import type { Shell } from '../shell.ts';

type TopFlags = CallFlags & OutputFlags & { readonly fleet: string; readonly once: boolean; readonly interval: number };

/** Moves to the top left corner and clears what is below. */
const clearScreen = '\u001b[H\u001b[J';

/** Adds `chester top`. */
export function addTop(program: Command, shell: Shell): void {
  addCallFlags(program.command('top'))
    .description('show what servers do right now over all proxies: connections, queries, latency, lag; until Ctrl-C')
    .argument('[group]', 'only servers of this group')
    .option('--fleet <name>', 'only servers of this fleet', '')
    .option('--once', 'print once and end; so it is also where stdout is no terminal', false)
    .option(
      '--interval <duration>',
      'how often to ask, as 2s; agents report every REPORT_INTERVAL_MS',
      parseInterval,
      2,
    )
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester top orders --once')
    .action(async (group: string | undefined, flags: TopFlags) => {
      const request = { group: group ?? '', fleet: flags.fleet };
      await callCoordinator(shell, flags, async (client) => {
        const isLive = !flags.once && shell.columns !== null && flags.output === 'table';
        const look = { shell, client, request, flags };
        await (isLive ? follow(look) : show(look));
      });
    });
}

type Look = {
  readonly shell: Shell;
  readonly client: AdminClient;
  readonly request: { readonly group: string; readonly fleet: string };
  readonly flags: TopFlags;
};

async function follow(look: Look): Promise<void> {
  const { shell, flags } = look;
  const signal = shell.interrupted();
  while (!signal.aborted) {
    await show(look, clearScreen);
    await sleep(systemClock, flags.interval * 1000, signal);
  }
}

async function show({ shell, client, request, flags }: Look, before = ''): Promise<void> {
  const servers = await client.all('listLoad', request, (answer) => answer.servers);
  const render = (style: RenderStyle) =>
    before + (servers.length === 0 ? 'no connected proxy has reported a server\n' : renderLoad(servers, style));
  writeAnswer(shell, flags, { json: { servers }, render });
}

function parseInterval(text: string): number {
  const seconds = parseDuration(text);
  if (seconds >= 1) return seconds;
  throw new InvalidArgumentError('Allowed: 1s or more.');
}
