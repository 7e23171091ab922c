import type { Command } from 'commander';
import type { Cell__Output } from '../../proto/gen/chester/v1/Cell.ts';
import type { ListCellsResponse__Output } from '../../proto/gen/chester/v1/ListCellsResponse.ts';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { section } from '../render.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { type Cell, renderTable, type TableStyle } from '../table.ts';

/** Adds `chester cells list` and `chester cells retire`. */
export function addCells(program: Command, shell: Shell): void {
  const cells = program.command('cells').description('see the cells that share the store, or give one up');
  addCallFlags(cells.command('list'))
    .description('list cells and coordinators with their signs of life')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester cells list')
    .action(async (flags: CallFlags & OutputFlags) => {
      const answer = await callCoordinator(shell, flags, (client) => client.call('listCells', {}));
      writeAnswer(shell, flags, { json: answer, render: (style) => renderCells(answer, style) });
    });
  addCallFlags(cells.command('retire'))
    .description('vouch that a silent cell is gone: its agents count no more, and replicas are deleted without them')
    .argument('<name>', "the cell's name, as `chester cells list` shows it")
    .requiredOption('--reason <text>', 'why the cell is known to be gone; it is kept in the events')
    .option('--owner <name>', 'who orders it; default: the user of the shell')
    .addHelpText('after', '\nExample:\n  chester cells retire west --reason "the cluster was dissolved"')
    .action(async (cell: string, flags: CallFlags & { readonly reason: string; readonly owner?: string }) => {
      const owner = flags.owner ?? shell.env['USER'] ?? '';
      const { reason } = flags;
      await callCoordinator(shell, flags, (client) => client.call('retireCell', { cell, owner, reason }));
      shell.write(`cell ${cell} is given up: nothing waits for it any more\n`);
    });
}

function renderCells({ cells, coordinators }: ListCellsResponse__Output, style: TableStyle): string {
  const cellRows = cells.map((cell): Cell[] => [cell.name, stateOf(cell), reasonOf(cell)]);
  const coordinatorRows = coordinators.map(({ id, cell, agents, decides, mayDecide }): Cell[] => [
    id,
    cell === '' ? '-' : cell,
    agents,
    decides ? { text: 'decides', tone: 'good' } : mayDecide ? 'waits' : 'never decides',
  ]);
  return [
    section('CELLS', cells.length, renderTable(['CELL', 'STATE', 'WHY'], cellRows, style), style),
    section(
      'COORDINATORS',
      coordinators.length,
      renderTable(['COORDINATOR', 'CELL', 'AGENTS', 'LEASE'], coordinatorRows, style),
      style,
    ),
  ].join('\n');
}

function stateOf({ silent, retiredBy }: Cell__Output): Cell {
  if (retiredBy !== '') return 'given up';
  return silent ? { text: 'silent', tone: 'bad' } : { text: 'alive', tone: 'good' };
}

function reasonOf({ silent, retiredBy, retiredReason, signAgeMs }: Cell__Output): string {
  if (retiredBy !== '') return `by ${retiredBy}: ${retiredReason}`;
  if (!silent) return '';
  const since = signAgeMs === undefined ? 'no sign of life was seen' : `no sign for ${Math.round(signAgeMs / 1000)}s`;
  return `${since}; nothing is deleted meanwhile`;
}
