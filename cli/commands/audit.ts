import type { Command } from 'commander';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderAudit } from '../render-audit.ts';
import { addCallFlags, type CallFlags, formatOption, parseLimit } from '../settings.ts';
import type { Shell } from '../shell.ts';

type AuditFlags = CallFlags &
  OutputFlags & {
    readonly group?: string;
    readonly who?: string;
    readonly refused?: boolean;
    readonly limit: number;
  };

/** Adds `chester audit`. */
export function addAudit(program: Command, shell: Shell): void {
  addCallFlags(program.command('audit'))
    .description('list who changed what, from where and why; the newest first. Only for admins')
    .option('--group <name>', 'only what concerns this group')
    .option('--who <name>', 'only what this identity did')
    .option('--refused', 'what was refused instead of what was done')
    .option('--limit <n>', 'at most so many, up to 1000', parseLimit, 50)
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester audit --group orders\n  chester audit --refused -o json')
    .action(async (flags: AuditFlags) => {
      const { group = '', who = '', refused = false } = flags;
      const request = { group, who, refused, pageSize: flags.limit };
      const { entries } = await callCoordinator(shell, flags, (client) => client.call('listAudit', request));
      writeAnswer(shell, flags, { json: { entries }, render: (style) => renderAudit(entries, style) });
    });
}
