import type { ListCellsResponse } from '../../proto/gen/chester/v1/ListCellsResponse.ts';
import type { RetireCellRequest__Output } from '../../proto/gen/chester/v1/RetireCellRequest.ts';
import { labelName } from '../core/names.ts';
import { excerpt } from '../core/problems.ts';
import type { Cells } from '../ports.ts';
import { type AdminResult, invalid, precondition, unknown } from './admin-result.ts';

/** Without `cells` this coordinator is alone. */
export type CellAdminDeps = {
  readonly cells?: Cells;
  /** Who holds the lease, as far as this coordinator knows; null: nobody. */
  readonly holder?: () => string | null;
};

/** Reads the cells and the coordinators that give signs of life. */
export function renderCells({ cells, holder }: CellAdminDeps): ListCellsResponse {
  const decider = holder?.() ?? null;
  return {
    cells: (cells?.standings() ?? []).map(({ name, isSilent, signAgeMs, retired }) => ({
      name,
      silent: isSilent && retired === null,
      ...(signAgeMs === null ? {} : { signAgeMs: Math.round(signAgeMs) }),
      retiredBy: retired?.owner ?? '',
      retiredReason: retired?.reason ?? '',
      retiredAtMs: retired?.atMs ?? 0,
    })),
    coordinators: (cells?.alive() ?? []).map(({ id, cell, agents, mayDecide }) => ({
      ...{ id, cell, agents, mayDecide },
      decides: id === decider,
    })),
  };
}

/** Gives a silent cell up. */
export async function retireCell(
  deps: CellAdminDeps,
  { cell, owner, reason }: RetireCellRequest__Output,
): Promise<AdminResult<ListCellsResponse>> {
  const problems = [
    ...(labelName.pattern.test(cell) ? [] : [{ field: 'cell', value: excerpt(cell), allowed: labelName.allowed }]),
    ...(owner === '' ? [{ field: 'owner', value: '""', allowed: 'who gives the cell up' }] : []),
    ...(reason === '' ? [{ field: 'reason', value: '""', allowed: 'why this cell is known to be gone' }] : []),
  ];
  if (problems.length > 0) return invalid(problems);
  const { cells } = deps;
  if (cells === undefined) return unknown('cell', cell);
  const refusal = await cells.retire(cell, { owner, reason });
  if (refusal === null) return { ok: true, value: renderCells(deps) };
  // Asked afterwards, of what was read for the order.
  if (!cells.standings().some(({ name }) => name === cell)) return unknown('cell', cell);
  return precondition(refusal, 'CELL_NOT_SILENT');
}
