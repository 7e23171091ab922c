import type { Logger } from '../../process/log.ts';
import { readDeclarations } from '../adapters/declarations-file.ts';
import type { GroupAdmin } from '../api/group-admin.ts';
import type { CoordinatorConfig } from '../config.ts';
import { CoordinatorError } from '../errors.ts';

/** For the history: what somebody changed since the last start is put back by the next one. */
const author = { who: 'CONFIG_FILE', reason: 'declared at the start of a coordinator' };

/** Declares what the file says. @throws {CoordinatorError} CONFIG_INVALID with every problem of every entry. */
export async function declare(config: CoordinatorConfig, admin: GroupAdmin, log: Logger): Promise<void> {
  if (config.configFile === null) return;
  const { fleets, groups } = await readDeclarations(config.configFile);
  const problems: string[] = [];
  const note = (where: string, result: { readonly ok: boolean; readonly message?: string }) => {
    if (!result.ok) problems.push(...(result.message ?? '').split('\n').map((line) => `${where}: ${line}`));
  };
  for (const [index, fleet] of fleets.entries()) note(`fleets.${index}`, await admin.putFleet(fleet, author));
  for (const [index, group] of groups.entries()) note(`groups.${index}`, await admin.putGroup(group, 0, author));
  if (problems.length > 0) {
    throw new CoordinatorError('CONFIG_INVALID', `CONFIG_FILE ${config.configFile}:\n${problems.join('\n')}`);
  }
  log.info({ fleets: fleets.length, groups: groups.length }, 'declarations taken');
}
