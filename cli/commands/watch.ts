import { type Command, Option } from 'commander';
import { renderJson } from '../json.ts';
import type { OutputFlags } from '../output.ts';
import { renderEvent } from '../render.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter, readCallSettings } from '../settings.ts';
import type { Shell } from '../shell.ts';

type WatchFlags = CallFlags & OutputFlags & { readonly after?: number; readonly fromStart?: true };

/** Adds `chester watch`. */
export function addWatch(program: Command, shell: Shell): void {
  addCallFlags(program.command('watch'))
    .description('print events as they happen, a line each, until Ctrl-C; goes on after a restart of the coordinator')
    .argument('[group]', 'only events of this group')
    .addOption(new Option('--after <n>', 'begin with what is kept after event n').argParser(parseCounter))
    .addOption(new Option('--from-start', 'begin with the oldest event kept').conflicts('after'))
    .addOption(formatOption(['text', 'json']))
    .addHelpText('after', '\nExample:\n  chester watch orders --from-start -o json')
    .action(async (group: string | undefined, flags: WatchFlags) => {
      const settings = readCallSettings(flags, shell.env);
      const { followEvents } = await import('../event-tail.ts');
      const afterSequence = flags.fromStart === true ? 0 : (flags.after ?? null);
      await followEvents(
        {
          settings,
          signal: shell.interrupted(),
          nowMs: shell.nowMs,
          onEvent: (event) => {
            shell.write(flags.output === 'json' ? renderJson(event, 0) : `${renderEvent(event, shell)}\n`);
          },
          onGap: (message) => {
            shell.complain(`${message}\n`);
          },
          onLost: () => {
            shell.complain(`lost the coordinator at ${settings.coordinator}; trying again until Ctrl-C\n`);
          },
        },
        { group: group ?? '', afterSequence },
      );
    });
}
