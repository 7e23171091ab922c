import type { AppliedGroup__Output } from '../proto/gen/chester/v1/AppliedGroup.ts';
import type { Group__Output } from '../proto/gen/chester/v1/Group.ts';
import { sleep, systemClock } from '../process/clock.ts';
import type { AdminClient } from './admin-client.ts';
import { CliError } from './errors.ts';
import type { Shell } from './shell.ts';
import { oneLine } from './table.ts';

/** What has to come true after an apply. */
export type Awaited = {
  readonly group: AppliedGroup__Output;
  /** Whether proxies have rows to change: then a snapshot of this version has to come. */
  readonly changesProxies: boolean;
  /** The snapshot before. */
  readonly revisionBefore: number;
};

const pollMs = 500;

/**
 * Waits until every group's proxies run its newest snapshot and its replicas are as many as wanted, and shows on stderr
 * how far they are, a line for each change.
 *
 * @throws {CliError} NOT_CONVERGED when it is not so in time.
 */
export async function awaitConvergence(
  { shell, client }: { readonly shell: Shell; readonly client: AdminClient },
  awaited: readonly Awaited[],
  timeoutMs: number,
): Promise<void> {
  const signal = shell.interrupted();
  const endMs = systemClock.monotonicMs() + timeoutMs;
  let open = [...awaited];
  const told = new Map<string, string>();
  for (;;) {
    const states = await Promise.all(open.map(async (one) => ({ one, state: await stateOf(client, one) })));
    for (const { one, state } of states) tell(shell, told, one.group.name, state.text);
    open = states.filter(({ state }) => !state.isDone).map(({ one }) => one);
    if (open.length === 0) return;
    if (signal.aborted || systemClock.monotonicMs() >= endMs) {
      const names = states
        .filter(({ state }) => !state.isDone)
        .map(({ one, state }) => `${one.group.name}: ${state.text}`);
      const why = signal.aborted ? 'no longer waited for' : `not converged within ${Math.round(timeoutMs / 1000)} s`;
      throw new CliError('NOT_CONVERGED', `${why}; it goes on without you\n${names.join('\n')}`);
    }
    await sleep(systemClock, pollMs, signal);
  }
}

function tell(shell: Shell, told: Map<string, string>, group: string, text: string): void {
  if (told.get(group) === text) return;
  told.set(group, text);
  shell.complain(`group ${group}: ${text}\n`);
}

async function stateOf(
  client: AdminClient,
  awaited: Awaited,
): Promise<{ readonly isDone: boolean; readonly text: string }> {
  const group = await client.getGroup(awaited.group.name);
  const isPublished = !awaited.changesProxies || group.revision > awaited.revisionBefore;
  const { agentsConverged, agentsTotal, desired, replicas, holds } = group;
  const serving = countIn(group, 'serving');
  const leaving = countIn(group, 'draining') + countIn(group, 'deleting');
  const isDone = isPublished && agentsConverged === agentsTotal && serving === desired && replicas.length === desired;
  const parts = [
    `replicas ${serving}/${desired}${leaving === 0 ? '' : `, ${leaving} leaving`}`,
    isPublished ? `proxies ${agentsConverged}/${agentsTotal}` : 'snapshot not published yet',
    ...(isDone ? ['done'] : holds.slice(0, 2).map(({ subject, reason }) => oneLine(`${subject} ${reason}`))),
  ];
  return { isDone, text: parts.join('; ') };
}

function countIn({ replicas }: Group__Output, state: string): number {
  return replicas.filter((replica) => replica.state === state).length;
}
