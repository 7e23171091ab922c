import type { Command } from 'commander';
import { callCoordinator } from '../call.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderIncidents, renderSetAside, type RenderStyle, section } from '../render.ts';
import { renderStory } from '../render-story.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';

type ViewFlags = CallFlags & OutputFlags;

/** Adds `chester incidents`: all that are kept, and what a person can do about them. */
export function addIncidents(program: Command, shell: Shell): void {
  const incidents = addCallFlags(program.command('incidents'))
    .description('list incidents, newest first, and the messages that could not be used')
    .argument('[group]', 'only incidents of this group')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester incidents orders')
    .option('--state <state>', 'only incidents that are open, or closed', '')
    .action(async (group: string | undefined, flags: ViewFlags & { readonly state: string }) => {
      const filter = { group: group ?? '', state: flags.state };
      const { found, setAside } = await callCoordinator(shell, flags, async (client) => ({
        found: await client.all('listIncidents', filter, (answer) => answer.incidents),
        setAside: group === undefined ? await client.setAside() : [],
      }));
      const render = (style: RenderStyle) =>
        [
          section('INCIDENTS', found.length, renderIncidents(found, style), style),
          ...(group === undefined
            ? [section('SET ASIDE', setAside.length, renderSetAside(setAside, style), style)]
            : []),
        ].join('\n');
      writeAnswer(shell, flags, { json: { incidents: found, setAside }, render });
    });
  addCallFlags(incidents.command('get'))
    .description('print one incident')
    .argument('<id>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester incidents get 0.q7x2m9k4t1ab')
    .action(async (incidentId: string, flags: ViewFlags) => {
      const incident = await callCoordinator(shell, flags, (client) => client.call('getIncident', { incidentId }));
      writeAnswer(shell, flags, { json: incident, render: () => '' });
    });
  addOrders(incidents, shell);
  addSetAside(incidents, shell);
}

/** Adds `chester explain`. */
export function addExplain(program: Command, shell: Shell): void {
  addCallFlags(program.command('explain'))
    .description('tell the story of an incident (alert, decisions, replicas, proxies), or why a group has its count')
    .argument('<incident-or-group>')
    .addOption(formatOption(['text', 'json']))
    .addHelpText('after', '\nExamples:\n  chester explain 0.q7x2m9k4t1ab\n  chester explain orders')
    .action(async (subject: string, flags: ViewFlags) => {
      const story = await callCoordinator(shell, flags, (client) => client.explain(subject));
      writeAnswer(shell, flags, { json: story, render: (style) => renderStory(story, style) });
    });
}

function addOrders(incidents: Command, shell: Shell): void {
  addCallFlags(incidents.command('close'))
    .description('close an incident whose close was lost; messages that still come do not open it again')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why it is known to be over; it is kept in the events')
    .addHelpText('after', '\nExample:\n  chester incidents close 0.q7x2m9k4t1ab --reason "its policy was deleted"')
    .action(async (incidentId: string, flags: CallFlags & { readonly reason: string }) => {
      const { reason } = flags;
      const { groups } = await callCoordinator(shell, flags, (client) => client.closeIncident({ incidentId, reason }));
      shell.write(`incident ${incidentId} closed in ${groups.join(', ')}\n`);
    });
  addCallFlags(incidents.command('replay'))
    .description('take a message that was set aside once more, after its cause was repaired')
    .argument('<id>', 'as `chester incidents set-aside` shows it')
    .addHelpText('after', '\nExample:\n  chester incidents replay 5f1c…')
    .action(async (id: string, flags: CallFlags) => {
      const { result } = await callCoordinator(shell, flags, (client) => client.replaySetAside(id));
      shell.write(`taken: ${result}\n`);
    });
}

function addSetAside(incidents: Command, shell: Shell): void {
  addCallFlags(incidents.command('set-aside'))
    .description('list the messages that could not be used, or print one whole')
    .argument('[id]', 'print the whole text of this one')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester incidents set-aside')
    .action(async (id: string | undefined, flags: ViewFlags) => {
      if (id !== undefined) {
        const message = await callCoordinator(shell, flags, (client) => client.getSetAside(id));
        const text = message.text === '' ? message.excerpt : message.text;
        writeAnswer(shell, flags, { json: message, render: () => `${text}\n` });
        return;
      }
      const setAside = await callCoordinator(shell, flags, (client) =>
        client.all('listSetAside', {}, (answer) => answer.setAside),
      );
      const render = (style: RenderStyle) =>
        section('SET ASIDE', setAside.length, renderSetAside(setAside, style), style);
      writeAnswer(shell, flags, { json: { setAside }, render });
    });
}
